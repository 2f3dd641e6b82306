import type { PricedWorkload } from './contract';

/**
 * What EKS itself runs on a cluster's nodes: the add-ons of components/cloud, with the requests they ship with. No manifest of an environment holds them, yet they take
 * CPU, memory and pod slots that would otherwise be counted as free. A workload of the same namespace and name in a model replaces one of these.
 */
export const EKS_ADD_ONS: readonly PricedWorkload[] = [
  { namespace: 'kube-system', name: 'aws-node', cpuMillicores: 50, memoryMiB: 0, minReplicas: 1, maxReplicas: 1, perNode: true },
  { namespace: 'kube-system', name: 'kube-proxy', cpuMillicores: 100, memoryMiB: 0, minReplicas: 1, maxReplicas: 1, perNode: true },
  { namespace: 'kube-system', name: 'eks-pod-identity-agent', cpuMillicores: 0, memoryMiB: 0, minReplicas: 1, maxReplicas: 1, perNode: true },
  { namespace: 'kube-system', name: 'ebs-csi-node', cpuMillicores: 30, memoryMiB: 120, minReplicas: 1, maxReplicas: 1, perNode: true },
  { namespace: 'kube-system', name: 'ebs-csi-controller', cpuMillicores: 60, memoryMiB: 240, minReplicas: 2, maxReplicas: 2 },
  { namespace: 'kube-system', name: 'coredns', cpuMillicores: 100, memoryMiB: 70, minReplicas: 2, maxReplicas: 2 },
];
