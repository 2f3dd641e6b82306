import type { PriceRow } from '../price-book';
import { family } from './rows';
import { EC2_KNOWN, SKYPILOT } from './sources';

/** EC2 in Singapore. */
export const apSoutheast1: readonly PriceRow[] = [
  ...family('t4g', { medium: 0.0424, large: 0.0848, xlarge: 0.1696, '2xlarge': 0.3392 }, EC2_KNOWN),
  ...family('m6g', { large: 0.096, '2xlarge': 0.384, '4xlarge': 0.768 }, SKYPILOT, { medium: 0.048, xlarge: 0.192 }),
  ...family('m7g', { large: 0.102, '2xlarge': 0.408, '4xlarge': 0.816 }, SKYPILOT, { medium: 0.051, xlarge: 0.204 }),
  ...family('c7g', { medium: 0.0417, large: 0.0833, xlarge: 0.1666 }, SKYPILOT, { '2xlarge': 0.3332, '4xlarge': 0.6664 }),
  ...family('r7g', { '2xlarge': 0.5168, '4xlarge': 1.0336 }, SKYPILOT, { medium: 0.0646, large: 0.1292, xlarge: 0.2584 }),
  ...family('m7i', { large: 0.126, xlarge: 0.252, '2xlarge': 0.504, '4xlarge': 1.008 }, EC2_KNOWN),
  ...family('c7i', { large: 0.1029, xlarge: 0.2058, '2xlarge': 0.4116, '4xlarge': 0.8232 }, EC2_KNOWN),
  ...family('r7i', { large: 0.1596, xlarge: 0.3192, '2xlarge': 0.6384, '4xlarge': 1.2768 }, EC2_KNOWN),
];
