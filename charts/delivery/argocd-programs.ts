import type { Chart } from 'cdk8s';
import { k8s } from 'cdk8s-plus-28';
import { imageOf, PROVIDED_ELSEWHERE, RESTRICTED_CONTAINER, RESTRICTED_POD, selectorOf } from '../../components';
import { catalogue, Environment, survivesZones } from '../../config';
import { argocdSettings } from '../../config/argocd-settings';
import { argocdLabels, CONFIG, CONTROLLER, namespace, PORTS, REDIS, REPO_SERVER, SERVER } from './argocd-names';

/** Upstream's own user, in both images. */
const USER = 999;
const IMAGE = imageOf(catalogue.argocd.images.argocd);
/** Where a program looks for its token. */
const TOKEN_FOLDER = '/var/run/secrets/kubernetes.io/serviceaccount';
const AUTOMOUNT = { 'verify.tideline.dev/exempt-automount': 'it talks to the Kubernetes API' };
/** The cache's password, which its first start makes. */
const PASSWORD: k8s.EnvVar = { name: 'REDIS_PASSWORD', valueFrom: { secretKeyRef: { name: REDIS, key: 'auth' } } };

/** Which program reads a parameter, and as which variable. */
const PARAMETERS: Readonly<Record<keyof typeof argocdSettings.params, readonly [program: string, variable: string]>> = {
  'server.insecure': [SERVER, 'ARGOCD_SERVER_INSECURE'],
  'server.disable.auth': [SERVER, 'ARGOCD_SERVER_DISABLE_AUTH'],
  'controller.diff.server.side': [CONTROLLER, 'ARGOCD_APPLICATION_CONTROLLER_SERVER_SIDE_DIFF'],
  'reposerver.enable.git.submodule': [REPO_SERVER, 'ARGOCD_GIT_MODULES_ENABLED'],
};

/** How often Git is asked, which an environment may say in `argocd-cm`. */
const INTERVAL = fromConfig('ARGOCD_RECONCILIATION_TIMEOUT', CONFIG.settings, 'timeout.reconciliation', true);
const JITTER = fromConfig('ARGOCD_RECONCILIATION_JITTER', CONFIG.settings, 'timeout.reconciliation.jitter', true);

interface Program {
  readonly name: string;
  readonly component: string;
  readonly containers: k8s.Container[];
  readonly volumes: k8s.Volume[];
  /** @default - none */
  readonly initContainers?: k8s.Container[];
  /** Whether its containers get the token of its account. @default false */
  readonly token?: boolean;
  /** Port Prometheus asks. @default - none */
  readonly metrics?: number;
}

/** Compares Git with the cluster, and applies the difference. */
export function controller(chart: Chart, environment: Environment): void {
  const { metrics } = PORTS[CONTROLLER];
  new k8s.KubeStatefulSet(chart, `${CONTROLLER}-workload`, {
    metadata: metadata(environment, CONTROLLER, 'application-controller', { ...AUTOMOUNT, [PROVIDED_ELSEWHERE]: `Secret/${REDIS}` }),
    spec: {
      serviceName: CONTROLLER, // needs none: nobody calls it
      replicas: 1,
      selector: { matchLabels: selectorOf(CONTROLLER) },
      revisionHistoryLimit: 5,
      template: template(environment, {
        name: CONTROLLER, component: 'application-controller', token: true, metrics,
        containers: [{
          ...container(CONTROLLER, 'application-controller', argocdSettings.resources.controller, { metrics }),
          env: [...variables(CONTROLLER), INTERVAL, JITTER, { name: 'ARGOCD_CONTROLLER_REPLICAS', value: '1' }, { name: 'KUBECACHEDIR', value: '/tmp/kubecache' }],
          ...probes('/healthz', '/healthz', 'metrics'),
          workingDir: '/home/argocd',
          volumeMounts: [{ name: 'home', mountPath: '/home/argocd' }, { name: 'tmp', mountPath: '/tmp' }],
        }],
        volumes: [scratch('home', '64Mi'), scratch('tmp', '256Mi')],
      }),
    },
  });
  budget(chart, environment, CONTROLLER, 'application-controller');
}

/** Fetches repositories, and makes manifests of them. It has no token: whatever a repository holds, it reaches no API. */
export function repoServer(chart: Chart, environment: Environment): void {
  deployment(chart, environment, true, {
    name: REPO_SERVER, component: 'repo-server', metrics: PORTS[REPO_SERVER].metrics,
    containers: [{
      ...container(REPO_SERVER, 'repo-server', argocdSettings.resources.repoServer, PORTS[REPO_SERVER]),
      env: [...variables(REPO_SERVER), INTERVAL],
      ...probes('/healthz', '/healthz?full=true', 'metrics'),
      volumeMounts: [...CERTIFICATE_MOUNTS, { name: 'tmp', mountPath: '/tmp' }],
    }],
    volumes: [...CERTIFICATES, scratch('tmp', '1Gi')],
  });
}

/** Answers whoever asks for the state of things. */
export function server(chart: Chart, environment: Environment): void {
  deployment(chart, environment, true, {
    name: SERVER, component: 'server', token: true, metrics: PORTS[SERVER].metrics,
    containers: [{
      ...container(SERVER, 'server', argocdSettings.resources.server, PORTS[SERVER]),
      env: variables(SERVER),
      ...probes('/healthz', '/healthz?full=true', 'server', argocdSettings.params['server.insecure'] ? 'HTTP' : 'HTTPS'),
      volumeMounts: [...CERTIFICATE_MOUNTS, { name: 'home', mountPath: '/home/argocd' }, { name: 'tmp', mountPath: '/tmp' }],
    }],
    volumes: [...CERTIFICATES, scratch('home', '64Mi'), scratch('tmp', '256Mi')],
  });
}

/** A cache: what is lost with it is computed anew, so one is enough and it keeps nothing. Its password is made at its first start. */
export function redis(chart: Chart, environment: Environment): void {
  const alive = { tcpSocket: { port: k8s.IntOrString.fromString('redis') }, periodSeconds: 10, timeoutSeconds: 3 };
  deployment(chart, environment, false, {
    name: REDIS, component: 'redis',
    initContainers: [{
      name: 'secret-init',
      image: IMAGE,
      command: ['argocd', 'admin', 'redis-initial-password'],
      securityContext: RESTRICTED_CONTAINER,
      resources: quantities(argocdSettings.resources.redis),
      volumeMounts: [{ name: 'token', mountPath: TOKEN_FOLDER, readOnly: true }], // it alone, not the cache
    }],
    containers: [{
      name: 'redis',
      image: imageOf(catalogue.redis.images.redis),
      args: ['--save', '', '--appendonly', 'no', '--requirepass', '$(REDIS_PASSWORD)'],
      env: [PASSWORD],
      ports: ports(PORTS[REDIS]),
      securityContext: RESTRICTED_CONTAINER,
      resources: quantities(argocdSettings.resources.redis),
      livenessProbe: alive,
      readinessProbe: alive,
    }],
    volumes: [{
      name: 'token',
      projected: {
        sources: [
          { serviceAccountToken: { path: 'token', expirationSeconds: 3607 } },
          { configMap: { name: 'kube-root-ca.crt', items: [{ key: 'ca.crt', path: 'ca.crt' }] } },
          { downwardApi: { items: [{ path: 'namespace', fieldRef: { fieldPath: 'metadata.namespace' } }] } },
        ],
      },
    }],
  });
}

const CERTIFICATES: k8s.Volume[] = [{ name: 'ssh-known-hosts', configMap: { name: CONFIG.sshHosts } }, { name: 'tls-certs', configMap: { name: CONFIG.certificates } }];
const CERTIFICATE_MOUNTS: k8s.VolumeMount[] = [{ name: 'ssh-known-hosts', mountPath: '/app/config/ssh' }, { name: 'tls-certs', mountPath: '/app/config/tls' }];

function deployment(chart: Chart, environment: Environment, mayBeReplicated: boolean, program: Program): void {
  new k8s.KubeDeployment(chart, `${program.name}-workload`, {
    metadata: metadata(environment, program.name, program.component, { ...(program.token ? AUTOMOUNT : {}), [PROVIDED_ELSEWHERE]: `Secret/${REDIS}` }),
    spec: {
      replicas: mayBeReplicated && survivesZones(environment) ? argocdSettings.replicated.replicas : 1,
      selector: { matchLabels: selectorOf(program.name) },
      revisionHistoryLimit: 5,
      template: template(environment, program),
    },
  });
  budget(chart, environment, program.name, program.component);
}

function template(environment: Environment, { name, component, containers, initContainers, volumes, token = false, metrics }: Program): k8s.PodTemplateSpec {
  const scraped = metrics === undefined ? {} : { annotations: { 'prometheus.io/scrape': 'true', 'prometheus.io/port': String(metrics), 'prometheus.io/path': '/metrics' } };
  return {
    metadata: { labels: argocdLabels(name, environment, component), ...scraped },
    spec: {
      serviceAccountName: name,
      automountServiceAccountToken: token,
      enableServiceLinks: false,
      securityContext: { ...RESTRICTED_POD, runAsUser: USER, runAsGroup: USER, fsGroup: USER },
      nodeSelector: { 'kubernetes.io/os': 'linux' },
      ...(survivesZones(environment) ? { topologySpreadConstraints: [{ ...argocdSettings.replicated.spread, labelSelector: { matchLabels: selectorOf(name) } }] } : {}),
      ...(initContainers ? { initContainers } : {}),
      containers,
      volumes,
    },
  };
}

function container(name: string, program: string, resources: Resources, listens: Readonly<Record<string, number>>): k8s.Container {
  return {
    name, image: IMAGE, args: [`/usr/local/bin/argocd-${program}`], ports: ports(listens), securityContext: RESTRICTED_CONTAINER, resources: quantities(resources),
  };
}

/** Half a minute to start in, as upstream gives them, then checked as upstream does. */
function probes(ready: string, live: string, port: string, scheme = 'HTTP'): Pick<k8s.Container, 'startupProbe' | 'livenessProbe' | 'readinessProbe'> {
  const get = (path: string) => ({ httpGet: { path, port: k8s.IntOrString.fromString(port), scheme }, timeoutSeconds: 5 });
  return {
    startupProbe: { ...get(ready), periodSeconds: 5, failureThreshold: 24 },
    livenessProbe: { ...get(live), periodSeconds: 30, failureThreshold: 3 },
    readinessProbe: { ...get(ready), periodSeconds: 10 },
  };
}

function variables(program: string): k8s.EnvVar[] {
  return [
    PASSWORD,
    ...Object.entries(argocdSettings.environment).map(([name, value]) => ({ name, value })),
    ...Object.entries(PARAMETERS).filter(([, [reader]]) => reader === program).map(([key, [, variable]]) => fromConfig(variable, CONFIG.parameters, key, false)),
  ];
}

function fromConfig(name: string, configMap: string, key: string, optional: boolean): k8s.EnvVar {
  return { name, valueFrom: { configMapKeyRef: { name: configMap, key, ...(optional ? { optional } : {}) } } };
}

function metadata(environment: Environment, name: string, component: string, annotations: Record<string, string>): k8s.ObjectMeta {
  return { name, namespace, labels: argocdLabels(name, environment, component), annotations };
}

function budget(chart: Chart, environment: Environment, name: string, component: string): void {
  new k8s.KubePodDisruptionBudget(chart, `${name}-budget`, {
    metadata: { name, namespace, labels: argocdLabels(name, environment, component) },
    spec: { selector: { matchLabels: selectorOf(name) }, maxUnavailable: k8s.IntOrString.fromNumber(1) },
  });
}

function scratch(name: string, size: string): k8s.Volume {
  return { name, emptyDir: { sizeLimit: k8s.Quantity.fromString(size) } };
}

function ports(listens: Readonly<Record<string, number>>): k8s.ContainerPort[] {
  return Object.entries(listens).map(([name, containerPort]) => ({ name, containerPort, protocol: 'TCP' }));
}

interface Resources {
  readonly requests: Readonly<Record<string, string>>;
  readonly limits: Readonly<Record<string, string>>;
}

function quantities({ requests, limits }: Resources): k8s.ResourceRequirements {
  const each = (amounts: Readonly<Record<string, string>>) => Object.fromEntries(Object.entries(amounts).map(([name, amount]) => [name, k8s.Quantity.fromString(amount)]));
  return { requests: each(requests), limits: each(limits) };
}
