import { request } from 'node:https';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Authority } from '../../../rehearsal/control-plane/authority';
import { AffineClock, catalogWorkload, Plant, startMetricsServer } from '../../../rehearsal/plant';
import { HandSetPods, PREDICTIVE, REACTIVE, windowOf } from './support';

let port: number;
let stop: () => Promise<void>;
let serving: Authority;
let client: { certPem: string; keyPem: string };
let stranger: { certPem: string; keyPem: string };
let other: { certPem: string; keyPem: string };

beforeAll(async () => {
  const now = new Date();
  const [authority, frontProxy] = await Promise.all([Authority.create('serving', now), Authority.create('front-proxy', now)]);
  serving = authority;
  client = await frontProxy.issue({ commonName: 'front-proxy-client' });
  other = await frontProxy.issue({ commonName: 'somebody-else' });
  stranger = await authority.issue({ commonName: 'front-proxy-client' });
  const pods = new HandSetPods();
  pods.set(PREDICTIVE, 2, 1);
  pods.set(REACTIVE, 3);
  const window = windowOf([1], [50, 50]);
  const clock = new AffineClock({ traceStart: window.from, wallStart: 1700000000, speed: 120 });
  const plant = new Plant({ workload: catalogWorkload, clock, targets: [REACTIVE, PREDICTIVE], source: pods, window, scale: 1 });
  plant.tick(1700000000);
  plant.tick(1700000000.125);
  const pair = await authority.issue({ commonName: 'metrics', names: ['localhost', '127.0.0.1'] });
  ({ port, stop } = await startMetricsServer({ plant, tls: { ...pair, clientCaPem: frontProxy.certPem, allowedNames: ['front-proxy-client'] }, windowSeconds: 0.125 }));
});
afterAll(() => stop());

function get(path: string, as: { certPem: string; keyPem: string } | undefined = client, method = 'GET'): Promise<{ status: number; body: any }> { // eslint-disable-line @typescript-eslint/no-explicit-any -- a JSON answer
  return new Promise((resolve, reject) => {
    const options = { host: '127.0.0.1', port, path, method, ca: serving.certPem, cert: as?.certPem, key: as?.keyPem, agent: false };
    request(options, (response) => {
      let text = '';
      response.on('data', (chunk: Buffer) => (text += String(chunk))).on('end', () => resolve({ status: response.statusCode ?? 0, body: JSON.parse(text) }));
    }).on('error', reject).end();
  });
}

const base = '/apis/metrics.k8s.io/v1beta1';

describe('who is let in', () => {
  it('is only the front proxy', async () => {
    expect((await get(base)).status).toBe(200);
    await expect(get(base, stranger)).rejects.toThrow();
    await expect(new Promise((resolve, reject) => {
      request({ host: '127.0.0.1', port, path: base, ca: serving.certPem, agent: false }, resolve).on('error', reject).end();
    })).rejects.toThrow();
  });

  it('and of its authority\'s certificates only the one that is named', async () => {
    expect(await get(base, other)).toMatchObject({ status: 403, body: { kind: 'Status', reason: 'Forbidden', code: 403 } });
  });
});

describe('discovery', () => {
  it('lists pods and nodes', async () => {
    const { body } = await get(base);
    expect(body).toMatchObject({ kind: 'APIResourceList', groupVersion: 'metrics.k8s.io/v1beta1' });
    expect(body.resources.map((each: { name: string; kind: string; namespaced: boolean }) => [each.name, each.kind, each.namespaced])).toEqual([['nodes', 'NodeMetrics', false], ['pods', 'PodMetrics', true]]);
    expect((await get('/apis')).body.groups[0].name).toBe('metrics.k8s.io');
    expect((await get('/apis/metrics.k8s.io')).body.preferredVersion.version).toBe('v1beta1');
  });
});

describe('pods', () => {
  it('are listed by namespace with what they use, starting ones left out', async () => {
    const { body } = await get(`${base}/namespaces/catalog/pods`);
    expect(body).toMatchObject({ kind: 'PodMetricsList', apiVersion: 'metrics.k8s.io/v1beta1' });
    expect(body.items).toHaveLength(2);
    expect(body.items[0]).toMatchObject({
      metadata: { name: 'pod-0', namespace: 'catalog', labels: { app: 'catalog' } },
      timestamp: '2023-11-14T22:13:20.125Z',
      window: '0.125s',
      containers: [{ name: 'catalog', usage: { cpu: '260000000n' } }], // 50 requests/s on 2 replicas: 10 + 250 millicores
    });
    expect(body.items[0].containers[0].usage.memory).toMatch(/^\d+Ki$/);
    expect((await get(`${base}/namespaces/elsewhere/pods`)).body.items).toEqual([]);
    expect((await get(`${base}/pods`)).body.items).toHaveLength(5);
  });

  it('are chosen by label selector', async () => {
    const names = async (selector: string): Promise<string[]> =>
      (await get(`${base}/namespaces/catalog/pods?labelSelector=${encodeURIComponent(selector)}`)).body.items.map((each: { metadata: { name: string } }) => each.metadata.name);
    expect(await names('app=catalog,index in (1,2)')).toEqual(['pod-1']);
    expect(await names('app=cost')).toEqual([]);
    expect((await get(`${base}/namespaces/catalog/pods?labelSelector=${encodeURIComponent('a=(')}`)).status).toBe(400);
  });

  it('can be had one by one', async () => {
    expect((await get(`${base}/namespaces/catalog/pods/pod-1`)).body).toMatchObject({ kind: 'PodMetrics', metadata: { name: 'pod-1' } });
    expect(await get(`${base}/namespaces/catalog/pods/pod-9`)).toMatchObject({ status: 404, body: { kind: 'Status', reason: 'NotFound' } });
  });
});

describe('nodes', () => {
  it('use what their pods use', async () => {
    const { body } = await get(`${base}/nodes`);
    const items = body.items as { metadata: { name: string }; usage: { cpu: string } }[];
    const cores = Object.fromEntries(items.map((each) => [each.metadata.name, Math.round(parseInt(each.usage.cpu, 10) / 1e6)]));
    // node-0: one predictive pod and two reactive ones; node-1: one of each. 50 requests/s on 3 are 176.7 millicores.
    expect(cores).toEqual({ 'node-0': Math.round(260 + 2 * (10 + 500 / 3)), 'node-1': Math.round(260 + 10 + 500 / 3) });
    expect((await get(`${base}/nodes/node-1`)).body.kind).toBe('NodeMetrics');
    expect((await get(`${base}/nodes/node-7`)).status).toBe(404);
  });
});

describe('anything else', () => {
  it('is not found, or not allowed', async () => {
    expect((await get(`${base}/namespaces/catalog/services`)).status).toBe(404);
    expect((await get('/openapi/v2')).status).toBe(404);
    expect(await get(`${base}/nodes`, client, 'POST')).toMatchObject({ status: 405, body: { reason: 'MethodNotAllowed' } });
  });
});
