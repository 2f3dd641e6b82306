/** A regular series: the value of step i covers `[start + i * step, start + (i + 1) * step)`. */
export interface Series {
  /** Start of the first step, seconds. */
  readonly start: number;
  /** Length of a step, seconds. */
  readonly step: number;
  /** One value per step; NaN = missing. */
  readonly values: Float64Array;
}

/** One sample as it comes from outside: nothing about it is trusted. */
export interface Sample {
  /** Seconds. */
  readonly time: number;
  readonly value: number;
}

/** Values beyond this are measurement faults, not load: they and their squares must stay finite in every model. */
export const LARGEST_VALUE = 1e30;

/** Why a value is not used. */
export type Rejection = 'non_finite' | 'negative';

/** Whether a value can be learned from; undefined = yes. */
export function rejectionOf(value: number, nonNegative: boolean): Rejection | undefined {
  if (!Number.isFinite(value) || Math.abs(value) > LARGEST_VALUE) return 'non_finite';
  if (nonNegative && value < 0) return 'negative';
  return undefined;
}

/** Start of step i, seconds. */
export function timeAt(series: Series, index: number): number {
  return series.start + index * series.step;
}

/**
 * Puts samples of any quality on a grid aligned to multiples of `step`: bins hold the mean of their samples, unusable values and empty
 * bins are NaN, order and duplicates do not matter.
 *
 * @param step seconds
 * @param nonNegative negative values are unusable (rates). @default true
 */
export function toSeries(samples: Iterable<Sample>, step: number, nonNegative = true): Series {
  const sums = new Map<number, { sum: number; count: number }>();
  let first = Infinity;
  let last = -Infinity;
  for (const { time, value } of samples) {
    if (!Number.isFinite(time)) continue;
    const slot = Math.floor(time / step);
    first = Math.min(first, slot);
    last = Math.max(last, slot);
    if (rejectionOf(value, nonNegative)) continue;
    const bin = sums.get(slot);
    if (bin) {
      bin.sum += value;
      bin.count += 1;
    } else {
      sums.set(slot, { sum: value, count: 1 });
    }
  }
  if (first > last) return { start: 0, step, values: new Float64Array(0) };
  const values = new Float64Array(last - first + 1).fill(NaN);
  for (const [slot, { sum, count }] of sums) values[slot - first] = sum / count;
  return { start: first * step, step, values };
}
