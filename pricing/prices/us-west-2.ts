import type { PriceRow } from '../price-book';
import { family } from './rows';
import { EC2_KNOWN, SKYPILOT } from './sources';

/** EC2 in Oregon, which costs what it costs in N. Virginia. */
export const usWest2: readonly PriceRow[] = [
  ...family('t4g', { medium: 0.0336, large: 0.0672, xlarge: 0.1344, '2xlarge': 0.2688 }, EC2_KNOWN),
  ...family('m6g', { large: 0.077, '2xlarge': 0.308, '4xlarge': 0.616 }, SKYPILOT, { medium: 0.0385, xlarge: 0.154 }),
  ...family('m7g', { '2xlarge': 0.3264, '4xlarge': 0.6528 }, SKYPILOT, { medium: 0.0408, large: 0.0816, xlarge: 0.1632 }),
  ...family('c7g', { medium: 0.0363, large: 0.0725, xlarge: 0.145 }, SKYPILOT, { '2xlarge': 0.29, '4xlarge': 0.58 }),
  ...family('r7g', { '2xlarge': 0.4284, '4xlarge': 0.8568 }, SKYPILOT, { medium: 0.0536, large: 0.1071, xlarge: 0.2142 }),
  ...family('m7i', { large: 0.1008, xlarge: 0.2016, '2xlarge': 0.4032, '4xlarge': 0.8064 }, EC2_KNOWN),
  ...family('c7i', { large: 0.08925, xlarge: 0.1785, '2xlarge': 0.357, '4xlarge': 0.714 }, EC2_KNOWN),
  ...family('r7i', { large: 0.1323, xlarge: 0.2646, '2xlarge': 0.5292, '4xlarge': 1.0584 }, EC2_KNOWN),
];
