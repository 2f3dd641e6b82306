/**
 * Scores over pairs of actual and forecast values. Pairs with a NaN on either side are skipped; without any pair the score is NaN.
 */

/** Mean absolute error, in the unit of the series. */
export function meanAbsoluteError(actual: ArrayLike<number>, forecast: ArrayLike<number>): number {
  return meanOver(actual, forecast, (a, f) => Math.abs(a - f));
}

/**
 * Mean absolute scaled error: the error over the in-sample error of seasonal naive, so that series of different size can be averaged.
 *
 * Hyndman and Koehler (2006), Another look at measures of forecast accuracy, International Journal of Forecasting 22(4).
 *
 * @param training values before the forecasts
 * @param seasonLength steps; 1 scales by plain naive
 * @returns NaN when the training part is too short or never changes
 */
export function mase(actual: ArrayLike<number>, forecast: ArrayLike<number>, training: ArrayLike<number>, seasonLength = 1): number {
  const before = Array.from(training);
  const scale = meanAbsoluteError(before.slice(seasonLength), before.slice(0, Math.max(0, before.length - seasonLength)));
  return scale > 0 ? meanAbsoluteError(actual, forecast) / scale : NaN;
}

/**
 * Mean pinball (quantile) loss: what a band costs when an excess is `level / (1 - level)` times as bad as a shortfall.
 *
 * Koenker and Bassett (1978), Regression Quantiles, Econometrica 46(1).
 */
export function pinball(actual: ArrayLike<number>, quantile: ArrayLike<number>, level: number): number {
  return meanOver(actual, quantile, (a, q) => pinballOf(a, q, level));
}

/** Pinball loss of one value. */
export function pinballOf(actual: number, quantile: number, level: number): number {
  return actual >= quantile ? level * (actual - quantile) : (1 - level) * (quantile - actual);
}

/** Share of values within their band, both ends included. */
export function coverage(actual: ArrayLike<number>, lower: ArrayLike<number>, upper: ArrayLike<number>): number {
  let inside = 0;
  let total = 0;
  for (let i = 0; i < actual.length; i++) {
    if (Number.isNaN(actual[i]!) || !(lower[i]! <= upper[i]!)) continue;
    total += 1;
    if (actual[i]! >= lower[i]! && actual[i]! <= upper[i]!) inside += 1;
  }
  return total === 0 ? NaN : inside / total;
}

/** Share of values above a capacity. */
export function underprovisioned(actual: ArrayLike<number>, capacity: ArrayLike<number>): number {
  return meanOver(actual, capacity, (a, c) => (a > c ? 1 : 0));
}

function meanOver(actual: ArrayLike<number>, other: ArrayLike<number>, term: (a: number, b: number) => number): number {
  let sum = 0;
  let total = 0;
  for (let i = 0; i < actual.length; i++) {
    const value = term(actual[i]!, other[i]!);
    if (Number.isNaN(actual[i]!) || Number.isNaN(other[i]!) || other[i] === undefined) continue;
    sum += value;
    total += 1;
  }
  return total === 0 ? NaN : sum / total;
}
