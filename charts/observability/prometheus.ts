import { Chart, Yaml } from 'cdk8s';
import { k8s } from 'cdk8s-plus-28';
import { contract as catalog } from '../../apps/catalog/contract';
import { contract as cost } from '../../apps/cost/contract';
import { contract as loadgen } from '../../apps/loadgen/contract';
import { Allow, ARGOCD_NAMESPACE, Flow, imageOf, labelsOf, RESTRICTED_CONTAINER, RESTRICTED_POD, selectorOf } from '../../components';
import { catalogue, Environment } from '../../config';
import { factsOf } from '../../config/facts';
import { contract as forecaster } from '../../forecaster/contract';
import { ApplicationSpec, ENCRYPTED_VOLUMES, NAMESPACES, ownershipOf, PROMETHEUS } from '../context';
import { runsKarpenter } from '../scaling/karpenter';
import { KUBE_STATE_METRICS } from './kube-state-metrics';
import { RULES } from './recording-rules';
import { prometheusConfig } from './scrape-jobs';

const { name: NAME, namespace } = PROMETHEUS.peer;
const CONFIG = { file: 'prometheus.yml', folder: '/etc/prometheus/config' } as const;
const RULES_FOLDER = '/etc/prometheus/rules';
const DATA = '/prometheus';
/** A day of 20,000 series, one sample of each every 15 s, at two bytes a sample. */
const GIB_PER_DAY = 0.22;
/** Below this a volume is not worth the words. */
const SMALLEST_GIB = 8;
/** What samples may fill of the volume; the rest is for the log of what is not yet in a block, and for blocks being joined. */
const SHARE_FOR_BLOCKS = 0.8;
const KUBELET_PORT = 10250;
/** Where Argo CD's programs tell of themselves. */
const ARGOCD_METRICS = { 'argocd-application-controller': 8082, 'argocd-server': 8083, 'argocd-repo-server': 8084 } as const;

/**
 * Prometheus, written as constructs: one replica, whose volume keeps what was measured. While it is gone nothing is forecast, and services scale on CPU as
 * Kubernetes measures it; two would answer differently, and whoever asks would have to choose.
 */
export const prometheus: ApplicationSpec = {
  name: NAME,
  build: (chart, environment) => {
    const labels = labelsOf(NAME, ownershipOf(environment, 'platform'), 'metrics');
    const metadata = { name: NAME, namespace, labels };
    rbac(chart, labels);
    const { cluster } = factsOf(environment);
    new k8s.KubeConfigMap(chart, 'config', {
      metadata, data: { [CONFIG.file]: Yaml.stringify(prometheusConfig({ cluster: cluster.name, region: environment.region }, [`${RULES_FOLDER}/*.yaml`])) },
    });
    statefulSet(chart, environment, labels);
    new k8s.KubeService(chart, 'service', {
      metadata, spec: { selector: selectorOf(NAME), ports: [{ name: 'http', port: PROMETHEUS.port, targetPort: k8s.IntOrString.fromString('http'), protocol: 'TCP' }] },
    });
    new k8s.KubePodDisruptionBudget(chart, 'budget', { metadata, spec: { selector: { matchLabels: selectorOf(NAME) }, maxUnavailable: k8s.IntOrString.fromNumber(1) } });
    new Allow(chart, 'policy', {
      namespace, name: NAME, labels,
      from: [{ namespace: NAMESPACES.forecaster, name: forecaster.name }, { namespace: NAMESPACES.keda, name: 'keda-operator' }].map((peer) => ({ peer, port: PROMETHEUS.port })),
      // 443: the Kubernetes API; neither it nor the kubelets are pods that a selector reaches.
      to: [...scraped(environment), { port: 443 }, { port: KUBELET_PORT }],
    });
  },
};

/** The pods that carry the annotations of a scrape; a test compares them with what is synthesized. */
function scraped(environment: Environment): Flow[] {
  const service = (namespaceOf: string, { name, port }: { readonly name: string; readonly port: number }): Flow => ({ peer: { namespace: namespaceOf, name }, port });
  return [
    service(NAMESPACES.catalog, catalog), service(NAMESPACES.cost, cost), service(NAMESPACES.forecaster, forecaster),
    ...(environment.services.loadgen ? [service(NAMESPACES.loadgen, loadgen)] : []),
    ...['keda-operator', 'keda-metrics-apiserver'].map((name) => service(NAMESPACES.keda, { name, port: 8080 })),
    ...(runsKarpenter(environment) ? [service(factsOf(environment).provisioner.namespace, { name: 'karpenter', port: 8080 })] : []),
    service(namespace, KUBE_STATE_METRICS),
    ...Object.entries(ARGOCD_METRICS).map(([name, port]) => service(ARGOCD_NAMESPACE, { name, port })),
  ];
}

/** It finds pods and nodes, and reads of kubelets what their containers use; part of what upstream's example asks for. */
const RBAC: k8s.PolicyRule[] = [
  { apiGroups: [''], resources: ['nodes', 'pods'], verbs: ['get', 'list', 'watch'] },
  { apiGroups: [''], resources: ['nodes/metrics'], verbs: ['get'] },
];

function rbac(chart: Chart, labels: Record<string, string>): void {
  new k8s.KubeServiceAccount(chart, 'account', { metadata: { name: NAME, namespace, labels }, automountServiceAccountToken: false });
  new k8s.KubeClusterRole(chart, 'cluster-role', { metadata: { name: NAME, labels }, rules: RBAC });
  new k8s.KubeClusterRoleBinding(chart, 'cluster-role-binding', {
    metadata: { name: NAME, labels }, roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: NAME },
    subjects: [{ kind: 'ServiceAccount', name: NAME, namespace }],
  });
}

function statefulSet(chart: Chart, environment: Environment, labels: Record<string, string>): void {
  const days = environment.retention.metricsDays;
  const sizeGiB = Math.max(SMALLEST_GIB, Math.ceil((days * GIB_PER_DAY) / SHARE_FOR_BLOCKS));
  const probe = (path: string, periodSeconds: number) => ({ httpGet: { path, port: k8s.IntOrString.fromString('http') }, periodSeconds, timeoutSeconds: 5 });
  new k8s.KubeStatefulSet(chart, 'stateful-set', {
    metadata: { name: NAME, namespace, labels, annotations: { 'verify.tideline.dev/exempt-automount': 'it finds pods and nodes through the Kubernetes API, and kubelets ask who reads them' } },
    spec: {
      replicas: 1,
      serviceName: NAME,
      selector: { matchLabels: selectorOf(NAME) },
      revisionHistoryLimit: 5,
      template: {
        metadata: { labels },
        spec: {
          serviceAccountName: NAME,
          automountServiceAccountToken: true,
          enableServiceLinks: false,
          securityContext: { ...RESTRICTED_POD, fsGroupChangePolicy: 'OnRootMismatch' }, // a look at every file of months would hold up the start
          terminationGracePeriodSeconds: 120,
          containers: [{
            name: NAME,
            image: imageOf(catalogue.prometheus.images.prometheus),
            command: ['/bin/prometheus'],
            args: [
              `--config.file=${CONFIG.folder}/${CONFIG.file}`,
              '--config.auto-reload', // it looks every 30 s; a file it cannot read changes nothing
              `--storage.tsdb.path=${DATA}`,
              `--storage.tsdb.retention.time=${days}d`,
              `--storage.tsdb.retention.size=${Math.floor(sizeGiB * 1024 * SHARE_FOR_BLOCKS)}MB`, // the oldest goes before the volume is full
              `--web.listen-address=0.0.0.0:${PROMETHEUS.port}`,
              '--log.format=json',
            ],
            ports: [{ name: 'http', containerPort: PROMETHEUS.port, protocol: 'TCP' }],
            securityContext: RESTRICTED_CONTAINER,
            resources: {
              requests: { cpu: k8s.Quantity.fromString('200m'), memory: k8s.Quantity.fromString('512Mi') },
              limits: { cpu: k8s.Quantity.fromString('2'), memory: k8s.Quantity.fromString('2Gi') },
            },
            startupProbe: { ...probe('/-/ready', 5), failureThreshold: 180 }, // it first reads its log of the last hours again
            livenessProbe: { ...probe('/-/healthy', 10), failureThreshold: 6 },
            readinessProbe: probe('/-/ready', 5),
            volumeMounts: [
              { name: 'data', mountPath: DATA }, { name: 'config', mountPath: CONFIG.folder, readOnly: true }, { name: 'rules', mountPath: RULES_FOLDER, readOnly: true },
            ],
          }],
          volumes: [{ name: 'config', configMap: { name: NAME } }, { name: 'rules', configMap: { name: RULES } }],
        },
      },
      volumeClaimTemplates: [{
        metadata: { name: 'data', labels },
        spec: { accessModes: ['ReadWriteOncePod'], storageClassName: ENCRYPTED_VOLUMES, resources: { requests: { storage: k8s.Quantity.fromString(`${sizeGiB}Gi`) } } },
      }],
    },
  });
}
