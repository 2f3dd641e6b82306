import { Fault, needInto } from '../../base/faults';

/** What one add-on needs from the cluster. */
export interface AddonFacts {
  /** Daemon sets come before nodes, so that a first node becomes ready; Deployments after, because EKS waits until they run. */
  readonly when: 'before-nodes' | 'after-nodes';
  /** Whether nodes of EKS Auto Mode have it built in. */
  readonly builtIntoAutoMode: boolean;
  /** What it does in AWS, and as whom. */
  readonly identity?: { readonly serviceAccount: string; readonly policy: string };
}

const BUILT_IN = { builtIntoAutoMode: true } as const;

/** Facts of every add-on known here, in the order they are installed. */
export const ADDONS: Readonly<Record<AddonName, AddonFacts>> = {
  'eks-pod-identity-agent': { when: 'before-nodes', ...BUILT_IN },
  'vpc-cni': { when: 'before-nodes', ...BUILT_IN, identity: { serviceAccount: 'aws-node', policy: 'arn:aws:iam::aws:policy/AmazonEKS_CNI_Policy' } },
  'kube-proxy': { when: 'before-nodes', ...BUILT_IN },
  'eks-node-monitoring-agent': { when: 'before-nodes', ...BUILT_IN },
  coredns: { when: 'after-nodes', ...BUILT_IN },
  'aws-ebs-csi-driver': {
    when: 'after-nodes', ...BUILT_IN,
    identity: { serviceAccount: 'ebs-csi-controller-sa', policy: 'arn:aws:iam::aws:policy/service-role/AmazonEBSCSIDriverPolicy' },
  },
  'metrics-server': { when: 'after-nodes', builtIntoAutoMode: false },
  'snapshot-controller': { when: 'after-nodes', builtIntoAutoMode: false },
};

/** Add-ons that EKS manages for us. */
export type AddonName = 'vpc-cni' | 'kube-proxy' | 'eks-pod-identity-agent' | 'eks-node-monitoring-agent' | 'coredns' | 'aws-ebs-csi-driver' | 'metrics-server' | 'snapshot-controller';

/** The add-ons, in the order they are installed. */
export const ADDON_NAMES = Object.keys(ADDONS) as readonly AddonName[];

/** What a cluster has unless told otherwise: all of them but the snapshot controller, which does nothing until somebody defines classes of snapshots. */
export const DEFAULT_ADDONS: readonly AddonName[] = ADDON_NAMES.filter((name) => name !== 'snapshot-controller');

/** How the add-ons are set. What is not listed here goes through `transform.addon`. */
export interface AddonSettings {
  readonly 'vpc-cni'?: {
    /** Whether interfaces get blocks of 16 addresses, so that a node takes four to ten times the pods. Nitro instances only. @default true */
    readonly prefixDelegation?: boolean;
    /** Whether NetworkPolicies are enforced; without, they are accepted and mean nothing. @default true */
    readonly networkPolicy?: boolean;
  };
  readonly coredns?: {
    /** @default 2 */
    readonly minReplicas?: number;
    /** EKS adds replicas with nodes and cores, up to this. @default 10 */
    readonly maxReplicas?: number;
  };
  readonly 'metrics-server'?: {
    /** @default 2 */
    readonly replicas?: number;
  };
}

/** `configurationValues` of an add-on, or undefined where it takes what it comes with. The schema of each: `aws eks describe-addon-configuration`. */
export function addonValues(name: AddonName, settings: AddonSettings, volumeTags: Readonly<Record<string, string>>): object | undefined {
  const disruption = { enabled: true, maxUnavailable: 1 };
  switch (name) {
    case 'vpc-cni': {
      const { prefixDelegation = true, networkPolicy = true } = settings['vpc-cni'] ?? {};
      return {
        enableNetworkPolicy: String(networkPolicy), // texts, where the schema says so
        env: prefixDelegation ? { ENABLE_PREFIX_DELEGATION: 'true', WARM_PREFIX_TARGET: '1' } : { ENABLE_PREFIX_DELEGATION: 'false' },
      };
    }
    case 'coredns': {
      const { minReplicas = 2, maxReplicas = 10 } = settings.coredns ?? {};
      return { autoScaling: { enabled: true, minReplicas, maxReplicas }, podDisruptionBudget: disruption };
    }
    case 'metrics-server': return { replicas: settings['metrics-server']?.replicas ?? 2, podDisruptionBudget: disruption };
    case 'aws-ebs-csi-driver': return Object.keys(volumeTags).length > 0 ? { controller: { extraVolumeTags: volumeTags } } : undefined;
    default: return undefined;
  }
}

/** What is wrong with the choice of add-ons and their settings. @param names those the cluster will have */
export function addonFaults(names: readonly AddonName[], settings: AddonSettings, versions: Partial<Readonly<Record<AddonName, string>>>, path: string): Fault[] {
  const faults: Fault[] = [];
  const need = needInto(faults, path);
  for (const name of names) need(ADDON_NAMES.includes(name), 'addons', name, ADDON_NAMES.join(', '), 'choose add-ons known here, and bring others through GitOps');
  need(new Set(names).size === names.length, 'addons', names, 'each add-on once', 'remove what is there twice');
  for (const [where, given] of [['addonSettings', settings], ['addonVersions', versions]] as const) {
    for (const name of Object.keys(given)) need((names as readonly string[]).includes(name), where, name, names.join(', '), 'leave it out: the cluster does not have that add-on');
  }
  Object.entries(versions).forEach(([name, version]) => {
    need(/^v\d+\.\d+\.\d+-eksbuild\.\d+$/.test(version), `addonVersions.${name}`, version, 'a version such as v1.13.1-eksbuild.1', 'aws eks describe-addon-versions lists them');
  });
  const { minReplicas = 2, maxReplicas = 10 } = settings.coredns ?? {};
  need(Number.isInteger(minReplicas) && Number.isInteger(maxReplicas) && minReplicas >= 1 && minReplicas <= maxReplicas && maxReplicas <= 1000, 'addonSettings.coredns', `${minReplicas} to ${maxReplicas} replicas`,
    'whole numbers, 1 <= minReplicas <= maxReplicas <= 1000', 'swap them or raise maxReplicas');
  const replicas = settings['metrics-server']?.replicas ?? 2;
  need(Number.isInteger(replicas) && replicas >= 1 && replicas <= 10, 'addonSettings.metrics-server', replicas, '1 to 10 replicas', 'set it, or leave it out for 2');
  return faults;
}
