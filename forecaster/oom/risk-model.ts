import { BoostedTrees } from '../models/trees';
import { featureNames } from './features';
import packed from './model.json';

/** What the trees say of one minute. */
export interface Risk {
  /** That the limit is met within 30 minutes; never above {@link within60}. */
  readonly within30: number;
  readonly within60: number;
  /** Median minutes to the limit, given that it is met within the reach of the model (eight hours); null = more likely it is not. */
  readonly minutes: number | null;
}

const hour = new BoostedTrees(packed.models.hour);
const halfHour = new BoostedTrees(packed.models.halfHour);
const minutes = new BoostedTrees(packed.models.minutes);
const reach = new BoostedTrees(packed.models.reach);
const REACH_MINUTES = packed.farMinutes;

if (packed.features.join() !== featureNames.join()) throw new Error('model.json was trained on other features: run forecaster/oom/training again');

/** @param features as {@link featureNames} lists them */
export function riskOf(features: Float64Array): Risk {
  const within60 = logistic(hour.sum(features));
  const within30 = within60 * logistic(halfHour.sum(features));
  const withinReach = Math.max(within60, logistic(reach.sum(features)));
  return { within30, within60, minutes: withinReach >= 0.5 ? agreeing(minutes.sum(features), within30, within60) : null };
}

/** A median says that the probability passes one half then; where the two models differ the probability is right. */
function agreeing(median: number, within30: number, within60: number): number {
  if (within30 >= 0.5) return Math.min(30, Math.max(0, median));
  if (within60 >= 0.5) return Math.min(60, Math.max(30, median));
  return Math.min(REACH_MINUTES, Math.max(60, median));
}

/** The inverse of the logit. */
function logistic(score: number): number {
  return 1 / (1 + Math.exp(-score));
}
