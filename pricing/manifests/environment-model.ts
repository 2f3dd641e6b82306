import type { Fault } from '../../base/faults';
import type { EnvironmentModel } from '../contract';
import { at, namespaceOf, PricedObject, textAt, titleOf } from './objects';
import { volumesOf } from './storage';
import { isUncounted, workloadOf } from './workloads';

/** What pricing needs to know of an environment that its manifests do not say. */
export type EnvironmentFacts = Omit<EnvironmentModel, 'version' | 'loadBalancers' | 'workloads' | 'volumes'>;

/**
 * What an environment consists of: given facts, and what its manifests ask for. Any manifests will do, whoever wrote them: Deployments, StatefulSets, DaemonSets, ReplicaSets
 * and Pods; the limits of HorizontalPodAutoscalers and KEDA's ScaledObjects; claims for volumes; Services and Ingresses that make the cloud build a load balancer.
 *
 * @throws FaultError naming a request, a size or a count that cannot be read: what cannot be read must not be priced as nothing
 */
export function environmentModelOf(facts: EnvironmentFacts, objects: readonly PricedObject[]): EnvironmentModel {
  const workloads = workloadsOf(facts, objects);
  const { name, region, controlPlanes, kubernetesSupport, natGateways, loadBalancerCapacityUnits, nodePools, dataTransferGiB, budgetMonthlyUsd } = facts;
  return {
    version: 1, name, region, controlPlanes, ...(kubernetesSupport ? { kubernetesSupport } : {}), natGateways,
    loadBalancers: loadBalancersOf(objects), ...(loadBalancerCapacityUnits === undefined ? {} : { loadBalancerCapacityUnits }),
    nodePools, workloads: [...workloads.values()], volumes: volumesOf(objects, workloads).volumes, dataTransferGiB, budgetMonthlyUsd,
  };
}

/** What of these manifests costs something that the model does not hold, and why; it is unknown, not 0. */
export function unmodelled(facts: EnvironmentFacts, objects: readonly PricedObject[]): Fault[] {
  return [
    ...objects.filter(isUncounted).map((object): Fault => ({
      where: titleOf(object), got: 'pods that do not run all month, or of a kind only its controller knows', allowed: 'Deployment, StatefulSet, DaemonSet, ReplicaSet, Pod',
      do: 'add what its pods cost by hand',
    })),
    ...volumesOf(objects, workloadsOf(facts, objects)).unknown,
  ];
}

function workloadsOf(facts: EnvironmentFacts, objects: readonly PricedObject[]): ReadonlyMap<PricedObject, EnvironmentModel['workloads'][number]> {
  return new Map(objects.flatMap((object) => {
    const workload = workloadOf(object, objects, facts.nodePools);
    return workload ? [[object, workload] as const] : [];
  }));
}

/** Load balancers that the cloud builds: one a Service of that type, and one for Ingresses of the AWS class, which may share one. */
function loadBalancersOf(objects: readonly PricedObject[]): number {
  const services = objects.filter((object) => object.kind === 'Service' && textAt(object.spec, 'type') === 'LoadBalancer').length;
  const ingresses = objects.filter((object) => object.kind === 'Ingress' && (textAt(object.spec, 'ingressClassName') ?? annotation(object, 'kubernetes.io/ingress.class')) === 'alb');
  return services + new Set(ingresses.map((object) => annotation(object, 'alb.ingress.kubernetes.io/group.name') ?? `${namespaceOf(object)}/${object.metadata.name}`)).size;
}

function annotation(object: PricedObject, name: string): string | undefined {
  return textAt(at(object.metadata, 'annotations'), name);
}
