import type { KubeApi } from '../../../control-plane';
import { KubeObject, ObjectRef, refOf } from '../../../control-plane/kube-objects';

/** Whether all pods of a Deployment or StatefulSet are of its newest revision and ready; else how far it is. */
export function rolledOut(object: KubeObject | undefined): true | string {
  if (!object) return 'it does not exist';
  const { generation = 1 } = object.metadata as { generation?: number };
  const status = object.status ?? {};
  if ((status.observedGeneration ?? 0) < generation) return 'its controller has not seen it yet';
  const wanted: number = object.spec?.replicas ?? 1;
  const { updatedReplicas = 0, replicas = 0, readyReplicas = 0 } = status;
  const ready = object.kind === 'Deployment' ? status.availableReplicas ?? 0 : readyReplicas;
  return (updatedReplicas >= wanted && replicas <= wanted && ready >= wanted) || `${Math.min(updatedReplicas, ready)} of ${wanted} pods ready`;
}

/** Workloads among objects: what makes pods and can be waited for. */
export function workloadsOf(objects: readonly KubeObject[]): ObjectRef[] {
  return objects.filter(({ kind }) => kind === 'Deployment' || kind === 'StatefulSet').map(refOf);
}

/** The pods that a workload selects, those of its newest revision last. */
export async function podsOf(api: KubeApi, workload: ObjectRef): Promise<KubeObject[]> {
  const object = await api.tryGet<KubeObject>(workload);
  const labels = Object.entries((object?.spec?.selector?.matchLabels ?? {}) as Record<string, string>);
  if (labels.length === 0) return [];
  const pods = await api.list('v1', 'Pod', { namespace: workload.namespace, labelSelector: labels.map(([key, value]) => `${key}=${value}`).join(',') });
  return pods.sort((a, b) => (a.metadata.creationTimestamp ?? '').localeCompare(b.metadata.creationTimestamp ?? ''));
}
