import type { PricedNodePool, PricedWorkload } from './contract';
import { Allocatable, allocatableOf, InstanceType, instanceTypes } from './instance-types';
import { keyOf } from './model';
import type { Money } from './money';

/** Replicas of one workload that want a place. */
export interface PodGroup {
  readonly workload: PricedWorkload;
  readonly replicas: number;
}

/** A node and what was put on it. */
export interface PackedNode {
  readonly pool: string;
  readonly type: InstanceType;
  readonly allocatable: Allocatable;
  /** Sum of the requests of its pods, and their number. Never above `allocatable`. */
  readonly used: Allocatable;
  /** Pods by workload. */
  readonly pods: ReadonlyMap<string, number>;
}

/** Pods that no node can take. */
export interface UnplacedPods {
  readonly workload: string;
  readonly replicas: number;
  /** `too-large`: not even an empty node of its pools could take one. `pools-full`: its pools may not grow further. */
  readonly why: 'too-large' | 'pools-full';
}

/** Result of {@link packNodes}. */
export interface Packing {
  readonly nodes: readonly PackedNode[];
  readonly unplaced: readonly UnplacedPods[];
}

/** What an autoscaler would buy for one more pod. */
export interface NodeChoice {
  readonly pool: PricedNodePool;
  readonly type: InstanceType;
  /** Replicas that fit on such a node beside the pods every node carries. At least 1. */
  readonly slots: number;
  /** Price of an hour of the node; null if it is not in the price book. */
  readonly hourly: Money | null;
}

/** Price of an hour of a node, null where it is not known. */
export type HourlyPrice = (pool: PricedNodePool, type: InstanceType) => Money | null;

/** What is packed onto what. */
export interface PackingInput {
  readonly pools: readonly PricedNodePool[];
  /** Workloads of which every node carries one pod. */
  readonly perNode: readonly PricedWorkload[];
  /** Groups of pods that arrive one after the other; see {@link packNodes}. */
  readonly arrivals: readonly (readonly PodGroup[])[];
}

interface OpenNode {
  readonly pool: PricedNodePool;
  readonly type: InstanceType;
  readonly allocatable: Allocatable;
  used: Allocatable;
  readonly pods: Map<string, number>;
}

const NOTHING: Allocatable = { cpuMillicores: 0, memoryMiB: 0, pods: 0 };

/**
 * Packs pods onto nodes as a scheduler with a node autoscaler would: first fit, the largest pods of an arrival first, over CPU, memory and
 * pod slots. Every pool starts at its minimum; where nothing fits, a node is bought by {@link chooseNode}, of a pool that a provisioner scales.
 *
 * First-fit-decreasing as such is not monotone: with one pod more it may need a node less (F. Murgolo, Anomalous behavior in bin packing
 * algorithms, 1988). Hence arrivals: an arrival never moves what arrived before it, so more arrivals never need fewer nodes. Callers let what
 * is always there arrive first and what is added by scaling after it, as it happens in a cluster.
 */
export function packNodes(input: PackingInput, hourlyPrice: HourlyPrice): Packing {
  const nodes: OpenNode[] = [];
  const unplaced = new Map<string, UnplacedPods>();
  const giveUp = (workload: PricedWorkload, replicas: number, why: UnplacedPods['why']) => {
    const key = keyOf(workload);
    unplaced.set(key, { workload: key, replicas: replicas + (unplaced.get(key)?.replicas ?? 0), why });
  };
  for (const pool of input.pools) {
    const type = typesOf(pool)[0];
    for (let index = 0; type && index < pool.minNodes; index += 1) nodes.push(openNode(pool, type, input.perNode));
  }
  for (const arrival of input.arrivals) {
    for (const { workload, replicas } of largestFirst(arrival, input.pools)) {
      let left = replicas;
      let first = 0; // a node that could not take one pod of this workload cannot take the next
      while (left > 0) {
        while (first < nodes.length && !accepts(nodes[first] as OpenNode, workload)) first += 1;
        if (first === nodes.length) {
          const counts = new Map<string, number>();
          for (const node of nodes) counts.set(node.pool.name, (counts.get(node.pool.name) ?? 0) + 1);
          const choice = chooseNode(workload, input.pools.filter((pool) => pool.scaledBy !== 'node-group' && (counts.get(pool.name) ?? 0) < pool.maxNodes), input.perNode, hourlyPrice);
          if (!choice) break;
          nodes.push(openNode(choice.pool, choice.type, input.perNode));
        }
        put(nodes[first] as OpenNode, workload);
        left -= 1;
      }
      if (left > 0) {
        giveUp(workload, left, chooseNode(workload, input.pools, input.perNode, hourlyPrice) ? 'pools-full' : 'too-large');
      }
    }
  }
  for (const workload of input.perNode) {
    const missing = nodes.filter((node) => mayRun(workload, node.pool) && !node.pods.has(keyOf(workload))).length;
    if (missing > 0) giveUp(workload, missing, 'too-large');
  }
  return { nodes: nodes.map((node) => ({ ...node, pool: node.pool.name })), unplaced: [...unplaced.values()] };
}

/**
 * The node an autoscaler would buy for a pod: of each pool the first listed type an empty node of which can take the pod, of these the one with
 * the lowest price a pod that fits. Nodes without a known price come last, ties go to the pool listed first.
 *
 * @returns undefined if the pod fits on no type of its pools
 */
export function chooseNode(
  workload: PricedWorkload, pools: readonly PricedNodePool[], perNode: readonly PricedWorkload[], hourlyPrice: HourlyPrice,
): NodeChoice | undefined {
  let best: NodeChoice | undefined;
  for (const pool of pools) {
    if (!mayRun(workload, pool) || pool.maxNodes === 0) continue;
    for (const type of typesOf(pool)) {
      const slots = slotsOf(openNode(pool, type, perNode), workload);
      if (slots === 0) continue;
      const choice = { pool, type, slots, hourly: hourlyPrice(pool, type) };
      if (!best || slotPrice(choice) < slotPrice(best)) best = choice;
      break;
    }
  }
  return best;
}

/** Types of a pool whose size is known, in order of preference. */
export function typesOf(pool: PricedNodePool): readonly InstanceType[] {
  return pool.instanceTypes.flatMap((name) => instanceTypes.get(name) ?? []);
}

function slotPrice(choice: NodeChoice): number {
  return choice.hourly ? choice.hourly.micro / choice.slots : Infinity;
}

function slotsOf(node: OpenNode, workload: PricedWorkload): number {
  const { allocatable, used } = node;
  const free = (have: number, taken: number, want: number) => (want > 0 ? Math.floor((have - taken) / want) : Infinity);
  return Math.max(0, Math.min(
    free(allocatable.cpuMillicores, used.cpuMillicores, workload.cpuMillicores),
    free(allocatable.memoryMiB, used.memoryMiB, workload.memoryMiB),
    allocatable.pods - used.pods,
  ));
}

function openNode(pool: PricedNodePool, type: InstanceType, perNode: readonly PricedWorkload[]): OpenNode {
  const node: OpenNode = { pool, type, allocatable: allocatableOf(type), used: NOTHING, pods: new Map() };
  for (const workload of perNode) if (accepts(node, workload)) put(node, workload);
  return node;
}

function mayRun(workload: PricedWorkload, pool: PricedNodePool): boolean {
  return workload.pools === undefined || workload.pools.includes(pool.name);
}

function accepts(node: OpenNode, workload: PricedWorkload): boolean {
  return mayRun(workload, node.pool)
    && node.used.cpuMillicores + workload.cpuMillicores <= node.allocatable.cpuMillicores
    && node.used.memoryMiB + workload.memoryMiB <= node.allocatable.memoryMiB
    && node.used.pods + 1 <= node.allocatable.pods;
}

function put(node: OpenNode, workload: PricedWorkload): void {
  const key = keyOf(workload);
  node.used = {
    cpuMillicores: node.used.cpuMillicores + workload.cpuMillicores,
    memoryMiB: node.used.memoryMiB + workload.memoryMiB,
    pods: node.used.pods + 1,
  };
  node.pods.set(key, (node.pods.get(key) ?? 0) + 1);
}

/** Largest first, measured by the larger share of CPU or memory of the largest node there is; equal ones by name, so that the result is always the same. */
function largestFirst(groups: readonly PodGroup[], pools: readonly PricedNodePool[]): PodGroup[] {
  const sizes = pools.flatMap(typesOf).map(allocatableOf);
  const cpu = Math.max(1, ...sizes.map((size) => size.cpuMillicores));
  const memory = Math.max(1, ...sizes.map((size) => size.memoryMiB));
  const sizeOf = ({ workload }: PodGroup) => Math.max(workload.cpuMillicores / cpu, workload.memoryMiB / memory);
  return [...groups].sort((a, b) => sizeOf(b) - sizeOf(a) || (keyOf(a.workload) < keyOf(b.workload) ? -1 : 1));
}
