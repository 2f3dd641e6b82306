import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FaultError } from '../../../base/faults';
import { firstPassage } from '../../../forecaster/oom/first-passage';
import { LeastSquares } from '../../../forecaster/oom/least-squares';
import { theilSen } from '../../../forecaster/oom/theil-sen';
import { makeSeries, seeded as madeBy } from '../../../forecaster/oom/training/generate';
import { BoostedTrees } from '../../../forecaster/models/trees';
import { TurningPoints } from '../../../forecaster/oom/turning-points';
import { BIN_MINUTES, BINS, FINE_MINUTES, UsageHistory } from '../../../forecaster/oom/usage-history';
import { packState, unpackState } from '../../../forecaster/oom/state-bytes';
import { gaussian, seeded } from '../support/random';

describe('first passage', () => {
  it('agrees with simulated walks', () => {
    const random = seeded(3);
    const walks = 4000;
    const fine = 20;
    let reached = 0;
    for (let walk = 0; walk < walks; walk++) {
      let at = 0;
      for (let step = 0; step < 60 * fine && at < 10; step++) at += 0.1 / fine + gaussian(random) / Math.sqrt(fine);
      if (at >= 10) reached += 1;
    }
    expect(firstPassage(10, 0.1, 1, 60)).toBeCloseTo(reached / walks, 1);
  });

  it('is a probability that grows with time and drift, and falls with height', () => {
    const positive = fc.double({ min: 1e-6, max: 1e6, noNaN: true });
    const drift = fc.double({ min: -1e3, max: 1e3, noNaN: true });
    fc.assert(fc.property(positive, drift, positive, positive, (height, each, volatility, time) => {
      const probability = firstPassage(height, each, volatility, time);
      expect(probability).toBeGreaterThanOrEqual(0);
      expect(probability).toBeLessThanOrEqual(1);
      expect(firstPassage(height, each, volatility, 2 * time)).toBeGreaterThanOrEqual(probability - 1e-6);
      expect(firstPassage(2 * height, each, volatility, time)).toBeLessThanOrEqual(probability + 1e-6);
    }));
    expect(firstPassage(0, -5, 1, 10)).toBe(1);
    expect([firstPassage(10, 1, 0, 9), firstPassage(10, 1, 0, 10)]).toEqual([0, 1]);
  });
});

describe('robust lines', () => {
  it('find the slope in spite of a fifth of wild points, where least squares do not', () => {
    const x = Float64Array.from({ length: 20 }, (_, i) => i);
    const y = x.map((value, i) => (i % 5 === 4 ? 1000 : 3 + 2 * value));
    const line = theilSen(x, y, 20)!;
    expect(line.slope).toBeCloseTo(2, 6);
    expect(line.level).toBeCloseTo(3, 6);
    const squares = new LeastSquares();
    x.forEach((value, i) => squares.add(value, y[i]!));
    expect(Math.abs(squares.slope - 2)).toBeGreaterThan(1);
  });

  it('tell a trend from none, and refuse too few points', () => {
    const x = Float64Array.from({ length: 20 }, (_, i) => i);
    expect(theilSen(x, x, 20)!.trend).toBeGreaterThan(5);
    expect(theilSen(x.map((value) => -value), x, 20)!.trend).toBeLessThan(-5);
    expect(theilSen(x, x.map((value) => value % 2), 20)!.trend).toBeLessThan(2);
    expect(theilSen(x, x, 2)).toBeUndefined();
  });
});

describe('memory of a container', () => {
  it('holds the last hours by the minute and two days by bins, whatever the gaps', () => {
    fc.assert(fc.property(fc.array(fc.integer({ min: 1, max: 700 }), { minLength: 1, maxLength: 200 }), (gaps) => {
      const history = new UsageHistory();
      const seen = new Map<number, number>();
      let slot = 1000;
      gaps.forEach((gap, index) => {
        slot += gap;
        history.add(slot, index + 1);
        seen.set(slot, index + 1);
      });
      for (let at = slot - FINE_MINUTES - 5; at <= slot + 1; at++) expect(history.at(at)).toBe(at > slot - FINE_MINUTES ? seen.get(at) ?? NaN : NaN);
      for (let bin = history.bin - BINS - 1; bin <= history.bin; bin++) {
        const inside = [...seen].filter(([at]) => Math.floor(at / BIN_MINUTES) === bin && bin > history.bin - BINS).map(([, value]) => value);
        expect(history.highOf(bin)).toBe(inside.length === 0 ? NaN : Math.max(...inside));
        expect(history.lowOf(bin)).toBe(inside.length === 0 ? NaN : Math.min(...inside));
      }
    }), { numRuns: 50 });
  });

  it('forgets the life before within the bin a new one begins in', () => {
    const history = new UsageHistory();
    for (let slot = 100; slot < 105; slot++) history.add(slot, 900);
    history.add(105, 10);
    history.beginLife(105);
    history.add(106, 12);
    expect([history.lowOf(10), history.meanOf(10), history.highOf(10)]).toEqual([10, 11, 12]);
  });
});

describe('turning points', () => {
  it('are the peaks and troughs of a saw, not its noise', () => {
    const turns = new TurningPoints();
    for (let minute = 0; minute < 200; minute++) turns.add(minute, 100 + 2 * (minute % 50) + (minute % 2), 20);
    expect(turns.known(true)).toBe(3);
    expect(turns.slots[turns.index(true, 0)]).toBe(149);
    expect(turns.values[turns.index(true, 0)]).toBe(199);
    expect(turns.values[turns.index(false, 0)]).toBe(100);
    const calm = new TurningPoints();
    for (let minute = 0; minute < 200; minute++) calm.add(minute, 100 + (minute % 2), 20);
    expect(calm.known(true) + calm.known(false)).toBe(0);
  });
});

describe('trees', () => {
  it('go left up to the threshold, and where they were taught to with unknown values', () => {
    const one = { roots: [0], feature: [0], threshold: [5], left: [-1], right: [-2], leaf: [1, 2] };
    const sums = (missingLeft: number): number[] => [5, 5.1, NaN].map((value) => new BoostedTrees({ ...one, missingLeft: [missingLeft] }).sum(Float64Array.of(value)));
    expect(sums(1)).toEqual([1, 2, 1]);
    expect(sums(0)).toEqual([1, 2, 2]);
  });
});

describe('state in bytes', () => {
  it('comes back as it went, and of another version not at all', () => {
    const parts = { numbers: [1, NaN], doubles: [Float64Array.of(3, 4)], floats: [Float32Array.of(0.5)] };
    const bytes = packState(1, parts);
    const empty = { numbers: [0, 0], doubles: [new Float64Array(2)], floats: [new Float32Array(1)] };
    expect(unpackState(1, bytes, empty)).toEqual([1, NaN]);
    expect(empty).toMatchObject({ doubles: parts.doubles, floats: parts.floats });
    expect(() => unpackState(2, bytes, empty)).toThrow(FaultError);
  });
});

describe('made-up series', () => {
  it('are the same for the same seed; leaks end below the limit, controls never meet it', () => {
    expect(makeSeries('a', 'gc_sawtooth', madeBy(1))).toEqual(makeSeries('a', 'gc_sawtooth', madeBy(1)));
    expect(makeSeries('a', 'gc_sawtooth', madeBy(1)).usage).not.toEqual(makeSeries('a', 'gc_sawtooth', madeBy(2)).usage);
    const leak = makeSeries('a', 'linear', madeBy(3));
    expect(leak.oomMinute).toBe(leak.usage.length);
    const control = makeSeries('a', 'near_limit', madeBy(3));
    expect(control.oomMinute).toBeNull();
    expect(Math.max(...control.usage.filter((value) => !Number.isNaN(value)))).toBeLessThan(1);
  });
});
