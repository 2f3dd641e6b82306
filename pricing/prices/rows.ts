import { COMMITMENTS, type Commitment } from '../commitments';
import type { PriceRow, Source } from '../price-book';

/**
 * Spot as a share of on-demand. Spot prices move by zone and hour: catalogues of them have shown 33 to 50 % of on-demand for these families in the
 * regions of this book, so 45 % is typical and a little careful. An assumption, and marked as one on every row.
 */
export const TYPICAL_SPOT_SHARE = 0.45;

/**
 * What a commitment typically leaves of the on-demand price. AWS promises "up to" 72 % off for EC2 Instance Savings Plans and 66 % for Compute Savings Plans; the
 * families of this book get less. Which it is depends on family, size and region: the refresh task replaces these by the list where it can reach it.
 */
export const TYPICAL_COMMITTED_SHARE: Readonly<Record<Commitment, number>> = {
  'compute-savings-plan-1y-no-upfront': 0.73,
  'compute-savings-plan-1y-all-upfront': 0.69,
  'compute-savings-plan-3y-no-upfront': 0.51,
  'compute-savings-plan-3y-all-upfront': 0.47,
  'ec2-savings-plan-1y-no-upfront': 0.66,
  'ec2-savings-plan-1y-all-upfront': 0.62,
  'ec2-savings-plan-3y-no-upfront': 0.46,
  'ec2-savings-plan-3y-all-upfront': 0.42,
  'reserved-1y-no-upfront': 0.66,
  'reserved-1y-all-upfront': 0.62,
  'reserved-3y-no-upfront': 0.46,
  'reserved-3y-all-upfront': 0.42,
};

/** The on-demand row of an EC2 instance type, and beside it what spot and commitments typically cost. */
export function ec2(type: string, usdPerHour: number, source: Source): readonly PriceRow[] {
  const share = (what: string, of: number, why: string): PriceRow => ({
    sku: `ec2/${type}/${what}`, usd: toMicro(usdPerHour * of), unit: 'Hours', source: `assumption: ${why}`, asOf: source.asOf, certainty: 'assumed',
  });
  return [
    { sku: `ec2/${type}/on-demand`, usd: usdPerHour, unit: 'Hours', ...source },
    share('spot', TYPICAL_SPOT_SHARE, `spot typically costs ${TYPICAL_SPOT_SHARE * 100} % of on-demand, https://aws.amazon.com/ec2/spot/instance-advisor/`),
    ...COMMITMENTS.map((commitment) => share(commitment, TYPICAL_COMMITTED_SHARE[commitment],
      `typically ${Math.round(TYPICAL_COMMITTED_SHARE[commitment] * 100)} % of on-demand, https://aws.amazon.com/${commitment.startsWith('reserved') ? 'ec2/pricing/reserved-instances' : 'savingsplans'}/pricing/`)),
  ];
}

/** Hourly prices of an EC2 family by size: those of a source, and those that follow from them because a size costs half of the next. */
export function family(name: string, listed: Readonly<Record<string, number>>, source: Source, halved: Readonly<Record<string, number>> = {}): readonly PriceRow[] {
  const rows = (prices: Readonly<Record<string, number>>, from: Source) => Object.entries(prices).flatMap(([size, usd]) => ec2(`${name}.${size}`, usd, from));
  return [...rows(listed, source), ...rows(halved, { ...source, source: `half or twice the price of another size: ${source.source}`, certainty: 'unchecked' })];
}

/** One row. */
export function row(sku: string, usd: number, unit: string, source: Source): PriceRow {
  return { sku, usd, unit, ...source };
}

/** Dollars to the millionth, which is what money is kept in. */
export function toMicro(usd: number): number {
  return Math.round(usd * 1e6) / 1e6;
}
