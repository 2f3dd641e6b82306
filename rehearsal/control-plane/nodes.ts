import type { KubeObject } from './kube-objects';

/** A node that KWOK keeps alive. */
export interface NodeSpec {
  readonly name: string;
  /** Name of the node pool it belongs to. */
  readonly pool: string;
  /** What pods can use, in thousandths of a core. */
  readonly cpuMillicores: number;
  /** What pods can use, in MiB. */
  readonly memoryMiB: number;
  /** Pods that fit at most. @default 110 */
  readonly pods?: number;
  /** Availability zone. @default - none */
  readonly zone?: string;
  /** @default - those of the pool, the zone and the host name */
  readonly labels?: Readonly<Record<string, string>>;
  /** @default - none */
  readonly taints?: readonly { readonly key: string; readonly value?: string; readonly effect: 'NoSchedule' | 'PreferNoSchedule' | 'NoExecute' }[];
}

/** The label that EKS puts on the nodes of a managed node group. */
const POOL_LABEL = 'eks.amazonaws.com/nodegroup';

/** The Node object. */
export function nodeObject(node: NodeSpec): KubeObject {
  const resources = { cpu: `${node.cpuMillicores}m`, memory: `${node.memoryMiB}Mi`, pods: String(node.pods ?? 110), 'ephemeral-storage': '100Gi' };
  return {
    apiVersion: 'v1',
    kind: 'Node',
    metadata: {
      name: node.name,
      annotations: { 'kwok.x-k8s.io/node': 'fake', 'node.alpha.kubernetes.io/ttl': '0' },
      labels: {
        'kubernetes.io/hostname': node.name,
        'kubernetes.io/os': 'linux',
        'kubernetes.io/arch': 'amd64',
        [POOL_LABEL]: node.pool,
        ...(node.zone ? { 'topology.kubernetes.io/zone': node.zone, 'topology.kubernetes.io/region': node.zone.replace(/[a-z]$/, '') } : {}),
        ...node.labels,
      },
    },
    spec: node.taints?.length ? { taints: node.taints } : {},
    status: { allocatable: resources, capacity: resources },
  };
}

/** Whether pods can be placed on it. */
export function isNodeReady(node: KubeObject | undefined): true | string {
  if (!node) return 'it does not exist';
  const ready = (node.status?.conditions ?? []).find((condition: { type: string }) => condition.type === 'Ready');
  if (ready?.status !== 'True') return `condition Ready is ${ready?.status ?? 'absent'}`;
  const taint = (node.spec?.taints ?? []).find((each: { key: string }) => each.key === 'node.kubernetes.io/not-ready');
  return taint ? 'the taint not-ready is still there' : true;
}
