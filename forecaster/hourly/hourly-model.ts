/** Hours in a day: the short season. */
export const DAY = 24;
/** Hours in a week: the long season. */
export const WEEK = 168;

/**
 * A model of one hourly series, fitted at once and asked for many steps: what day-ahead planning needs.
 *
 * Whatever the series, a model answers with finite numbers: where it has seen fewer than `needs` values it forecasts as {@link fallback} does.
 */
export interface HourlyModel {
  /** Name as in the literature. */
  readonly alias: string;
  /** Fewest values the model itself can be fitted to. */
  readonly needs: number;
  /**
   * Learns a series; whatever was learned before is forgotten.
   *
   * @param values evenly spaced, oldest first, all finite: see {@link tidy}
   */
  fit(values: Float64Array): this;
  /**
   * Forecasts from the end of the series.
   *
   * @param h number of steps ahead, at least 1
   * @returns `h` finite values, the next step first
   */
  predict(h: number): Float64Array;
}

/** The same hour of the day before; the last value where there is no whole day; 0 where there is nothing. */
export function fallback(values: Float64Array, h: number, season: number = DAY): Float64Array {
  const n = values.length;
  const out = new Float64Array(h);
  if (n === 0) return out;
  for (let i = 0; i < h; i++) out[i] = n >= season ? values[n - season + (i % season)]! : values[n - 1]!;
  return out;
}

/**
 * A series without holes: what came before the first number is dropped; a missing value, or one that is no number, becomes
 * the value one day before it, or the one just before it where there is none.
 *
 * Nothing is taken from later values, so that the forecast of an earlier origin never depends on what came after it.
 */
export function tidy(values: ArrayLike<number>): Float64Array {
  let first = 0;
  while (first < values.length && !Number.isFinite(values[first]!)) first += 1;
  const out = new Float64Array(values.length - first);
  for (let i = 0; i < out.length; i++) {
    const value = values[first + i]!;
    // Beyond this a square would overflow; no metric has such values.
    if (Number.isFinite(value)) out[i] = Math.max(-1e100, Math.min(1e100, value));
    else out[i] = i >= DAY ? out[i - DAY]! : out[i - 1]!;
  }
  return out;
}
