import type { PriceRow } from '../price-book';
import { toMicro } from './rows';

/** What the refresh task found in AWS's price list. */
export interface RefreshedPrices {
  /** Day (YYYY-MM-DD) on which each offer of each region was published, `AmazonEC2/us-east-1`. */
  readonly offers: Readonly<Record<string, string>>;
  /** Dollars, and the offer they are of, by region and sku. */
  readonly prices: Readonly<Record<string, Readonly<Record<string, readonly [usd: number, offer: string]>>>>;
}

/** Rows of a region with what was found put over them. Spot and commitments that were assumed as a share of on-demand stay that share of what was found. */
export function withRefreshed(rows: readonly PriceRow[], region: string, refreshed: RefreshedPrices): readonly PriceRow[] {
  const found = refreshed.prices[region] ?? {};
  const written = new Map(rows.map((row) => [row.sku, row.usd]));
  return rows.map((row): PriceRow => {
    const [usd, offer] = found[row.sku] ?? [];
    if (usd !== undefined && offer !== undefined) {
      return { ...row, usd, source: `AWS Price List Bulk API, ${offer} of ${region}`, asOf: refreshed.offers[`${offer}/${region}`] ?? '', certainty: 'checked' };
    }
    const onDemand = row.sku.replace(/^(ec2\/[^/]+)\/.*$/, '$1/on-demand');
    const [now] = found[onDemand] ?? [];
    return row.certainty === 'assumed' && now !== undefined ? { ...row, usd: toMicro((row.usd / (written.get(onDemand) ?? now)) * now) } : row;
  });
}
