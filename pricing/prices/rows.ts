import type { PriceRow, Source } from '../price-book';

/**
 * Spot as a share of on-demand. Spot prices move by zone and hour; AWS's Spot Instance Advisor has shown savings of 50 to 65 % for these
 * families, so a price 45 % of on-demand is typical and a little careful. An assumption, and marked as one on every row.
 */
export const TYPICAL_SPOT_SHARE = 0.45;

/** The on-demand row of an EC2 instance type, and beside it what spot typically costs. */
export function ec2(type: string, usdPerHour: number, source: Source): readonly PriceRow[] {
  return [
    { sku: `ec2/${type}/on-demand`, usd: usdPerHour, unit: 'Hours', ...source },
    {
      sku: `ec2/${type}/spot`, usd: Math.round(usdPerHour * TYPICAL_SPOT_SHARE * 1e6) / 1e6, unit: 'Hours',
      source: `assumption: spot typically costs ${TYPICAL_SPOT_SHARE * 100} % of on-demand, https://aws.amazon.com/ec2/spot/instance-advisor/`,
      asOf: source.asOf, certainty: 'assumed',
    },
  ];
}

/** One row. */
export function row(sku: string, usd: number, unit: string, source: Source): PriceRow {
  return { sku, usd, unit, ...source };
}
