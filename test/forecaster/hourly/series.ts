import { DAY, WEEK } from '../../../forecaster/hourly/hourly-model';

/** A load with a day, a quieter weekend and deterministic noise of the given size, relative to its level of 100. */
export function weeklyLoad(length: number, noise = 0): Float64Array {
  return Float64Array.from({ length }, (_, i) => {
    const day = 1 + 0.4 * Math.sin((2 * Math.PI * (i % DAY)) / DAY);
    const weekend = i % WEEK >= 5 * DAY ? 0.6 : 1;
    return 100 * day * weekend * (1 + noise * Math.sin(i * i * 0.7391));
  });
}

/** Mean of |a - b| / |a|. */
export function relativeError(actual: ArrayLike<number>, forecast: ArrayLike<number>): number {
  return Array.from(actual).reduce((sum, value, i) => sum + Math.abs(value - forecast[i]!) / Math.abs(value) / actual.length, 0);
}
