import { costOfLine, PriceLine } from '../contract';
import { LEVELS, LevelLine, PriceReport } from './contract';

/** FOCUS columns, then our own, which FOCUS lets begin with `x_`. */
const COLUMNS: readonly (keyof PriceLine)[] = [
  'ProviderName', 'ServiceCategory', 'ServiceName', 'ChargeCategory', 'ChargeDescription', 'ResourceName', 'RegionId', 'PricingCategory', 'SkuId', 'PricingQuantity', 'PricingUnit',
  'ListUnitPrice', 'ListCost', 'EffectiveCost', 'CommitmentDiscountCategory', 'CommitmentDiscountType', 'BillingCurrency',
  'x_PriceSource', 'x_PriceDate', 'x_PriceCertainty', 'x_QuantityCertainty',
];
const OWN = ['x_Environment', 'x_Side', 'x_Replicas', 'x_Part', 'x_Stack'] as const;

/** Every line of every environment at the three levels, of both sides where there are two. An empty cost is unknown, which is not 0. */
export function renderFocusCsv(report: PriceReport): string {
  const rows = report.environments.flatMap(({ environment, priced }) => (['before', 'after'] as const).flatMap((side) => priced[side].flatMap((line) => levelRows(environment, side, line))));
  return [[...COLUMNS, ...OWN], ...rows].map((row) => row.map(cell).join(',')).join('\r\n').concat('\r\n');
}

function levelRows(environment: string, side: string, line: LevelLine): unknown[][] {
  return LEVELS.flatMap((level) => {
    const focus = line.focus[level];
    if (!focus) return [];
    return [[...COLUMNS.map((column) => (column === 'EffectiveCost' ? costOfLine(focus) : focus[column])), environment, side, level, line.part, line.stack ?? '']];
  });
}

/** A field by RFC 4180. */
function cell(value: unknown): string {
  const text = value === null || value === undefined ? '' : String(value);
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
