import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createForecaster, restoreForecaster } from '../../../forecaster/engine';
import { LEVELS } from '../../../forecaster/intervals/blend';
import { gaussian, seeded } from '../support/random';

const STEPS = [300, 60] as const;

/** A busy day, a noisy hour, a job every hour. */
function day(stepSeconds: number, days: number): number[] {
  const random = seeded(21);
  const perDay = 86_400 / stepSeconds;
  return Array.from({ length: days * perDay }, (_, i) => {
    const hour = (i * stepSeconds) % 3600;
    return Math.max(0, 100 + 60 * Math.sin((2 * Math.PI * i) / perDay) + (hour < 300 ? 25 : 0) + 4 * gaussian(random));
  });
}

describe.each(STEPS)('a forecaster of %s s steps', (stepSeconds) => {
  it('beats naive with bands that hold', () => {
    const values = day(stepSeconds, 5);
    const forecaster = createForecaster({ stepSeconds });
    values.forEach((value, i) => forecaster.observe(i * stepSeconds, value));
    const { skill } = forecaster.status();
    expect(skill.relativePinball).toBeLessThan(0.75);
    expect(skill.coverage80).toBeGreaterThan(0.7);
    expect(skill.coverage95).toBeGreaterThan(0.88);
  });

  it('trusts the global model where a series has no day of its own yet, and tells every share', () => {
    const random = seeded(5);
    const forecaster = createForecaster({ stepSeconds });
    let level = 0;
    for (let i = 0; i < 36 * 3600 / stepSeconds; i++) {
      level = 0.9 * level + gaussian(random);
      forecaster.observe(i * stepSeconds, Math.max(0, 100 + 5 * level + 10 * gaussian(random)));
    }
    const { members } = forecaster.status();
    expect(members.some(({ model, weight }) => model.startsWith('global-boosted-trees') && weight > 0.1)).toBe(true);
    expect(members.reduce((sum, { weight }) => sum + weight, 0)).toBeCloseTo(1, 6);
  });

  it('sees the hourly job coming', () => {
    const values = day(stepSeconds, 5);
    const forecaster = createForecaster({ stepSeconds });
    const until = values.length - 1800 / stepSeconds; // half past the hour
    values.slice(0, until).forEach((value, i) => forecaster.observe(i * stepSeconds, value));
    const { point } = forecaster.forecast({ horizonSeconds: 3600 });
    const at = (seconds: number) => point[seconds / stepSeconds - 1]!;
    expect(at(2100)).toBeGreaterThan(at(1500) + 8);
  });

  it('is exact about a constant and finite about a single value', () => {
    const forecaster = createForecaster({ stepSeconds });
    forecaster.observe(0, 7);
    expect(forecaster.forecast({ horizonSeconds: 3600 }).point.every(Number.isFinite)).toBe(true);
    for (let i = 1; i < 200; i++) forecaster.observe(i * stepSeconds, 7);
    expect(new Set(forecaster.forecast({ horizonSeconds: 3600 }).point)).toEqual(new Set([7]));
  });

  it('goes on from a snapshot as if it had never stopped', () => {
    const values = day(stepSeconds, 2);
    const one = createForecaster({ stepSeconds });
    values.forEach((value, i) => one.observe(i * stepSeconds, value));
    const other = restoreForecaster({ stepSeconds }, one.snapshot());
    for (let i = 0; i < 40; i++) {
      for (const forecaster of [one, other]) forecaster.observe((values.length + i) * stepSeconds, 50 + (i % 7));
    }
    expect(other.forecast({ horizonSeconds: 3600 })).toEqual(one.forecast({ horizonSeconds: 3600 }));
    expect(other.status()).toEqual(one.status());
  });

  it('refuses a snapshot of other options or of damaged length', () => {
    const bytes = createForecaster({ stepSeconds }).snapshot();
    expect(() => restoreForecaster({ stepSeconds: 30 }, bytes)).toThrow('a forecaster cannot be restored');
    expect(() => restoreForecaster({ stepSeconds }, bytes.subarray(0, -1))).toThrow('learn the series again');
  });

  it('forecasts finite, ordered, non-negative quantiles whatever it is shown', () => {
    const value = fc.oneof(fc.double({ min: 0, max: 1e15, noNaN: true }), fc.constantFrom(0, NaN, Infinity, -1, 1e15, 5), fc.double({ min: 0, max: 10, noNaN: true }));
    fc.assert(fc.property(fc.array(fc.record({ value, gap: fc.integer({ min: 1, max: 40 }) }), { maxLength: 150 }), (samples) => {
      const forecaster = createForecaster({ stepSeconds });
      let slot = 0;
      for (const sample of samples) {
        slot += sample.gap > 30 ? sample.gap : 1;
        forecaster.observe(slot * stepSeconds, sample.value);
      }
      const { quantiles } = forecaster.forecast({ horizonSeconds: 3600, quantiles: LEVELS });
      const rows = LEVELS.map((level) => quantiles[String(level)]!);
      rows.forEach((row, i) => row.forEach((quantile, h) => {
        expect(Number.isFinite(quantile) && quantile >= 0).toBe(true);
        if (i > 0) expect(quantile).toBeGreaterThanOrEqual(rows[i - 1]![h]!);
      }));
    }), { numRuns: 40, seed: 4 });
  });
});

it('keeps a series of five-minute steps in at most 64 KiB', () => {
  expect(createForecaster({ stepSeconds: 300 }).snapshot().length).toBeLessThanOrEqual(64 * 1024);
});
