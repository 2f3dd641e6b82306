import { Chart } from 'cdk8s';
import { k8s } from 'cdk8s-plus-28';
import { Allow, imageOf, labelsOf, RESTRICTED_CONTAINER, RESTRICTED_POD, selectorOf } from '../../components';
import { catalogue } from '../../config';
import { ApplicationSpec, NAMESPACES, ownershipOf, PROMETHEUS } from '../context';

/** Its name and the port that is scraped. */
export const KUBE_STATE_METRICS = { name: 'kube-state-metrics', port: 8080 } as const;

const { name: NAME, port } = KUBE_STATE_METRICS;
const namespace = NAMESPACES.observability;
/** Tells of itself; its readiness is asked here. */
const TELEMETRY_PORT = 8081;

/** The families that recording rules read. */
export const FAMILIES = ['kube_pod_container_resource_limits', 'kube_pod_container_resource_requests', 'kube_pod_labels', 'kube_pod_status_ready'] as const;
/** Labels of pods that `kube_pod_labels` shows. */
const POD_LABELS = ['app.kubernetes.io/name', 'app.kubernetes.io/part-of'];

/** kube-state-metrics, written as constructs: what the API server knows of pods, as series. It sees pods and nothing else, and nobody calls it by a name: Prometheus finds the pod. */
export const kubeStateMetrics: ApplicationSpec = {
  name: NAME,
  build: (chart, environment) => {
    const labels = labelsOf(NAME, ownershipOf(environment, 'platform'), 'exporter');
    const metadata = { name: NAME, namespace, labels };
    new k8s.KubeServiceAccount(chart, 'account', { metadata, automountServiceAccountToken: false });
    new k8s.KubeClusterRole(chart, 'cluster-role', { metadata: { name: NAME, labels }, rules: [{ apiGroups: [''], resources: ['pods'], verbs: ['list', 'watch'] }] });
    new k8s.KubeClusterRoleBinding(chart, 'cluster-role-binding', {
      metadata: { name: NAME, labels }, roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: NAME }, subjects: [{ kind: 'ServiceAccount', name: NAME, namespace }],
    });
    deployment(chart, labels);
    new k8s.KubePodDisruptionBudget(chart, 'budget', { metadata, spec: { selector: { matchLabels: selectorOf(NAME) }, maxUnavailable: k8s.IntOrString.fromNumber(1) } });
    new Allow(chart, 'policy', { namespace, name: NAME, labels, from: [{ peer: PROMETHEUS.peer, port }], to: [{ port: 443 }] }); // 443: the Kubernetes API, which no pod selector reaches
  },
};

function deployment(chart: Chart, labels: Record<string, string>): void {
  const probe = (path: string, at: string) => ({ httpGet: { path, port: k8s.IntOrString.fromString(at) }, periodSeconds: 10, timeoutSeconds: 5 });
  new k8s.KubeDeployment(chart, 'deployment', {
    metadata: { name: NAME, namespace, labels, annotations: { 'verify.tideline.dev/exempt-automount': 'it watches pods through the Kubernetes API' } },
    spec: {
      replicas: 1, // a second would tell the same
      selector: { matchLabels: selectorOf(NAME) },
      revisionHistoryLimit: 5,
      strategy: { rollingUpdate: { maxSurge: k8s.IntOrString.fromNumber(1), maxUnavailable: k8s.IntOrString.fromNumber(0) } }, // the rules bear both for a while
      template: {
        metadata: { labels, annotations: { 'prometheus.io/scrape': 'true', 'prometheus.io/port': String(port), 'prometheus.io/path': '/metrics' } },
        spec: {
          serviceAccountName: NAME,
          automountServiceAccountToken: true,
          enableServiceLinks: false,
          securityContext: RESTRICTED_POD,
          containers: [{
            name: NAME,
            image: imageOf(catalogue.kubeStateMetrics.images.kubeStateMetrics),
            args: [
              `--port=${port}`, `--telemetry-port=${TELEMETRY_PORT}`, '--resources=pods', `--metric-allowlist=${FAMILIES.join(',')}`, `--metric-labels-allowlist=pods=[${POD_LABELS.join(',')}]`,
            ],
            ports: [{ name: 'http-metrics', containerPort: port, protocol: 'TCP' }, { name: 'telemetry', containerPort: TELEMETRY_PORT, protocol: 'TCP' }],
            securityContext: RESTRICTED_CONTAINER,
            resources: {
              requests: { cpu: k8s.Quantity.fromString('20m'), memory: k8s.Quantity.fromString('64Mi') },
              limits: { cpu: k8s.Quantity.fromString('500m'), memory: k8s.Quantity.fromString('256Mi') },
            },
            startupProbe: { ...probe('/readyz', 'telemetry'), periodSeconds: 5, failureThreshold: 24 },
            livenessProbe: probe('/livez', 'http-metrics'),
            readinessProbe: probe('/readyz', 'telemetry'),
          }],
        },
      },
    },
  });
}
