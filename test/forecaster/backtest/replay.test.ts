import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { BASELINES, withBands } from '../../../forecaster/backtest/baselines';
import { type Grid } from '../../../forecaster/backtest/grid';
import { planSeries } from '../../../forecaster/backtest/protocol';
import { replaySeries } from '../../../forecaster/backtest/replay';
import { HORIZON, LEVELS } from '../../../forecaster/backtest/scores';
import { gaussian, seeded } from '../support/random';

/** A noisy day that repeats, some bins missing. */
function gridOf(length: number, seed: number, missing = 0.05): Grid {
  const random = seeded(seed);
  const observed = Uint8Array.from({ length }, (_, index) => (index === 0 || random() >= missing ? 1 : 0));
  let last = 0;
  const values = Float64Array.from({ length }, (_, index) => (observed[index] ? (last = Math.max(0, 50 + 20 * Math.sin(index / 45) + 5 * gaussian(random))) : last));
  return { stepSeconds: 300, start: 1_700_000_100, values, observed };
}

const still = () => 0;

describe('a replay', () => {
  const grid = gridOf(1000, 3);
  const plan = planSeries(grid, 'ops5m');
  if ('reason' in plan) throw new Error(plan.reason);
  const { lines } = replaySeries('a', grid, plan.origins, still);

  it('forecasts once an hour in the last 30 %, from the bin before the first step', () => {
    expect(plan.origins[0]).toBe(700);
    expect(lines[0]!.origin).toBe(grid.start + 699 * 300);
    lines.forEach((line, index) => expect(line.origin).toBe(lines[0]!.origin + index * 3600));
    expect(plan.origins.at(-1)! + HORIZON).toBeLessThanOrEqual(1000);
    expect(plan.origins.at(-1)! + 2 * HORIZON).toBeGreaterThan(1000);
  });

  it('writes every level for twelve steps, finite and never crossing', () => {
    for (const { q, step_s } of lines) {
      expect(step_s).toBe(300);
      expect(Object.keys(q)).toEqual(LEVELS.map(String));
      for (let step = 0; step < HORIZON; step++) {
        const band = LEVELS.map((level) => q[String(level)]![step]!);
        expect(band.every(Number.isFinite)).toBe(true);
        expect(band).toEqual([...band].sort((a, b) => a - b));
      }
    }
  });

  it('reads nothing after the origin: another future gives the same lines', () => {
    fc.assert(fc.property(fc.integer({ min: 0, max: plan.origins.length - 1 }), fc.integer(), (at, seed) => {
      const origin = plan.origins[at]!;
      const random = seeded(seed);
      const observed = grid.observed.map((seen, index) => (index < origin ? seen : random() < 0.5 ? 1 : 0));
      const values = grid.values.map((value, index) => (index < origin ? value : 1e6 * (random() - 0.5)));
      const other = replaySeries('a', { ...grid, values, observed }, plan.origins, still);
      expect(other.lines.slice(0, at + 1)).toEqual(lines.slice(0, at + 1));
    }), { numRuns: 20 });
  });

  it('does read what is before the origin', () => {
    const values = grid.values.map((value, index) => (index === plan.origins[5]! - 1 ? value + 30 : value));
    const observed = grid.observed.map((seen, index) => (index === plan.origins[5]! - 1 ? 1 : seen));
    const other = replaySeries('a', { ...grid, values, observed }, plan.origins, still);
    expect(other.lines[4]).toEqual(lines[4]);
    expect(other.lines[5]!.q).not.toEqual(lines[5]!.q);
  });

  it('counts steps from the origin when the newest value is older', () => {
    const origin = plan.origins[3]!;
    const hidden = 5;
    const observed = grid.observed.map((seen, index) => (index >= origin - hidden && index < origin ? 0 : index === origin - hidden - 1 ? 1 : seen));
    const late = replaySeries('a', { ...grid, observed }, [origin], still).lines[0]!;
    const early = replaySeries('a', { ...grid, observed }, [origin - hidden], still).lines[0]!;
    for (const level of LEVELS.map(String)) {
      expect(late.q[level]!.slice(0, HORIZON - hidden)).toEqual(early.q[level]!.slice(hidden));
      expect(new Set(late.q[level]!.slice(HORIZON - hidden - 1)).size).toBe(1); // beyond the longest horizon its last step stands
    }
  });

  it('lets a series be negative only when it was before the first origin', () => {
    const shifted = { ...grid, values: grid.values.map((value) => value - 500) };
    expect(Math.max(...replaySeries('a', shifted, plan.origins, still).lines[0]!.q['0.5']!)).toBeLessThan(-300);
    const later = { ...grid, values: grid.values.map((value, index) => (index < 700 ? value : -500)) };
    const levels = replaySeries('a', later, plan.origins, still).lines.flatMap((line) => Object.values(line.q).flat());
    expect(Math.min(...levels)).toBeGreaterThanOrEqual(0);
  });

  it('tells the CPU time of forecasts and of updates apart', () => {
    let clock = 0;
    const replay = replaySeries('a', grid, plan.origins, () => (clock += 1000));
    expect(replay.lines.every((line) => line.cpu_ms === 1)).toBe(true);
    const values = grid.observed.subarray(700, plan.origins.at(-1)!).reduce((sum, seen) => sum + seen, 0);
    expect(replay.updateMicroseconds).toBeCloseTo((1000 * (plan.origins.length - 1)) / values, 6);
  });
});

describe('a baseline', () => {
  const grid = gridOf(1000, 8, 0);

  it.each(Object.keys(BASELINES))('%s reads nothing after the origin, nor do its bands', (name) => {
    const baseline = BASELINES[name]!;
    const calibration = { origins: [588, 600, 612, 624, 636, 648, 660, 672, 684, 696], window: 5 };
    const origin = 690;
    const before = withBands(baseline, grid.values, grid.observed, [origin], calibration);
    const changed = grid.values.map((value, index) => (index < origin ? value : value + 1000));
    expect(withBands(baseline, changed, grid.observed, [origin], calibration)).toEqual(before);
    const band = before[0]![0]!;
    expect(band[5]! - band[0]!).toBeGreaterThan(0);
  });

  it('has bands without width before any error is known', () => {
    const [[band]] = withBands(BASELINES.naive!, grid.values, grid.observed, [600], { origins: [590], window: 5 }) as [[number[]]];
    expect(new Set(band).size).toBe(1);
  });
});
