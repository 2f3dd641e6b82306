import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { arrivals } from '../../../apps/loadgen/arrivals';
import { seeded } from '../../../apps/loadgen/random';
import { requestsOf, secondsOf, segmentsOf, Shape, shapeFaults } from '../../../apps/loadgen/shape';

const rate = fc.double({ min: 0, max: 200, noNaN: true });
const shapes: fc.Arbitrary<Shape> = fc.oneof(
  fc.record({ kind: fc.constant('steady' as const), ratePerSecond: rate, seconds: fc.double({ min: 0.5, max: 40, noNaN: true }) }),
  fc.record({ kind: fc.constant('ramp' as const), fromPerSecond: rate, toPerSecond: rate, seconds: fc.double({ min: 0.5, max: 40, noNaN: true }) }),
  fc.record({ kind: fc.constant('burst' as const), ratePerSecond: rate, burstPerSecond: rate, burstAtSeconds: fc.constant(3), burstSeconds: fc.constant(4), seconds: fc.double({ min: 7, max: 40, noNaN: true }) }),
  fc.record({
    kind: fc.constant('trace' as const), ratesPerSecond: fc.array(fc.option(rate, { nil: null }), { minLength: 1, maxLength: 30 }), stepSeconds: fc.constant(60),
    compression: fc.constantFrom(1, 60, 120), scale: fc.constantFrom(0.1, 1),
  }),
);
const evenly = (shape: Shape) => [...arrivals(shape, 'even', () => 0)];

describe('requests of a shape', () => {
  it('are as many as the shape asks for, ascending, within the run', () => {
    fc.assert(fc.property(shapes.filter((shape) => requestsOf(shape) < 5000), (shape) => {
      const times = evenly(shape);
      expect(Math.abs(times.length - requestsOf(shape))).toBeLessThanOrEqual(1);
      times.forEach((time, index) => expect(time).toBeGreaterThanOrEqual(index === 0 ? 0 : times[index - 1]! - 1e-9));
      expect(times.at(-1) ?? 0).toBeLessThanOrEqual(secondsOf(shape) + 1e-9);
    }), { numRuns: 200 });
  });

  it('follow the rate within the run: no stretch has more or fewer than its integral, but for one', () => {
    fc.assert(fc.property(shapes.filter((shape) => requestsOf(shape) < 5000), (shape) => {
      const times = evenly(shape);
      let from = 0;
      for (const { seconds, fromPerSecond, toPerSecond } of segmentsOf(shape)) {
        const within = times.filter((time) => time >= from && time < from + seconds).length;
        expect(Math.abs(within - seconds * (fromPerSecond + toPerSecond) / 2)).toBeLessThanOrEqual(1.001);
        from += seconds;
      }
    }), { numRuns: 200 });
  });

  it('lie as those of independent users do, and again so with the same seed', () => {
    const shape: Shape = { kind: 'steady', ratePerSecond: 100, seconds: 200 };
    const times = [...arrivals(shape, 'poisson', seeded(7))];
    expect(times).toEqual([...arrivals(shape, 'poisson', seeded(7))]);
    expect(times).not.toEqual([...arrivals(shape, 'poisson', seeded(8))]);
    const perSecond = Array.from({ length: 200 }, (_, second) => times.filter((time) => Math.floor(time) === second).length);
    const mean = perSecond.reduce((sum, each) => sum + each, 0) / 200;
    const variance = perSecond.reduce((sum, each) => sum + (each - mean) ** 2, 0) / 200;
    expect(mean).toBeGreaterThan(97);
    expect(mean).toBeLessThan(103);
    expect(variance / mean).toBeGreaterThan(0.7); // of a Poisson process it is 1, of an even one 0
    expect(variance / mean).toBeLessThan(1.4);
  });
});

describe('a shape', () => {
  it.each<[Shape, string]>([
    [{ kind: 'steady', ratePerSecond: -1, seconds: 5 }, 'shape.ratePerSecond'],
    [{ kind: 'steady', ratePerSecond: NaN, seconds: 5 }, 'shape.ratePerSecond'],
    [{ kind: 'steady', ratePerSecond: 1, seconds: 0 }, 'shape.seconds'],
    [{ kind: 'ramp', fromPerSecond: 0, toPerSecond: 1e6, seconds: 5 }, 'shape.toPerSecond'],
    [{ kind: 'burst', ratePerSecond: 1, burstPerSecond: 5, burstAtSeconds: 8, burstSeconds: 4, seconds: 10 }, 'shape.burstAtSeconds'],
    [{ kind: 'trace', ratesPerSecond: [], stepSeconds: 60 }, 'shape.ratesPerSecond'],
    [{ kind: 'trace', ratesPerSecond: [1, Infinity], stepSeconds: 60 }, 'shape.ratesPerSecond[1]'],
    [{ kind: 'trace', ratesPerSecond: [1], stepSeconds: 60, compression: 0 }, 'shape.compression'],
  ])('is refused: %j', (shape, where) => {
    expect(shapeFaults(shape).map((fault) => fault.where)).toEqual([where]);
  });

  it('passes where it can be sent', () => {
    expect(shapeFaults({ kind: 'trace', ratesPerSecond: [1, null, 3], stepSeconds: 60, compression: 60 })).toEqual([]);
    fc.assert(fc.property(shapes.filter((shape) => requestsOf(shape) > 0), (shape) => { expect(shapeFaults(shape)).toEqual([]); }));
  });
});
