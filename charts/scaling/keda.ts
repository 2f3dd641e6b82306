import { Chart } from 'cdk8s';
import { k8s } from 'cdk8s-plus-28';
import { Allow, imageOf, labelsOf, PROVIDED_ELSEWHERE, RESTRICTED_CONTAINER, RESTRICTED_POD, selectorOf } from '../../components';
import { catalogue, Environment } from '../../config';
import { ApplicationSpec, asksForecaster, NAMESPACES, ownershipOf, PROMETHEUS, SCALER } from '../context';
import { METRICS_READER_RULES, OPERATOR_CLUSTER_RULES, OPERATOR_NAMESPACE_RULES } from './keda-rbac';

const namespace = NAMESPACES.keda;
const OPERATOR = 'keda-operator';
const METRICS = 'keda-metrics-apiserver';
/** Its operator makes the certificates both programs use, and puts the authority into the APIService. */
const CERTIFICATES = 'kedaorg-certs';

interface Program {
  readonly name: string;
  readonly image: { readonly name: string; readonly tag: string; readonly digest: string };
  readonly command: string;
  readonly args: readonly string[];
  readonly ports: readonly { readonly name: string; readonly containerPort: number }[];
  readonly probePort: string;
  readonly scheme: 'HTTP' | 'HTTPS';
  readonly certificatesOptional: boolean;
}

/** KEDA's operator and metrics API, written as constructs; their definitions are the Application `keda-crds`. */
export const keda: ApplicationSpec = {
  name: 'keda',
  build: (chart, environment) => {
    rbac(chart, environment);
    program(chart, environment, {
      name: OPERATOR, image: catalogue.keda.images.operator, command: '/keda',
      args: ['--leader-elect', '--zap-log-level=info', '--zap-encoder=json', '--zap-time-encoding=rfc3339', '--enable-cert-rotation=true', '--enable-webhook-patching=false'], // its admission webhooks are not installed
      ports: [{ name: 'http', containerPort: 8080 }, { name: 'probes', containerPort: 8081 }, { name: 'metricsservice', containerPort: 9666 }],
      probePort: 'probes', scheme: 'HTTP', certificatesOptional: true,
    });
    program(chart, environment, {
      name: METRICS, image: catalogue.keda.images.metricsApiserver, command: '/keda-adapter',
      args: [
        '--secure-port=6443', '--zap-log-level=error', '--client-ca-file=/certs/ca.crt', '--tls-cert-file=/certs/tls.crt', '--tls-private-key-file=/certs/tls.key', '--cert-dir=/certs',
        `--metrics-service-address=${OPERATOR}.${namespace}.svc.cluster.local:9666`,
      ],
      ports: [{ name: 'https', containerPort: 6443 }, { name: 'http', containerPort: 8080 }],
      probePort: 'https', scheme: 'HTTPS', certificatesOptional: false,
    });
    service(chart, environment, OPERATOR, [{ name: 'metricsservice', port: 9666, targetPort: 'metricsservice' }, { name: 'http', port: 8080, targetPort: 'http' }]);
    service(chart, environment, METRICS, [{ name: 'https', port: 443, targetPort: 'https' }, { name: 'http', port: 8080, targetPort: 'http' }]);
    new Allow(chart, 'operator-policy', {
      namespace, name: OPERATOR, labels: labelsOf(OPERATOR, ownershipOf(environment, 'platform'), 'operator'),
      from: [{ peer: { namespace, name: METRICS }, port: 9666 }, { peer: PROMETHEUS.peer, port: 8080 }],
      to: [
        { peer: PROMETHEUS.peer, port: PROMETHEUS.port }, ...(asksForecaster(environment) ? [{ peer: SCALER.peer, port: SCALER.port }] : []),
        { port: 443 }, // the Kubernetes API, which no pod selector reaches
      ],
    });
    new Allow(chart, 'metrics-policy', {
      namespace, name: METRICS, labels: labelsOf(METRICS, ownershipOf(environment, 'platform'), 'operator'),
      from: [{ port: 6443 }, { peer: PROMETHEUS.peer, port: 8080 }], // 6443: the API server calls from outside the pod network
      to: [{ peer: { namespace, name: OPERATOR }, port: 9666 }, { port: 443 }],
    });
    new k8s.KubeApiService(chart, 'metrics-api', {
      metadata: { name: 'v1beta1.external.metrics.k8s.io', labels: labelsOf(METRICS, ownershipOf(environment, 'platform'), 'metrics') },
      spec: { service: { name: METRICS, namespace }, group: 'external.metrics.k8s.io', version: 'v1beta1', groupPriorityMinimum: 100, versionPriority: 100 },
    });
  },
};

function rbac(chart: Chart, environment: Environment): void {
  const labels = labelsOf(OPERATOR, ownershipOf(environment, 'platform'), 'operator');
  const subjects = [{ kind: 'ServiceAccount', name: OPERATOR, namespace }];
  const roleRef = (kind: string, name: string) => ({ apiGroup: 'rbac.authorization.k8s.io', kind, name });
  new k8s.KubeServiceAccount(chart, 'account', { metadata: { name: OPERATOR, namespace, labels } });
  new k8s.KubeClusterRole(chart, 'cluster-role', { metadata: { name: OPERATOR, labels }, rules: OPERATOR_CLUSTER_RULES });
  new k8s.KubeClusterRoleBinding(chart, 'cluster-role-binding', { metadata: { name: OPERATOR, labels }, roleRef: roleRef('ClusterRole', OPERATOR), subjects });
  new k8s.KubeRole(chart, 'role', { metadata: { name: OPERATOR, namespace, labels }, rules: OPERATOR_NAMESPACE_RULES });
  new k8s.KubeRoleBinding(chart, 'role-binding', { metadata: { name: OPERATOR, namespace, labels }, roleRef: roleRef('Role', OPERATOR), subjects });
  new k8s.KubeClusterRoleBinding(chart, 'auth-delegator', { metadata: { name: 'keda-system-auth-delegator', labels }, roleRef: roleRef('ClusterRole', 'system:auth-delegator'), subjects });
  new k8s.KubeRoleBinding(chart, 'auth-reader', {
    metadata: { name: 'keda-auth-reader', namespace: 'kube-system', labels }, roleRef: roleRef('Role', 'extension-apiserver-authentication-reader'), subjects,
  });
  new k8s.KubeClusterRole(chart, 'metrics-reader', { metadata: { name: 'keda-external-metrics-reader', labels }, rules: METRICS_READER_RULES });
  new k8s.KubeClusterRoleBinding(chart, 'hpa-reader', {
    metadata: { name: 'keda-hpa-controller-external-metrics', labels }, roleRef: roleRef('ClusterRole', 'keda-external-metrics-reader'),
    subjects: [{ kind: 'ServiceAccount', name: 'horizontal-pod-autoscaler', namespace: 'kube-system' }],
  });
}

function program(chart: Chart, environment: Environment, o: Program): void {
  const labels = labelsOf(o.name, ownershipOf(environment, 'platform'), 'operator');
  // The scaling loop breaks at its weakest part: KEDA is as redundant as the environment wants the forecaster. A third would only wait for the lease.
  const replicas = Math.min(environment.services.forecaster.minReplicas, 2);
  const probe = (path: string) => ({ httpGet: { path, port: k8s.IntOrString.fromString(o.probePort), scheme: o.scheme }, periodSeconds: 10, timeoutSeconds: 3 });
  new k8s.KubeDeployment(chart, `${o.name}-deployment`, {
    metadata: {
      name: o.name, namespace, labels,
      annotations: {
        [PROVIDED_ELSEWHERE]: `Secret/${CERTIFICATES}`,
        'verify.tideline.dev/exempt-automount': 'it talks to the Kubernetes API',
      },
    },
    spec: {
      replicas,
      selector: { matchLabels: selectorOf(o.name) },
      revisionHistoryLimit: 5,
      template: {
        metadata: { labels, annotations: { 'prometheus.io/scrape': 'true', 'prometheus.io/port': '8080', 'prometheus.io/path': '/metrics' } },
        spec: {
          serviceAccountName: OPERATOR,
          enableServiceLinks: false,
          securityContext: RESTRICTED_POD,
          terminationGracePeriodSeconds: 10,
          topologySpreadConstraints: ['topology.kubernetes.io/zone', 'kubernetes.io/hostname'].map((topologyKey) => ({
            maxSkew: 1, topologyKey, whenUnsatisfiable: 'ScheduleAnyway', labelSelector: { matchLabels: selectorOf(o.name) },
          })),
          containers: [{
            name: o.name,
            image: imageOf(o.image),
            command: [o.command],
            args: [...o.args],
            ports: o.ports.map((port) => ({ ...port, protocol: 'TCP' })),
            env: [
              { name: 'POD_NAMESPACE', valueFrom: { fieldRef: { fieldPath: 'metadata.namespace' } } },
              { name: 'WATCH_NAMESPACE', value: '' },
            ],
            securityContext: RESTRICTED_CONTAINER,
            resources: {
              requests: { cpu: k8s.Quantity.fromString('100m'), memory: k8s.Quantity.fromString('100Mi') },
              limits: { cpu: k8s.Quantity.fromString('1'), memory: k8s.Quantity.fromString('1000Mi') },
            },
            startupProbe: { ...probe('/healthz'), periodSeconds: 5, failureThreshold: 24 },
            livenessProbe: probe('/healthz'),
            readinessProbe: probe('/readyz'),
            volumeMounts: [{ name: 'tmp', mountPath: '/tmp' }, { name: 'certificates', mountPath: '/certs', readOnly: true }],
          }],
          volumes: [
            { name: 'tmp', emptyDir: { sizeLimit: k8s.Quantity.fromString('64Mi') } },
            { name: 'certificates', secret: { secretName: CERTIFICATES, ...(o.certificatesOptional ? { optional: true } : {}) } },
          ],
        },
      },
    },
  });
  new k8s.KubePodDisruptionBudget(chart, `${o.name}-budget`, {
    metadata: { name: o.name, namespace, labels }, spec: { selector: { matchLabels: selectorOf(o.name) }, maxUnavailable: k8s.IntOrString.fromNumber(1) },
  });
}

function service(chart: Chart, environment: Environment, name: string, ports: readonly { readonly name: string; readonly port: number; readonly targetPort: string }[]): void {
  new k8s.KubeService(chart, `${name}-service`, {
    metadata: { name, namespace, labels: labelsOf(name, ownershipOf(environment, 'platform'), 'operator') },
    spec: { selector: selectorOf(name), ports: ports.map((port) => ({ name: port.name, port: port.port, targetPort: k8s.IntOrString.fromString(port.targetPort), protocol: 'TCP' })) },
  });
}
