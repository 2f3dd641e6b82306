import { k8s } from 'cdk8s-plus-28';

const READ = ['get', 'list', 'watch'];
const WRITE = [...READ, 'patch', 'update'];
const OWN = ['create', 'delete', ...WRITE];

/**
 * What KEDA's operator may do in the whole cluster: what upstream's own manifests ask for at the catalogued version, no more and no less.
 * A test compares them.
 */
export const OPERATOR_CLUSTER_RULES: k8s.PolicyRule[] = [
  { apiGroups: [''], resources: ['configmaps', 'configmaps/status', 'external', 'pods', 'secrets', 'services'], verbs: READ },
  { apiGroups: [''], resources: ['limitranges', 'serviceaccounts'], verbs: ['list', 'watch'] },
  { apiGroups: ['', 'events.k8s.io'], resources: ['events'], verbs: ['create', 'patch'] },
  { apiGroups: ['*'], resources: ['*'], verbs: ['get'] }, // it reads whatever a scaleTargetRef names
  { apiGroups: ['*'], resources: ['*/scale'], verbs: WRITE },
  { apiGroups: ['admissionregistration.k8s.io'], resources: ['validatingwebhookconfigurations'], verbs: WRITE }, // it rotates the certificates in them
  { apiGroups: ['apiregistration.k8s.io'], resources: ['apiservices'], verbs: WRITE },
  { apiGroups: ['apps'], resources: ['deployments', 'replicasets', 'statefulsets'], verbs: ['list', 'watch'] },
  { apiGroups: ['autoscaling'], resources: ['horizontalpodautoscalers'], verbs: OWN },
  { apiGroups: ['batch'], resources: ['jobs'], verbs: OWN },
  { apiGroups: ['discovery.k8s.io'], resources: ['endpointslices'], verbs: READ },
  {
    apiGroups: ['eventing.keda.sh'],
    resources: ['cloudeventsources', 'cloudeventsources/status', 'clustercloudeventsources', 'clustercloudeventsources/status'],
    verbs: WRITE,
  },
  {
    apiGroups: ['keda.sh'],
    resources: [
      'clustertriggerauthentications', 'clustertriggerauthentications/status', 'scaledjobs', 'scaledjobs/finalizers', 'scaledjobs/status',
      'scaledobjects', 'scaledobjects/finalizers', 'scaledobjects/status', 'triggerauthentications', 'triggerauthentications/status',
    ],
    verbs: WRITE,
  },
];

/** What it may do in its own namespace. */
export const OPERATOR_NAMESPACE_RULES: k8s.PolicyRule[] = [
  { apiGroups: [''], resources: ['secrets'], verbs: OWN },
  { apiGroups: ['coordination.k8s.io'], resources: ['leases'], verbs: OWN },
];

/** What the autoscaler may ask KEDA's metrics API. */
export const METRICS_READER_RULES: k8s.PolicyRule[] = [{ apiGroups: ['external.metrics.k8s.io'], resources: ['*'], verbs: ['*'] }];
