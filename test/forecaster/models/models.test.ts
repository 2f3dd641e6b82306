import { describe, expect, it } from 'vitest';
import { anchorHorizons, candidates } from '../../../forecaster/models/candidates';
import { Combination } from '../../../forecaster/models/combination';
import { DirectRegression } from '../../../forecaster/models/direct-regression';
import { ExponentialSmoothing } from '../../../forecaster/models/exponential-smoothing';
import { HoltWinters } from '../../../forecaster/models/holt-winters';
import type { Model } from '../../../forecaster/models/model';
import { Naive } from '../../../forecaster/models/naive';
import { SeasonalNaive } from '../../../forecaster/models/seasonal-naive';
import { SeasonalProfile } from '../../../forecaster/models/seasonal-profile';
import { gaussian, seeded } from '../support/random';

const DAY = 288;

function ahead(model: Model, steps: number[]): number[] {
  const out = new Float64Array(steps.length);
  model.predict(steps, out);
  return [...out];
}

function taught<M extends Model>(model: M, values: Iterable<number>): M {
  return model.fit({ start: 0, step: 300, values: Float64Array.from(values) });
}

const wave = (slot: number) => 100 + 50 * Math.sin((2 * Math.PI * slot) / DAY);
const days = (count: number, value: (slot: number) => number) => Array.from({ length: count * DAY }, (_, slot) => value(slot));

describe('Naive', () => {
  it('repeats the last value that is there', () => {
    expect(ahead(taught(new Naive(), [1, 7, NaN]), [1, 12])).toEqual([7, 7]);
  });
});

describe('SeasonalNaive', () => {
  it('repeats the value of one season ago', () => {
    expect(ahead(taught(new SeasonalNaive(4), [1, 2, 3, 4, 5, 6]), [1, 2, 3, 4])).toEqual([3, 4, 5, 6]);
  });

  it('has no answer where last season had a gap', () => {
    expect(ahead(taught(new SeasonalNaive(4), [1, 2, NaN, 4, 5, 6]), [1, 2])).toEqual([NaN, 4]);
  });
});

describe('ExponentialSmoothing', () => {
  it('moves 63 % of the way to a new level in one time constant', () => {
    const model = taught(new ExponentialSmoothing(10), [0, ...Array.from({ length: 10 }, () => 100)]);
    expect(ahead(model, [1])[0]).toBeCloseTo(100 * (1 - Math.exp(-1)), 6);
  });

  it('counts the steps of a gap', () => {
    const model = new ExponentialSmoothing(10);
    model.update(0, 0);
    model.update(10, 100);
    expect(ahead(model, [1])[0]).toBeCloseTo(100 * (1 - Math.exp(-1)), 6);
  });
});

describe('HoltWinters', () => {
  it('follows a trend and damps it, as the formula says', () => {
    const model = taught(new HoltWinters({ alpha: 0.5, beta: 0.5, phi: 0.9 }), [10, 12]);
    // level = 10 + 0.5 * (12 - 10) = 11; trend = 0.5 * 1; two steps ahead: 11 + 0.5 * (0.9 + 0.81)
    expect(ahead(model, [2])[0]).toBeCloseTo(11 + 0.5 * 1.71, 10);
  });

  it('learns an additive season', () => {
    const model = taught(new HoltWinters({ seasonLength: DAY, bucketSteps: 3 }), days(6, wave));
    for (const [i, value] of ahead(model, [3, 6, 12]).entries()) expect(Math.abs(value - wave(6 * DAY - 1 + [3, 6, 12][i]!))).toBeLessThan(4);
  });

  it('has no answer before a first season', () => {
    expect(ahead(taught(new HoltWinters({ seasonLength: DAY }), days(0.5, wave)), [1])).toEqual([NaN]);
  });
});

describe('SeasonalProfile', () => {
  it('moves the level of today along the usual shape', () => {
    const model = taught(new SeasonalProfile(300, 2), days(6, (slot) => wave(slot) + (slot >= 5.75 * DAY ? 40 : 0)));
    const expected = 40 + wave(6 * DAY - 1 + 12);
    expect(Math.abs(ahead(model, [12])[0]! - expected)).toBeLessThan(3);
  });
});

describe('DirectRegression', () => {
  const horizons = [1, 6, 12];

  it('learns that a deviation dies out', () => {
    const random = seeded(7);
    let deviation = 0;
    const values = days(10, () => 100 + (deviation = 0.7 * deviation + gaussian(random)));
    const model = taught(new DirectRegression({ stepSeconds: 300, horizons }), values);
    model.update(values.length, 110);
    const [one, , twelve] = ahead(model, horizons);
    expect(one!).toBeGreaterThan(105); // 100 + 0.7 * 10 in truth
    expect(Math.abs(twelve! - 100)).toBeLessThan(3);
  });

  it('learns the shape of the day', () => {
    const random = seeded(8);
    const model = taught(new DirectRegression({ stepSeconds: 300, horizons }), days(8, (slot) => wave(slot) + gaussian(random)));
    expect(Math.abs(ahead(model, horizons)[2]! - wave(8 * DAY + 11))).toBeLessThan(3);
  });

  it('has no answer before it has seen enough errors', () => {
    expect(ahead(taught(new DirectRegression({ stepSeconds: 300, horizons }), [1, 2, 3]), horizons)).toEqual([NaN, NaN, NaN]);
  });
});

describe('Combination', () => {
  const memorySteps = 2 * DAY;

  it('gives nearly all weight to the member that is right', () => {
    const members = [new Naive(), new SeasonalNaive(DAY)];
    const combination = taught(new Combination(members, { horizons: [1, 12], memorySteps }), days(6, wave));
    expect(combination.weightOf(1, 1)).toBeGreaterThan(0.99);
    expect(ahead(combination, [1, 12])[1]).toBeCloseTo(wave(6 * DAY + 11), 6);
  });

  it('starts from its first member', () => {
    const combination = taught(new Combination([new Naive(), new ExponentialSmoothing(5)], { horizons: [1, 12], memorySteps }), [3, 9]);
    expect(ahead(combination, [1, 12])).toEqual([9, 9]);
  });

  it('goes over to another member when the series changes', () => {
    const random = seeded(3);
    let walk = 0;
    const members = [new Naive(), new ExponentialSmoothing(60)];
    const combination = new Combination(members, { horizons: [1, 12], memorySteps: DAY / 2 });
    taught(combination, days(4, () => 100 + 10 * gaussian(random)));
    const before = combination.weightOf(0, 1);
    for (let slot = 4 * DAY; slot < 8 * DAY; slot++) combination.update(slot, 1000 + (walk += 10 * gaussian(random)));
    expect(before).toBeLessThan(0.3);
    expect(combination.weightOf(0, 1)).toBeGreaterThan(0.8);
  });

  it('scores a member on forecasts it made before it saw the value', () => {
    const combination = new Combination([new Naive()], { horizons: [1, 2], memorySteps });
    [0, 10, 30].forEach((value, slot) => combination.update(slot, value));
    expect(combination.errorOf(0, 0)).toBeCloseTo((10 + 20) / 2, 1);
    expect(combination.errorOf(0, 1)).toBe(30);
  });
});

describe('every candidate', () => {
  const horizons = anchorHorizons(12);

  it.each(candidates(300, horizons).map(({ model }, index) => [model.alias, index] as const))('%s forecasts the same for a series seen in two parts', (_, index) => {
    const values = Float64Array.from(days(4, (slot) => wave(slot) + (slot % 7)));
    const whole = candidates(300, horizons)[index]!.model.fit({ start: 0, step: 300, values });
    const parts = candidates(300, horizons)[index]!.model;
    parts.fit({ start: 0, step: 300, values: values.slice(0, 500) }).fit({ start: 500 * 300, step: 300, values: values.slice(500) });
    expect(ahead(parts, horizons)).toEqual(ahead(whole, horizons));
    expect(ahead(whole, horizons).every(Number.isFinite)).toBe(true);
  });

  it('looks at horizons from the next step to the longest', () => {
    expect(anchorHorizons(60)).toEqual([1, 2, 3, 4, 6, 8, 11, 15, 21, 29, 41, 57, 60]);
    expect(anchorHorizons(1)).toEqual([1]);
  });
});
