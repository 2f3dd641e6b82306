import type { PriceRow } from '../price-book';
import { family } from './rows';
import { EC2_KNOWN, SKYPILOT } from './sources';

/** EC2 in Frankfurt. */
export const euCentral1: readonly PriceRow[] = [
  ...family('t4g', { medium: 0.0384, large: 0.0768, xlarge: 0.1536, '2xlarge': 0.3072 }, EC2_KNOWN),
  ...family('m6g', { large: 0.092, '2xlarge': 0.368, '4xlarge': 0.736 }, SKYPILOT, { medium: 0.046, xlarge: 0.184 }),
  ...family('m7g', { large: 0.0978, '2xlarge': 0.391, '4xlarge': 0.7821 }, SKYPILOT, { medium: 0.0489, xlarge: 0.1955 }),
  ...family('c7g', { medium: 0.0412, large: 0.0825, xlarge: 0.1649 }, SKYPILOT, { '2xlarge': 0.3298, '4xlarge': 0.6596 }),
  ...family('r7g', { '2xlarge': 0.5168, '4xlarge': 1.0336 }, SKYPILOT, { medium: 0.0646, large: 0.1292, xlarge: 0.2584 }),
  ...family('m7i', { large: 0.12075, xlarge: 0.2415, '2xlarge': 0.483, '4xlarge': 0.966 }, EC2_KNOWN),
  ...family('c7i', { large: 0.10185, xlarge: 0.2037, '2xlarge': 0.4074, '4xlarge': 0.8148 }, EC2_KNOWN),
  ...family('r7i', { large: 0.1596, xlarge: 0.3192, '2xlarge': 0.6384, '4xlarge': 1.2768 }, EC2_KNOWN),
];
