import { describe, expect, it } from 'vitest';
import { Blend, LEVELS } from '../../../forecaster/intervals/blend';
import { normalQuantile } from '../../../forecaster/intervals/normal';
import { gaussian, seeded } from '../support/random';

const STEPS = 6;
const options = { steps: STEPS, memory: 200, prior: { ratio: 1, verdicts: 20 }, nonNegative: false } as const;
const around = (centre: number, width: number) => LEVELS.map((level) => new Array<number>(STEPS).fill(centre + width * normalQuantile(level)));

/** Values are normal around 0; both forecasts are shown for a while. */
function run(first: number[][], second: number[][], rounds = 6000): Blend {
  const blend = new Blend(options);
  const random = seeded(11);
  for (let slot = 0; slot < rounds; slot++) {
    const value = gaussian(random);
    blend.judge(slot, value);
    if (!blend.due(slot)) continue;
    blend.combine(first, second);
    blend.putAside(slot, first, second, value);
  }
  blend.combine(first, second);
  return blend;
}

describe('Blend', () => {
  it('follows the better of the two', () => {
    expect(run(around(3, 1), around(0, 1)).share).toBeGreaterThan(0.98);
    expect(run(around(0, 1), around(3, 1)).share).toBeLessThan(0.02);
    expect(run(around(0.2, 1), around(-0.2, 1)).share).toBeGreaterThan(0.05);
  });

  it('covers what it promises although both are far too sure of themselves', () => {
    const { skill } = run(around(0, 0.3), around(0, 0.4), 20_000);
    expect(skill.coverage80).toBeCloseTo(0.8, 1);
    expect(skill.coverage95).toBeCloseTo(0.95, 1);
  });

  it('leaves the first as it is where the second has nothing to say', () => {
    const blend = new Blend(options);
    const first = around(5, 2);
    blend.combine(first, undefined);
    LEVELS.forEach((level, i) => expect(blend.quantile(level, STEPS)).toEqual(first[i]));
  });

  it('answers levels between and beyond those it learns in order', () => {
    const blend = new Blend(options);
    blend.combine(around(5, 2), undefined);
    const values = [0.01, 0.025, 0.3, 0.5, 0.7, 0.95, 0.96, 0.99].map((level) => blend.quantile(level, 1)[0]!);
    expect(values).toEqual([...values].sort((a, b) => a - b));
    expect(blend.quantile(0.99, 1)[0]).toBeCloseTo(5 + 2 * normalQuantile(0.99), 6);
  });

  it('never goes below zero where values do not', () => {
    const blend = new Blend({ ...options, nonNegative: true });
    blend.combine(around(1, 5), around(2, 5));
    expect(Math.min(...blend.latest)).toBe(0);
  });
});
