import type { PriceRow } from '../price-book';
import { family } from './rows';
import { COPY, EC2_KNOWN, SKYPILOT } from './sources';

/** EC2 in Ireland. */
export const euWest1: readonly PriceRow[] = [
  ...family('t4g', { large: 0.0736 }, COPY, { medium: 0.0368, xlarge: 0.1472, '2xlarge': 0.2944 }),
  ...family('m6g', { large: 0.086, '2xlarge': 0.344, '4xlarge': 0.688 }, SKYPILOT, { medium: 0.043, xlarge: 0.172 }),
  ...family('m7g', { large: 0.091, xlarge: 0.1819 }, COPY),
  ...family('m7g', { '2xlarge': 0.3638, '4xlarge': 0.7276 }, SKYPILOT, { medium: 0.0455 }),
  ...family('c7g', { medium: 0.0388, large: 0.0775, xlarge: 0.155 }, SKYPILOT, { '2xlarge': 0.3101, '4xlarge': 0.6202 }),
  ...family('r7g', { '2xlarge': 0.4794, '4xlarge': 0.9588 }, SKYPILOT, { medium: 0.0599, large: 0.1199, xlarge: 0.2397 }),
  ...family('m7i', { large: 0.11235, xlarge: 0.2247, '2xlarge': 0.4494, '4xlarge': 0.8988 }, EC2_KNOWN),
  ...family('c7i', { large: 0.09576, xlarge: 0.19152, '2xlarge': 0.38304, '4xlarge': 0.76608 }, EC2_KNOWN),
  ...family('r7i', { large: 0.14805, xlarge: 0.2961, '2xlarge': 0.5922, '4xlarge': 1.1844 }, EC2_KNOWN),
];
