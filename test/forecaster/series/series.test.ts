import { describe, expect, it } from 'vitest';
import { toSeries } from '../../../forecaster/series/series';

describe('toSeries', () => {
  it('averages the samples of a step and leaves empty steps missing', () => {
    const series = toSeries([{ time: 60, value: 1 }, { time: 119, value: 3 }, { time: 240, value: 8 }], 60);
    expect(series.start).toBe(60);
    expect([...series.values]).toEqual([2, NaN, NaN, 8]);
  });

  it('gives the same series whatever the order of the samples', () => {
    const samples = [{ time: 0, value: 1 }, { time: 60, value: 2 }, { time: 120, value: 3 }];
    expect(toSeries([...samples].reverse(), 60)).toEqual(toSeries(samples, 60));
  });

  it('treats what cannot be a rate as missing', () => {
    const series = toSeries([{ time: 0, value: 5 }, { time: 60, value: -1 }, { time: 120, value: Infinity }, { time: 180, value: 1e200 }, { time: 240, value: 6 }], 60);
    expect([...series.values]).toEqual([5, NaN, NaN, NaN, 6]);
  });

  it('keeps negative values of a series that may be negative', () => {
    expect([...toSeries([{ time: 0, value: -4 }], 60, false).values]).toEqual([-4]);
  });

  it('is empty without a sample that has a time', () => {
    expect(toSeries([{ time: NaN, value: 1 }], 60).values).toHaveLength(0);
  });
});
