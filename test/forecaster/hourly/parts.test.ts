import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { PathBand } from '../../../forecaster/hourly/path-band';
import { ridge } from '../../../forecaster/hourly/ridge';
import { limitsOf, scaleOf } from '../../../forecaster/hourly/scale';
import { isSeasonal, seasonalIndices } from '../../../forecaster/hourly/seasonal-indices';

describe('ridge', () => {
  const ones = Float64Array.from([1, 1, 1, 1]);
  const x = Float64Array.from([0, 1, 2, 3]);

  it('is least squares without a penalty', () => {
    const [constant, slope] = ridge([ones, x], Float64Array.from([5, 7, 9, 11]), [0, 0]);
    expect(constant).toBeCloseTo(5, 9);
    expect(slope).toBeCloseTo(2, 9);
  });

  it('shrinks by the penalty', () => {
    // sum(xy) / (sum(xx) + penalty) = 28 / (14 + 14)
    expect(ridge([x], Float64Array.from([0, 2, 4, 6]), [14])[0]).toBeCloseTo(1, 12);
  });

  it('counts a row by its weight', () => {
    const [mean] = ridge([ones], Float64Array.from([1, 1, 1, 9]), [0], Float64Array.from([1, 1, 1, 5]));
    expect(mean).toBeCloseTo(6, 12);
  });

  it('answers zeros where the equations have no single answer', () => {
    expect([...ridge([ones, ones], x, [0, 0])]).toEqual([0, 0]);
  });
});

describe('scaleOf', () => {
  it.each([
    ['positive', [10, 20, 30], true],
    ['touching zero', [0, 5, 50], true],
    ['negative', [-5, 0, 5], false],
    ['all zero', [0, 0], false],
    ['empty', [], false],
  ])('a series that is %s', (_, values, logarithmic) => {
    const scale = scaleOf(Float64Array.from(values));
    expect(scale.logarithmic).toBe(logarithmic);
    values.forEach(value => expect(scale.from(scale.to(value))).toBeCloseTo(value, 9));
  });

  it('comes back finite from anywhere', () => {
    fc.assert(fc.property(
      fc.array(fc.double({ min: -1e100, max: 1e100, noNaN: true }), { minLength: 1, maxLength: 20 }),
      fc.double({ min: -1e6, max: 1e6, noNaN: true }),
      (values, seen) => {
        expect(Number.isFinite(scaleOf(Float64Array.from(values)).from(seen))).toBe(true);
      },
    ));
  });

  it('limits a forecast to half the range on either side', () => {
    expect(limitsOf(Float64Array.from([2, 6, 4]))).toEqual({ low: 0, high: 8 });
  });
});

describe('seasonal indices', () => {
  it('finds a season where there is one', () => {
    const season = Float64Array.from({ length: 120 }, (_, i) => [1, 2, 6, 3][i % 4]!);
    expect(isSeasonal(season, 4)).toBe(true);
    expect(isSeasonal(Float64Array.from({ length: 120 }, (_, i) => Math.sin(i * i)), 4)).toBe(false);
    expect(isSeasonal(new Float64Array(120).fill(3), 4)).toBe(false);
    expect(isSeasonal(season.subarray(0, 11), 4)).toBe(false);
  });

  it('averages the ratios to the trend to 1', () => {
    const season = Float64Array.from({ length: 120 }, (_, i) => [1, 2, 6, 3][i % 4]!);
    [1 / 3, 2 / 3, 2, 1].forEach((index, i) => expect(seasonalIndices(season, 4)![i]).toBeCloseTo(index, 9));
  });

  it('has none where there is nothing to divide by', () => {
    expect(seasonalIndices(Float64Array.from({ length: 40 }, (_, i) => (i % 2 === 0 ? 0 : 5)), 2)).toBeUndefined();
  });
});

describe('PathBand', () => {
  const errors = [Float64Array.from({ length: 48 }, () => 2), Float64Array.from({ length: 48 }, () => -2)];

  it('is nothing at the median and the same distance on either side', () => {
    const band = new PathBand(errors);
    expect(band.offset(10, 0.5)).toBe(0);
    expect(band.offset(10, 0.9)).toBe(-band.offset(10, 0.1));
  });

  it('is wider than the errors, the less so the more origins it was learned at', () => {
    expect(new PathBand(errors).offset(10, 0.975)).toBeCloseTo(2 * Math.sqrt(1 + 2.25 / 2), 9);
    const often = new PathBand([...errors, ...errors, ...errors, ...errors]).offset(10, 0.975);
    expect(often).toBeGreaterThan(2);
    expect(often).toBeLessThan(2.3);
  });

  it('widens with the spread of each step', () => {
    const growing = [1, -1].map(sign => Float64Array.from({ length: 48 }, (_, i) => sign * (i + 1)));
    const band = new PathBand(growing);
    expect(band.offset(40, 0.9)).toBeGreaterThan(2 * band.offset(5, 0.9));
    expect(band.offset(100, 0.9)).toBeGreaterThan(band.offset(47, 0.9));
  });

  it('has no width where nothing is known', () => {
    expect(new PathBand([]).offset(3, 0.975)).toBe(0);
  });
});
