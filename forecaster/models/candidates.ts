import { DirectRegression } from './direct-regression';
import { ExponentialSmoothing } from './exponential-smoothing';
import { HoltWinters } from './holt-winters';
import type { Model } from './model';
import { Naive } from './naive';
import type { SeasonalMemory } from '../series/seasonal-memory';
import { SeasonalNaive } from './seasonal-naive';
import { SeasonalProfile } from './seasonal-profile';

/** A model that competes, and what it knows. */
export interface Candidate {
  readonly model: Model;
  /** It knows the time of day. */
  readonly seasonal: boolean;
}

/**
 * The models every series is forecast with. The first is the yardstick.
 *
 * @param memory of the series, kept up to date by the caller before the models are. @default - every model has its own
 */
export function candidates(stepSeconds: number, horizons: readonly number[], memory?: SeasonalMemory): readonly Candidate[] {
  const longest = horizons[horizons.length - 1]!;
  const day = stepsPerDay(stepSeconds);
  const quick = Math.max(2, Math.round(longest / 10));
  const slow = Math.max(4, Math.round(longest / 2));
  const bucketSteps = Math.max(1, Math.round(300 / stepSeconds));
  return [
    { model: new Naive(), seasonal: false },
    { model: new ExponentialSmoothing(quick), seasonal: false },
    { model: new ExponentialSmoothing(slow), seasonal: false },
    { model: new HoltWinters(), seasonal: false },
    { model: new HoltWinters({ seasonLength: day, bucketSteps, phi: 0.9, alpha: 0.15 }), seasonal: true },
    { model: new SeasonalNaive(day), seasonal: true },
    { model: new SeasonalProfile(stepSeconds, Math.max(1.5, longest / 12), memory), seasonal: true },
    { model: new DirectRegression({ stepSeconds, horizons, shared: memory }), seasonal: true },
  ];
}

/** Up to so many horizons each has models of its own. */
const FEW = 12;

/** Place of the direct regression among the candidates: the strongest of them on most series. */
export const REGRESSION = 7;

/** Steps in a day, at least one. */
export function stepsPerDay(stepSeconds: number): number {
  return Math.max(1, Math.round(86_400 / stepSeconds));
}

/**
 * Horizons that are forecast and judged, ascending. Few are all of them: what runs every hour is one step wide, and between two others it
 * would be lost. Many are about 40 % apart, with the steps between them interpolated.
 */
export function anchorHorizons(longest: number): number[] {
  if (longest <= FEW) return Array.from({ length: longest }, (_, i) => i + 1);
  const result: number[] = [];
  for (let h = 1; h < longest; h = Math.max(h + 1, Math.round(h * 1.4))) result.push(h);
  result.push(longest);
  return result;
}
