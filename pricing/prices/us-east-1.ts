import type { PriceRow } from '../price-book';
import { family } from './rows';
import { KARPENTER } from './sources';

/** EC2 in N. Virginia. */
export const usEast1: readonly PriceRow[] = [
  ...family('t4g', { medium: 0.0336, large: 0.0672, xlarge: 0.1344, '2xlarge': 0.2688 }, KARPENTER),
  ...family('m6g', { medium: 0.0385, large: 0.077, xlarge: 0.154, '2xlarge': 0.308, '4xlarge': 0.616 }, KARPENTER),
  ...family('m7g', { medium: 0.0408, large: 0.0816, xlarge: 0.1632, '2xlarge': 0.3264, '4xlarge': 0.6528 }, KARPENTER),
  ...family('c7g', { medium: 0.0363, large: 0.0725, xlarge: 0.145, '2xlarge': 0.29, '4xlarge': 0.58 }, KARPENTER),
  ...family('r7g', { medium: 0.0536, large: 0.1071, xlarge: 0.2142, '2xlarge': 0.4284, '4xlarge': 0.8568 }, KARPENTER),
  ...family('m7i', { large: 0.1008, xlarge: 0.2016, '2xlarge': 0.4032, '4xlarge': 0.8064 }, KARPENTER),
  ...family('c7i', { large: 0.08925, xlarge: 0.1785, '2xlarge': 0.357, '4xlarge': 0.714 }, KARPENTER),
  ...family('r7i', { large: 0.1323, xlarge: 0.2646, '2xlarge': 0.5292, '4xlarge': 1.0584 }, KARPENTER),
];
