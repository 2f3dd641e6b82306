import { coverage, mase } from '../../evaluation/scores';
import { DAY } from '../../hourly/hourly-model';

/** Quantiles of one path, by level as it is written in a forecast. */
export type Quantiles = Readonly<Record<string, ArrayLike<number>>>;

/** Scores of one forecast path of one series, as the M4 competition defines them. */
export interface PathScores {
  /** Mean of 200 |y - f| / (|y| + |f|), per cent; 0 where both are 0. */
  readonly smape: number;
  /** Mean absolute error over that of the seasonal naive forecast in the training part, season 24. */
  readonly mase: number;
  /** Mean scaled interval score of the central 95 % band; null without a band. */
  readonly msis: number | null;
  /** Share of values in the central 80 % band; null without a band. */
  readonly coverage80: number | null;
  /** Share of values in the central 95 % band; null without a band. */
  readonly coverage95: number | null;
}

/** A miss of a 95 % band costs its distance this many times over: 2 / 0.05. */
const MISS_PRICE = 40;

/**
 * Scores a path.
 *
 * Makridakis, Spiliotis and Assimakopoulos (2020), The M4 Competition, International Journal of Forecasting 36(1), section 2.4.
 *
 * @param actual what came
 * @param median the point forecast
 * @param training what was known
 * @param band quantiles 0.025, 0.1, 0.9 and 0.975; undefined for a model without a band
 * @returns NaN for `mase` when the training part never changes from day to day
 */
export function scorePath(actual: Float64Array, median: Float64Array, training: Float64Array, band?: Quantiles): PathScores {
  const scores = { smape: smape(actual, median), mase: mase(actual, median, training, DAY) };
  if (!band) return { ...scores, msis: null, coverage80: null, coverage95: null };
  const lower = band['0.025']!;
  const upper = band['0.975']!;
  let interval = 0;
  actual.forEach((value, i) => {
    interval += upper[i]! - lower[i]! + MISS_PRICE * (Math.max(0, lower[i]! - value) + Math.max(0, value - upper[i]!));
  });
  return {
    ...scores,
    msis: interval / actual.length / scaleOfTraining(training),
    coverage80: coverage(actual, band['0.1']!, band['0.9']!),
    coverage95: coverage(actual, lower, upper),
  };
}

/** Overall weighted average of a sMAPE and a MASE against those of a yardstick; 1 = as good as the yardstick, less is better. */
export function owa(scores: { readonly smape: number; readonly mase: number }, yardstick: { readonly smape: number; readonly mase: number }): number {
  return (scores.smape / yardstick.smape + scores.mase / yardstick.mase) / 2;
}

function smape(actual: Float64Array, forecast: Float64Array): number {
  let sum = 0;
  actual.forEach((value, i) => {
    const size = Math.abs(value) + Math.abs(forecast[i]!);
    if (size > 0) sum += 200 * Math.abs(value - forecast[i]!) / size;
  });
  return sum / actual.length;
}

/** Mean absolute change from day to day. */
function scaleOfTraining(training: Float64Array): number {
  let sum = 0;
  for (let i = DAY; i < training.length; i++) sum += Math.abs(training[i]! - training[i - DAY]!);
  return sum / (training.length - DAY);
}
