import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { HourlyForecaster } from '../../../forecaster/hourly/hourly-forecaster';
import { DAY, HourlyModel, tidy, WEEK } from '../../../forecaster/hourly/hourly-model';
import { DampedHoltWinters } from '../../../forecaster/hourly/damped-holt-winters';
import { hourlyMembers } from '../../../forecaster/hourly/members';
import { MultiSeasonal } from '../../../forecaster/hourly/multi-seasonal';
import { Naive2 } from '../../../forecaster/hourly/naive2';
import { SeasonalNaive } from '../../../forecaster/hourly/seasonal-naive';
import { Theta } from '../../../forecaster/hourly/theta';
import { relativeError, weeklyLoad } from './series';

const LEVELS = [0.025, 0.1, 0.5, 0.9, 0.95, 0.975];
const AHEAD = 48;

/** Any series: ordinary, tiny, huge, negative, missing; a few values long or a few weeks. */
const anySeries = fc.tuple(
  fc.integer({ min: 0, max: 4 * WEEK }),
  fc.array(fc.oneof(
    fc.double({ min: 0, max: 1000, noNaN: true }),
    fc.constantFrom(0, NaN, Infinity, -Infinity, 1e15, 1e308, -1e308, 5e-324, -1),
  ), { minLength: 1, maxLength: 40 }),
).map(([length, cycle]) => Array.from({ length }, (_, i) => cycle[i % cycle.length]! * (i % 3 === 0 ? 1 : 0.9)));

function allModels(): HourlyModel[] {
  return [new Naive2(), new Theta(), new DampedHoltWinters(), new MultiSeasonal(), new SeasonalNaive(WEEK), ...hourlyMembers()];
}

describe('every hourly model', () => {
  it('answers any series with finite numbers, as many as were asked for', () => {
    fc.assert(fc.property(anySeries, fc.integer({ min: 1, max: 400 }), (raw, h) => {
      const values = tidy(raw);
      for (const model of allModels()) {
        const path = model.fit(values).predict(h);
        expect(path).toHaveLength(h);
        expect([model.alias, path.findIndex(value => !Number.isFinite(value))]).toEqual([model.alias, -1]);
      }
    }), { numRuns: 60 });
  });

  it.each(allModels().map(model => [model.alias, model] as const))('%s keeps a constant and a zero as they are', (_, model) => {
    for (const constant of [42, 0, -3]) {
      for (const length of [1, 30, 3 * WEEK]) {
        const path = model.fit(new Float64Array(length).fill(constant)).predict(AHEAD);
        path.forEach(value => expect(value).toBeCloseTo(constant, 6));
      }
    }
  });

  it.each(allModels().map(model => [model.alias, model] as const))('%s forgets the series before', (_, model) => {
    const values = weeklyLoad(4 * WEEK, 0.05);
    const fresh = [...model.fit(values).predict(AHEAD)];
    model.fit(weeklyLoad(5 * WEEK, 0.3).map(value => 7 * value + 1)).predict(AHEAD);
    expect([...model.fit(values).predict(AHEAD)]).toEqual(fresh);
  });
});

describe('HourlyForecaster', () => {
  it('answers any series with finite, ordered quantiles', () => {
    fc.assert(fc.property(anySeries, raw => {
      const paths = new HourlyForecaster().fit(raw).quantiles(AHEAD, LEVELS);
      for (let step = 0; step < AHEAD; step++) {
        paths.forEach((path, q) => {
          expect(Number.isFinite(path[step])).toBe(true);
          if (q > 0) expect(path[step]).toBeGreaterThanOrEqual(paths[q - 1]![step]!);
        });
      }
    }), { numRuns: 40 });
  });

  it('never forecasts below zero what never was', () => {
    const values = weeklyLoad(4 * WEEK, 0.2).map((value, i) => (i % DAY < 6 ? 0 : value));
    const [low] = new HourlyForecaster().fit(values).quantiles(AHEAD, [0.001]);
    expect(Math.min(...low!)).toBeGreaterThanOrEqual(0);
  });

  it.each([
    ['no value', [], 0],
    ['nothing but holes', [NaN, NaN], 0],
    ['three values', [5, 6, 7], 7],
  ])('has a defined answer for %s', (_, values, expected) => {
    const forecaster = new HourlyForecaster().fit(values);
    expect([...forecaster.predict(2)].map(value => Math.round(value * 1e9) / 1e9)).toEqual([expected, expected]);
    expect(forecaster.shares()).toEqual({});
  });

  it('gives the same forecast whatever comes after the end', () => {
    const whole = weeklyLoad(5 * WEEK, 0.1);
    const end = 4 * WEEK + 11;
    const changed = whole.map((value, i) => (i >= end ? 1e6 * Math.cos(i) : value));
    const first = new HourlyForecaster().fit(whole.subarray(0, end)).quantiles(AHEAD, LEVELS);
    const second = new HourlyForecaster().fit(changed.subarray(0, end)).quantiles(AHEAD, LEVELS);
    expect(second).toEqual(first);
  });

  it('leaves the series it was given as it is', () => {
    const values = weeklyLoad(4 * WEEK, 0.1);
    const copy = values.slice();
    new HourlyForecaster().fit(values).predict(AHEAD);
    expect(values).toEqual(copy);
  });

  it('finds the week within the noise and puts a band around it', () => {
    const whole = weeklyLoad(5 * WEEK + AHEAD, 0.1);
    const end = whole.length - AHEAD;
    const forecaster = new HourlyForecaster().fit(whole.slice(0, end));
    const actual = whole.slice(end);
    const [low, median, high] = forecaster.quantiles(AHEAD, [0.025, 0.5, 0.975]);
    expect(relativeError(actual, median!)).toBeLessThan(relativeError(actual, new SeasonalNaive(DAY).fit(whole.slice(0, end)).predict(AHEAD)));
    expect(relativeError(actual, median!)).toBeLessThan(0.1);
    const inside = [...actual].filter((value, i) => value >= low![i]! && value <= high![i]!).length;
    expect(inside / AHEAD).toBeGreaterThan(0.85);
    // Noise of ten per cent either way: a band several times as wide would know nothing.
    expect((high![0]! - low![0]!) / median![0]!).toBeLessThan(0.5);
  });

  it('gives nearly everything to the member that is right', () => {
    const values = weeklyLoad(4 * WEEK);
    const members = [new SeasonalNaive(DAY), new SeasonalNaive(WEEK)];
    const shares = new HourlyForecaster({ members }).fit(values).shares();
    expect(shares['seasonal-naive-168']).toBeGreaterThan(0.99);
    expect(Object.values(shares).reduce((sum, share) => sum + share, 0)).toBeCloseTo(1, 12);
  });

  it('scales with the series', () => {
    const values = weeklyLoad(4 * WEEK, 0.1);
    const one = new HourlyForecaster().fit(values).predict(AHEAD);
    const thousand = new HourlyForecaster().fit(values.map(value => 1000 * value)).predict(AHEAD);
    one.forEach((value, i) => expect(thousand[i]! / value).toBeCloseTo(1000, 3));
  });
});
