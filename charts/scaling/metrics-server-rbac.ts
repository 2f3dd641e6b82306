import type { k8s } from 'cdk8s-plus-28';

const READ = ['get', 'list', 'watch'];

/** What metrics-server may do: what upstream's own manifests ask for at the catalogued version, no more and no less. A test compares them. */
export const METRICS_SERVER_RULES: k8s.PolicyRule[] = [
  { apiGroups: [''], resources: ['nodes/metrics'], verbs: ['get'] },
  { apiGroups: [''], resources: ['pods', 'nodes'], verbs: READ },
];

/** What whoever may view a cluster may ask of it. */
export const METRICS_READER_RULES: k8s.PolicyRule[] = [{ apiGroups: ['metrics.k8s.io'], resources: ['pods', 'nodes'], verbs: READ }];
