import { HORIZON, LEVELS, type Quantiles, sortedQuantile } from './scores';

/**
 * A way to forecast that everybody has at hand: the next 12 steps from the values before the origin.
 *
 * @param values the whole series; only those before `origin` may be read
 * @param origin index of the first step that is forecast, above 0
 */
export type Baseline = (values: Float64Array, origin: number) => number[];

const DAY = 288;
const AHEAD = Array.from({ length: HORIZON }, (_, step) => step + 1);

/** The baselines, under the names of the protocol. */
export const BASELINES: Readonly<Record<string, Baseline>> = {
  naive: (values, origin) => AHEAD.map(() => values[origin - 1]!),
  mean_1h: (values, origin) => {
    const window = values.subarray(Math.max(0, origin - 12), origin);
    const mean = sum(window) / window.length;
    return AHEAD.map(() => mean);
  },
  snaive_1d: (values, origin) => AHEAD.map((ahead) => values[origin - DAY + ahead - 1]!),
  drift: (values, origin) => {
    const slope = (values[origin - 1]! - values[0]!) / Math.max(1, origin - 1);
    return AHEAD.map((ahead) => values[origin - 1]! + ahead * slope);
  },
  predict_linear_1h: (values, origin) => predictLinear(values.subarray(Math.max(0, origin - 12), origin)),
  predict_linear_6h: (values, origin) => predictLinear(values.subarray(Math.max(0, origin - 72), origin)),
  prom_des_level: (values, origin) => {
    const level = doubleExponentialSmoothing(values.subarray(Math.max(0, origin - 72), origin));
    return AHEAD.map(() => level);
  },
};

/** Baselines that need a whole day before the origin. */
export const NEEDS_A_DAY: readonly string[] = ['snaive_1d'];

/** PromQL's `predict_linear`: a least-squares line, read 1 to 12 steps after the last value. */
function predictLinear(window: Float64Array): number[] {
  const middle = (1 - window.length) / 2; // the last value is at 0
  const mean = sum(window) / window.length;
  let products = 0;
  let squares = 0;
  window.forEach((value, index) => {
    const x = index + 1 - window.length - middle;
    products += x * (value - mean);
    squares += x * x;
  });
  const slope = squares > 0 ? products / squares : 0;
  return AHEAD.map((ahead) => mean + slope * (ahead - middle));
}

/** The level that PromQL's `double_exponential_smoothing(m[6h], 0.5, 0.5)` returns. */
function doubleExponentialSmoothing(window: Float64Array): number {
  if (window.length < 2) return window[0]!;
  let before = 0;
  let level = window[0]!;
  let trend = window[1]! - window[0]!;
  for (let index = 1; index < window.length; index++) {
    if (index > 1) trend = 0.5 * (level - before) + 0.5 * trend;
    [before, level] = [level, 0.5 * window[index]! + 0.5 * (level + trend)];
  }
  return level;
}

function sum(values: Float64Array): number {
  return values.reduce((total, value) => total + value, 0);
}

/** The errors a band is made of. */
export interface Calibration {
  /** Origins at which the baseline was replayed, rising. */
  readonly origins: readonly number[];
  /** As many of the newest as are used. */
  readonly window: number;
}

/**
 * Gives a baseline its bands: empirical quantiles of its own signed errors, step by step, at the newest calibration origins
 * whose whole hour lies before the origin. The median stays what the baseline says; before any error is known the band has no width.
 */
export function withBands(baseline: Baseline, values: Float64Array, observed: Uint8Array, origins: readonly number[], calibration: Calibration): Quantiles {
  const errors = calibration.origins.map((origin) => baseline(values, origin).map((point, step) => (observed[origin + step] ? values[origin + step]! - point : NaN)));
  return origins.map((origin) => {
    let known = calibration.origins.length;
    while (known > 0 && calibration.origins[known - 1]! + HORIZON > origin) known--;
    const recent = errors.slice(Math.max(0, known - calibration.window), known);
    return baseline(values, origin).map((point, step) => {
      const sorted = Float64Array.from(recent.map((row) => row[step]!).filter((error) => !Number.isNaN(error))).sort();
      return LEVELS.map((level) => (level === 0.5 || sorted.length === 0 ? point : point + sortedQuantile(sorted, level)));
    });
  });
}
