import { rejectionOf, Series } from '../series/series';

/**
 * A model of one series, learned one observation at a time: never refitted, never reading ahead.
 *
 * Time is counted in slots (whole steps since the epoch), so that gaps cost nothing and the time of day is `slot mod season`.
 */
export interface Model {
  /** Name as in the literature. */
  readonly alias: string;
  /** Learns a whole series: the same as one `update` per value that is there. */
  fit(series: Series): this;
  /**
   * Learns one observation.
   *
   * @param slot greater than that of every earlier observation
   * @param value finite
   */
  update(slot: number, value: number): void;
  /**
   * Forecasts from the last observation.
   *
   * @param steps how many steps ahead, each >= 1
   * @param out receives one finite value per step, or NaN where the model has not seen enough
   */
  predict(steps: ArrayLike<number>, out: Float64Array): void;
}

/** Supplies `fit` to models that learn by `update`. */
export abstract class OnlineModel implements Model {
  abstract readonly alias: string;

  fit(series: Series): this {
    const first = Math.round(series.start / series.step);
    series.values.forEach((value, index) => {
      if (!rejectionOf(value, false)) this.update(first + index, value);
    });
    return this;
  }

  abstract update(slot: number, value: number): void;

  abstract predict(steps: ArrayLike<number>, out: Float64Array): void;
}

/** Factor by which an exponential average with the given time constant moves towards a new value after `gap` steps. */
export function smoothingFactor(timeConstantSteps: number, gap = 1): number {
  return 1 - Math.exp(-gap / timeConstantSteps);
}
