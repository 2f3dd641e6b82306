import type { PricedNodePool, PricedWorkload } from '../contract';
import { at, listAt, namespaceOf, podSpecOf, PricedObject, textAt, titleOf } from './objects';
import { amount, replicaCount } from './quantity';

/** Kinds whose pods run all month. */
const WORKLOADS: readonly string[] = ['Deployment', 'StatefulSet', 'DaemonSet', 'ReplicaSet', 'Pod'];
const SCALERS: readonly string[] = ['ScaledObject', 'HorizontalPodAutoscaler'];

/** Labels by which a pod asks for nodes of a pool of that name. */
const POOL_LABELS: readonly string[] = ['tideline.dev/pool', 'karpenter.sh/nodepool', 'eks.amazonaws.com/nodegroup'];
/** Labels by which a pod asks for nodes bought in a certain way. */
const CAPACITY_LABELS: readonly string[] = ['karpenter.sh/capacity-type', 'eks.amazonaws.com/capacityType'];

/** Requests of one pod. */
interface Requests {
  readonly cpuMillicores: number;
  readonly memoryMiB: number;
}

/** The workload an object is; undefined if its pods do not run all month, or it has none. */
export function workloadOf(object: PricedObject, objects: readonly PricedObject[], pools: readonly PricedNodePool[]): PricedWorkload | undefined {
  const pod = podSpecOf(object);
  if (pod === undefined || !WORKLOADS.includes(object.kind)) return undefined;
  const chosen = poolsOf(pod, pools);
  return {
    name: object.metadata.name,
    namespace: namespaceOf(object),
    ...requestsOf(pod, titleOf(object)),
    ...replicasOf(object, objects),
    ...(object.kind === 'DaemonSet' ? { perNode: true } : {}),
    ...(chosen ? { pools: chosen } : {}),
  };
}

/** Whether an object makes pods that nothing here can count: jobs come and go, and what an unknown kind makes only its controller knows. */
export function isUncounted(object: PricedObject): boolean {
  return podSpecOf(object) !== undefined && !WORKLOADS.includes(object.kind);
}

/** The replicas that a workload, or the scaler that owns it, asks for. */
function replicasOf(object: PricedObject, objects: readonly PricedObject[]): Pick<PricedWorkload, 'minReplicas' | 'maxReplicas'> {
  const title = titleOf(object);
  const replicas = replicaCount(at(object.spec, 'replicas'), 1, `${title}, replicas`);
  const scaler = objects.find((other) => SCALERS.includes(other.kind) && namespaceOf(other) === namespaceOf(object)
    && textAt(other.spec, 'scaleTargetRef', 'name') === object.metadata.name && (textAt(other.spec, 'scaleTargetRef', 'kind') ?? 'Deployment') === object.kind);
  if (!scaler) return { minReplicas: replicas, maxReplicas: replicas };
  // What a scaler leaves out is not the workload's own count: an HPA's minimum is 1 then, KEDA's is 0, and its maximum 100.
  const keda = scaler.kind === 'ScaledObject';
  const [lower, upper] = keda ? ['minReplicaCount', 'maxReplicaCount'] as const : ['minReplicas', 'maxReplicas'] as const;
  const minReplicas = replicaCount(at(scaler.spec, lower), keda ? 0 : 1, `${titleOf(scaler)}, ${lower}`);
  return { minReplicas, maxReplicas: replicaCount(at(scaler.spec, upper), keda ? 100 : minReplicas, `${titleOf(scaler)}, ${upper}`) };
}

/**
 * What the scheduler sets aside for a pod: its containers and sidecars together, or what its start needs if that is more. A container that states a limit
 * and no request requests its limit.
 */
function requestsOf(pod: unknown, title: string): Requests {
  const of = (resource: 'cpu' | 'memory'): number => {
    const requested = (container: unknown): number => {
      const stated = at(container, 'resources', 'requests', resource) ?? at(container, 'resources', 'limits', resource) ?? 0;
      return amount(stated, `${title}, container ${textAt(container, 'name') ?? '?'}, request of ${resource}`);
    };
    let sidecars = 0;
    let start = 0;
    for (const container of listAt(pod, 'initContainers')) {
      const wanted = requested(container);
      if (textAt(container, 'restartPolicy') === 'Always') {
        sidecars += wanted;
        start = Math.max(start, sidecars);
      } else {
        start = Math.max(start, sidecars + wanted);
      }
    }
    const running = listAt(pod, 'containers').reduce<number>((sum, container) => sum + requested(container), sidecars);
    return Math.max(running, start) + amount(at(pod, 'overhead', resource) ?? 0, `${title}, overhead of ${resource}`);
  };
  return { cpuMillicores: Number((of('cpu') * 1000).toPrecision(12)), memoryMiB: of('memory') / 2 ** 20 }; // sums of tenths are not exact
}

/** Names of the pools a pod's node selector leaves; undefined if it leaves every one, or names none there is. */
function poolsOf(pod: unknown, pools: readonly PricedNodePool[]): readonly string[] | undefined {
  const names = POOL_LABELS.flatMap((label) => textAt(pod, 'nodeSelector', label) ?? []);
  const capacities = CAPACITY_LABELS.flatMap((label) => textAt(pod, 'nodeSelector', label)?.toLowerCase().replace('_', '-') ?? []);
  if (names.length === 0 && capacities.length === 0) return undefined;
  const left = pools.filter((pool) => names.every((name) => name === pool.name) && capacities.every((capacity) => capacity === pool.capacity)).map((pool) => pool.name);
  return left.length > 0 ? left : undefined;
}
