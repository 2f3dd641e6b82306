import { describe, expect, it } from 'vitest';
import { createForecaster, type Forecaster } from '../../forecaster/engine';
import { gaussian, seeded } from './support/random';

const DAY = 86_400;
const wave = (time: number) => 100 + 50 * Math.sin((2 * Math.PI * time) / DAY);

/** A forecaster that has seen daily load with noise, one value a minute, up to and without `days`. */
function afterDays(days: number, value: (time: number) => number = wave, noise = 4, seed = 5): Forecaster {
  const random = seeded(seed);
  const forecaster = createForecaster();
  for (let time = 0; time < days * DAY; time += 60) forecaster.observe(time, Math.max(0, value(time) + noise * gaussian(random)));
  return forecaster;
}

describe('a forecaster of daily load', () => {
  const forecaster = afterDays(4);

  it('sees the load of the next hour coming', () => {
    const { point, origin, stepSeconds } = forecaster.forecast({ horizonSeconds: 3600 });
    expect(origin).toBe(4 * DAY - 60);
    expect(point).toHaveLength(60);
    for (const h of [5, 30, 60]) expect(Math.abs(point[h - 1]! - wave(origin + h * stepSeconds))).toBeLessThan(6);
  });

  it('orders quantiles and has the median near the point', () => {
    const { quantiles, point } = forecaster.forecast({ horizonSeconds: 1800 });
    const levels = Object.keys(quantiles).sort((a, b) => Number(a) - Number(b));
    expect(levels).toEqual(['0.025', '0.1', '0.5', '0.9', '0.95', '0.975']);
    point.forEach((value, i) => {
      for (let l = 1; l < levels.length; l++) expect(quantiles[levels[l]!]![i]).toBeGreaterThanOrEqual(quantiles[levels[l - 1]!]![i]!);
      expect(Math.abs(quantiles['0.5']![i]! - value)).toBeLessThan(4);
    });
  });

  it('answers any quantile, in the order asked', () => {
    const { quantiles } = forecaster.forecast({ horizonSeconds: 60, quantiles: [0.99, 0.3] });
    expect(Object.keys(quantiles)).toEqual(['0.99', '0.3']);
    expect(quantiles['0.99']![0]).toBeGreaterThan(quantiles['0.3']![0]!);
  });

  it('says that the season is used and that nothing is wrong', () => {
    expect(forecaster.forecast({ horizonSeconds: 1800 }).reasons).toEqual(['seasonal_daily']);
    expect(afterDays(8).forecast({ horizonSeconds: 1800 }).reasons).toEqual(['seasonal_daily', 'seasonal_weekly']);
  });

  it('demands the highest of the quantile over the lead time', () => {
    const { quantiles } = forecaster.forecast({ horizonSeconds: 300 });
    expect(forecaster.demand({ leadTimeSeconds: 300, quantile: 0.9 }).value).toBe(Math.max(...quantiles['0.9']!));
    expect(forecaster.demand({ leadTimeSeconds: 300, quantile: 0.975 }).value).toBeGreaterThan(forecaster.demand({ leadTimeSeconds: 300, quantile: 0.9 }).value);
  });

  it('counts the lead time from now, also when the newest value is a few minutes old', () => {
    const { quantiles, origin } = forecaster.forecast({ horizonSeconds: 900 });
    const now = origin + 60 + 4 * 60; // four whole minutes have ended without a value
    const { value, reasons } = forecaster.demand({ leadTimeSeconds: 300, quantile: 0.9, now });
    expect(value).toBe(Math.max(...quantiles['0.9']!.slice(4, 9)));
    expect(reasons).toContain('stale_metrics');
    expect(forecaster.demand({ leadTimeSeconds: 300, quantile: 0.9, now: origin + 60 }).reasons).not.toContain('stale_metrics');
  });

  it('loses confidence as metrics get old', () => {
    const confidence = (late: number) => forecaster.forecast({ horizonSeconds: 60, now: forecaster.lastTime + late }).confidence;
    expect(confidence(60)).toBeGreaterThan(0.7);
    expect(confidence(1800)).toBeLessThan(confidence(600));
    expect(confidence(7200)).toBe(0);
  });

  it('cuts a horizon it cannot see, and says so', () => {
    const { point, reasons } = forecaster.forecast({ horizonSeconds: 7200 });
    expect(point).toHaveLength(60);
    expect(reasons).toContain('horizon_capped');
  });

  it('holds what its bands promise', () => {
    const { coverage80, coverage95 } = forecaster.status();
    expect(coverage80).toBeGreaterThan(0.72);
    expect(coverage80).toBeLessThan(0.88);
    expect(coverage95).toBeGreaterThan(0.9);
  });

  it('provisions for nine minutes in ten at 0.9, without waste', () => {
    const random = seeded(77);
    const live = afterDays(4);
    let above = 0;
    let ratio = 0;
    for (let minute = 0; minute < 1440; minute++) {
      const time = 4 * DAY + minute * 60;
      const fifth = live.forecast({ horizonSeconds: 300, quantiles: [0.9] }).quantiles['0.9']![4]!;
      const actual = wave(time + 240) + 4 * gaussian(random);
      if (actual > fifth) above += 1;
      ratio += fifth / wave(time + 240) / 1440;
      live.observe(time, Math.max(0, wave(time) + 4 * gaussian(random)));
    }
    expect(above / 1440).toBeGreaterThan(0.06);
    expect(above / 1440).toBeLessThan(0.14);
    expect(ratio).toBeLessThan(1.1);
  });
});

describe('reasons', () => {
  const reasonsOf = (forecaster: Forecaster) => forecaster.forecast({ horizonSeconds: 600 }).reasons;

  it('no_data: an empty forecast and no demand', () => {
    const forecaster = createForecaster();
    expect(forecaster.forecast({ horizonSeconds: 600 })).toMatchObject({ point: [], confidence: 0, reasons: ['no_data'] });
    expect(forecaster.demand({ leadTimeSeconds: 300, quantile: 0.9 })).toEqual({ value: 0, reasons: ['no_data'] });
    expect(forecaster.ready).toBe(false);
  });

  it('insufficient_history: three samples give a wide band around the last', () => {
    const forecaster = createForecaster();
    [[0, 100], [60, 110], [120, 90]].forEach(([time, value]) => forecaster.observe(time!, value!));
    const { point, quantiles, reasons, confidence } = forecaster.forecast({ horizonSeconds: 600 });
    expect(reasons).toEqual(expect.arrayContaining(['insufficient_history', 'bands_uncalibrated', 'fell_back_to_naive']));
    expect(point[9]).toBe(90);
    expect(quantiles['0.9']![9]).toBeGreaterThan(130);
    expect(quantiles['0.1']![9]).toBeLessThan(60);
    expect(confidence).toBeLessThan(0.2);
  });

  it('constant_series: exactly the constant', () => {
    const forecaster = afterDays(1.5, () => 42, 0);
    const { point, quantiles, reasons } = forecaster.forecast({ horizonSeconds: 600 });
    expect(reasons).toContain('constant_series');
    expect(new Set([...point, ...quantiles['0.5']!])).toEqual(new Set([42]));
  });

  it('a series that is zero throughout is forecast as zero', () => {
    const forecaster = afterDays(1, () => 0, 0);
    expect(forecaster.demand({ leadTimeSeconds: 300, quantile: 0.975 }).value).toBeCloseTo(0, 6);
  });

  it('gaps_filled: fades when the gaps do', () => {
    const forecaster = createForecaster();
    for (let time = 0; time < 2 * DAY; time += 60) if (time % 600 > 60) forecaster.observe(time, wave(time));
    expect(reasonsOf(forecaster)).toContain('gaps_filled');
    for (let time = 2 * DAY; time < 5 * DAY; time += 60) forecaster.observe(time, wave(time));
    expect(reasonsOf(forecaster)).not.toContain('gaps_filled');
  });

  it('regime_change: the load leaps far beyond its usual movement', () => {
    const random = seeded(9);
    const forecaster = afterDays(3, () => 100, 2);
    for (let minute = 0; minute < 15; minute++) forecaster.observe(3 * DAY + minute * 60, 400 + 60 * gaussian(random));
    const { reasons, point } = forecaster.forecast({ horizonSeconds: 600 });
    expect(reasons).toContain('regime_change');
    expect(point[4]).toBeGreaterThan(250); // and it follows
  });

  it('a doubled load is followed within minutes and covered by the demand', () => {
    const forecaster = afterDays(4);
    for (let minute = 0; minute < 10; minute++) forecaster.observe(4 * DAY + minute * 60, 2 * wave(4 * DAY + minute * 60));
    expect(forecaster.demand({ leadTimeSeconds: 300, quantile: 0.9 }).value).toBeGreaterThan(2 * wave(4 * DAY + 900) * 0.95);
  });

  it('implausible_dropped: one absurd value changes nothing', () => {
    const forecaster = afterDays(2);
    const untouched = afterDays(2);
    const time = forecaster.lastTime + 60;
    forecaster.observe(time, 1e15);
    for (const each of [forecaster, untouched]) each.observe(time + 60, 100);
    expect(reasonsOf(forecaster)).toContain('implausible_dropped');
    expect(forecaster.forecast({ horizonSeconds: 3600 }).point).toEqual(untouched.forecast({ horizonSeconds: 3600 }).point);
  });

  it('a spike of a hundred times the load is forgotten within the hour, and the season is trusted again within a day', () => {
    const random = seeded(15);
    const forecaster = afterDays(4);
    forecaster.observe(4 * DAY, 10_000);
    for (let time = 4 * DAY + 60; time < 5 * DAY; time += 60) {
      forecaster.observe(time, wave(time) + 4 * gaussian(random));
      if (time === 4 * DAY + 3600) expect(forecaster.demand({ leadTimeSeconds: 300, quantile: 0.9 }).value).toBeLessThan(2 * wave(time));
    }
    const { point, origin } = forecaster.forecast({ horizonSeconds: 3600 });
    expect(Math.abs(point[59]! - wave(origin + 3600))).toBeLessThan(8);
  });

  it.each([
    ['non_finite_dropped', 60, NaN], ['negative_dropped', 60, -5], ['duplicates_dropped', 0, 5], ['out_of_order_dropped', -600, 5],
  ] as const)('%s: for a day after it happened', (reason, offset, value) => {
    const forecaster = afterDays(1.2);
    forecaster.observe(forecaster.lastTime + offset, value);
    expect(reasonsOf(forecaster)).toContain(reason);
    const from = forecaster.lastTime;
    for (let time = from + 60; time <= from + DAY + 60; time += 60) forecaster.observe(time, wave(time));
    expect(reasonsOf(forecaster)).not.toContain(reason);
  });

  it('clock_jump: starts anew where the clock went', () => {
    const forecaster = afterDays(1.2);
    const there = forecaster.lastTime - 300 * DAY;
    for (let minute = 0; minute < 10; minute++) forecaster.observe(there + minute * 60, 7);
    const { origin, reasons, point } = forecaster.forecast({ horizonSeconds: 60 });
    expect(origin).toBe(there + 540);
    expect(reasons).toEqual(expect.arrayContaining(['clock_jump', 'insufficient_history']));
    expect(point[0]).toBe(7);
  });

});

describe('options', () => {
  it.each([{ stepSeconds: 0 }, { stepSeconds: NaN }, { maxHorizonSeconds: 30 }, { quantiles: [0.5, 1] }])('%j is refused', (options) => {
    expect(() => createForecaster(options)).toThrow(RangeError);
  });

  it.each([0, -1, NaN, Infinity])('a horizon of %s is refused', (horizonSeconds) => {
    expect(() => createForecaster().forecast({ horizonSeconds })).toThrow(RangeError);
  });

  it('warms from a series as from single observations', () => {
    const values = Float64Array.from({ length: 2000 }, (_, i) => (i % 50 === 0 ? NaN : wave(i * 60)));
    const warmed = createForecaster();
    warmed.warm({ start: 0, step: 60, values });
    const observed = createForecaster();
    values.forEach((value, i) => { if (!Number.isNaN(value)) observed.observe(i * 60, value); });
    expect(warmed.forecast({ horizonSeconds: 3600 })).toEqual(observed.forecast({ horizonSeconds: 3600 }));
    expect(warmed.status().counts.non_finite).toBe(0);
  });

  it('may go below zero when asked to', () => {
    const random = seeded(4);
    const forecaster = createForecaster({ nonNegative: false });
    for (let time = 0; time < DAY; time += 60) forecaster.observe(time, gaussian(random));
    expect(forecaster.forecast({ horizonSeconds: 600 }).quantiles['0.1']![0]).toBeLessThan(-0.5);
  });
});
