/** One point of a drawn line; a null value is a gap. */
export interface Point {
  readonly index: number;
  readonly value: number | null;
}

/**
 * At most `4 * columns` points of a series that draw like all of it: of each column the first, the lowest, the highest and the last.
 * No peak is lost, however long the series; a short one is kept whole. A column with a gap keeps one.
 */
export function decimate(values: readonly (number | null)[], columns: number): Point[] {
  if (values.length <= 4 * columns) return values.map((value, index) => ({ index, value }));
  const points: Point[] = [];
  for (let column = 0; column < columns; column += 1) {
    const from = Math.floor((column * values.length) / columns);
    const to = Math.floor(((column + 1) * values.length) / columns);
    let low = -1;
    let high = -1;
    let gap = -1;
    for (let index = from; index < to; index += 1) {
      const value = values[index]!;
      if (value === null) {
        gap = index;
        continue;
      }
      if (low < 0 || value < values[low]!) low = index;
      if (high < 0 || value > values[high]!) high = index;
    }
    const kept = [...new Set([gap >= 0 ? gap : from, low, high, to - 1])].filter((index) => index >= 0).sort((a, b) => a - b);
    points.push(...kept.map((index) => ({ index, value: values[index]! })));
  }
  return points;
}

/** One step of a drawn band. */
export interface BandPoint {
  readonly index: number;
  readonly low: number;
  readonly high: number;
}

/** At most `columns` steps of a band, each as wide as its widest moment, so that decimation never makes a forecast look surer than it was. */
export function decimateBand(lower: readonly number[], upper: readonly number[], columns: number): BandPoint[] {
  const length = Math.min(lower.length, upper.length);
  const steps = Math.min(columns, length);
  return Array.from({ length: steps }, (_, column) => {
    const from = Math.floor((column * length) / steps);
    const to = Math.floor(((column + 1) * length) / steps);
    let low = Infinity;
    let high = -Infinity;
    for (let index = from; index < to; index += 1) {
      low = Math.min(low, lower[index]!);
      high = Math.max(high, upper[index]!);
    }
    return { index: column === steps - 1 ? length - 1 : from, low, high };
  });
}

/** Stretches of ones, as half-open ranges; stretches less than `join` apart are one. */
export function stretches(flags: readonly number[], join = 1): { readonly from: number; readonly to: number }[] {
  const found: { from: number; to: number }[] = [];
  flags.forEach((flag, index) => {
    if (!flag) return;
    const last = found.at(-1);
    if (last && index - last.to < join) last.to = index + 1;
    else found.push({ from: index, to: index + 1 });
  });
  return found;
}
