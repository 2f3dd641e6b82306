import { k8s } from 'cdk8s-plus-28';

const READ = ['get', 'list', 'watch'];
const CHANGE = ['patch', 'update'];

/**
 * What Karpenter may do in the whole cluster: what upstream's own chart gives it at the catalogued version, no more and no less. A test compares them.
 *
 * Upstream's aggregated role, by which whoever administers a namespace may change node pools, is left out.
 */
export const CORE_RULES: k8s.PolicyRule[] = [
  { apiGroups: ['karpenter.sh'], resources: ['nodepools', 'nodepools/status', 'nodeclaims', 'nodeclaims/status', 'nodeoverlays', 'nodeoverlays/status'], verbs: READ },
  { apiGroups: ['autoscaling.x-k8s.io'], resources: ['capacitybuffers', 'capacitybuffers/status'], verbs: READ },
  { apiGroups: [''], resources: ['events', 'namespaces', 'nodes', 'persistentvolumeclaims', 'persistentvolumes', 'pods', 'podtemplates', 'replicationcontrollers'], verbs: READ },
  { apiGroups: ['storage.k8s.io'], resources: ['csinodes', 'storageclasses', 'volumeattachments'], verbs: READ },
  { apiGroups: ['apps'], resources: ['daemonsets', 'deployments', 'replicasets', 'statefulsets'], verbs: READ },
  { apiGroups: ['policy'], resources: ['poddisruptionbudgets'], verbs: READ },
  { apiGroups: ['karpenter.sh'], resources: ['nodeclaims', 'nodeclaims/status'], verbs: ['create', 'delete', ...CHANGE] },
  { apiGroups: ['karpenter.sh'], resources: ['nodepools', 'nodepools/status', 'nodeoverlays/status'], verbs: CHANGE },
  { apiGroups: ['autoscaling.x-k8s.io'], resources: ['capacitybuffers/status'], verbs: CHANGE },
  { apiGroups: [''], resources: ['events'], verbs: ['create', 'patch'] },
  { apiGroups: [''], resources: ['nodes'], verbs: ['delete', ...CHANGE] },
  { apiGroups: [''], resources: ['pods/eviction'], verbs: ['create'] },
  { apiGroups: [''], resources: ['pods'], verbs: ['delete'] },
];

/** What it may do with AWS's own kinds. */
export const AWS_RULES: k8s.PolicyRule[] = [
  { apiGroups: ['karpenter.k8s.aws'], resources: ['ec2nodeclasses'], verbs: READ },
  { apiGroups: ['karpenter.k8s.aws'], resources: ['ec2nodeclasses', 'ec2nodeclasses/status'], verbs: CHANGE },
];

/** What it may do in its own namespace: agree on which replica leads. Creation cannot be bound to a name. */
export const LEADER_RULES: k8s.PolicyRule[] = [
  { apiGroups: ['coordination.k8s.io'], resources: ['leases'], verbs: ['get', 'watch'] },
  { apiGroups: ['coordination.k8s.io'], resources: ['leases'], verbs: CHANGE, resourceNames: ['karpenter-leader-election'] },
  { apiGroups: ['coordination.k8s.io'], resources: ['leases'], verbs: ['create'] },
];

/** What it may ask of `kube-system`: the address that nodes resolve names at. */
export const DNS_RULES: k8s.PolicyRule[] = [{ apiGroups: [''], resources: ['services'], resourceNames: ['kube-dns'], verbs: ['get'] }];
