import { Fault, refuse, show } from '../base/faults';
import type { EnvironmentModel, PricedVolume, PricedWorkload, PriceLine } from './contract';
import { LineSheet } from './line-sheet';
import { allWorkloads, environmentModelFaults, keyOf, ReplicaChoice, typicalReplicas } from './model';
import { packNodes, Packing, PodGroup, typesOf } from './node-packing';
import { HOURS_PER_MONTH, nodeHourly, nodeSku, rootVolumeOf } from './node-price';
import type { PriceBook } from './price-book';

/** Nodes of one pool and type that the packing needs. */
export interface NodeCount {
  readonly pool: string;
  readonly instanceType: string;
  readonly capacity: 'on-demand' | 'spot';
  readonly count: number;
}

/** Said of every price of a model: what it leaves to whoever prices the stacks. */
export const OUTSIDE_THE_MODEL = 'not in the model, so not in the price: log storage, encryption keys, image registry, databases outside the cluster, support plans';

/** What a month of an environment costs. */
export interface EnvironmentPrice {
  readonly environment: string;
  readonly region: string;
  /** Sum of the lines whose cost is known: a lower bound while `coverage` is below 1. Null if no line's is. */
  readonly monthlyUsd: number | null;
  /** Share of lines whose cost is known, 0 to 1. */
  readonly coverage: number;
  readonly lines: readonly PriceLine[];
  readonly nodes: readonly NodeCount[];
  /** Why a cost is not known, one entry per reason. */
  readonly unknown: readonly Fault[];
  /** What was assumed, in sentences. */
  readonly assumptions: readonly string[];
}

/** How {@link priceEnvironment} prices. */
export interface PriceOptions {
  /** How many replicas run. @default 'typical' */
  readonly replicas?: ReplicaChoice;
}

/**
 * Prices a month of an environment.
 *
 * What is not known stays unknown: its line has a null cost, `unknown` says why, and `coverage` falls below 1. With more replicas of scaled
 * workloads the price never falls from `minimum` to `typical` to `maximum`; see {@link packNodes} for why that takes care.
 *
 * @throws FaultError naming every value of the model, and every replica count, that cannot be priced
 */
export function priceEnvironment(model: EnvironmentModel, book: PriceBook, options: PriceOptions = {}): EnvironmentPrice {
  refuse(`the environment ${model.name} cannot be priced`, [...environmentModelFaults(model), ...choiceFaults(model, options.replicas)]);
  const packing = packEnvironment(model, book, options.replicas ?? 'typical');
  const sheet = new LineSheet(model, book);
  addControlPlane(model, sheet);
  const nodes = addNodes(model, packing, sheet);
  addVolumes(model, packing, options.replicas ?? 'typical', sheet);
  addNetwork(model, sheet);
  const spot = nodes.some((node) => node.capacity === 'spot');
  return {
    environment: model.name, region: model.region, monthlyUsd: sheet.total()?.toUsd() ?? null, coverage: sheet.coverage(),
    lines: sheet.lines, nodes, unknown: sheet.unknown,
    assumptions: [
      `a month has ${HOURS_PER_MONTH} hours; list prices without tax, discounts or free tier`,
      'replicas stay at their count for the whole month, and an autoscaler buys the cheapest node that fits and no other',
      OUTSIDE_THE_MODEL,
      ...(spot ? ['spot at its typical share of on-demand'] : []),
      ...(model.loadBalancers > 0 ? ['every load balancer is an application load balancer with addresses in two zones'] : []),
    ],
  };
}

/** The nodes that an environment needs for these replicas. What always runs arrives first, what scaling adds after it, level by level. */
export function packEnvironment(model: EnvironmentModel, book: PriceBook, replicas: ReplicaChoice): Packing {
  const workloads = allWorkloads(model);
  const counted = workloads.filter((workload) => !workload.perNode);
  const wanted = (workload: PricedWorkload): number => replicasAt(workload, replicas);
  const levels = [(workload: PricedWorkload) => workload.minReplicas, typicalReplicas, wanted];
  const placed = new Map<string, number>();
  const arrivals = levels.map((level) => counted.map((workload): PodGroup => {
    const before = placed.get(keyOf(workload)) ?? 0;
    const now = Math.max(before, Math.min(level(workload), wanted(workload)));
    placed.set(keyOf(workload), now);
    return { workload, replicas: now - before };
  }));
  return packNodes({ pools: model.nodePools, perNode: workloads.filter((workload) => workload.perNode), arrivals }, nodeHourly(model, book));
}

/** Replicas of a workload at a choice. */
function replicasAt(workload: PricedWorkload, replicas: ReplicaChoice): number {
  if (replicas === 'minimum') return workload.minReplicas;
  if (replicas === 'maximum') return workload.maxReplicas;
  return (replicas === 'typical' ? undefined : replicas.get(keyOf(workload))) ?? typicalReplicas(workload);
}

function choiceFaults(model: EnvironmentModel, replicas: ReplicaChoice | undefined): Fault[] {
  if (replicas === undefined || typeof replicas === 'string') return [];
  const known = new Set(allWorkloads(model).filter((workload) => !workload.perNode).map(keyOf));
  return [...replicas].flatMap(([key, count]): Fault[] => {
    const where = `${model.name}.replicas.${key}`;
    if (!known.has(key)) return [{ where, got: key, allowed: [...known].join(', '), do: 'name a workload of the model as namespace/name' }];
    if (Number.isSafeInteger(count) && count >= 0) return [];
    return [{ where, got: show(count), allowed: 'a whole number from 0', do: 'give a count of replicas' }];
  });
}

function addControlPlane(model: EnvironmentModel, sheet: LineSheet): void {
  if (model.controlPlanes === 0) return;
  const support = model.kubernetesSupport ?? 'standard';
  sheet.add({
    category: 'Compute', service: 'Amazon Elastic Kubernetes Service', description: `EKS control plane, ${support} support`, resource: 'control plane',
    sku: `eks/control-plane/${support}`, unit: 'Hours', quantity: model.controlPlanes * HOURS_PER_MONTH,
  });
}

/** How lines name the nodes of a pool. */
export function nodePoolTitle(pool: string): string {
  return `node pool ${pool}`;
}

function addNodes(model: EnvironmentModel, packing: Packing, sheet: LineSheet): NodeCount[] {
  const nodes: NodeCount[] = [];
  for (const pool of model.nodePools) {
    const known = typesOf(pool);
    for (const name of pool.instanceTypes.filter((each) => !known.some((type) => type.name === each))) {
      sheet.doubt({ where: `${model.name}.nodePools.${pool.name}.instanceTypes`, got: name, allowed: 'instance types of pricing/instance-types.ts', do: 'add the type with its CPU, memory and pods, and its price' });
    }
    if (known.length === 0 && pool.minNodes > 0) {
      sheet.addUnknown({
        category: 'Compute', service: 'Amazon Elastic Compute Cloud', description: `nodes of unknown types, ${pool.capacity}`, resource: nodePoolTitle(pool.name),
        sku: '', unit: 'Hours', quantity: pool.minNodes * HOURS_PER_MONTH,
      });
    }
    for (const type of known) {
      const count = packing.nodes.filter((node) => node.pool === pool.name && node.type.name === type.name).length;
      if (count === 0) continue;
      nodes.push({ pool: pool.name, instanceType: type.name, capacity: pool.capacity, count });
      sheet.add({
        category: 'Compute', service: 'Amazon Elastic Compute Cloud', description: `${count} × ${type.name}, ${pool.capacity}`, resource: nodePoolTitle(pool.name),
        sku: nodeSku(pool, type.name), unit: 'Hours', quantity: count * HOURS_PER_MONTH, dynamic: pool.capacity === 'spot',
      });
    }
  }
  for (const pods of packing.unplaced) {
    const why = pods.why === 'too-large' ? 'more than an empty node of its pools can hold' : 'its node pools are at maxNodes';
    sheet.doubt({
      where: `${model.name}.workloads.${pods.workload}`, got: `${pods.replicas} pods that fit nowhere: ${why}`, allowed: 'pods that fit on the nodes that may be bought',
      do: pods.why === 'too-large' ? 'lower its requests or add a larger instance type' : 'raise maxNodes or lower maxReplicas',
    });
    sheet.addUnknown({
      category: 'Compute', service: 'Amazon Elastic Compute Cloud', description: `${pods.replicas} pods that fit on no node`, resource: `workload ${pods.workload}`,
      sku: '', unit: 'Hours', quantity: null,
    });
  }
  return nodes;
}

function addVolumes(model: EnvironmentModel, packing: Packing, replicas: ReplicaChoice, sheet: LineSheet): void {
  const roots = model.nodePools.map((pool) => packing.nodes.filter((node) => node.pool === pool.name).length * rootVolumeOf(pool)).reduce((sum, gib) => sum + gib, 0);
  const volumes: readonly PricedVolume[] = [...(roots > 0 ? [{ name: 'root volumes of nodes', type: 'gp3' as const, sizeGiB: roots }] : []), ...model.volumes];
  for (const volume of volumes) {
    sheet.add({
      category: 'Storage', service: 'Amazon Elastic Block Store', description: `${volume.type} volume`, resource: volume.name, sku: `ebs/${volume.type}`, unit: 'GiB-Months',
      quantity: volume.sizeGiB * copiesOf(volume, model, packing, replicas),
    });
  }
}

/** How many of a volume there are: one, or one for each replica of a workload. */
function copiesOf(volume: PricedVolume, model: EnvironmentModel, packing: Packing, replicas: ReplicaChoice): number {
  const workload = model.workloads.find((each) => keyOf(each) === volume.workload);
  if (!workload) return 1;
  return workload.perNode ? packing.nodes.filter((node) => node.pods.has(keyOf(workload))).length : replicasAt(workload, replicas);
}

function addNetwork(model: EnvironmentModel, sheet: LineSheet): void {
  const vpc = { category: 'Networking', service: 'Amazon Virtual Private Cloud' } as const;
  const balancing = { category: 'Networking', service: 'Elastic Load Balancing' } as const;
  const transfer = { category: 'Networking', service: 'AWS Data Transfer' } as const;
  const { nat, internetOut, crossZone } = model.dataTransferGiB;
  if (model.natGateways > 0) {
    sheet.add({ ...vpc, description: 'NAT gateway', resource: 'NAT gateways', sku: 'nat/gateway', unit: 'Hours', quantity: model.natGateways * HOURS_PER_MONTH });
    sheet.add({ ...vpc, description: 'data processed by NAT gateways', resource: 'NAT gateways', sku: 'nat/data', unit: 'GiB', quantity: nat, statedAs: 'dataTransferGiB.nat' });
  }
  const addresses = model.natGateways + 2 * model.loadBalancers; // a load balancer takes one in each of its zones, of which it needs two
  if (addresses > 0) {
    sheet.add({ ...vpc, description: 'public IPv4 addresses', resource: 'NAT gateways and load balancers', sku: 'ipv4/public-address', unit: 'Hours', quantity: addresses * HOURS_PER_MONTH });
  }
  if (model.loadBalancers > 0) {
    sheet.add({ ...balancing, description: 'application load balancer', resource: 'load balancers', sku: 'lb/application', unit: 'Hours', quantity: model.loadBalancers * HOURS_PER_MONTH });
    const units = model.loadBalancerCapacityUnits;
    sheet.add({
      ...balancing, description: 'load balancer capacity units', resource: 'load balancers', sku: 'lb/application-lcu', unit: 'LCU-Hours',
      quantity: units === undefined ? undefined : units * HOURS_PER_MONTH, statedAs: 'loadBalancerCapacityUnits',
    });
  }
  let from = 0;
  for (const [tier, upTo] of INTERNET_TIERS) {
    if (internetOut !== undefined && from > 0 && internetOut <= from) break;
    sheet.add({
      ...transfer, description: `data out to the internet, ${tier.replaceAll('-', ' ').replace('tib', 'TiB')}`, resource: 'data transfer out', sku: `transfer/internet-out/${tier}`, unit: 'GiB',
      quantity: internetOut === undefined ? undefined : Math.min(internetOut, upTo) - from, statedAs: 'dataTransferGiB.internetOut',
    });
    if (internetOut === undefined) break;
    from = upTo;
  }
  sheet.add({
    ...transfer, description: 'data between zones, charged on both sides', resource: 'data transfer between zones', sku: 'transfer/cross-zone/each-way', unit: 'GiB',
    quantity: crossZone === undefined ? undefined : 2 * crossZone, statedAs: 'dataTransferGiB.crossZone',
  });
}

/** Tiers of the price of data out, with the GiB a month at which each ends. */
const INTERNET_TIERS: readonly (readonly [tier: string, upToGiB: number])[] = [
  ['first-10-tib', 10_240], ['next-40-tib', 51_200], ['next-100-tib', 153_600], ['beyond-150-tib', Infinity],
];
