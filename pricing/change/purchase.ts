import { COMMITMENTS, PurchaseOption, purchaseSku } from '../commitments';
import type { PricedSide, PurchaseRow, Usd } from './contract';
import { Money } from '../money';
import { HOURS_PER_MONTH } from '../node-price';
import type { PriceBook } from '../price-book';

/** What is bought and how many of it run at least, and typically. */
interface Bought {
  readonly type: string;
  readonly capacity: 'on-demand' | 'spot';
  readonly always: number;
  readonly typical: number;
}

/** As the pools of the environment say. */
export const AS_CONFIGURED = 'as configured';

/**
 * What the nodes of an environment cost bought otherwise, everything else as it is: as configured, everything on demand, and each commitment over
 * the on-demand nodes that run at the minimum of replicas, which are never returned. Empty where the environment has no nodes.
 *
 * @param typical what the environment costs as configured, at the typical level
 */
export function purchaseRows(side: PricedSide, typical: Usd, book: PriceBook): PurchaseRow[] {
  const nodes = boughtBy(side);
  if (nodes.length === 0) return [];
  const cost = (plan: (node: Bought) => readonly (readonly [sku: string, count: number])[]): Money | undefined => {
    let sum = Money.zero;
    for (const [sku, count] of nodes.flatMap(plan)) {
      const row = book.find(side.region, sku);
      if (!row) return undefined;
      sum = sum.plus(row.price.times(count * HOURS_PER_MONTH));
    }
    return sum;
  };
  const sku = (node: Bought, capacity: Bought['capacity']) => `ec2/${node.type}/${capacity}`;
  const configured = cost((node) => [[sku(node, node.capacity), node.typical]]);
  const row = (option: string, bought: Money | undefined): PurchaseRow => {
    const difference = bought && configured ? bought.minus(configured) : undefined;
    return { option, monthlyUsd: typical === null || !difference ? null : Money.usd(typical).plus(difference).toUsd(), difference: difference?.toUsd() ?? null };
  };
  const committed = (option: PurchaseOption) => cost((node) => {
    if (node.capacity === 'spot') return [[sku(node, 'spot'), node.typical]];
    const covered = Math.min(node.always, node.typical);
    return [[purchaseSku(sku(node, 'on-demand'), option), covered], [sku(node, 'on-demand'), node.typical - covered]];
  });
  return [
    row(AS_CONFIGURED, configured),
    row('no spot, everything on demand', cost((node) => [[sku(node, 'on-demand'), node.typical]])),
    ...(nodes.some((node) => node.capacity === 'on-demand' && node.always > 0) ? COMMITMENTS.map((option) => row(option, committed(option))) : []),
  ];
}

function boughtBy(side: PricedSide): Bought[] {
  const nodes = new Map<string, Bought>();
  for (const level of ['minimum', 'typical'] as const) {
    for (const { instanceType, capacity, count } of side.nodes[level]) {
      const key = `${instanceType} ${capacity}`;
      const known = nodes.get(key) ?? { type: instanceType, capacity, always: 0, typical: 0 };
      nodes.set(key, level === 'minimum' ? { ...known, always: known.always + count } : { ...known, typical: known.typical + count });
    }
  }
  return [...nodes.values()];
}
