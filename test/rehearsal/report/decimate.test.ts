import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decimate, decimateBand, stretches } from '../../../rehearsal/report/plots/decimate';
import { sparkline } from '../../../rehearsal/report/sparkline';

const value = fc.double({ min: -1e6, max: 1e6, noNaN: true });
const runs = { seed: 11, numRuns: 200 };

describe('decimate', () => {
  it('leaves a short series as it is', () => {
    expect(decimate([3, null, 5], 10)).toEqual([{ index: 0, value: 3 }, { index: 1, value: null }, { index: 2, value: 5 }]);
    expect(decimate([], 10)).toEqual([]);
  });

  it('keeps both ends, the lowest and the highest value, in order and true to their places', () => {
    fc.assert(fc.property(fc.array(value, { minLength: 1, maxLength: 900 }), fc.integer({ min: 1, max: 60 }), (values, columns) => {
      const points = decimate(values, columns);
      expect(points.length).toBeLessThanOrEqual(Math.max(values.length, 0) <= 4 * columns ? values.length : 4 * columns);
      points.forEach((point, at) => {
        expect(point.value).toBe(values[point.index]);
        if (at > 0) expect(point.index).toBeGreaterThan(points[at - 1]!.index);
      });
      const kept = points.map((point) => point.value!);
      expect(Math.max(...kept)).toBe(Math.max(...values));
      expect(Math.min(...kept)).toBe(Math.min(...values));
      expect([points[0]!.index, points.at(-1)!.index]).toEqual([0, values.length - 1]);
    }), runs);
  });

  it('keeps the peak of every column, not only the highest of all', () => {
    const values = Array.from({ length: 1000 }, (_, index) => (index % 100 === 37 ? index : 0));
    const kept = new Set(decimate(values, 10).map((point) => point.index));
    expect([37, 137, 237, 337, 437, 537, 637, 737, 837, 937].filter((index) => !kept.has(index))).toEqual([]);
  });

  it('keeps a gap as a gap', () => {
    const values = Array.from({ length: 1000 }, (_, index) => (index === 555 ? null : index));
    expect(decimate(values, 20).filter((point) => point.value === null)).toEqual([{ index: 555, value: null }]);
    expect(decimate(values.map(() => null), 20).every((point) => point.value === null)).toBe(true);
  });
});

describe('decimateBand', () => {
  it('covers every moment of the band and reaches to its end', () => {
    const band = fc.array(fc.tuple(value, fc.double({ min: 0, max: 100, noNaN: true })), { minLength: 1, maxLength: 400 });
    fc.assert(fc.property(band, fc.integer({ min: 1, max: 50 }), (pairs, columns) => {
      const lower = pairs.map(([low]) => low);
      const upper = pairs.map(([low, wide]) => low + wide);
      const steps = decimateBand(lower, upper, columns);
      expect(steps).toHaveLength(Math.min(columns, pairs.length));
      expect(Math.min(...steps.map((step) => step.low))).toBe(Math.min(...lower));
      expect(Math.max(...steps.map((step) => step.high))).toBe(Math.max(...upper));
      expect(steps.at(-1)!.index).toBe(pairs.length - 1);
    }), runs);
  });

  it('is nothing for nothing', () => {
    expect(decimateBand([], [], 10)).toEqual([]);
  });
});

describe('stretches', () => {
  it('finds runs of ones', () => {
    expect(stretches([0, 1, 1, 0, 1])).toEqual([{ from: 1, to: 3 }, { from: 4, to: 5 }]);
    expect(stretches([0, 0])).toEqual([]);
  });

  it('joins those that nobody could tell apart', () => {
    expect(stretches([1, 0, 1, 0, 0, 1], 2)).toEqual([{ from: 0, to: 3 }, { from: 5, to: 6 }]);
  });
});

describe('sparkline', () => {
  it('shows the highest of each stretch, from nothing to the top', () => {
    expect(sparkline([0, 1, 2, 3, 4, 5, 6, 7])).toBe('▁▂▃▄▅▆▇█');
    expect(sparkline([0, 8, 0, 0, 0, 4], 3)).toBe('█▁▅');
    expect(sparkline([4, 4], 2, 8)).toBe('▅▅');
  });

  it('is flat where there is nothing to show', () => {
    expect(sparkline([0, 0, 0])).toBe('▁▁▁');
    expect(sparkline([])).toBe('');
  });
});
