import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import type { TLSSocket } from 'node:tls';
import { LabelPredicate, parseLabelSelector } from './label-selector';
import type { Plant, PodUsage } from './plant';

/** What the stand-in for metrics-server is made of. */
export interface MetricsServerOptions {
  readonly plant: Plant;
  readonly tls: {
    /** Serving certificate, for the names the API server calls it by. */
    readonly certPem: string;
    readonly keyPem: string;
    /** The authority whose client certificates are let in: the API server's front proxy (`--requestheader-client-ca-file`). */
    readonly clientCaPem: string;
    /** Common names that are let in (`--requestheader-allowed-names`). @default - every certificate of that authority */
    readonly allowedNames?: readonly string[];
  };
  /** @default - any free port */
  readonly port?: number;
  /** Length of the window a sample covers, wall seconds. @default 15 */
  readonly windowSeconds?: number;
}

const GROUP = 'metrics.k8s.io';
const VERSION = 'v1beta1';
const GROUP_VERSION = `${GROUP}/${VERSION}`;

interface Answer { readonly status: number; readonly body: unknown }

/** A refusal as the Kubernetes API words it. */
function refusal(status: number, reason: string, message: string): Answer {
  return { status, body: { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Failure', message, reason, code: status } };
}

/**
 * Serves `metrics.k8s.io/v1beta1` over the plant, for the API server to aggregate: discovery, pods with label selectors, nodes. It listens on
 * 127.0.0.1 and talks only to holders of a client certificate of the front proxy's authority.
 */
export async function startMetricsServer(options: MetricsServerOptions): Promise<{ readonly port: number; stop(): Promise<void> }> {
  const { certPem, keyPem, clientCaPem, allowedNames } = options.tls;
  const server = createServer({ cert: certPem, key: keyPem, ca: clientCaPem, requestCert: true, rejectUnauthorized: true, minVersion: 'TLSv1.2' }, (request, response) => {
    const name = (request.socket as TLSSocket).getPeerCertificate().subject?.CN ?? '';
    const known = allowedNames === undefined || allowedNames.length === 0 || [name].flat().some((each) => allowedNames.includes(each));
    const answer = known ? route(options, request.method ?? 'GET', new URL(request.url ?? '/', 'https://localhost')) : refusal(403, 'Forbidden', 'this client certificate is not the front proxy\'s');
    response.writeHead(answer.status, { 'content-type': 'application/json' }).end(JSON.stringify(answer.body));
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(options.port ?? 0, '127.0.0.1', resolve);
  });
  return {
    port: (server.address() as AddressInfo).port,
    stop: () => new Promise((resolve) => {
      server.close(() => resolve());
      server.closeAllConnections();
    }),
  };
}

const GROUP_BODY = {
  name: GROUP, versions: [{ groupVersion: GROUP_VERSION, version: VERSION }], preferredVersion: { groupVersion: GROUP_VERSION, version: VERSION },
};

const RESOURCES = {
  kind: 'APIResourceList',
  apiVersion: 'v1',
  groupVersion: GROUP_VERSION,
  resources: [
    { name: 'nodes', singularName: '', namespaced: false, kind: 'NodeMetrics', verbs: ['get', 'list'] },
    { name: 'pods', singularName: '', namespaced: true, kind: 'PodMetrics', verbs: ['get', 'list'] },
  ],
};

function route(options: MetricsServerOptions, method: string, url: URL): Answer {
  if (method !== 'GET') return refusal(405, 'MethodNotAllowed', `${method} is not supported: metrics are read only`);
  const path = url.pathname.replace(/\/$/, '');
  const base = `/apis/${GROUP_VERSION}`;
  if (path === '/healthz' || path === '/livez' || path === '/readyz') return { status: 200, body: 'ok' };
  if (path === '/apis') return { status: 200, body: { kind: 'APIGroupList', apiVersion: 'v1', groups: [GROUP_BODY] } };
  if (path === `/apis/${GROUP}`) return { status: 200, body: { kind: 'APIGroup', apiVersion: 'v1', ...GROUP_BODY } };
  if (path === base) return { status: 200, body: RESOURCES };

  const match = /^\/(?:(nodes)|(?:namespaces\/([^/]+)\/)?(pods))(?:\/([^/]+))?$/.exec(path.startsWith(base) ? path.slice(base.length) : '');
  if (!match) return refusal(404, 'NotFound', 'the server could not find the requested resource');
  const [, nodes, namespace, , name] = match;
  const selector = url.searchParams.get('labelSelector') ?? '';
  const matches = parseLabelSelector(selector);
  if (!matches) return refusal(400, 'BadRequest', `unable to parse the label selector ${JSON.stringify(selector)}`);
  return nodes ? nodeMetrics(options, name) : podMetrics(options, namespace && decodeURIComponent(namespace), name && decodeURIComponent(name), matches);
}

/** Cores and bytes as quantities. Nanocores, as the kubelet gives them: their conversion to whole millicores, upwards, is the reader's. */
function quantities(cpuMillicores: number, memoryBytes: number): { cpu: string; memory: string } {
  return { cpu: `${Math.round(cpuMillicores * 1e6)}n`, memory: `${Math.round(memoryBytes / 1024)}Ki` };
}

/** When the sample was taken, and how long it covers. Fractions of a second are kept: under compression they are minutes of the trace. */
function moment(options: MetricsServerOptions): { timestamp: string; window: string } {
  return { timestamp: new Date(options.plant.lastTick * 1000).toISOString(), window: `${options.windowSeconds ?? 15}s` };
}

function podMetrics(options: MetricsServerOptions, namespace: string | undefined, name: string | undefined, matches: LabelPredicate): Answer {
  const when = moment(options);
  const items = options.plant.usage(namespace).flatMap(({ target, pods }) => pods
    .filter(({ pod }) => (name === undefined || pod.name === name) && matches(pod.labels ?? {}))
    .map((usage) => podItem(usage, target.namespace, target.service, when)));
  if (name !== undefined) {
    const [item] = items;
    return item
      ? { status: 200, body: { kind: 'PodMetrics', apiVersion: GROUP_VERSION, ...item } }
      : refusal(404, 'NotFound', `podmetrics.metrics.k8s.io "${namespace}/${name}" not found`);
  }
  return { status: 200, body: { kind: 'PodMetricsList', apiVersion: GROUP_VERSION, metadata: {}, items } };
}

function podItem({ pod, cpuMillicores, memoryBytes }: PodUsage, namespace: string, service: string, when: { timestamp: string; window: string }): object {
  const names = pod.containers ?? [service];
  // The service's own container, the first, does all the work.
  return {
    metadata: { name: pod.name, namespace, creationTimestamp: when.timestamp, labels: pod.labels ?? {} },
    ...when,
    containers: names.map((container, index) => ({ name: container, usage: index === 0 ? quantities(cpuMillicores, memoryBytes) : quantities(0, 0) })),
  };
}

function nodeMetrics(options: MetricsServerOptions, name: string | undefined): Answer {
  const when = moment(options);
  const nodes = new Map<string, { cpu: number; memory: number }>();
  for (const { pods } of options.plant.usage()) {
    for (const { pod, cpuMillicores, memoryBytes } of pods) {
      if (pod.nodeName === undefined) continue;
      const sum = nodes.get(pod.nodeName) ?? { cpu: 0, memory: 0 };
      nodes.set(pod.nodeName, { cpu: sum.cpu + cpuMillicores, memory: sum.memory + memoryBytes });
    }
  }
  const item = (node: string, use: { cpu: number; memory: number }): object => ({
    metadata: { name: node, creationTimestamp: when.timestamp }, ...when, usage: quantities(use.cpu, use.memory),
  });
  if (name !== undefined) {
    const use = nodes.get(decodeURIComponent(name));
    return use ? { status: 200, body: { kind: 'NodeMetrics', apiVersion: GROUP_VERSION, ...item(decodeURIComponent(name), use) } } : refusal(404, 'NotFound', `nodemetrics.metrics.k8s.io "${name}" not found`);
  }
  return { status: 200, body: { kind: 'NodeMetricsList', apiVersion: GROUP_VERSION, metadata: {}, items: [...nodes].map(([node, use]) => item(node, use)) } };
}
