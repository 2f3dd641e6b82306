import type { KubeApi } from '../../control-plane';
import type { KubeObject } from '../../control-plane/kube-objects';
import { bytesOf, millicoresOf, Room } from './rewrites';

interface Requests { readonly cpu?: string; readonly memory?: string }

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);

/** What the nodes of a cluster have for pods, and what is taken of it. @param more workloads that will be started and that no file of dist/ brings */
export async function roomOf(api: KubeApi, more: readonly KubeObject[]): Promise<Room> {
  const nodes = await api.list<KubeObject>('v1', 'Node');
  const pods = await api.list<KubeObject>('v1', 'Pod');
  const templates = more.flatMap((object) => (object.spec?.template?.spec ? [object.spec.template.spec] : [])) as PodSpec[];
  const asked = [...pods.map((pod) => pod.spec as PodSpec), ...templates].flatMap(({ containers }) => containers.map(({ resources }) => resources?.requests ?? {}));
  const allocatable = nodes.map((node) => node.status?.allocatable as Requests);
  return {
    cpuMillicores: sum(allocatable.map(({ cpu }) => millicoresOf(cpu))),
    cpuTakenMillicores: sum(asked.map(({ cpu }) => millicoresOf(cpu))),
    memoryBytes: sum(allocatable.map(({ memory }) => bytesOf(memory))),
    memoryTakenBytes: sum(asked.map(({ memory }) => bytesOf(memory))),
  };
}

interface PodSpec { readonly containers: readonly { readonly resources?: { readonly requests?: Requests } }[] }
