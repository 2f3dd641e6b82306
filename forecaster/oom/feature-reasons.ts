import { featureNames } from './features';
import type { OomReason } from './oom-reasons';

/** Mann-Kendall and slope scores from here on are no chance. */
const CLEAR = 2.5;
const NEAR_USAGE = 0.85;
const FAR_MINUTES = 600;
const SAW_PEAKS = 3;

const places = new Map(featureNames.map((name, index) => [name, index]));

/**
 * Names what the features show. These are descriptions of the shape, told beside the probability, not steps of its calculation.
 */
export function namedReasons(features: Float64Array): OomReason[] {
  const of = (name: string): number => features[places.get(name)!]!;
  const reasons: OomReason[] = [];
  const rising = of('c_trend18') > CLEAR || (of('c_trend36') > CLEAR && of('c_slope18') > 0) || (of('age') < 90 && of('score60') > 4 * CLEAR);
  const reach = of('reach180') < of('reach60') ? of('reach180') : of('reach60');
  if (rising && of('bend180') < 0 && of('c_slope6') < 0.6 * of('c_slope18')) reasons.push('levelling_off');
  else if (rising) reasons.push('rising_steadily');
  if (rising && of('bend180') > 0 && of('slope60') > 1.4 * of('slope180') && reach < FAR_MINUTES) reasons.push('rising_faster');
  const saw = of('peaks') >= SAW_PEAKS && of('saw_depth') > 8 * of('noise');
  if (saw && of('trough_slope') > 0 && of('lo_trend36') > CLEAR) reasons.push('floor_rising');
  if (saw && of('peak_ahead') > 0.95) reasons.push('peaks_near_limit');
  if (of('jump_hazard') > 0.15 && of('c_rise144') > 8 * of('noise')) reasons.push('rising_in_steps');
  if (of('usage') > NEAR_USAGE && !rising) reasons.push(of('margin180') < 3 ? 'noise_near_limit' : 'near_limit_flat');
  return reasons;
}
