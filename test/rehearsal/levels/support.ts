import type { KubeObject } from '../../../rehearsal/control-plane/kube-objects';

/** The catalog service's Application in short: everything that the rehearsal looks at. */
export function catalogObjects(changes: { readonly scaledObject?: (spec: Record<string, any>) => void } = {}): KubeObject[] { // eslint-disable-line @typescript-eslint/no-explicit-any -- a manifest
  const spec = {
    scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'catalog' },
    minReplicaCount: 2,
    maxReplicaCount: 20,
    pollingInterval: 15,
    fallback: { failureThreshold: 3, replicas: 2 },
    advanced: {
      restoreToOriginalReplicaCount: false,
      horizontalPodAutoscalerConfig: {
        name: 'catalog',
        behavior: {
          scaleUp: { stabilizationWindowSeconds: 0, selectPolicy: 'Max', policies: [{ type: 'Percent', value: 100, periodSeconds: 15 }, { type: 'Pods', value: 4, periodSeconds: 15 }] },
          scaleDown: { stabilizationWindowSeconds: 120, selectPolicy: 'Max', policies: [{ type: 'Percent', value: 100, periodSeconds: 15 }] },
        },
      },
    },
    triggers: [
      { type: 'cpu', metricType: 'Utilization', metadata: { value: '75' } },
      {
        type: 'prometheus',
        name: 'forecast-demand',
        metricType: 'AverageValue',
        metadata: {
          serverAddress: 'http://prometheus.observability.svc:9090',
          query: 'max(tideline_demand{namespace="catalog",service="catalog",metric="requests"})',
          threshold: '36.75',
          ignoreNullValues: 'false',
        },
      },
    ],
  };
  changes.scaledObject?.(spec);
  const metadata = { name: 'catalog', namespace: 'catalog', labels: { 'app.kubernetes.io/name': 'catalog' } };
  return [
    { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'catalog', labels: { 'kubernetes.io/metadata.name': 'catalog' } } },
    {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata,
      spec: { minReadySeconds: 240, template: { metadata: { labels: metadata.labels }, spec: { containers: [{ name: 'catalog', env: [{ name: 'SELF', value: 'http://catalog.catalog.svc:80' }] }] } } },
    },
    { apiVersion: 'networking.k8s.io/v1', kind: 'NetworkPolicy', metadata, spec: { ingress: [{ from: [{ namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'catalog' } } }] }] } },
    { apiVersion: 'rbac.authorization.k8s.io/v1', kind: 'ClusterRole', metadata: { name: 'catalog-reader' } },
    {
      apiVersion: 'rbac.authorization.k8s.io/v1',
      kind: 'ClusterRoleBinding',
      metadata: { name: 'catalog-reader' },
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'catalog-reader' },
      subjects: [{ kind: 'ServiceAccount', name: 'catalog', namespace: 'catalog' }],
    },
    { apiVersion: 'keda.sh/v1alpha1', kind: 'TriggerAuthentication', metadata: { name: 'prometheus', namespace: 'catalog' } },
    { apiVersion: 'keda.sh/v1alpha1', kind: 'ScaledObject', metadata, spec },
  ];
}
