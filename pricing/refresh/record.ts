/** One line of an offer file, its columns by name in lower case and without blanks or signs: `Product Family` is `productfamily`. */
export type OfferRecord = Readonly<Record<string, string>>;

/** A price that a line holds for a row of the book. */
export interface FoundPrice {
  readonly sku: string;
  readonly usd: number;
  /** Part of the price it is: parts are added up. @default 'rate' */
  readonly part?: string;
  /** Start of the tier it is for: the lowest tier that costs something counts. @default 0 */
  readonly from?: number;
}

/** Columns that offers are read by. A line has a hundred and more, and a file millions of lines: only these are looked at. */
export const COLUMNS: ReadonlySet<string> = new Set([
  'sku', 'termtype', 'startingrange', 'endingrange', 'unit', 'priceperunit', 'currency', 'leasecontractlength', 'purchaseoption', 'offeringclass', 'productfamily', 'instancetype', 'databaseengine',
  'deploymentoption', 'cacheengine', 'tenancy', 'operatingsystem', 'preinstalledsw', 'capacitystatus', 'transfertype', 'usagetype', 'operation',
  'discountedrate', 'discountedservicecode', 'discountedusagetype', 'discountedoperation',
] as const);

/** Name of a column as {@link OfferRecord} has it: AWS writes `usageType` here and `Usage Type` there. */
export function columnName(header: string): string {
  return header.toLowerCase().replace(/[^a-z0-9]/g, '');
}

/** A usage type without the region it begins with: `EU-NatGateway-Hours` and `NatGateway-Hours` are one. */
export function usageOf(record: OfferRecord, column = 'usagetype'): string {
  return (record[column] ?? '').replace(/^(?:[A-Z]{2,4}\d*-|[a-z]{2}(?:-[a-z]+)+-\d-)(?=[A-Za-z])/, '');
}
