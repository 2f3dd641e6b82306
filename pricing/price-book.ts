import { Fault, refuse, show } from '../base/faults';
import { Money } from './money';
import { apSoutheast1 } from './prices/ap-southeast-1';
import { databaseRows } from './prices/databases';
import { euCentral1 } from './prices/eu-central-1';
import { euWest1 } from './prices/eu-west-1';
import { refreshed } from './prices/refreshed';
import { withRefreshed } from './prices/refreshed-rows';
import { type PricedRegion, REGIONS, serviceRows } from './prices/services';
import { usEast1 } from './prices/us-east-1';
import { usWest2 } from './prices/us-west-2';

/**
 * How far a price can be trusted. `checked`: compared with a copy of the provider's price list of that date. `unchecked`: a public list
 * price as commonly known at that date, not compared again. `assumed`: a typical value of something that varies, such as spot.
 */
export type Certainty = 'checked' | 'unchecked' | 'assumed';

/** Where a price is from. */
export interface Source {
  /** Name and address a reader can follow. */
  readonly source: string;
  /** Day or month the price was true, `2026-01-19` or `2025-06`. */
  readonly asOf: string;
  readonly certainty: Certainty;
}

/** One price. Tiered prices have one row per tier. */
export interface PriceRow extends Source {
  /** `<what>/<detail>`, unique in a region, e.g. `ec2/m7g.large/spot`. */
  readonly sku: string;
  /** US dollars a unit. */
  readonly usd: number;
  /** FOCUS unit, e.g. `Hours`, `GiB`, `GiB-Months`. */
  readonly unit: string;
}

/** Prices by region. */
export interface PriceBook {
  readonly regions: readonly string[];
  /** The row, or undefined: a price that is not in the book is unknown, not 0. */
  find(region: string, sku: string): PricedRow | undefined;
  /** Every row of a region; empty for a region that is not in the book. */
  rows(region: string): readonly PricedRow[];
}

/** A row with its price as exact money. */
export interface PricedRow extends PriceRow {
  readonly price: Money;
}

/** What is wrong with rows of one region; empty if every row can be used. */
export function priceRowFaults(region: string, rows: readonly PriceRow[]): Fault[] {
  const faults: Fault[] = [];
  const seen = new Set<string>();
  rows.forEach((row, index) => {
    const where = `price book ${region}/${row.sku || `row ${index + 1}`}`;
    const check = (fits: boolean, what: string, got: unknown, allowed: string, todo: string) => {
      if (!fits) faults.push({ where: `${where}.${what}`, got: show(got), allowed, do: todo });
    };
    check(/^[a-z0-9-]+(\/[a-z0-9.-]+)+$/.test(row.sku), 'sku', row.sku, '<what>/<detail>', 'name the row');
    check(!seen.has(row.sku), 'sku', row.sku, 'one row per sku', 'remove one of them');
    seen.add(row.sku);
    check(Number.isFinite(row.usd) && row.usd > 0 && Math.abs(row.usd * 1e6 - Math.round(row.usd * 1e6)) <= 1e-3, 'usd', row.usd,
      'dollars above 0 with at most six decimals', 'write the list price');
    check(row.unit !== '', 'unit', row.unit, 'a FOCUS unit', 'say what the price is for');
    check(row.source.trim() !== '', 'source', row.source, 'a name and an address', 'say where the price is from');
    check(/^\d{4}-(0[1-9]|1[0-2])(-(0[1-9]|[12]\d|3[01]))?$/.test(row.asOf), 'asOf', row.asOf, 'YYYY-MM or YYYY-MM-DD', 'say when the price was true');
    check(['checked', 'unchecked', 'assumed'].includes(row.certainty), 'certainty', row.certainty, 'checked, unchecked, assumed', 'say how far it can be trusted');
  });
  return faults;
}

/**
 * Makes a price book of rows by region.
 *
 * @throws FaultError naming every row without source, date, unit or a usable price, and every sku that is there twice
 */
export function definePriceBook(regions: Readonly<Record<string, readonly PriceRow[]>>): PriceBook {
  refuse('the price book is not usable', Object.entries(regions).flatMap(([region, rows]) => priceRowFaults(region, rows)));
  const books = new Map(Object.entries(regions).map(([region, rows]) => [
    region, new Map(rows.map((row) => [row.sku, Object.freeze({ ...row, price: Money.usd(row.usd) })])),
  ]));
  return Object.freeze({
    regions: Object.freeze([...books.keys()]),
    find: (region: string, sku: string) => books.get(region)?.get(sku),
    rows: (region: string) => [...(books.get(region)?.values() ?? [])],
  });
}

const EC2: Readonly<Record<PricedRegion, readonly PriceRow[]>> = {
  'us-east-1': usEast1, 'us-west-2': usWest2, 'eu-west-1': euWest1, 'eu-central-1': euCentral1, 'ap-southeast-1': apSoutheast1,
};

/** Rows as they are written by hand in prices/, before what the refresh task found goes over them. */
export function writtenRows(region: PricedRegion): readonly PriceRow[] {
  return [...EC2[region], ...databaseRows(region), ...serviceRows(region)];
}

/** AWS prices of the regions an environment may be in, US dollars without tax, no discounts, no free tier. */
export const priceBook: PriceBook = definePriceBook(
  Object.fromEntries(REGIONS.map((region) => [region, withRefreshed(writtenRows(region), region, refreshed)])),
);
