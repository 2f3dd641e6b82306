import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { breachProbability, scoreOf, stepScores } from '../../../forecaster/incidents/breach-probability';
import { normalCumulative } from '../../../forecaster/incidents/normal-cumulative';
import { normalQuantile } from '../../../forecaster/intervals/normal';
import { gaussian, seeded } from '../support/random';

const LEVELS = [0.025, 0.1, 0.5, 0.9, 0.95, 0.975];

/** A normal forecast, given mean and deviation of each step. */
function normalForecast(mean: (h: number) => number, deviation: (h: number) => number, steps: number) {
  const quantiles = Object.fromEntries(LEVELS.map((level) => [String(level), Array.from({ length: steps }, (_, h) => mean(h) + normalQuantile(level) * deviation(h))]));
  return { origin: 1000, stepSeconds: 60, quantiles };
}

describe('the normal law', () => {
  it('is the inverse of its quantiles', () => {
    for (const level of [1e-6, 0.001, 0.025, 0.3, 0.5, 0.7, 0.975, 0.999999]) expect(normalCumulative(normalQuantile(level))).toBeCloseTo(level, 6);
    expect(normalCumulative(0)).toBeCloseTo(0.5, 7);
    expect(normalCumulative(-1.96)).toBeCloseTo(0.0249979, 6);
  });
});

describe('the score of a threshold', () => {
  const normals = LEVELS.map(normalQuantile);

  it('is exact for a normal law, inside and outside the quantiles', () => {
    const values = normals.map((z) => 10 + 2 * z);
    for (const score of [-4, -2, -1, 0, 0.5, 1.5, 1.9, 3, 5]) expect(scoreOf(10 + 2 * score, values, normals)).toBeCloseTo(score, 9);
  });

  it('is far away when all quantiles are the same', () => {
    const values = LEVELS.map(() => 3);
    expect([scoreOf(3, values, normals), scoreOf(3.1, values, normals), scoreOf(2.9, values, normals)]).toEqual([6, 6, -6]);
  });

  it('stays finite and grows with the threshold, whatever the quantiles', () => {
    const curve = fc.array(fc.double({ min: -1e15, max: 1e15, noNaN: true }), { minLength: 6, maxLength: 6 }).map((values) => [...values].sort((a, b) => a - b));
    fc.assert(fc.property(curve, fc.double({ noNaN: true }), fc.double({ noNaN: true }), (values, a, b) => {
      const [low, high] = [scoreOf(Math.min(a, b), values, normals), scoreOf(Math.max(a, b), values, normals)];
      expect(Number.isFinite(low) && Number.isFinite(high)).toBe(true);
      expect(high).toBeGreaterThanOrEqual(low);
    }), { numRuns: 500 });
  });

  it('leaves out steps from the first that is not a number on', () => {
    expect(stepScores({ origin: 0, stepSeconds: 60, quantiles: { '0.1': [1, NaN, 1], '0.9': [2, 2, 2] } }, 1.5)).toHaveLength(1);
    expect(stepScores({ origin: 0, stepSeconds: 60, quantiles: {} }, 1)).toEqual([]);
  });
});

describe('the probability of a breach', () => {
  it('is that of the step when there is one', () => {
    const breach = breachProbability({ forecast: normalForecast(() => 0, () => 1, 1), threshold: 1, horizonSeconds: 60 });
    expect(breach.probability).toBeCloseTo(1 - normalCumulative(1), 4);
    expect(breach.lower).toBeCloseTo(breach.upper, 9);
  });

  it('is the product of the steps when they are independent', () => {
    const breach = breachProbability({ forecast: normalForecast(() => 0, () => 1, 10), threshold: 1.5, horizonSeconds: 600, persistence: 0 });
    expect(breach.probability).toBeCloseTo(1 - normalCumulative(1.5) ** 10, 4);
  });

  it('counts steps of the horizon that are not over yet', () => {
    const forecast = normalForecast((h) => (h === 2 ? 100 : 0), () => 1, 60);
    const ask = (horizonSeconds: number, from?: number) => breachProbability({ forecast, threshold: 50, horizonSeconds, from }).probability;
    expect([ask(120), ask(180), ask(180, 1000 + 180)]).toEqual([expect.closeTo(0, 6), expect.closeTo(1, 6), 0]);
    expect(breachProbability({ forecast, threshold: 50, horizonSeconds: 3600 }).expectedSeconds).toBeCloseTo(150, 0);
  });

  it('has nothing to say without a threshold or a forecast', () => {
    const none = { probability: 0, lower: 0, upper: 0, expectedSeconds: null, cumulative: [] };
    expect(breachProbability({ forecast: normalForecast(() => 0, () => 1, 5), threshold: NaN, horizonSeconds: 300 })).toEqual(none);
    expect(breachProbability({ forecast: normalForecast(() => 0, () => 1, 0), threshold: 1, horizonSeconds: 300 })).toEqual(none);
  });

  it('lies between its bounds, falls with the threshold and grows with the horizon, whatever comes', () => {
    const values = fc.array(fc.double({ min: -1e6, max: 1e6, noNaN: true }), { minLength: 6, maxLength: 6 }).map((each) => [...each].sort((a, b) => a - b));
    const steps = fc.array(values, { minLength: 1, maxLength: 30 });
    const number = (min: number, max: number) => fc.double({ min, max, noNaN: true });
    fc.assert(fc.property(steps, number(-1e6, 1e6), number(0, 1e6), number(0, 1), (rows, threshold, more, persistence) => {
      const forecast = { origin: 0, stepSeconds: 60, quantiles: Object.fromEntries(LEVELS.map((level, i) => [String(level), rows.map((row) => row[i]!)])) };
      const low = breachProbability({ forecast, threshold, horizonSeconds: 1800, persistence });
      const high = breachProbability({ forecast, threshold: threshold + more, horizonSeconds: 1800, persistence });
      expect(low.probability).toBeGreaterThanOrEqual(low.lower);
      expect(low.probability).toBeLessThanOrEqual(low.upper);
      expect(high.probability).toBeLessThanOrEqual(low.probability + 1e-6);
      low.cumulative.forEach((value, i) => expect(value).toBeGreaterThanOrEqual((low.cumulative[i - 1] ?? 0) - 1e-12));
      if (low.expectedSeconds !== null) expect(low.expectedSeconds).toBeGreaterThanOrEqual(0);
    }), { numRuns: 200 });
  });
});

describe('calibration, by simulation', () => {
  /** Paths whose normal scores are a chain: how many of them cross. */
  function share(o: { rho: number; threshold: number; steps: number; paths: number; mean: (h: number) => number; deviation: (h: number) => number }) {
    const uniform = seeded(7);
    const random = () => gaussian(uniform);
    const crossings: number[] = [];
    for (let path = 0; path < o.paths; path++) {
      let z = random();
      for (let h = 0; h < o.steps; h++) {
        if (h > 0) z = o.rho * z + Math.sqrt(1 - o.rho ** 2) * random();
        if (o.mean(h) + o.deviation(h) * z > o.threshold) {
          crossings.push((h + 1) * 60);
          break;
        }
      }
    }
    return { share: crossings.length / o.paths, seconds: crossings.sort((a, b) => a - b)[Math.floor(crossings.length / 2)]! };
  }

  it.each([0, 0.5, 0.9, 0.98])('says what happens when normal scores follow each other by %s', (rho) => {
    for (const threshold of [1, 2, 3]) {
      const law = { mean: (h: number) => h / 40, deviation: (h: number) => 0.5 + h / 40, steps: 30 };
      const seen = share({ rho, threshold, paths: 20_000, ...law });
      const breach = breachProbability({ forecast: normalForecast(law.mean, law.deviation, 30), threshold, horizonSeconds: 1800, persistence: rho });
      expect(Math.abs(breach.probability - seen.share)).toBeLessThan(0.03);
      if (seen.share > 0.05) expect(Math.abs(breach.expectedSeconds! - seen.seconds)).toBeLessThan(120);
    }
  });

  it('has bounds that hold for a random walk, of which it only knows the quantiles', () => {
    const uniform = seeded(11);
    const random = () => gaussian(uniform);
    for (const threshold of [3, 6, 10]) {
      let crossed = 0;
      for (let path = 0; path < 10_000; path++) {
        let value = 0;
        for (let h = 0; h < 30; h++) {
          value += random();
          if (value <= threshold) continue;
          crossed += 1;
          break;
        }
      }
      // The mean correlation of neighbouring scores along such a path, which is what is learned from errors as they come.
      const breach = breachProbability({ forecast: normalForecast(() => 0, (h) => Math.sqrt(h + 1), 30), threshold, horizonSeconds: 1800, persistence: 0.955 });
      expect(crossed / 10_000).toBeGreaterThan(breach.lower - 0.015);
      expect(crossed / 10_000).toBeLessThan(breach.upper + 0.015);
      expect(Math.abs(breach.probability - crossed / 10_000)).toBeLessThan(0.07);
    }
  });
});
