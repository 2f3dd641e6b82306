import { Chart } from 'cdk8s';
import { k8s } from 'cdk8s-plus-28';
import { Allow, imageOf, LABEL_PREFIX, labelsOf, RESTRICTED_CONTAINER, RESTRICTED_POD, selectorOf } from '../../components';
import { catalogue, Environment, survivesZones } from '../../config';
import { factsOf } from '../../config/facts';
import { ApplicationSpec, ownershipOf, PROMETHEUS } from '../context';
import { AWS_RULES, CORE_RULES, DNS_RULES, LEADER_RULES } from './karpenter-rbac';

const NAME = 'karpenter';
const CONTAINER = 'controller';
const METRICS_PORT = 8080;
const PROBE_PORT = 8081;
/** The agent on every node that hands out credentials of EKS Pod Identity. */
const IDENTITY_AGENT = { block: '169.254.170.23/32', port: 80 } as const;
/** What is new in Karpenter stays off until it is said otherwise; reserved capacity is on upstream. */
const FEATURES = 'ReservedCapacity=true,SpotToSpotConsolidation=false,NodeRepair=false,NodeOverlay=false,StaticCapacity=false,CapacityBuffer=false';

/** Whether an environment runs Karpenter itself: it has pools to scale, and no Auto Mode that does it. */
export function runsKarpenter({ nodeProvisioner, nodePools }: Environment): boolean {
  return nodeProvisioner === 'karpenter' && nodePools.some(({ scaledBy }) => scaledBy === 'provisioner');
}

/**
 * Karpenter, written as constructs; its definitions are the Application `karpenter-crds`.
 *
 * It runs in `kube-system`, whose accounts the API server serves first, and on node groups only: on a node of its own making it could end itself.
 */
export const karpenter: ApplicationSpec = {
  name: NAME,
  on: runsKarpenter,
  build: (chart, environment) => {
    const { namespace, serviceAccount } = factsOf(environment).provisioner;
    const labels = labelsOf(NAME, ownershipOf(environment, 'platform'), 'provisioner');
    new k8s.KubeServiceAccount(chart, 'account', { metadata: { name: serviceAccount, namespace, labels }, automountServiceAccountToken: false });
    rbac(chart, environment);
    deployment(chart, environment);
    new k8s.KubePodDisruptionBudget(chart, 'budget', {
      metadata: { name: NAME, namespace, labels }, spec: { selector: { matchLabels: selectorOf(NAME) }, maxUnavailable: k8s.IntOrString.fromNumber(1) },
    });
    new k8s.KubeService(chart, 'service', {
      metadata: { name: NAME, namespace, labels },
      spec: { selector: selectorOf(NAME), ports: [{ name: 'http-metrics', port: METRICS_PORT, targetPort: k8s.IntOrString.fromString('http-metrics'), protocol: 'TCP' }] },
    });
    new Allow(chart, 'policy', {
      namespace, name: NAME, labels,
      from: [{ peer: PROMETHEUS.peer, port: METRICS_PORT }],
      to: [{ port: 443 }, IDENTITY_AGENT], // 443: the Kubernetes API, EC2, IAM, SQS and prices, none of which a pod selector reaches
    });
  },
};

function rbac(chart: Chart, environment: Environment): void {
  const { namespace, serviceAccount } = factsOf(environment).provisioner;
  const labels = labelsOf(NAME, ownershipOf(environment, 'platform'), 'provisioner');
  const subjects = [{ kind: 'ServiceAccount', name: serviceAccount, namespace }];
  const roleRef = (kind: string, name: string) => ({ apiGroup: 'rbac.authorization.k8s.io', kind, name });
  for (const [name, rules] of [['karpenter-core', CORE_RULES], ['karpenter', AWS_RULES]] as const) {
    new k8s.KubeClusterRole(chart, `${name}-cluster-role`, { metadata: { name, labels }, rules });
    new k8s.KubeClusterRoleBinding(chart, `${name}-cluster-role-binding`, { metadata: { name, labels }, roleRef: roleRef('ClusterRole', name), subjects });
  }
  for (const [name, within, rules] of [['karpenter', namespace, LEADER_RULES], ['karpenter-dns', 'kube-system', DNS_RULES]] as const) {
    new k8s.KubeRole(chart, `${name}-role`, { metadata: { name, namespace: within, labels }, rules });
    new k8s.KubeRoleBinding(chart, `${name}-role-binding`, { metadata: { name, namespace: within, labels }, roleRef: roleRef('Role', name), subjects });
  }
}

function deployment(chart: Chart, environment: Environment): void {
  const { cluster, interruptions, provisioner: { namespace, serviceAccount } } = factsOf(environment);
  const labels = labelsOf(NAME, ownershipOf(environment, 'platform'), 'provisioner');
  const groups = environment.nodePools.filter(({ scaledBy }) => scaledBy === 'node-group');
  const probe = (path: string) => ({ httpGet: { path, port: k8s.IntOrString.fromString('http') }, timeoutSeconds: 30 });
  const value = (name: string, text: string) => ({ name, value: text });
  const own = (name: string, resource: string, divisor: string) => ({
    name, valueFrom: { resourceFieldRef: { containerName: CONTAINER, divisor: k8s.Quantity.fromString(divisor), resource } },
  });
  new k8s.KubeDeployment(chart, 'deployment', {
    metadata: { name: NAME, namespace, labels, annotations: { 'verify.tideline.dev/exempt-automount': 'it talks to the Kubernetes API' } },
    spec: {
      // As redundant as the environment wants what scales pods: a second replica waits for the lease, a third would too.
      replicas: Math.min(environment.services.forecaster.minReplicas, 2),
      selector: { matchLabels: selectorOf(NAME) },
      revisionHistoryLimit: 5,
      strategy: { rollingUpdate: { maxUnavailable: k8s.IntOrString.fromNumber(1) } },
      template: {
        metadata: { labels, annotations: { 'prometheus.io/scrape': 'true', 'prometheus.io/port': String(METRICS_PORT), 'prometheus.io/path': '/metrics' } },
        spec: {
          serviceAccountName: serviceAccount,
          automountServiceAccountToken: true,
          enableServiceLinks: false,
          priorityClassName: 'system-cluster-critical', // nothing else that waits for a node would get one before it
          securityContext: RESTRICTED_POD,
          tolerations: [{ key: 'CriticalAddonsOnly', operator: 'Exists' }],
          affinity: {
            nodeAffinity: {
              requiredDuringSchedulingIgnoredDuringExecution: {
                nodeSelectorTerms: [{
                  matchExpressions: [
                    { key: 'karpenter.sh/nodepool', operator: 'DoesNotExist' }, { key: `${LABEL_PREFIX}/pool`, operator: 'In', values: groups.map(({ name }) => name) },
                  ],
                }],
              },
            },
          },
          topologySpreadConstraints: ([['topology.kubernetes.io/zone', 'ScheduleAnyway'], ['kubernetes.io/hostname', 'DoNotSchedule']] as const).map(([topologyKey, whenUnsatisfiable]) => ({
            maxSkew: 1, topologyKey, whenUnsatisfiable, labelSelector: { matchLabels: selectorOf(NAME) },
          })),
          containers: [{
            name: CONTAINER,
            image: imageOf(catalogue.karpenter.images.controller),
            ports: [{ name: 'http-metrics', containerPort: METRICS_PORT, protocol: 'TCP' }, { name: 'http', containerPort: PROBE_PORT, protocol: 'TCP' }],
            env: [
              value('KARPENTER_SERVICE', NAME),
              value('METRICS_PORT', String(METRICS_PORT)),
              value('HEALTH_PROBE_PORT', String(PROBE_PORT)),
              { name: 'SYSTEM_NAMESPACE', valueFrom: { fieldRef: { fieldPath: 'metadata.namespace' } } },
              own('CPU_REQUESTS', 'requests.cpu', '1m'),
              own('MEMORY_LIMIT', 'limits.memory', '0'),
              value('FEATURE_GATES', FEATURES),
              value('CLUSTER_NAME', cluster.name),
              value('EKS_CONTROL_PLANE', 'true'), // it asks EKS for the endpoint, which nobody knows before the cluster is there
              value('INTERRUPTION_QUEUE', interruptions.queue),
              ...(survivesZones(environment) ? [value('ENABLE_ZONAL_SHIFT', 'true')] : []),
              value('AWS_REGION', environment.region), // a node tells its region to pods only over a hop that ours do not allow
            ],
            securityContext: RESTRICTED_CONTAINER,
            resources: {
              requests: { cpu: k8s.Quantity.fromString('250m'), memory: k8s.Quantity.fromString('512Mi') },
              limits: { memory: k8s.Quantity.fromString('1Gi') },
            },
            startupProbe: { ...probe('/healthz'), periodSeconds: 5, failureThreshold: 24 },
            livenessProbe: probe('/healthz'),
            readinessProbe: { ...probe('/readyz'), initialDelaySeconds: 5 },
          }],
        },
      },
    },
  });
}
