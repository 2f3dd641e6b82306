import { costOfLine, PriceLine } from '../contract';
import type { PriceBook } from '../price-book';
import { priceResources, type ResourceUsage, type SynthesizedStack } from '../terraform';
import type { LevelLine, PricedPart } from './contract';

/** Stacks by name, as synthesized. */
export type Stacks = Readonly<Record<string, SynthesizedStack>>;

/** Prices the AWS resources of an environment's stacks. What they cost does not depend on replicas: nodes and what pods bring are priced from manifests. */
export function priceAws(stacks: Stacks, options: { readonly region: string; readonly book: PriceBook; readonly usageOf: (stack: string) => ResourceUsage }): PricedPart {
  const { region, book, usageOf } = options;
  const priced = Object.entries(stacks).map(([stack, json]) => ({ stack, price: priceResources(json, { region, book, usage: usageOf(stack) }) }));
  return {
    lines: priced.flatMap(({ stack, price }) => price.lines.map((line) => resourceLine(stack, line))),
    coverage: {
      counted: priced.reduce((sum, { price }) => sum + price.coverage.resources, 0),
      known: priced.reduce((sum, { price }) => sum + price.coverage.priced + price.coverage.free, 0),
    },
    unpriced: priced.flatMap(({ stack, price }) => price.unpriced.map(({ address, why }) => ({ part: 'aws' as const, what: `${stack}/${address}`, why }))),
    unknown: priced.flatMap(({ stack, price }) => price.unknown.map((fault) => ({ ...fault, where: `${stack}/${fault.where}` }))),
    assumptions: [...new Set(priced.flatMap(({ price }) => price.assumptions))],
  };
}

function resourceLine(stack: string, line: PriceLine): LevelLine {
  const cost = costOfLine(line);
  return {
    part: 'aws', stack, resource: line.ResourceName, service: line.ServiceName, description: line.ChargeDescription, sku: line.SkuId, unit: line.PricingUnit,
    cost: { minimum: cost, typical: cost, maximum: cost }, focus: { minimum: line, typical: line, maximum: line }, behind: {},
  };
}

/**
 * The environment a stack belongs to: the longest name its own begins with, so that `eu` does not take what `eu-west` has.
 *
 * @returns undefined if it belongs to none of them
 */
export function environmentOfStack(stack: string, environments: readonly string[]): string | undefined {
  return environments.filter((name) => stack.startsWith(`${name}-`)).sort((a, b) => b.length - a.length)[0];
}
