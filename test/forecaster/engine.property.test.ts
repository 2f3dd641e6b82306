import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createForecaster, type Forecaster } from '../../forecaster/engine';

/** Values as they come from broken exporters. */
const value = fc.oneof(
  { weight: 6, arbitrary: fc.double({ min: 0, max: 1e4, noNaN: true }) },
  { weight: 1, arbitrary: fc.constantFrom(NaN, Infinity, -Infinity, -1, 0, -0, 1e15, 1e30, 1e31, 1e308, Number.MIN_VALUE, -1e15) },
  { weight: 1, arbitrary: fc.double() },
);

/** Steps of the clock in seconds: mostly on, sometimes late, twice, or far away. */
const advance = fc.oneof(
  { weight: 10, arbitrary: fc.constant(60) },
  { weight: 2, arbitrary: fc.integer({ min: -600, max: 7200 }) },
  { weight: 1, arbitrary: fc.constantFrom(0, -86_400, 86_400, 86_400 * 40, -86_400 * 400, NaN, Infinity, 1e18) },
);

const stream = fc.array(fc.tuple(advance, value), { minLength: 1, maxLength: 400 });

const unseen = fc.array(value, { maxLength: 100 });

function feed(forecaster: Forecaster, samples: readonly (readonly [number, number])[], start = 1_700_000_000): number {
  let time = start;
  for (const [step, each] of samples) {
    forecaster.observe(time + step, each);
    if (Number.isFinite(time + step) && Math.abs(step) < 1e9) time += step;
  }
  return time;
}

const levels = [0.025, 0.1, 0.5, 0.9, 0.975];

describe('for any stream of samples', () => {
  it('forecasts are finite, at least zero and never crossing; confidence is from 0 to 1', () => {
    fc.assert(fc.property(stream, fc.integer({ min: 0, max: 100_000 }), (samples, late) => {
      const forecaster = createForecaster();
      const end = feed(forecaster, samples);
      const forecast = forecaster.forecast({ horizonSeconds: 3600, quantiles: levels, now: end + late });
      const curves = levels.map((level) => forecast.quantiles[String(level)]!);
      expect(forecast.point).toHaveLength(forecaster.ready ? 60 : 0);
      for (const curve of [forecast.point, ...curves]) for (const each of curve) expect(Number.isFinite(each) && each >= 0).toBe(true);
      for (let h = 0; h < forecast.point.length; h++) for (let l = 1; l < levels.length; l++) expect(curves[l]![h]).toBeGreaterThanOrEqual(curves[l - 1]![h]!);
      expect(forecast.confidence).toBeGreaterThanOrEqual(0);
      expect(forecast.confidence).toBeLessThanOrEqual(1);
      for (const { weight, relativeError } of forecaster.status().members) expect([weight, relativeError ?? 0].every(Number.isFinite)).toBe(true);
    }), { numRuns: 150 });
  });

  it('demand is finite, at least zero, and grows with quantile and lead time', () => {
    fc.assert(fc.property(stream, (samples) => {
      const forecaster = createForecaster();
      feed(forecaster, samples);
      const demand = (leadTimeSeconds: number, quantile: number) => forecaster.demand({ leadTimeSeconds, quantile }).value;
      expect(Number.isFinite(demand(300, 0.9)) && demand(300, 0.9) >= 0).toBe(true);
      expect(demand(300, 0.975)).toBeGreaterThanOrEqual(demand(300, 0.9));
      expect(demand(900, 0.9)).toBeGreaterThanOrEqual(demand(300, 0.9));
    }), { numRuns: 100 });
  });

  it('series that may be negative stay finite too', () => {
    fc.assert(fc.property(stream, (samples) => {
      const forecaster = createForecaster({ nonNegative: false, stepSeconds: 300 });
      feed(forecaster, samples);
      for (const curve of Object.values(forecaster.forecast({ horizonSeconds: 3600 }).quantiles)) expect(curve.every(Number.isFinite)).toBe(true);
    }), { numRuns: 100 });
  });

  it('the future is never read: forecasts made before it do not depend on it', () => {
    fc.assert(fc.property(fc.array(value, { minLength: 5, maxLength: 150 }), unseen, unseen, (past, oneFuture, otherFuture) => {
      const play = (future: readonly number[]) => {
        const forecaster = createForecaster();
        const all = [...past, ...future];
        const made: string[] = [];
        all.forEach((each, i) => {
          forecaster.observe(i * 60, each);
          if (i < past.length) made.push(JSON.stringify(forecaster.forecast({ horizonSeconds: 1800 })));
        });
        return made;
      };
      expect(play(oneFuture)).toEqual(play(otherFuture));
    }), { numRuns: 40 });
  });

  it('asking changes nothing', () => {
    fc.assert(fc.property(stream, (samples) => {
      const asked = createForecaster();
      const silent = createForecaster();
      for (const [index, sample] of samples.entries()) {
        feed(asked, [sample], index * 60);
        feed(silent, [sample], index * 60);
        asked.forecast({ horizonSeconds: 600, quantiles: [0.3] });
        asked.demand({ leadTimeSeconds: 60, quantile: 0.7, now: 1e9 });
        asked.status();
      }
      expect(asked.forecast({ horizonSeconds: 3600 })).toEqual(silent.forecast({ horizonSeconds: 3600 }));
    }), { numRuns: 50 });
  });
});
