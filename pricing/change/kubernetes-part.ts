import type { Fault } from '../../base/faults';
import { costOfLine, EnvironmentModel, PriceLine } from '../contract';
import { NodeCount, nodePoolTitle, OUTSIDE_THE_MODEL, packEnvironment, priceEnvironment } from '../environment';
import { allWorkloads, keyOf } from '../model';
import type { PriceBook } from '../price-book';
import { Level, LevelLine, LEVELS, PerLevel, PricedPart } from './contract';

/** A model's price, and the nodes it needs. */
export interface KubernetesPrice {
  readonly part: PricedPart;
  readonly nodes: PerLevel<readonly NodeCount[]>;
}

/**
 * The model without what the stacks hold too: control planes, NAT gateways and their addresses are priced from the stacks, and nowhere else. The model in dist/ holds them for
 * whoever has no stacks at hand, as the cost service.
 */
export function withoutStacks(model: EnvironmentModel): EnvironmentModel {
  return { ...model, controlPlanes: 0, natGateways: 0 };
}

/**
 * Prices what manifests ask for at the three levels: nodes and their volumes, volumes of claims, load balancers, data transfer.
 *
 * @param unmodelled what the manifests ask for that the model does not hold
 * @throws FaultError naming every value of the model that cannot be priced
 */
export function priceKubernetes(model: EnvironmentModel, unmodelled: readonly Fault[], book: PriceBook): KubernetesPrice {
  const own = withoutStacks(model);
  const prices = perLevel((replicas) => priceEnvironment(own, book, { replicas }));
  const typical = packEnvironment(own, book, 'typical');
  const everywhere = new Set(allWorkloads(own).filter((workload) => workload.perNode).map(keyOf)); // they follow nodes, they do not ask for them
  const behind = (resource: string): Readonly<Record<string, number>> => {
    const pods: Record<string, number> = {};
    for (const node of typical.nodes.filter(({ pool }) => resource === nodePoolTitle(pool))) {
      for (const [workload, count] of node.pods) if (!everywhere.has(workload)) pods[workload] = (pods[workload] ?? 0) + count;
    }
    return pods;
  };
  const lines = merge(perLevel((level) => prices[level].lines)).map((line) => ({ ...line, behind: behind(line.resource) }));
  return {
    nodes: perLevel((level) => prices[level].nodes),
    part: {
      lines,
      coverage: { counted: lines.length + unmodelled.length, known: lines.filter((line) => LEVELS.every((level) => line.cost[level] !== null)).length },
      unpriced: unmodelled.map(({ where, got }) => ({ part: 'kubernetes', what: where, why: got })),
      unknown: distinct(LEVELS.flatMap((level) => prices[level].unknown)).map((fault) => ({ ...fault, do: fault.do.replace('in the environment\'s model', `in environments.${model.name} of a usage file`) })),
      assumptions: [...new Set(LEVELS.flatMap((level) => prices[level].assumptions))].filter((each) => each !== OUTSIDE_THE_MODEL),
    },
  };
}

/** Lines of the same charge at several levels as one. */
function merge(levels: PerLevel<readonly PriceLine[]>): LevelLine[] {
  const found = new Map<string, Partial<Record<Level, PriceLine>>>();
  for (const level of LEVELS) {
    const seen = new Map<string, number>();
    for (const line of levels[level]) {
      const name = JSON.stringify([line.ResourceName, line.SkuId || line.ChargeDescription, line.PricingUnit]);
      const nth = (seen.get(name) ?? 0) + 1;
      seen.set(name, nth);
      const key = `${name} ${nth}`;
      found.set(key, { ...found.get(key), [level]: line });
    }
  }
  return [...found.values()].map((focus): LevelLine => {
    const line = (focus.typical ?? focus.maximum ?? focus.minimum) as PriceLine;
    return {
      part: 'kubernetes', resource: line.ResourceName, service: line.ServiceName, description: line.ChargeDescription, sku: line.SkuId, unit: line.PricingUnit,
      cost: perLevel((level) => (focus[level] ? costOfLine(focus[level]) : 0)), focus, behind: {},
    };
  });
}

function distinct(faults: readonly Fault[]): Fault[] {
  return [...new Map(faults.map((fault) => [`${fault.where} ${fault.got}`, fault])).values()];
}

/** One value for each level. */
export function perLevel<T>(of: (level: Level) => T): PerLevel<T> {
  return { minimum: of('minimum'), typical: of('typical'), maximum: of('maximum') };
}
