import { Fault, show } from '../base/faults';
import type { EnvironmentModel, PricedWorkload } from './contract';
import { EKS_ADD_ONS } from './eks';

/** How many replicas are priced: a named level, or counts by `namespace/name`. What a map leaves out is at its typical count. */
export type ReplicaChoice = 'minimum' | 'typical' | 'maximum' | ReadonlyMap<string, number>;

/** `namespace/name`. */
export function keyOf(workload: Pick<PricedWorkload, 'namespace' | 'name'>): string {
  return `${workload.namespace}/${workload.name}`;
}

/**
 * Replicas of an ordinary hour. Where a model does not say, a quarter of the way from minimum to maximum: over a day, load of a web service
 * averages about a third of its peak, and its peak should stay at about 70 % of the maximum.
 */
export function typicalReplicas(workload: PricedWorkload): number {
  return workload.typicalReplicas ?? Math.round(workload.minReplicas + (workload.maxReplicas - workload.minReplicas) / 4);
}

/** The model's workloads and those that EKS brings, their requests rounded up to whole millicores and MiB so that sums are exact. */
export function allWorkloads(model: EnvironmentModel): readonly PricedWorkload[] {
  const own = new Set(model.workloads.map(keyOf));
  return [...EKS_ADD_ONS.filter((addOn) => !own.has(keyOf(addOn))), ...model.workloads]
    .map((workload) => ({ ...workload, cpuMillicores: Math.ceil(workload.cpuMillicores), memoryMiB: Math.ceil(workload.memoryMiB) }));
}

/** What is wrong with the values of a model of the right shape; empty if it can be priced. */
export function environmentModelFaults(model: EnvironmentModel): Fault[] {
  const faults: Fault[] = [];
  const check = (fits: boolean, path: string, got: unknown, allowed: string, todo: string) => {
    if (!fits) faults.push({ where: `${model.name}.${path}`, got: typeof got === 'string' ? got : show(got), allowed, do: todo });
  };
  const count = (value: number, path: string) => {
    check(Number.isSafeInteger(value) && value >= 0, path, value, 'a whole number from 0', `set '${path}'`);
  };
  const amount = (value: number | undefined, path: string) => {
    check(value === undefined || (Number.isFinite(value) && value >= 0), path, value, 'a number from 0, or nothing where it is not known', `set '${path}'`);
  };
  const unique = (names: readonly string[], path: string) => {
    for (const name of new Set(names.filter((each, index) => names.indexOf(each) !== index))) {
      check(false, path, `${name} more than once`, 'names used once', 'rename one of them');
    }
  };

  count(model.controlPlanes, 'controlPlanes');
  count(model.natGateways, 'natGateways');
  count(model.loadBalancers, 'loadBalancers');
  amount(model.loadBalancerCapacityUnits, 'loadBalancerCapacityUnits');
  amount(model.dataTransferGiB.nat, 'dataTransferGiB.nat');
  amount(model.dataTransferGiB.internetOut, 'dataTransferGiB.internetOut');
  amount(model.dataTransferGiB.crossZone, 'dataTransferGiB.crossZone');
  check(Number.isFinite(model.budgetMonthlyUsd) && model.budgetMonthlyUsd > 0, 'budgetMonthlyUsd', model.budgetMonthlyUsd, 'US dollars above 0', "set 'budgetMonthlyUsd'");

  unique(model.nodePools.map((pool) => pool.name), 'nodePools');
  for (const pool of model.nodePools) {
    const path = `nodePools.${pool.name}`;
    count(pool.minNodes, `${path}.minNodes`);
    count(pool.maxNodes, `${path}.maxNodes`);
    check(!(pool.minNodes > pool.maxNodes), path, `minNodes ${pool.minNodes} above maxNodes ${pool.maxNodes}`, 'minNodes at most maxNodes', 'raise maxNodes or lower minNodes');
    check(pool.instanceTypes.length > 0, `${path}.instanceTypes`, pool.instanceTypes, 'at least one instance type', 'name an instance type');
    amount(pool.rootVolumeGiB, `${path}.rootVolumeGiB`);
  }

  unique(model.workloads.map(keyOf), 'workloads');
  const pools = new Set(model.nodePools.map((pool) => pool.name));
  for (const workload of model.workloads) {
    const path = `workloads.${keyOf(workload)}`;
    amount(workload.cpuMillicores, `${path}.cpuMillicores`);
    amount(workload.memoryMiB, `${path}.memoryMiB`);
    count(workload.minReplicas, `${path}.minReplicas`);
    count(workload.maxReplicas, `${path}.maxReplicas`);
    check(!(workload.minReplicas > workload.maxReplicas), path, `minReplicas ${workload.minReplicas} above maxReplicas ${workload.maxReplicas}`,
      'minReplicas at most maxReplicas', 'raise maxReplicas or lower minReplicas');
    if (workload.typicalReplicas !== undefined) {
      check(Number.isSafeInteger(workload.typicalReplicas) && workload.typicalReplicas >= workload.minReplicas && workload.typicalReplicas <= workload.maxReplicas,
        `${path}.typicalReplicas`, workload.typicalReplicas, `a whole number from ${workload.minReplicas} to ${workload.maxReplicas}`, 'set it between the two, or leave it out');
    }
    for (const pool of workload.pools ?? []) {
      check(pools.has(pool), `${path}.pools`, pool, [...pools].join(', ') || 'a node pool of the model', 'name a pool there is');
    }
  }

  unique(model.volumes.map((volume) => volume.name), 'volumes');
  const names = new Set(model.workloads.map(keyOf));
  for (const volume of model.volumes) {
    amount(volume.sizeGiB, `volumes.${volume.name}.sizeGiB`);
    check(volume.workload === undefined || names.has(volume.workload), `volumes.${volume.name}.workload`, volume.workload, [...names].join(', ') || 'a workload of the model', 'name a workload there is');
  }
  return faults;
}
