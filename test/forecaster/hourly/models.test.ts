import { describe, expect, it } from 'vitest';
import { AnchoredWeek } from '../../../forecaster/hourly/anchored-week';
import { Autoregression } from '../../../forecaster/hourly/autoregression';
import { DampedHoltWinters } from '../../../forecaster/hourly/damped-holt-winters';
import { HarmonicRegression } from '../../../forecaster/hourly/harmonic-regression';
import { DAY, fallback, tidy, WEEK } from '../../../forecaster/hourly/hourly-model';
import { MultiSeasonal } from '../../../forecaster/hourly/multi-seasonal';
import { Naive2 } from '../../../forecaster/hourly/naive2';
import { SeasonalNaive } from '../../../forecaster/hourly/seasonal-naive';
import { Theta } from '../../../forecaster/hourly/theta';
import { WeeklyProfile } from '../../../forecaster/hourly/weekly-profile';
import { relativeError, weeklyLoad } from './series';

// The forecast goes from a working day into the weekend.
const LENGTH = 4 * WEEK + 4 * DAY + 6;
const AHEAD = 48;
const load = weeklyLoad(LENGTH + AHEAD);
const past = load.slice(0, LENGTH);
const future = load.slice(LENGTH);

describe('tidy', () => {
  it('drops what comes before the first number and fills holes from earlier values alone', () => {
    expect([...tidy([NaN, Infinity, 3, NaN, 5])]).toEqual([3, 3, 5]);
    const day = Array.from({ length: DAY }, (_, i) => i + 1);
    expect(tidy([...day, NaN])[DAY]).toBe(1);
  });

  it('leaves nothing of a series of holes', () => {
    expect(tidy([NaN, -Infinity])).toHaveLength(0);
  });
});

describe('fallback', () => {
  it.each([
    ['nothing', [], [0, 0]],
    ['less than a season', [7, 9], [9, 9]],
    ['a season', [1, 2, 3], [1, 2]],
  ])('answers %s', (_, values, expected) => {
    expect([...fallback(Float64Array.from(values), 2, 3)]).toEqual(expected);
  });
});

describe('SeasonalNaive', () => {
  it('repeats the last season', () => {
    const path = new SeasonalNaive(4).fit(Float64Array.from([9, 9, 1, 2, 3, 4])).predict(6);
    expect([...path]).toEqual([1, 2, 3, 4, 1, 2]);
  });
});

describe('Naive2', () => {
  it('is the last value when no season is found', () => {
    const trend = Float64Array.from({ length: 200 }, (_, i) => ((i * 7919) % 101) + 1);
    expect([...new Naive2().fit(trend).predict(3)]).toEqual([trend[199], trend[199], trend[199]]);
  });

  it('carries multiplicative indices from the last value', () => {
    // A season of two: every other value is three times the one before it. Indices 0.5 and 1.5; the level is 20.
    const values = Float64Array.from({ length: 40 }, (_, i) => (i % 2 === 0 ? 10 : 30));
    const path = new Naive2(2).fit(values).predict(3);
    [10, 30, 10].forEach((value, i) => expect(path[i]).toBeCloseTo(value, 9));
  });
});

describe('Theta', () => {
  it('continues a straight line at half its slope', () => {
    const line = Float64Array.from({ length: 100 }, (_, i) => 50 + 2 * i);
    const path = new Theta().fit(line).predict(11);
    expect(path[10]! - path[0]!).toBeCloseTo(10, 6);
    expect(path[0]).toBeGreaterThan(247);
    expect(path[0]).toBeLessThan(250);
  });
});

describe('models of a day', () => {
  const daily = (i: number): number => 200 + 80 * Math.cos((2 * Math.PI * i) / DAY);
  const values = Float64Array.from({ length: 20 * DAY }, (_, i) => daily(i));

  it.each([new DampedHoltWinters(), new Theta(), new Naive2(), new MultiSeasonal()].map(model => [model.alias, model] as const))('%s continues a pure one', (_, model) => {
    const actual = Array.from({ length: AHEAD }, (__, i) => daily(values.length + i));
    expect(relativeError(actual, model.fit(values).predict(AHEAD))).toBeLessThan(0.02);
  });
});

describe('models of a week', () => {
  it.each(([
    [new SeasonalNaive(WEEK), 1e-9],
    [new AnchoredWeek(), 1e-9],
    [new WeeklyProfile(), 1e-9],
    [new Autoregression({ alias: 'ar', lags: [1, 24, 168, 169] }), 0.02],
    [new Autoregression({ alias: 'ar-weekly', lags: [1, 2], difference: WEEK }), 1e-9],
    [new HarmonicRegression(), 0.05],
  ] as const).map(([model, tolerance]) => [model.alias, tolerance, model] as const))('%s continues a pure one within %d', (_, tolerance, model) => {
    expect(relativeError(future, model.fit(past).predict(AHEAD))).toBeLessThan(tolerance);
  });

  it('does better than the day alone', () => {
    const day = relativeError(future, new SeasonalNaive(DAY).fit(past).predict(AHEAD));
    expect(relativeError(future, new MultiSeasonal().fit(past).predict(AHEAD))).toBeLessThan(day);
  });

  it('moves the shape of the week to a new level', () => {
    const doubled = past.map((value, i) => (i >= LENGTH - DAY ? 2 * value : value));
    const path = new AnchoredWeek().fit(doubled).predict(AHEAD);
    expect(path[0]! / future[0]!).toBeCloseTo(2, 6);
  });

  it('lets a deviation of the last day fade', () => {
    const raised = past.map((value, i) => (i >= LENGTH - DAY ? 1.5 * value : value));
    const path = new WeeklyProfile().fit(raised).predict(AHEAD);
    const lift = (i: number): number => path[i]! / future[i]!;
    expect(lift(0)).toBeGreaterThan(1.2);
    expect(lift(AHEAD - 1)).toBeGreaterThan(1);
    expect(lift(AHEAD - 1)).toBeLessThan(lift(0));
  });
});

describe('Autoregression', () => {
  it('finds the coefficients of a process it can represent', () => {
    // x_t = 0.5 x_(t-1) around 100, pushed now and then: four steps later a sixteenth is left.
    const values = new Float64Array(400).fill(100);
    for (let i = 1; i < 400; i++) values[i] = 100 + 0.5 * (values[i - 1]! - 100) + (i % 7 === 0 ? 8 * Math.sin(i * i) : 0);
    values[399] = 110;
    const path = new Autoregression({ alias: 'ar', lags: [1], penalty: 1e-9 }).fit(values).predict(4);
    expect(path[3]! - 100).toBeGreaterThan(0.2);
    expect(path[3]! - 100).toBeLessThan(1.2);
  });

  it('stays within half the range of what was seen, however unstable the fit', () => {
    const explosive = Float64Array.from({ length: 300 }, (_, i) => 1.04 ** i);
    const path = new Autoregression({ alias: 'ar', lags: [1, 2] }).fit(explosive).predict(500);
    expect(Math.max(...path)).toBeLessThanOrEqual(1.04 ** (299 * 1.5) * (1 + 1e-9));
  });
});
