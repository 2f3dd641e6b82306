import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FaultError } from '../../../base/faults';
import { LONGEST_FILL_MINUTES, regrid } from '../../../rehearsal/traces/regrid';

const rows = (...pairs: readonly (readonly [number, number])[]) => pairs.map(([time, value], index) => ({ time, value, line: index + 2 }));

describe('a grid of minutes', () => {
  it('holds the mean of each minute, and starts at a whole one', () => {
    expect(regrid(rows([90, 10], [110, 20], [125, 4]), 'x')).toEqual({ start: 60, values: [15, 4], fills: [] });
  });

  it('fills gaps along a straight line and says so', () => {
    expect(regrid(rows([0, 10], [240, 50], [300, 1]), 'x')).toEqual({ start: 0, values: [10, 20, 30, 40, 50, 1], fills: [{ from: 60, to: 180, minutes: 3 }] });
  });

  it('refuses every gap that is too long, at the line after it', () => {
    const gap = (LONGEST_FILL_MINUTES + 2) * 60;
    expect(() => regrid(rows([0, 1], [gap, 1], [gap + 60, 1], [2 * gap + 60, 1]), 'x')).toThrow(FaultError);
    expect(() => regrid(rows([0, 1], [gap, 1]), 'x')).toThrow(`[x:3] got: a gap of ${LONGEST_FILL_MINUTES + 1} minutes before it`);
    expect(regrid(rows([0, 1], [gap - 60, 1]), 'x').fills).toEqual([{ from: 60, to: gap - 120, minutes: LONGEST_FILL_MINUTES }]);
  });

  it('is complete, within the range of the samples, and keeps what was there', () => {
    const steps = fc.array(fc.tuple(fc.integer({ min: 1, max: 14 }), fc.double({ min: 0, max: 1000, noNaN: true })), { minLength: 1, maxLength: 50 });
    fc.assert(fc.property(steps, (each) => {
      let time = 0;
      const samples = each.map(([minutes, value], index) => ({ time: (time += minutes * 60), value, line: index + 2 }));
      const { start, values } = regrid(samples, 'x');
      expect(values).toHaveLength((samples.at(-1)!.time - samples[0]!.time) / 60 + 1);
      for (const sample of samples) expect(values[(sample.time - start) / 60]).toBe(sample.value);
      const [least, most] = [Math.min(...samples.map((s) => s.value)), Math.max(...samples.map((s) => s.value))];
      for (const value of values) {
        expect(value).toBeGreaterThanOrEqual(least - 1e-9);
        expect(value).toBeLessThanOrEqual(most + 1e-9);
      }
    }), { seed: 11, numRuns: 200 });
  });
});
