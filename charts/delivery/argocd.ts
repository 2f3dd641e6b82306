import type { Chart } from 'cdk8s';
import { k8s } from 'cdk8s-plus-28';
import { Allow, DefaultDeny, Flow, ownerLabels, PlatformNamespace, selectorOf } from '../../components';
import type { Environment } from '../../config';
import { argocdSettings } from '../../config/argocd-settings';
import { BootstrapSpec, KUBERNETES_API, ownershipOf, PROMETHEUS } from '../context';
import { argocdLabels, CONFIG, CONTROLLER, namespace, PORTS, REDIS, REPO_SERVER, SERVER } from './argocd-names';
import { controller, redis, repoServer, server } from './argocd-programs';
import { CONTROLLER_RIGHTS, REDIS_RIGHTS, SERVER_RIGHTS } from './argocd-rbac';

/**
 * Argo CD, written as constructs, for a cluster that no stack brings it to; its definitions are upstream's, `manifests/crds` of its repository.
 *
 * Left out of what upstream installs: dex and notifications, which nobody logs in through and nobody listens to; the controller of ApplicationSets, because an environment's
 * Applications are synthesized one by one; and the copy of itself that its repo-server hands to plug-ins, of which there are none.
 */
export const argocd: BootstrapSpec = {
  name: 'argocd',
  build: (chart, environment) => {
    const ownership = ownershipOf(environment, 'platform');
    new PlatformNamespace(chart, 'namespace', { name: namespace, ...ownership });
    new DefaultDeny(chart, 'default-deny', { namespace, labels: ownerLabels(ownership) });
    configuration(chart, environment);
    account(chart, environment, CONTROLLER, CONTROLLER_RIGHTS);
    account(chart, environment, SERVER, SERVER_RIGHTS);
    account(chart, environment, REPO_SERVER, { own: [] });
    account(chart, environment, REDIS, REDIS_RIGHTS);
    controller(chart, environment);
    repoServer(chart, environment);
    server(chart, environment);
    redis(chart, environment);
    service(chart, environment, REPO_SERVER, [['server', PORTS[REPO_SERVER].server], ['metrics', PORTS[REPO_SERVER].metrics]]);
    service(chart, environment, SERVER, [['http', 80], ['https', 443]], 'server');
    service(chart, environment, REDIS, [['redis', PORTS[REDIS].redis]]);
    flows(chart, environment);
  },
};

/** Everything it is told, and the Secret in which it keeps what it makes up: its certificate and the key of its sessions. */
function configuration(chart: Chart, environment: Environment): void {
  const data: Readonly<Record<string, Record<string, string>>> = {
    [CONFIG.settings]: argocdSettings.cm,
    [CONFIG.parameters]: Object.fromEntries(Object.entries(argocdSettings.params).map(([key, value]) => [key, String(value)])),
    [CONFIG.rights]: argocdSettings.rbac,
  };
  for (const name of Object.values(CONFIG)) {
    new k8s.KubeConfigMap(chart, name, { metadata: { name, namespace, labels: argocdLabels(name, environment, 'configuration') }, ...(data[name] ? { data: data[name] } : {}) });
  }
  new k8s.KubeSecret(chart, 'secret', { metadata: { name: 'argocd-secret', namespace, labels: argocdLabels('argocd-secret', environment, 'configuration') }, type: 'Opaque' });
}

function account(chart: Chart, environment: Environment, name: string, rights: { readonly own: k8s.PolicyRule[]; readonly cluster?: k8s.PolicyRule[] }): void {
  const labels = argocdLabels(name, environment, 'rights');
  const subjects = [{ kind: 'ServiceAccount', name, namespace }];
  const roleRef = (kind: string) => ({ apiGroup: 'rbac.authorization.k8s.io', kind, name });
  new k8s.KubeServiceAccount(chart, `${name}-account`, { metadata: { name, namespace, labels }, automountServiceAccountToken: false });
  if (rights.own.length > 0) {
    new k8s.KubeRole(chart, `${name}-role`, { metadata: { name, namespace, labels }, rules: rights.own });
    new k8s.KubeRoleBinding(chart, `${name}-role-binding`, { metadata: { name, namespace, labels }, roleRef: roleRef('Role'), subjects });
  }
  if (rights.cluster) {
    new k8s.KubeClusterRole(chart, `${name}-cluster-role`, { metadata: { name, labels }, rules: rights.cluster });
    new k8s.KubeClusterRoleBinding(chart, `${name}-cluster-role-binding`, { metadata: { name, labels }, roleRef: roleRef('ClusterRole'), subjects });
  }
}

/** @param target the port of the pods that every port leads to. @default - the port of the same name */
function service(chart: Chart, environment: Environment, name: string, ports: readonly (readonly [name: string, port: number])[], target?: string): void {
  new k8s.KubeService(chart, `${name}-service`, {
    metadata: { name, namespace, labels: argocdLabels(name, environment, 'delivery') },
    spec: { selector: selectorOf(name), ports: ports.map(([port, number]) => ({ name: port, port: number, targetPort: k8s.IntOrString.fromString(target ?? port), protocol: 'TCP' })) },
  });
}

/** Who calls whom. The server is called by nobody inside the cluster: people reach it through a forwarded port. */
function flows(chart: Chart, environment: Environment): void {
  const pods = (name: string) => ({ namespace, name });
  const cache: Flow = { peer: pods(REDIS), port: PORTS[REDIS].redis };
  const manifests: Flow = { peer: pods(REPO_SERVER), port: PORTS[REPO_SERVER].server };
  const allow = (name: string, from: readonly Flow[], to: readonly Flow[]) => new Allow(chart, `${name}-policy`, { namespace, name, labels: argocdLabels(name, environment, 'delivery'), from, to });
  const metrics = (port: number): Flow => ({ peer: PROMETHEUS.peer, port });
  allow(CONTROLLER, [metrics(PORTS[CONTROLLER].metrics)], [cache, manifests, ...KUBERNETES_API]);
  allow(SERVER, [metrics(PORTS[SERVER].metrics)], [cache, manifests, ...KUBERNETES_API]);
  allow(REPO_SERVER, [...[CONTROLLER, SERVER].map((name) => ({ peer: pods(name), port: manifests.port })), metrics(PORTS[REPO_SERVER].metrics)], [cache, { port: 443 }]); // Git over HTTPS
  allow(REDIS, [CONTROLLER, SERVER, REPO_SERVER].map((name) => ({ peer: pods(name), port: cache.port })), KUBERNETES_API); // its first start keeps the password there
}
