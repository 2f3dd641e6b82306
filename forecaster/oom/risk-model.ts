import { featureNames } from './features';
import packed from './model.json';
import { BoostedTrees, logistic } from './trees';

/** What the trees say of one minute. */
export interface Risk {
  /** That the limit is met within 30 minutes; never above {@link within60}. */
  readonly within30: number;
  readonly within60: number;
  /** Median minutes to the limit; null = none within the reach of the model (eight hours). */
  readonly minutes: number | null;
}

const hour = new BoostedTrees(packed.models.hour);
const halfHour = new BoostedTrees(packed.models.halfHour);
const minutes = new BoostedTrees(packed.models.minutes);
/** Medians from here on mean: further off than the training told apart. */
const SIGHT_MINUTES = packed.farMinutes - 30;

if (packed.features.join() !== featureNames.join()) throw new Error('model.json was trained on other features: run forecaster/oom/training again');

/** @param features as {@link featureNames} lists them */
export function riskOf(features: Float64Array): Risk {
  const within60 = logistic(hour.sum(features));
  const within30 = within60 * logistic(halfHour.sum(features));
  const raw = minutes.sum(features);
  return { within30, within60, minutes: agreeing(raw, within30, within60) };
}

/** A median says that the probability passes one half then; where the two models differ the probability is right. */
function agreeing(median: number, within30: number, within60: number): number | null {
  if (within30 >= 0.5) return Math.min(30, Math.max(0, median));
  if (within60 >= 0.5) return Math.min(60, Math.max(30, median));
  return median >= SIGHT_MINUTES ? null : Math.max(60, median);
}
