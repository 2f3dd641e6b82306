import type { BandedForecaster } from '../../intervals/banded-forecaster';
import { REGRESSION } from '../candidates';
import { type FeatureExtractor, HISTORY, HORIZON, LOCAL_LEVELS } from './features';

/** Scratch that all series share: it is used up before the next description is made. */
const values = new Float64Array(HISTORY);

/**
 * Tells the global model about a series: its last eight days, and what the local forecaster makes of them.
 *
 * @param extractor receives the description of the present origin
 * @returns the local quantiles at this origin, [level][step]
 */
export function describeOrigin(local: BandedForecaster, extractor: FeatureExtractor): readonly number[][] {
  const { point, quantiles } = local.predict(HORIZON, LOCAL_LEVELS);
  extractor.describe(values, local.recent(values), { point, regression: local.pointOf(REGRESSION, HORIZON), quantiles });
  return quantiles;
}
