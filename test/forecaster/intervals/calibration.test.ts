import { describe, expect, it } from 'vitest';
import { Calibration } from '../../../forecaster/intervals/calibration';
import { normalQuantile } from '../../../forecaster/intervals/normal';
import { gaussian, seeded } from '../support/random';

const LEVELS = [0.025, 0.1, 0.5, 0.9, 0.95, 0.975];

/** Share of normal values below each calibrated quantile, where the forecast believes in a deviation of `believed` instead of 1. */
function sharesBelow(believed: number): number[] {
  const calibration = new Calibration(LEVELS);
  const random = seeded(3);
  const below = LEVELS.map(() => 0);
  const rounds = 20_000;
  for (let i = 0; i < rounds; i++) {
    const actual = gaussian(random);
    const issued = LEVELS.map((level, l) => calibration.apply(l, believed * normalQuantile(level), 0));
    LEVELS.forEach((_, l) => { if (actual <= issued[l]!) below[l]! += 1 / rounds; });
    calibration.judge(actual, issued);
  }
  return below;
}

describe('Calibration', () => {
  it.each([0.3, 1, 3])('brings every quantile to its level when the forecast believes in %s times the true deviation', (believed) => {
    sharesBelow(believed).forEach((share, l) => expect(share).toBeCloseTo(LEVELS[l]!, 1.6));
  });

  it('leaves the median alone', () => {
    const calibration = new Calibration(LEVELS);
    for (let i = 0; i < 100; i++) calibration.judge(5, [0, 0, 0, 0, 0, 0]);
    expect(calibration.apply(2, 1, 1)).toBe(1);
    expect(calibration.apply(4, 2, 1)).toBeGreaterThan(2);
  });
});
