import { describe, expect, it } from 'vitest';
import { SkillTracker } from '../../../forecaster/evaluation/skill';
import { normalQuantile } from '../../../forecaster/intervals/normal';
import { gaussian, seeded } from '../support/random';

const LEVELS = [0.025, 0.1, 0.5, 0.9, 0.95, 0.975];

/** A series of independent normal values around 10: the best forecast is their distribution, naive repeats the last. */
function skillOf(quantilesOf: (last: number) => number[], rounds = 4000) {
  const tracker = new SkillTracker(500);
  const random = seeded(5);
  let last = 10;
  for (let i = 0; i < rounds; i++) {
    const actual = 10 + gaussian(random);
    tracker.judge({ actual, quantiles: quantilesOf(last), naive: last, ahead: 1 });
    last = actual;
  }
  return tracker.skill;
}

describe('SkillTracker', () => {
  it('finds the true distribution better than naive by the factor that theory gives, and covering', () => {
    const skill = skillOf(() => LEVELS.map((level) => 10 + normalQuantile(level)));
    expect(skill.relativeError).toBeCloseTo(Math.SQRT1_2, 1); // naive's error has twice the variance
    expect(skill.relativePinball).toBeLessThan(0.8);
    expect(skill.coverage80).toBeCloseTo(0.8, 1);
    expect(skill.coverage95).toBeCloseTo(0.95, 1);
    expect(skill.judged).toBe(4000);
  });

  it('finds naive with its own bands about as good as naive', () => {
    const skill = skillOf((last) => LEVELS.map((level) => last + Math.SQRT2 * normalQuantile(level)));
    expect(skill.relativeError).toBeCloseTo(1, 6);
    expect(skill.relativePinball).toBeGreaterThan(0.93);
    expect(skill.relativePinball).toBeLessThan(1.05);
  });

  it('finds bands that are far too narrow bad', () => {
    const skill = skillOf((last) => LEVELS.map(() => last));
    expect(skill.relativePinball).toBeGreaterThan(1.1);
    expect(skill.coverage80).toBeLessThan(0.1);
  });

  it('says nothing before enough has come due', () => {
    expect(skillOf(() => LEVELS.map(() => 10), 20)).toEqual({ judged: 20, relativePinball: null, relativeError: null, coverage80: null, coverage95: null });
  });

  it('takes a constant that is forecast exactly for as good as naive', () => {
    const tracker = new SkillTracker(100);
    for (let i = 0; i < 60; i++) tracker.judge({ actual: 4, quantiles: LEVELS.map(() => 4), naive: 4, ahead: 1 });
    expect(tracker.skill).toMatchObject({ relativePinball: 1, relativeError: 1, coverage80: 1 });
  });
});
