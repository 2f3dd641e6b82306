import { describe, expect, it } from 'vitest';
import { ConformalBands } from '../../../forecaster/intervals/conformal';
import { normalQuantile } from '../../../forecaster/intervals/normal';
import { Volatility } from '../../../forecaster/intervals/volatility';
import { gaussian, seeded } from '../support/random';

describe('ConformalBands', () => {
  const levels = [0.1, 0.5, 0.9];

  it('gives the empirical quantiles of the errors, with the finite-sample correction', () => {
    const bands = new ConformalBands({ horizons: 1, levels, learning: 0 });
    for (let error = 1; error <= 99; error++) bands.add(0, error, error);
    expect(levels.map((level) => bands.quantile(0, level))).toEqual([10, 50, 90]);
  });

  it('forgets the oldest error when the window is full', () => {
    const bands = new ConformalBands({ horizons: 1, levels, window: 3, learning: 0 });
    [100, 1, 2, 3].forEach((error, slot) => bands.add(0, error, slot));
    expect(bands.size(0)).toBe(3);
    expect(bands.quantile(0, 0.5)).toBe(2);
    expect(bands.quantile(0, 0.9)).toBe(3);
  });

  it('covers what it promises on noise it has not seen', () => {
    const random = seeded(1);
    const bands = new ConformalBands({ horizons: 1, levels });
    let below = 0;
    for (let slot = 0; slot < 6000; slot++) {
      const error = gaussian(random);
      if (slot >= 1000 && error <= bands.quantile(0, 0.9)) below += 1;
      bands.add(0, error, slot);
    }
    expect(below / 5000).toBeGreaterThan(0.885);
    expect(below / 5000).toBeLessThan(0.915);
  });

  it('regains coverage after errors have doubled, sooner than the window turns over', () => {
    const random = seeded(2);
    const bands = new ConformalBands({ horizons: 1, levels, window: 4000, learning: 0.02 });
    for (let slot = 0; slot < 4000; slot++) bands.add(0, gaussian(random), slot);
    let below = 0;
    for (let slot = 4000; slot < 6000; slot++) {
      const error = 2 * gaussian(random);
      if (slot >= 5000 && error <= bands.quantile(0, 0.9)) below += 1;
      bands.add(0, error, slot);
    }
    expect(below / 1000).toBeGreaterThan(0.87);
  });

  it('keeps horizons apart', () => {
    const bands = new ConformalBands({ horizons: 2, levels, learning: 0 });
    bands.add(0, 1, 0);
    expect(bands.quantile(1, 0.5)).toBeNaN();
  });
});

describe('normalQuantile', () => {
  it.each([[0.5, 0], [0.9, 1.2815515655], [0.975, 1.9599639845], [0.001, -3.0902323062]])('%s is at %s', (level, value) => {
    expect(normalQuantile(level)).toBeCloseTo(value, 7);
  });
});

describe('Volatility', () => {
  it('does not let one wild error widen bands for a day', () => {
    const volatility = new Volatility(1440);
    for (let i = 0; i < 500; i++) volatility.update(100, i % 2 === 0 ? 1 : -1, 1);
    volatility.update(1e9, 1e9, 1);
    for (let i = 0; i < 300; i++) volatility.update(100, 1, 1);
    expect(volatility.scale).toBeLessThan(600); // 1e9 spread over a day would be hundreds of thousands
  });

  it('notices errors far above the usual', () => {
    const volatility = new Volatility(1440);
    for (let i = 0; i < 3000; i++) volatility.update(100, 1, 1);
    expect(volatility.regimeChanged).toBe(false);
    for (let i = 0; i < 20; i++) volatility.update(150, 20, 1);
    expect(volatility.regimeChanged).toBe(true);
  });

  it('has a unit above zero even for a series that never moves', () => {
    const volatility = new Volatility(1440);
    for (let i = 0; i < 10; i++) volatility.update(0, 0, 1);
    expect(volatility.scale).toBeGreaterThan(0);
  });
});
