import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FEATURES, FeatureExtractor, HISTORY, HORIZON, LOCAL_LEVELS } from '../../../../forecaster/models/global/features';

const DAY = 288;

function flat(value: number) {
  const row = new Array<number>(HORIZON).fill(value);
  return { point: row, regression: row, quantiles: LOCAL_LEVELS.map(() => row) };
}

function describeSeries(values: readonly number[], local = flat(values.at(-1)!)): FeatureExtractor {
  const extractor = new FeatureExtractor();
  const buffer = new Float64Array(HISTORY);
  buffer.set(values);
  extractor.describe(buffer, values.length, local);
  return extractor;
}

function read(extractor: FeatureExtractor, name: string, h = 1): number {
  const index = FEATURES.indexOf(name);
  if (index < 0) throw new Error(`no feature ${name}`);
  return extractor.rows[(h - 1) * FEATURES.length + index]!;
}

describe('features of an origin', () => {
  const wave = (n: number, scale = 1) => Array.from({ length: n }, (_, i) => scale * (50 + 20 * Math.sin((2 * Math.PI * i) / DAY) + ((i * 7919) % 13)));

  it('have names of their own', () => {
    expect(new Set(FEATURES).size).toBe(FEATURES.length);
  });

  it('are what they are called', () => {
    const y = wave(HISTORY);
    const n = y.length;
    const extractor = describeSeries(y, flat(60));
    const back = (z: number) => extractor.base + extractor.unit * z;
    expect(extractor.base).toBe(y[n - 1]);
    expect(back(read(extractor, 'lag_5', 7))).toBeCloseTo(y[n - 6]!, 9);
    expect(back(read(extractor, 'day_ago_exact', 4))).toBeCloseTo(y[n - 1 + 4 - DAY]!, 9);
    expect(back(read(extractor, 'week_ago_exact', 12))).toBeCloseTo(y[n - 1 + 12 - 7 * DAY]!, 9);
    expect(back(read(extractor, 'hour_ago', 3))).toBeCloseTo(y[n - 1 + 3 - 12]!, 9);
    expect(back(read(extractor, 'highest_12'))).toBeCloseTo(Math.max(...y.slice(-12)), 9);
    expect(back(read(extractor, 'median_6'))).toBeCloseTo([...y.slice(-6)].sort((a, b) => a - b).slice(2, 4).reduce((a, b) => a + b) / 2, 9);
    expect(back(read(extractor, 'local', 9))).toBeCloseTo(60, 9);
    expect(read(extractor, 'horizon', 9)).toBe(9);
  });

  it('do not change when the series is a thousand times as large', () => {
    const small = describeSeries(wave(900));
    const large = describeSeries(wave(900, 1000));
    small.rows.forEach((value, i) => {
      if (Number.isNaN(value)) expect(large.rows[i]).toBeNaN();
      else expect(large.rows[i]).toBeCloseTo(value, 4);
    });
  });

  it('are unknown where history does not reach, and known where it does', () => {
    const extractor = describeSeries(wave(40));
    expect(read(extractor, 'day_ago')).toBeNaN();
    expect(read(extractor, 'mean_48')).toBeNaN();
    expect(read(extractor, 'mean_24')).not.toBeNaN();
    expect(read(extractor, 'age')).toBeCloseTo(40 / (7 * DAY), 9);
  });

  it('are never infinite, whatever the history', () => {
    fc.assert(fc.property(fc.array(fc.double({ min: 0, max: 1e15, noNaN: true }), { minLength: 1, maxLength: 400 }), (values) => {
      const extractor = describeSeries(values);
      expect(extractor.unit).toBeGreaterThan(0);
      expect([...extractor.rows].every((value) => Number.isNaN(value) || Number.isFinite(value))).toBe(true);
    }), { numRuns: 200, seed: 7 });
  });
});
