import { Fault, FaultError } from '../../base/faults';
import { environmentModelOf, PricedObject } from '../manifests/contract';
import { unmodelled } from '../manifests/environment-model';
import type { PriceBook } from '../price-book';
import { environmentOfStack, priceAws, Stacks } from './aws-part';
import type { PricedPart, PricedSide, UnknownPart } from './contract';
import { perLevel, priceKubernetes } from './kubernetes-part';
import { factsIn, missingFacts } from './manifests';
import { factsWith, resourceUsageOf, Usage, withTypicalReplicas } from './usage-file';

/** One side of a change: the manifests of every environment, and the stacks, if they could be synthesized. */
export interface Side {
  readonly manifests: ReadonlyMap<string, readonly PricedObject[]>;
  /** @default - they could not be synthesized; see `why` */
  readonly stacks?: Stacks;
  /** Why there are no stacks. @default - there are */
  readonly why?: readonly Fault[];
}

/** Stacks of one environment. */
export function stacksOf(side: Side, environment: string): Stacks {
  const names = [...side.manifests.keys()];
  return Object.fromEntries(Object.entries(side.stacks ?? {}).filter(([stack]) => environmentOfStack(stack, names) === environment));
}

/**
 * Prices one environment of a side. What cannot be priced of it is an unknown part with its reasons, so that the rest still is.
 *
 * @throws FaultError when nothing is known of the environment, not even its region
 */
export function priceSide(side: Side, environment: string, usage: Usage, book: PriceBook): PricedSide {
  const objects = side.manifests.get(environment) ?? [];
  const facts = factsWith(usage, environment, factsIn(environment, objects));
  if (!facts) throw new FaultError(`${environment} cannot be priced`, [missingFacts(environment)]);
  const aws: PricedPart | UnknownPart = side.stacks
    ? priceAws(stacksOf(side, environment), { region: facts.region, book, usageOf: (stack) => resourceUsageOf(usage, environment, stack) })
    : { why: side.why ?? [] };
  const common = { environment, region: facts.region, budgetMonthlyUsd: facts.budgetMonthlyUsd };
  try {
    const model = withTypicalReplicas(environmentModelOf(facts, objects), usage);
    const { part, nodes } = priceKubernetes(model, unmodelled(facts, objects), book);
    return { ...common, model, nodes, parts: { aws, kubernetes: part } };
  } catch (error) {
    if (!(error instanceof FaultError)) throw error;
    return { ...common, nodes: perLevel(() => []), parts: { aws, kubernetes: { why: error.faults } } };
  }
}
