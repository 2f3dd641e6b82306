import type { Chart } from 'cdk8s';
import { k8s } from 'cdk8s-plus-28';
import { Allow, imageOf, RESTRICTED_CONTAINER, RESTRICTED_POD, selectorOf } from '../../components';
import { catalogue, Environment } from '../../config';
import { bootstrapLabels, BootstrapSpec, KUBERNETES_API } from '../context';
import { METRICS_READER_RULES, METRICS_SERVER_RULES } from './metrics-server-rbac';

const NAME = 'metrics-server';
/** Where upstream puts it: its account and the name of its API are bound to it. */
const namespace = 'kube-system';
const PORT = 10250;
/** Upstream's own user. */
const USER = 1000;

/**
 * What autoscalers ask for the use of CPU and memory, for a cluster that does not have it. EKS brings it as an add-on, so nothing syncs this there.
 *
 * It asks kubelets for certificates of the cluster's authority, as upstream's install does.
 */
export const metricsServer: BootstrapSpec = {
  name: NAME,
  build: (chart, environment) => {
    const labels = bootstrapLabels(NAME, environment, 'metrics');
    rbac(chart, labels);
    deployment(chart, environment, labels);
    new k8s.KubePodDisruptionBudget(chart, 'budget', {
      metadata: { name: NAME, namespace, labels }, spec: { selector: { matchLabels: selectorOf(NAME) }, maxUnavailable: k8s.IntOrString.fromNumber(1) },
    });
    new k8s.KubeService(chart, 'service', {
      metadata: { name: NAME, namespace, labels },
      spec: { selector: selectorOf(NAME), ports: [{ name: 'https', port: 443, targetPort: k8s.IntOrString.fromString('https'), protocol: 'TCP', appProtocol: 'https' }] },
    });
    new Allow(chart, 'policy', {
      namespace, name: NAME, labels,
      from: [{ port: PORT }], // the API server calls from outside the pod network
      to: [...KUBERNETES_API, { port: PORT }], // and the kubelet of every node
    });
    new k8s.KubeApiService(chart, 'api', {
      metadata: { name: 'v1beta1.metrics.k8s.io', labels },
      spec: {
        service: { name: NAME, namespace }, group: 'metrics.k8s.io', version: 'v1beta1', groupPriorityMinimum: 100, versionPriority: 100,
        insecureSkipTlsVerify: true, // its certificate is its own, made at every start
      },
    });
  },
};

function rbac(chart: Chart, labels: Record<string, string>): void {
  const subjects = [{ kind: 'ServiceAccount', name: NAME, namespace }];
  const roleRef = (kind: string, name: string) => ({ apiGroup: 'rbac.authorization.k8s.io', kind, name });
  const aggregated = Object.fromEntries(['view', 'edit', 'admin'].map((role) => [`rbac.authorization.k8s.io/aggregate-to-${role}`, 'true']));
  new k8s.KubeServiceAccount(chart, 'account', { metadata: { name: NAME, namespace, labels }, automountServiceAccountToken: false });
  new k8s.KubeClusterRole(chart, 'reader', { metadata: { name: 'system:aggregated-metrics-reader', labels: { ...labels, ...aggregated } }, rules: METRICS_READER_RULES });
  new k8s.KubeClusterRole(chart, 'cluster-role', { metadata: { name: 'system:metrics-server', labels }, rules: METRICS_SERVER_RULES });
  new k8s.KubeClusterRoleBinding(chart, 'cluster-role-binding', { metadata: { name: 'system:metrics-server', labels }, roleRef: roleRef('ClusterRole', 'system:metrics-server'), subjects });
  new k8s.KubeClusterRoleBinding(chart, 'auth-delegator', {
    metadata: { name: 'metrics-server:system:auth-delegator', labels }, roleRef: roleRef('ClusterRole', 'system:auth-delegator'), subjects,
  });
  new k8s.KubeRoleBinding(chart, 'auth-reader', {
    metadata: { name: 'metrics-server-auth-reader', namespace, labels }, roleRef: roleRef('Role', 'extension-apiserver-authentication-reader'), subjects,
  });
}

function deployment(chart: Chart, environment: Environment, labels: Record<string, string>): void {
  const probe = (path: string) => ({ httpGet: { path, port: k8s.IntOrString.fromString('https'), scheme: 'HTTPS' }, periodSeconds: 10, failureThreshold: 3 });
  new k8s.KubeDeployment(chart, 'deployment', {
    metadata: { name: NAME, namespace, labels, annotations: { 'verify.tideline.dev/exempt-automount': 'it talks to the Kubernetes API' } },
    spec: {
      // As redundant as the environment wants what scales pods.
      replicas: Math.min(environment.services.forecaster.minReplicas, 2),
      selector: { matchLabels: selectorOf(NAME) },
      revisionHistoryLimit: 5,
      strategy: { rollingUpdate: { maxUnavailable: k8s.IntOrString.fromNumber(0) } },
      template: {
        metadata: { labels },
        spec: {
          serviceAccountName: NAME,
          automountServiceAccountToken: true,
          enableServiceLinks: false,
          priorityClassName: 'system-cluster-critical',
          securityContext: { ...RESTRICTED_POD, runAsUser: USER, runAsGroup: USER, fsGroup: USER },
          nodeSelector: { 'kubernetes.io/os': 'linux' },
          topologySpreadConstraints: ['topology.kubernetes.io/zone', 'kubernetes.io/hostname'].map((topologyKey) => ({
            maxSkew: 1, topologyKey, whenUnsatisfiable: 'ScheduleAnyway', labelSelector: { matchLabels: selectorOf(NAME) },
          })),
          containers: [{
            name: NAME,
            image: imageOf(catalogue.metricsServer.images.metricsServer),
            args: [
              '--cert-dir=/tmp', `--secure-port=${PORT}`, '--kubelet-preferred-address-types=InternalIP,ExternalIP,Hostname', '--kubelet-use-node-status-port',
              '--metric-resolution=15s',
            ],
            ports: [{ name: 'https', containerPort: PORT, protocol: 'TCP' }],
            securityContext: RESTRICTED_CONTAINER,
            resources: {
              requests: { cpu: k8s.Quantity.fromString('100m'), memory: k8s.Quantity.fromString('200Mi') },
              limits: { memory: k8s.Quantity.fromString('400Mi') },
            },
            livenessProbe: probe('/livez'),
            readinessProbe: { ...probe('/readyz'), initialDelaySeconds: 20 },
            volumeMounts: [{ name: 'tmp', mountPath: '/tmp' }],
          }],
          volumes: [{ name: 'tmp', emptyDir: { sizeLimit: k8s.Quantity.fromString('16Mi') } }],
        },
      },
    },
  });
}
