import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DAY_STEPS, DspPredictor } from '../../../rehearsal/comparison/dsp';
import { spectrum, transform } from '../../../rehearsal/scaling/spectrum';

/** Numbers from 0 to 1, the same every time. */
function uniform(seed = 1): () => number {
  let state = seed;
  return () => (state = (state * 48_271) % 2_147_483_647) / 2_147_483_647;
}

describe('the Fourier transform', () => {
  it('of any length is what its definition says, and its inverse leads back', () => {
    fc.assert(fc.property(fc.array(fc.double({ min: -100, max: 100, noNaN: true }), { minLength: 1, maxLength: 40 }), (values) => {
      const n = values.length;
      const found = spectrum(values);
      for (let k = 0; k < n; k += 1) {
        const re = values.reduce((sum, value, t) => sum + value * Math.cos((2 * Math.PI * k * t) / n), 0);
        const im = values.reduce((sum, value, t) => sum - value * Math.sin((2 * Math.PI * k * t) / n), 0);
        expect(Math.abs(found.re[k]! - re)).toBeLessThan(1e-6);
        expect(Math.abs(found.im[k]! - im)).toBeLessThan(1e-6);
      }
      transform(found, true).re.forEach((value, t) => expect(Math.abs(value / n - values[t]!)).toBeLessThan(1e-8));
    }), { numRuns: 60 });
  });
});

describe('the predictor after crane', () => {
  const daily = (days: number, noise: number): number[] => {
    const random = uniform();
    return Array.from({ length: days * DAY_STEPS }, (_, step) => 100 - 60 * Math.cos((2 * Math.PI * step) / DAY_STEPS) + noise * (random() - 0.5));
  };

  it('sees a day that repeats and predicts it with a margin of at most a fifth', () => {
    const values = daily(6, 10);
    const predicted = new DspPredictor(uniform(7)).predict(values.slice(0, -72), 72)!;
    const actual = daily(6, 0).slice(-72);
    predicted.forEach((value, step) => {
      expect(value).toBeGreaterThan(actual[step]! - 6);
      expect(value).toBeLessThan(1.2 * actual[step]! + 10);
    });
  });

  it('predicts nothing for noise, for a constant, and before two days are known', () => {
    const random = uniform(3);
    expect(new DspPredictor(uniform()).predict(Array.from({ length: 4 * DAY_STEPS }, () => 100 * random()), 12)).toBeNull();
    expect(new DspPredictor(uniform()).predict(Array<number>(4 * DAY_STEPS).fill(5), 12)).toBeNull();
    expect(new DspPredictor(uniform()).predict(daily(1, 0), 12)).toBeNull();
  });
});
