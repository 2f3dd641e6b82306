import { describe, expect, it } from 'vitest';
import { Intake } from '../../../forecaster/series/intake';

const DAY = 86_400;

describe('Intake', () => {
  it('keeps the first of several values for one step', () => {
    const intake = new Intake(60, true);
    expect(intake.admit(120, 1)).toBe('accepted');
    expect(intake.admit(150, 2)).toBe('duplicate');
  });

  it('drops a late value without losing its place', () => {
    const intake = new Intake(60, true);
    intake.admit(600, 1);
    expect(intake.admit(300, 1)).toBe('out_of_order');
    expect(intake.admit(660, 1)).toBe('accepted');
  });

  it.each([[NaN, 1], [0, NaN], [0, Infinity], [0, 1e31], [Infinity, 1]])('refuses time %s with value %s as not finite', (time, value) => {
    expect(new Intake(60, true).admit(time, value)).toBe('non_finite');
  });

  it('refuses negative values of a rate only', () => {
    expect(new Intake(60, true).admit(0, -1)).toBe('negative');
    expect(new Intake(60, false).admit(0, -1)).toBe('accepted');
  });

  it('does not follow a single timestamp from far ahead', () => {
    const intake = new Intake(60, true);
    intake.admit(0, 1);
    expect(intake.admit(400 * DAY, 1)).toBe('out_of_order');
    expect(intake.admit(60, 1)).toBe('accepted');
  });

  it.each([['ahead', 400 * DAY], ['back', -400 * DAY]])('follows a clock set %s once three samples agree', (_, leap) => {
    const intake = new Intake(60, true);
    intake.admit(0, 1);
    expect([0, 60, 120].map((later) => intake.admit(leap + later, 1))).toEqual(['out_of_order', 'out_of_order', 'restart']);
    expect(intake.slot).toBe(leap / 60 + 2);
  });

  it('drops a single absurd value, and believes the second', () => {
    const intake = new Intake(60, true);
    for (let i = 0; i < 60; i++) intake.admit(i * 60, 10);
    expect(intake.admit(3600, 1e15)).toBe('implausible');
    expect(intake.admit(3660, 12)).toBe('accepted');
    expect(intake.admit(3720, 20_000)).toBe('implausible');
    expect(intake.admit(3780, 21_000)).toBe('accepted');
  });

  it('believes the first load of an idle service', () => {
    const intake = new Intake(60, true);
    for (let i = 0; i < 60; i++) intake.admit(i * 60, 0);
    expect(intake.admit(3600, 500)).toBe('accepted');
  });

  it('takes an outage of days as a gap', () => {
    const intake = new Intake(60, true);
    intake.admit(0, 1);
    expect(intake.admit(5 * DAY, 1)).toBe('accepted');
  });
});
