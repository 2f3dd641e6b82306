import type { Environment } from '../config';
import { allocatableOf, instanceTypes } from '../pricing/instance-types';
import type { NodeSpec } from './control-plane';

/** Zone letters, as AWS names them. */
const ZONES = ['a', 'b', 'c'];

/**
 * The nodes of an environment, every pool at its most: no autoscaler of nodes runs at this level, so room is there from the start.
 *
 * Pools that the provisioner scales are doubled: two copies of the rehearsed service run side by side, and neither may be short of room because of the other.
 * Their labels are those that node groups and the provisioner give their nodes, by which pods choose.
 */
export function nodesOf(environment: Environment): NodeSpec[] {
  return environment.nodePools.flatMap((pool) => {
    const type = instanceTypes.get(pool.instanceTypes[0] ?? '');
    if (!type) return [];
    const room = allocatableOf(type);
    const provisioned = pool.scaledBy === 'provisioner';
    const count = provisioned ? pool.maxNodes * 2 : pool.maxNodes;
    return Array.from({ length: count }, (_, index): NodeSpec => ({
      name: `${pool.name}-${index + 1}`,
      pool: pool.name,
      cpuMillicores: room.cpuMillicores,
      memoryMiB: room.memoryMiB,
      pods: room.pods,
      zone: `${environment.region}${ZONES[index % environment.network.availabilityZones]}`,
      labels: {
        'node.kubernetes.io/instance-type': type.name,
        'kubernetes.io/arch': /^[a-z]+\d+[a-z]*g/.test(type.name) ? 'arm64' : 'amd64',
        'tideline.dev/pool': pool.name,
        'tideline.dev/capacity': pool.capacity,
        ...(provisioned ? { 'karpenter.sh/nodepool': pool.name, 'karpenter.sh/capacity-type': pool.capacity } : {}),
      },
    }));
  });
}
