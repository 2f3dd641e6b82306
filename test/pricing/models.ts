import type { EnvironmentModel, PricedWorkload } from '../../pricing/contract';

/** A small environment in the shape of a real one: two pools, a scaled service, one pod per node. */
export function smallModel(changes: Partial<EnvironmentModel> = {}): EnvironmentModel {
  return {
    version: 1,
    name: 'dev',
    region: 'us-east-1',
    controlPlanes: 1,
    natGateways: 1,
    loadBalancers: 1,
    nodePools: [
      { name: 'system', capacity: 'on-demand', instanceTypes: ['t4g.large'], minNodes: 2, maxNodes: 3 },
      { name: 'workload', capacity: 'spot', instanceTypes: ['m7g.large', 'm6g.large', 'c7g.large'], minNodes: 0, maxNodes: 8 },
    ],
    workloads: [
      workload({ name: 'catalog', namespace: 'catalog', cpuMillicores: 500, memoryMiB: 192, minReplicas: 2, maxReplicas: 20 }),
      workload({ name: 'cost', namespace: 'cost', cpuMillicores: 100, memoryMiB: 128 }),
      workload({ name: 'forecaster', namespace: 'forecaster', cpuMillicores: 250, memoryMiB: 256 }),
      workload({ name: 'node-exporter', namespace: 'observability', cpuMillicores: 20, memoryMiB: 32, perNode: true }),
    ],
    volumes: [{ name: 'prometheus', type: 'gp3', sizeGiB: 50 }],
    dataTransferGiB: {},
    budgetMonthlyUsd: 600,
    ...changes,
  };
}

/** A workload of one replica; name the rest. */
export function workload(changes: Partial<PricedWorkload>): PricedWorkload {
  return { name: 'web', namespace: 'shop', cpuMillicores: 100, memoryMiB: 128, minReplicas: 1, maxReplicas: 1, ...changes };
}
