import { stringify } from 'yaml';
import type { Compression } from '../../control-plane';

/** What {@link kindConfig} needs to know. */
export interface KindConfigOptions {
  readonly name: string;
  /** 1, or 3: the control plane, which runs pods too, and two workers. */
  readonly nodes: 1 | 3;
  /** Zones that nodes are spread over, the first for the control plane. */
  readonly zones: readonly string[];
  /** Region of the zones. */
  readonly region: string;
  /** Labels of all nodes besides. @default - none */
  readonly labels?: Readonly<Record<string, string>>;
  readonly compression: Compression;
  /** Folder that all nodes see, read-only, by which they are known to be ours. Absolute. */
  readonly ownerFolder: string;
  /** Tags of images that kubeadm would take others of. @default - kubeadm's own: the node image is upstream's */
  readonly tags?: { readonly etcd: string; readonly coredns: string };
}

/** Where nodes see the folder that says whose they are. */
export const OWNER_MOUNT = '/kind/owner';

const arg = (name: string, value: string | number) => ({ name, value: String(value) });

/** The cluster as kind is told it: YAML. */
export function kindConfig(options: KindConfigOptions): string {
  const { name, nodes, zones, region, compression, tags } = options;
  return stringify({
    kind: 'Cluster',
    apiVersion: 'kind.x-k8s.io/v1alpha4',
    name,
    networking: { apiServerAddress: '127.0.0.1', ipFamily: 'ipv4' }, // node-seal knows the ranges of pods and Services that kind takes for this
    kubeadmConfigPatches: [clusterConfiguration(compression, tags), KUBELET, ...registrations(nodes, compression)].map((patch) => stringify(patch)),
    nodes: Array.from({ length: nodes }, (_, index) => ({
      role: index === 0 ? 'control-plane' : 'worker',
      labels: { 'topology.kubernetes.io/region': region, 'topology.kubernetes.io/zone': zones[index % zones.length] ?? region, ...options.labels },
      extraMounts: [{ hostPath: options.ownerFolder, containerPath: OWNER_MOUNT, readOnly: true }],
    })),
  });
}

/** Windows of the autoscaler are divided by the speed, as at level control-plane. */
function clusterConfiguration(compression: Compression, tags: KindConfigOptions['tags']): object {
  return {
    kind: 'ClusterConfiguration',
    ...(tags ? { dns: { imageTag: tags.coredns } } : {}),
    // The data is thrown away after the run: nothing has to reach the disk before an answer.
    etcd: { local: { ...(tags ? { imageTag: tags.etcd } : {}), extraArgs: [arg('unsafe-no-fsync', 'true')] } },
    controllerManager: {
      extraArgs: [
        arg('horizontal-pod-autoscaler-sync-period', `${compression.hpaSyncPeriodMs}ms`),
        arg('horizontal-pod-autoscaler-downscale-stabilization', `${compression.hpaDownscaleStabilizationMs}ms`),
        arg('horizontal-pod-autoscaler-cpu-initialization-period', `${compression.hpaCpuInitializationPeriodMs}ms`),
        arg('horizontal-pod-autoscaler-initial-readiness-delay', `${compression.hpaInitialReadinessDelayMs}ms`),
        arg('horizontal-pod-autoscaler-tolerance', compression.hpaTolerance),
      ],
    },
  };
}

const KUBELET = {
  kind: 'KubeletConfiguration',
  serverTLSBootstrap: true, // its certificate is signed by the cluster, so that who reads metrics of nodes can check it
  maxPods: 200,
};

/**
 * How nodes register. The control plane's runs pods as the others do: there are few. Of a single node, kind removes the taint itself, and fails when it finds that done.
 * CPU of containers is measured every ten seconds, which is long in compressed time; more often than every two seconds the measuring itself would be seen.
 */
function registrations(nodes: 1 | 3, { speed }: Compression): object[] {
  const kubeletExtraArgs = [arg('housekeeping-interval', `${Math.max(2, Math.round(10 / speed))}s`)];
  return [
    { kind: 'InitConfiguration', nodeRegistration: { kubeletExtraArgs, ...(nodes === 1 ? {} : { taints: [] }) }, timeouts: TIMEOUTS },
    { kind: 'JoinConfiguration', nodeRegistration: { kubeletExtraArgs }, timeouts: TIMEOUTS },
  ];
}

/** An API server that starts on two busy cores takes longer than kubeadm waits by itself. */
const TIMEOUTS = { kubernetesAPICall: '4m0s' };
