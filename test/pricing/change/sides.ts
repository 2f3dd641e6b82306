import fc from 'fast-check';
import type { Level, LevelLine, Part, PricedPart, PricedSide, UnknownPart, Usd } from '../../../pricing/change/contract';
import { LEVELS } from '../../../pricing/change/contract';
import type { PriceLine } from '../../../pricing/contract';
import { smallModel } from '../models';

/** A line that costs this at minimum, typically and at most. */
export function line(changes: Partial<Omit<LevelLine, 'cost' | 'focus'>> & { readonly cost?: readonly [Usd, Usd, Usd] } = {}): LevelLine {
  const { cost = [1, 2, 3], ...rest } = changes;
  const named = { part: 'aws' as Part, stack: 'dev-network', resource: 'aws_nat_gateway.a', service: 'Amazon Virtual Private Cloud', description: 'NAT gateway', sku: 'nat/gateway', unit: 'Hours', behind: {}, ...rest };
  const of = (level: Level) => cost[LEVELS.indexOf(level)]!;
  return {
    ...named, cost: { minimum: of('minimum'), typical: of('typical'), maximum: of('maximum') },
    focus: Object.fromEntries(LEVELS.map((level) => [level, focusOf(named, of(level))])),
  };
}

function focusOf(named: Pick<LevelLine, 'resource' | 'service' | 'description' | 'sku' | 'unit'>, cost: Usd): PriceLine {
  return {
    ProviderName: 'AWS', ServiceCategory: 'Networking', ServiceName: named.service, ChargeCategory: 'Usage', ChargeDescription: named.description, ResourceName: named.resource,
    RegionId: 'us-east-1', PricingCategory: 'Standard', SkuId: named.sku, PricingQuantity: cost, PricingUnit: named.unit, ListUnitPrice: 1, ListCost: cost, BillingCurrency: 'USD',
    x_PriceSource: 'a test', x_PriceDate: '2026-01', x_PriceCertainty: 'checked',
  };
}

/** A part of these lines, everything else of it known. */
export function part(lines: readonly LevelLine[], changes: Partial<PricedPart> = {}): PricedPart {
  return { lines, coverage: { counted: lines.length, known: lines.length }, unpriced: [], unknown: [], assumptions: [], ...changes };
}

/** A side of `dev` with these lines. */
export function side(lines: readonly LevelLine[], changes: Partial<Omit<PricedSide, 'parts'>> & { readonly aws?: UnknownPart } = {}): PricedSide {
  const { aws, ...rest } = changes;
  const of = (name: Part) => part(lines.filter((each) => each.part === name));
  return {
    environment: 'dev', region: 'us-east-1', budgetMonthlyUsd: 600, model: smallModel(), nodes: { minimum: [], typical: [], maximum: [] },
    parts: { aws: aws ?? of('aws'), kubernetes: of('kubernetes') }, ...rest,
  };
}

const cost = fc.oneof({ weight: 1, arbitrary: fc.constant(null) }, { weight: 5, arbitrary: fc.integer({ min: 0, max: 5_000_000_000 }).map((micro) => micro / 1e6) });

/** Lines as a side may have them: some of one resource, some of one kind, some twice. */
export const someLines = fc.array(fc.record({
  part: fc.constantFrom<Part>('aws', 'kubernetes'), resource: fc.constantFrom('a', 'b', 'c'), sku: fc.constantFrom('x/1', 'x/2', ''), description: fc.constantFrom('one', 'two'),
  unit: fc.constantFrom('Hours', 'GiB'), cost: fc.tuple(cost, cost, cost),
}).map((changes) => line(changes)), { maxLength: 12 });
