import { describe, expect, it } from 'vitest';
import { diskOptions, OomWatch } from '../../../forecaster/oom/oom-watch';
import { alarmed, lead, LIMIT, noisy, replay, saw, START } from './shapes';

const DAY = 1440;

describe('leaks are announced, their harmless twins are not', () => {
  it('a steady leak, about an hour ahead; a flat line never', () => {
    const leak = replay(noisy((minute) => 300 + 0.8 * minute, 3), 2 * DAY);
    expect(lead(leak)).toBeGreaterThan(30);
    expect(lead(leak)).toBeLessThan(120);
    expect(leak.outlooks.at(-1)!.reasons).toContain('rising_steadily');
    expect(alarmed(replay(noisy(() => 300, 3), 2 * DAY))).toBe(0);
  });

  it('a saw whose floor rises; a saw whose floor does not', () => {
    const leak = replay(noisy(saw(300, 200, 40, 0.6), 2), 2 * DAY);
    expect(lead(leak)).toBeGreaterThan(20);
    expect(leak.outlooks.some(({ reasons }) => reasons.includes('floor_rising'))).toBe(true);
    expect(alarmed(replay(noisy(saw(300, 400, 40, 0), 4), 2 * DAY))).toBe(0);
  });

  it('jumps that add up; a jump at a deploy', () => {
    const leak = replay(noisy((minute) => 300 + 70 * Math.floor(minute / 45), 2), DAY);
    expect(lead(leak)).toBeGreaterThan(5);
    expect(alarmed(replay(noisy((minute) => (minute < 700 ? 300 : 620), 2), DAY))).toBe(0);
  });

  it('a leak that follows the load of the day; the load of the day alone', () => {
    const day = (minute: number): number => Math.sin((2 * Math.PI * minute) / DAY);
    let leaked = 0;
    const leak = replay(noisy((minute) => 300 + (leaked += 0.5 * (1 + 0.8 * day(minute))), 3), 3 * DAY);
    expect(lead(leak)).toBeGreaterThan(25);
    expect(alarmed(replay(noisy((minute) => 500 + 250 * day(minute), 5), 2 * DAY))).toBe(0);
  });

  it('a leak that sets in after a quiet day; a quiet day', () => {
    const quiet = noisy((minute) => 300 + 2.2 * Math.max(0, minute - DAY), 3);
    const leak = replay(quiet, 2 * DAY);
    expect(lead(leak)).toBeGreaterThan(30);
    expect(leak.outlooks.slice(0, DAY).some(({ alarm }) => alarm)).toBe(false);
  });

  it('a leak that grows faster and faster; a warm-up that slows down', () => {
    expect(lead(replay(noisy((minute) => 300 + 700 * (minute / 900) ** 2.5, 3), DAY))).toBeGreaterThan(30);
    const warmup = replay(noisy((minute) => 850 - 600 * Math.exp(-minute / 150), 3), DAY);
    expect(alarmed(warmup)).toBe(0);
    expect(warmup.outlooks.some(({ reasons }) => reasons.includes('levelling_off'))).toBe(true);
  });

  it('scatter around a rising line; the same scatter around a flat one', () => {
    expect(lead(replay(noisy((minute) => 300 + 0.9 * minute, 25), DAY))).toBeGreaterThan(10);
    expect(alarmed(replay(noisy(() => 600, 25), DAY))).toBe(0);
  });

  it('a rise within minutes right below the limit; batch jobs that always stop below it', () => {
    const sudden = replay((minute) => (minute < 600 ? 400 + (minute % 3) : 400 + 180 * (minute - 599)), DAY);
    expect(lead(sudden)).toBeGreaterThan(0);
    expect(sudden.outlooks.at(-1)!.reasons).toContain('sudden_rise');
    const batch = replay(noisy((minute) => 350 + Math.max(0, 400 - 10 * Math.abs((minute % 240) - 200)), 3), 2 * DAY);
    expect(alarmed(batch)).toBe(0);
  });

  it('near the limit and rising; near the limit and flat', () => {
    expect(lead(replay(noisy((minute) => 900 + 0.3 * minute, 2), DAY))).toBeGreaterThan(20);
    const flat = replay(noisy(() => 930, 3), DAY);
    expect(alarmed(flat)).toBe(0);
    expect(flat.outlooks.at(-1)!.reasons).toContain('near_limit_flat');
  });

  it('disks with a slower clock', () => {
    const options = diskOptions;
    const filling = replay(noisy((step) => 400 + 0.6 * step, 1), 2000, { options });
    expect(lead(filling)).toBeGreaterThan(25);
    const last = filling.outlooks.at(-1)!;
    expect(last.minutesToLimit).toBeLessThanOrEqual(150);
    expect(alarmed(replay(noisy(() => 700, 1), 2000, { options }))).toBe(0);
  });
});

describe('minutes to the limit', () => {
  it.each([20, 45, 90, 180, 300])('are about right %d min ahead of a steady leak', (ahead) => {
    const { outlooks, kill } = replay(noisy((minute) => 300 + minute, 2), DAY);
    const told = outlooks[kill! - ahead]!.minutesToLimit!;
    expect(Math.abs(told - ahead)).toBeLessThan(15 + 0.35 * ahead);
  });

  it('are not told of a flat line', () => {
    expect(replay(noisy(() => 600, 2), DAY).outlooks.every(({ minutesToLimit }) => minutesToLimit === null)).toBe(true);
  });
});

describe('what changes under way', () => {
  const leak = (minute: number): number => 300 + 1.5 * minute;

  it('a restart that is told ends the alarm and starts the level anew', () => {
    const watch = new OomWatch();
    let minute = 0;
    for (; minute < 460; minute++) watch.observe({ time: START + 60 * minute, usage: leak(minute), limit: LIMIT, restarts: 0 });
    expect(watch.outlook().alarm).toBe(true);
    const after = watch.observe({ time: START + 60 * minute, usage: 310, limit: LIMIT, restarts: 1 });
    expect(after).toMatchObject({ alarm: false, usage: 310 });
    expect(after.reasons).toEqual(expect.arrayContaining(['restarted', 'insufficient_history']));
    for (let later = 1; later < 120; later++) watch.observe({ time: START + 60 * (minute + later), usage: 310 + (later % 2), limit: LIMIT, restarts: 1 });
    expect(watch.outlook().within60).toBeLessThan(0.05);
  });

  it('a restart that is not told is seen by the fall below the floor; a collection of garbage is none', () => {
    const fallen = replay((minute) => (minute < 460 ? leak(minute) : 310 + (minute % 2)), 470);
    expect(fallen.outlooks.at(-1)!.reasons).toContain('restarted');
    expect(fallen.outlooks.at(-1)!.alarm).toBe(false);
    const collected = replay(saw(300, 300, 50, 0), 500);
    expect(collected.outlooks.some(({ reasons }) => reasons.includes('restarted'))).toBe(false);
  });

  it('a higher limit ends the alarm, a lower one raises it', () => {
    const raised = new OomWatch();
    for (let minute = 0; minute < 440; minute++) raised.observe({ time: START + 60 * minute, usage: leak(minute), limit: LIMIT });
    expect(raised.outlook().alarm).toBe(true);
    const roomy = raised.observe({ time: START + 60 * 440, usage: leak(440), limit: 4 * LIMIT });
    expect(roomy).toMatchObject({ alarm: false, limit: 4 * LIMIT });
    expect(roomy.reasons).toContain('limit_changed');
    for (let minute = 441; minute < 460; minute++) raised.observe({ time: START + 60 * minute, usage: leak(minute), limit: LIMIT });
    expect(raised.outlook().alarm).toBe(true);
  });

  it('silence: the median counts down, an alarm outlives an hour of it and no more', () => {
    const { watch } = replay(leak, 440);
    const last = START + 60 * 439;
    const before = watch.outlook(last);
    expect(before.alarm).toBe(true);
    expect(watch.outlook(last + 600)).toMatchObject({ alarm: true, minutesToLimit: Math.max(0, before.minutesToLimit! - 10) });
    expect(watch.outlook(last + 600).reasons).toContain('stale_metrics');
    expect(watch.outlook(last + 3601 + 60).alarm).toBe(false);
  });
});
