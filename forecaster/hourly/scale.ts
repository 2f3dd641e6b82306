/** How a series is seen by a model: logarithms where relative changes make sense, plain values elsewhere. */
export interface Scale {
  /** Whether the model sees logarithms. */
  readonly logarithmic: boolean;
  /** To the model's scale. */
  to(value: number): number;
  /** Back; finite for every finite number. */
  from(value: number): number;
}

/** Share of the mean that is added before the logarithm where a series touches zero. */
const OFFSET_SHARE = 0.05;
/** exp overflows at 710. */
const LARGEST_EXPONENT = 250;

/**
 * Chooses the scale of a series: logarithmic when nothing is negative (with an offset if there are zeros), else linear around the mean.
 *
 * The variance of a load grows with its level and its quiet hours matter as much as its busy ones in relative terms: Box and Cox (1964),
 * An Analysis of Transformations, Journal of the Royal Statistical Society B 26(2), with lambda = 0.
 */
export function scaleOf(values: Float64Array): Scale {
  let smallest = Infinity;
  let sum = 0;
  let absolute = 0;
  for (const value of values) {
    smallest = Math.min(smallest, value);
    sum += value / values.length;
    absolute += Math.abs(value) / values.length;
  }
  if (values.length === 0 || absolute === 0) return { logarithmic: false, to: value => value, from: value => value };
  if (smallest < 0) {
    return { logarithmic: false, to: value => (value - sum) / absolute, from: value => value * absolute + sum };
  }
  const offset = smallest > 0.001 * sum ? 0 : OFFSET_SHARE * sum;
  return {
    logarithmic: true,
    to: value => Math.log(Math.max(value + offset, Number.MIN_VALUE)),
    from: value => Math.max(0, Math.exp(Math.min(value, LARGEST_EXPONENT)) - offset),
  };
}

/**
 * Limits beyond which a forecast is taken for the explosion of an unstable fit: half the range of the recent series on either side.
 */
export function limitsOf(values: Float64Array): { readonly low: number; readonly high: number } {
  let low = Infinity;
  let high = -Infinity;
  for (const value of values) {
    low = Math.min(low, value);
    high = Math.max(high, value);
  }
  const margin = (high - low) / 2;
  return { low: low - margin, high: high + margin };
}
