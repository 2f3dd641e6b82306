import type { ResourcePriceOptions, ResourcesPrice, SynthesizedStack } from './contract';

/** Prices a month of the AWS resources of a synthesized stack. Pure; never throws for a resource it does not know: it is listed as unpriced. */
export function priceResources(stack: SynthesizedStack, options: ResourcePriceOptions): ResourcesPrice {
  const resources = Object.entries(stack.resource ?? {}).flatMap(([type, byId]) => Object.keys(byId).map((id) => ({
    address: `${type}.${id}`, type, region: options.region, state: 'unknown' as const, monthlyUsd: null, why: 'its type is not in the table of pricing/terraform',
  })));
  const count = resources.length;
  return {
    monthlyUsd: count === 0 ? 0 : null, lines: [], resources, coverage: { resources: count, priced: 0, free: 0, unknown: count, share: count === 0 ? 1 : 0 },
    unpriced: resources.map(({ address, type, why }) => ({ address, type, why })), unknown: [], assumptions: [],
  };
}
