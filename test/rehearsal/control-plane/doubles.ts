import { createServer as createHttp } from 'node:http';
import { createServer as createHttps } from 'node:https';
import type { AddressInfo } from 'node:net';

/** A pod as the metrics server needs to know it. */
interface PodReading {
  readonly name: string;
  readonly namespace: string;
  readonly labels: Readonly<Record<string, string>>;
}

/** A server that can be closed. */
export interface Double {
  readonly port: number;
  close(): Promise<void>;
}

/** Serves metrics.k8s.io/v1beta1 as metrics-server does, from readings the test decides. */
export async function startMetricsServer(
  pair: { certPem: string; keyPem: string },
  pods: () => readonly PodReading[],
  cpuMillicores: () => number,
): Promise<Double & { readonly asked: () => number }> {
  let asked = 0;
  const server = createHttps({ cert: pair.certPem, key: pair.keyPem }, (request, response) => {
    const url = new URL(request.url ?? '/', 'https://localhost');
    const send = (body: unknown, status = 200) => response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
    if (url.pathname === '/apis/metrics.k8s.io/v1beta1') {
      return send({ kind: 'APIResourceList', apiVersion: 'v1', groupVersion: 'metrics.k8s.io/v1beta1', resources: [{ name: 'pods', singularName: '', namespaced: true, kind: 'PodMetrics', verbs: ['get', 'list'] }] });
    }
    const namespace = /^\/apis\/metrics\.k8s\.io\/v1beta1\/namespaces\/([^/]+)\/pods$/.exec(url.pathname)?.[1];
    if (namespace === undefined) return send({ kind: 'Status', status: 'Failure', reason: 'NotFound', code: 404 }, 404);
    asked++;
    const wanted = (url.searchParams.get('labelSelector') ?? '').split(',').filter(Boolean).map((each) => each.split('='));
    const items = pods().filter((pod) => pod.namespace === namespace && wanted.every(([key, value]) => pod.labels[key!] === value)).map((pod) => ({
      metadata: { name: pod.name, namespace, labels: pod.labels },
      timestamp: new Date().toISOString(),
      window: '500ms',
      containers: [{ name: 'web', usage: { cpu: `${cpuMillicores()}m`, memory: '64Mi' } }],
    }));
    return send({ kind: 'PodMetricsList', apiVersion: 'metrics.k8s.io/v1beta1', metadata: {}, items });
  });
  return { ...(await listen(server)), asked: () => asked };
}

/** Answers every instant query of the Prometheus HTTP API with one value. */
export async function startPrometheus(value: () => number): Promise<Double & { readonly queries: string[] }> {
  const queries: string[] = [];
  const server = createHttp((request, response) => {
    const url = new URL(request.url ?? '/', 'http://localhost');
    if (url.pathname !== '/api/v1/query') return response.writeHead(404).end();
    queries.push(url.searchParams.get('query') ?? '');
    return response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify({
      status: 'success', data: { resultType: 'vector', result: [{ metric: {}, value: [Date.now() / 1000, String(value())] }] },
    }));
  });
  return { ...(await listen(server)), queries };
}

async function listen(server: ReturnType<typeof createHttp> | ReturnType<typeof createHttps>): Promise<Double> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    port: (server.address() as AddressInfo).port,
    close: () => new Promise((resolve) => {
      server.close(() => resolve());
      server.closeAllConnections();
    }),
  };
}
