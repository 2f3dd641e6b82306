import type { Environment } from '../config';
import { allocatableOf, instanceTypes } from '../pricing/instance-types';
import type { NodeSpec } from './control-plane';

/** Zone letters, as AWS names them. */
const ZONES = ['a', 'b', 'c'];

/**
 * The nodes of an environment, every pool at its most: no autoscaler of nodes runs at this level, so room is there from the start.
 *
 * Pools beyond the first (which is the system's) are doubled: two copies of the rehearsed service run side by side, and neither may be short of room
 * because of the other.
 */
export function nodesOf(environment: Environment): NodeSpec[] {
  return environment.nodePools.flatMap((pool, poolIndex) => {
    const type = instanceTypes.get(pool.instanceTypes[0] ?? '');
    if (!type) return [];
    const room = allocatableOf(type);
    const count = poolIndex === 0 ? pool.maxNodes : pool.maxNodes * 2;
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
        'karpenter.sh/capacity-type': pool.capacity,
      },
    }));
  });
}
