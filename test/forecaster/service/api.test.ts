import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { connect } from 'node:net';
import fc from 'fast-check';
import { containerRules, recordingRules } from '../../../forecaster/contract';
import { buildApp, type ForecasterApp } from '../../../forecaster/service/app';
import { assertFinite, NotFinite } from '../../../forecaster/service/finite';
import { forecasterSettings } from '../../../forecaster/service/settings';
import { type PrometheusServer, startPrometheus } from '../support/prometheus-server';

const DAY = 86_400;
const NOW = 20 * DAY;
const MIB = 2 ** 20;
const TOKEN = 'a-token-of-this-test';
let prometheus: PrometheusServer;
let service: ForecasterApp;

const series = (name: string, labels: Record<string, string>, at: (time: number) => number) => ({ labels: { __name__: name, namespace: 'shop', service: 'catalog', ...labels }, at });
const container = (pod: string) => ({ pod, container: 'catalog' });
const wave = (time: number) => 100 + 50 * Math.sin((2 * Math.PI * time) / DAY) + (time / 60) % 7;

beforeAll(async () => {
  prometheus = await startPrometheus();
  prometheus.now = NOW;
  prometheus.series = [
    series(recordingRules.requests, {}, wave),
    series(recordingRules.cpu, {}, (time) => wave(time) / 200),
    series(recordingRules.latency, {}, (time) => (time > NOW - 7200 ? 0.9 : 0.1)),
    series(containerRules.workingSet, container('leaks'), (time) => 512 * MIB - ((NOW + 2400 - time) / 60) * 1.2 * MIB),
    series(containerRules.workingSet, container('steady'), () => 100 * MIB),
    series(containerRules.workingSet, container('unlimited'), (time) => time),
    ...['leaks', 'steady'].map((pod) => series(containerRules.limit, container(pod), () => 512 * MIB)),
  ];
  service = buildApp(forecasterSettings({
    FORECASTER_PROMETHEUS_URL: prometheus.url, FORECASTER_TOKEN: TOKEN, FORECASTER_HISTORY_SECONDS: String(2 * DAY), FORECASTER_METRICS: 'requests,cpu,latency', LOG_LEVEL: 'silent',
  }));
  await service.refresher.refresh();
  await vi.waitFor(async () => expect((await get('/oom')).json.total).toBe(3), { timeout: 20_000, interval: 100 });
});
afterAll(async () => {
  await service.app.close();
  await prometheus.close();
});

// eslint-disable-next-line @typescript-eslint/no-explicit-any -- bodies of many shapes; each test says what it wants
type Body = any;

async function ask(method: 'GET' | 'POST' | 'PUT' | 'DELETE' | 'OPTIONS', url: string, payload?: unknown, headers: Record<string, string> = {}) {
  const response = await service.app.inject({
    method, url, headers: { authorization: `Bearer ${TOKEN}`, ...(payload === undefined ? {} : { 'content-type': 'application/json' }), ...headers },
    ...(payload === undefined ? {} : { payload: typeof payload === 'string' ? payload : JSON.stringify(payload) }),
  });
  return { status: response.statusCode, headers: response.headers, json: response.json<Body>() };
}
const get = (url: string) => ask('GET', url);

describe('GET /openapi.json', () => {
  it('is open, and describes every address with its answers, refusals and who may ask', async () => {
    const { statusCode, body } = await service.app.inject({ url: '/openapi.json' });
    expect(statusCode).toBe(200);
    const { openapi, paths } = JSON.parse(body) as {
      openapi: string; paths: Record<string, Record<string, { summary: string; security: object[]; responses: Record<string, Body> }>>;
    };
    expect(openapi).toBe('3.1.0');
    expect(Object.keys(paths).sort()).toEqual([
      '/accuracy', '/backtest', '/healthz', '/incidents', '/metrics', '/models/status', '/oom', '/openapi.json', '/predict/{service}', '/predict/{service}/{metric}', '/readyz',
    ]);
    const open = ['/healthz', '/readyz', '/metrics', '/openapi.json'];
    for (const [path, operations] of Object.entries(paths)) {
      for (const { summary, security, responses } of Object.values(operations)) {
        expect(summary.length).toBeGreaterThan(5);
        expect(security).toEqual(open.includes(path) ? [] : [{ bearer: [] }]);
        expect('401' in responses).toBe(!open.includes(path));
        for (const [status, { content }] of Object.entries(responses)) if (status !== '200') expect(content['application/json'].schema).toEqual({ $ref: '#/components/schemas/Refusal' });
      }
    }
  });

  it('opens nothing but health, metrics and itself', async () => {
    for (const url of ['/predict/catalog', '/predict/catalog/cpu', '/incidents', '/oom', '/models/status', '/accuracy']) expect((await service.app.inject({ url })).statusCode).toBe(401);
    expect((await service.app.inject({ method: 'POST', url: '/backtest', payload: {} })).statusCode).toBe(401);
  });
});

describe('refusals', () => {
  it.each<[string, Promise<{ status: number; json: Body }> | (() => Promise<{ status: number; json: Body }>), number, string]>([
    ['another method', () => ask('PUT', '/predict/catalog'), 405, 'method_not_allowed'],
    ['GET where POST is wanted', () => ask('GET', '/backtest'), 405, 'method_not_allowed'],
    ['another address', () => get('/predict/catalog/cpu/more'), 404, 'not_found'],
    ['an encoding that is none', () => get('/predict/%zz'), 400, 'bad_request'],
    ['a name that is too long', () => get(`/predict/${'a'.repeat(254)}`), 400, 'bad_request'],
    ['a name that is far too long', () => get(`/predict/${'a'.repeat(9000)}/cpu`), 400, 'bad_request'],
    ['a metric that is none', () => get('/predict/catalog/disk'), 400, 'bad_request'],
    ['a horizon out of range', () => get('/predict/catalog?horizon=61m'), 400, 'bad_request'],
    ['quantiles out of range', () => get('/predict/catalog/cpu?quantiles=0,1'), 400, 'bad_request'],
    ['a limit out of range', () => get('/oom?limit=0'), 400, 'bad_request'],
    ['a probability that is none', () => get('/incidents?minProbability=NaN'), 400, 'bad_request'],
    ['what is not asked', () => get('/accuracy?sort=up'), 400, 'bad_request'],
    ['JSON that is none', () => ask('POST', '/backtest', '{"values": [1, 2,'), 400, 'bad_request'],
    ['a body of another kind', () => ask('POST', '/backtest', '<xml/>', { 'content-type': 'text/xml' }), 415, 'unsupported_media_type'],
    ['a body that is too large', () => ask('POST', '/backtest', `{"values": [${'1,'.repeat(300_000)}1], "stepSeconds": 60}`), 413, 'too_large'],
    ['text for a number', () => ask('POST', '/backtest', { values: [1, 2, 3], stepSeconds: '60' }), 400, 'bad_request'],
    ['more values than are taken', () => ask('POST', '/backtest', { values: new Array(20_161).fill(1), stepSeconds: 60 }), 400, 'bad_request'],
    ['a number beyond any metric', () => ask('POST', '/backtest', '{"values": [1, 2, 1e400], "stepSeconds": 60}'), 400, 'bad_request'],
    ['a series that is too short', () => ask('POST', '/backtest', { values: [1, 2, 3], stepSeconds: 60 }), 400, 'bad_request'],
    ['a service that is unknown', () => ask('POST', '/backtest', { service: 'no', metric: 'cpu' }), 404, 'unknown_service'],
  ])('%s: the same body, with a code', async (_, request, status, code) => {
    const answer = await (typeof request === 'function' ? request() : request);
    expect([answer.status, answer.json.error.code]).toEqual([status, code]);
    expect(typeof answer.json.error.message).toBe('string');
  });

  it('names the methods that an address answers', async () => {
    expect((await ask('DELETE', '/oom')).headers.allow).toBe('GET, HEAD');
    expect((await ask('GET', '/backtest')).headers.allow).toBe('POST');
  });

  it.each([['NONSENSE / HTTP/1.1\r\n\r\n', 405], ['GET / HTTP/9\r\n\r\n', 400], [`GET / HTTP/1.1\r\nx: ${'y'.repeat(20_000)}\r\n\r\n`, 431]])('what the parser refuses too: %.12s', async (bytes, status) => {
    await service.app.listen({ host: '127.0.0.1', port: 0 }).catch(() => undefined); // it may listen already
    const { port } = service.app.server.address() as { port: number };
    const said = await new Promise<string>((done) => {
      let text = '';
      const socket = connect(port, '127.0.0.1', () => socket.write(bytes));
      socket.on('data', (chunk) => { text += chunk.toString(); }).on('close', () => done(text));
    });
    expect(said).toMatch(new RegExp(`^HTTP/1.1 ${status} `));
    expect(JSON.parse(said.slice(said.indexOf('\r\n\r\n')))).toMatchObject({ error: { code: expect.any(String), message: expect.any(String) } });
  });

  it('whatever is asked, nothing fails and nothing is not finite', async () => {
    const word = fc.oneof(fc.string({ maxLength: 300, unit: 'binary' }), fc.constantFrom('catalog', 'shop', 'cpu', '0', 'NaN', '..', '%00', '"}', '\n', '1e308', '30m', '0.5'));
    const path = fc.constantFrom('/predict/:w', '/predict/:w/:w', '/incidents', '/oom', '/models/status', '/accuracy');
    const key = fc.constantFrom('metric', 'namespace', 'service', 'horizon', 'quantiles', 'limit', 'minProbability', 'kind', 'other');
    await fc.assert(fc.asyncProperty(path, fc.array(word, { minLength: 2, maxLength: 2 }), fc.array(fc.tuple(key, word), { maxLength: 3 }), async (template, words, query) => {
      const rest = [...words];
      const url = `${template.replace(/:w/g, () => encodeURIComponent(rest.pop()!))}?${new URLSearchParams(query.map(([k, v]): [string, string] => [k, v]))}`;
      const { status, json } = await get(url);
      expect(status).toBeLessThan(500);
      if (status >= 400) expect(json.error.code).toMatch(/^[a-z_]+$/);
      else assertFinite(json);
    }), { numRuns: 150 });
  }, 60_000);
});

describe('answers', () => {
  it('GET /oom ranks containers by how likely they run out', async () => {
    const { json } = await get('/oom');
    expect(json.containers.map(({ pod }: Body) => pod)).toEqual(['leaks', 'steady', 'unlimited']);
    expect(json.containers[0]).toMatchObject({ namespace: 'shop', service: 'catalog', container: 'catalog', limitBytes: 512 * MIB, alarm: true });
    expect(json.containers[0].minutesToOom).toBeGreaterThan(20);
    expect(json.containers[0].minutesToOom).toBeLessThan(90);
    expect(json.containers[2]).toMatchObject({ limitBytes: null, probability60: 0, reasons: expect.arrayContaining(['no_limit']) });
    expect((await get('/oom?minProbability=0.5')).json.total).toBe(1);
    expect((await get('/oom?service=other')).json.containers).toEqual([]);
    expect((await get('/oom?limit=1')).json.containers).toHaveLength(1);
  });

  it('GET /incidents tells what is there and what is coming, and filters it', async () => {
    await vi.waitFor(async () => expect((await get('/incidents')).json.total).toBeGreaterThanOrEqual(1), { timeout: 20_000, interval: 100 });
    const { json } = await get('/incidents?kind=memory');
    expect(json.incidents[0]).toMatchObject({ kind: 'memory', service: 'catalog', namespace: 'shop', reasons: expect.arrayContaining(['out_of_memory_expected']) });
    expect((await get('/incidents?namespace=other')).json).toMatchObject({ total: 0, incidents: [], anomalies: [] });
  });

  it('GET /accuracy tells the skill of every series, against naive', async () => {
    const { json } = await get('/accuracy?metric=requests');
    expect(json.total).toBe(1);
    const [skill] = json.series;
    expect(skill).toMatchObject({ service: 'catalog', namespace: 'shop', metric: 'requests' });
    expect(skill.judged).toBeGreaterThan(100);
    const { judged, relativePinball, relativeError, coverage80, coverage95 } = service.store.find({ namespace: 'shop', service: 'catalog', metric: 'requests' })!.forecaster.status().skill;
    expect(skill).toMatchObject({ judged, relativePinball, relativeError, coverage80, coverage95 });
    expect(relativePinball).toBeGreaterThan(0);
  });

  it('GET /metrics has CPU in percent, incidents and containers', async () => {
    const entry = service.store.find({ namespace: 'shop', service: 'catalog', metric: 'cpu' })!;
    const step = vi.spyOn(entry.climber, 'mayScale', 'get');
    const cpu = async () => (await service.app.inject({ url: '/metrics' })).body.split('\n').filter((line) => line.startsWith('predicted_cpu_utilization{'));
    step.mockReturnValue(false);
    expect(await cpu()).toEqual([]);
    step.mockReturnValue(true);
    const { value } = entry.forecaster.demand({ leadTimeSeconds: 300, quantile: 0.9, now: NOW });
    expect(await cpu()).toEqual([`predicted_cpu_utilization{service="catalog",namespace="shop"} ${100 * value}`]);
    step.mockRestore();
    const { body } = await service.app.inject({ url: '/metrics' });
    expect(body).toMatch(/^tideline_oom_probability\{service="catalog",namespace="shop",pod="leaks",container="catalog"\} 0\.\d+$/m);
    expect(body).not.toContain('pod="unlimited"');
  });
});

describe('POST /backtest', () => {
  const season = (length: number) => Array.from({ length }, (_, i) => (i % 97 === 0 ? null : wave(i * 300)));

  it('scores a series that is sent, and one that Prometheus has', async () => {
    const sent = await ask('POST', '/backtest', { values: season(1500), stepSeconds: 300, horizonSteps: 12, origins: 40 });
    expect(sent.status).toBe(200);
    expect(sent.json).toMatchObject({ values: 1500, stepSeconds: 300, complete: true });
    expect(sent.json.origins).toBeGreaterThan(30);
    expect(sent.json.judged).toBeGreaterThan(400);
    expect(sent.json.path.relativePinball).toBeLessThan(1);
    expect(sent.json.horizons.map(({ steps }: Body) => steps)).toEqual([1, 5, 12]);
    const named = await ask('POST', '/backtest', { service: 'catalog', metric: 'requests', hours: 24, origins: 10 });
    expect(named.json).toMatchObject({ values: 1440, stepSeconds: 60, complete: true });
  });

  it('has room for one, and answers others meanwhile', async () => {
    const running = ask('POST', '/backtest', { values: season(4000), stepSeconds: 300, origins: 100 });
    await new Promise((done) => setTimeout(done, 50));
    const [second, health] = await Promise.all([ask('POST', '/backtest', { values: season(100), stepSeconds: 300 }), service.app.inject({ url: '/healthz' })]);
    expect([second.status, second.json.error.code, second.headers['retry-after']]).toEqual([429, 'busy', '10']);
    expect(health.statusCode).toBe(200);
    expect((await running).status).toBe(200);
    expect((await ask('POST', '/backtest', { values: season(100), stepSeconds: 300, horizonSteps: 5 })).status).toBe(200);
  });

  it('has null where nothing can be compared', async () => {
    const { json } = await ask('POST', '/backtest', { values: new Array(100).fill(null), stepSeconds: 60, horizonSteps: 5 });
    expect(json).toMatchObject({ origins: 0, judged: 0, path: { relativePinball: null, coverage80: null } });
    const constant = await ask('POST', '/backtest', { values: new Array(100).fill(7), stepSeconds: 60, horizonSteps: 5 });
    expect(constant.json.path.relativeError).toBeNull(); // naive makes no error
  });

  it('says when Prometheus cannot tell the history', async () => {
    prometheus.sabotage = (_request, response) => response.writeHead(502).end('<html>');
    const { status, json } = await ask('POST', '/backtest', { service: 'catalog', metric: 'cpu' });
    prometheus.sabotage = undefined;
    expect([status, json.error.code]).toEqual([502, 'prometheus_failed']);
  });
});

describe('the edge', () => {
  it.each([NaN, Infinity, -Infinity])('lets no %d through, however deep', (value) => {
    expect(() => assertFinite({ a: [{ b: value }] })).toThrow(NotFinite);
    expect(() => assertFinite({ a: [{ b: value }] })).toThrow('a[0].b');
    expect(() => assertFinite({ a: [1, null, 'NaN', { b: -0 }] })).not.toThrow();
  });

  it('answers 500 with nothing of it, rather than a null that reads as "unknown"', async () => {
    const { forecaster } = service.store.find({ namespace: 'shop', service: 'catalog', metric: 'latency' })!;
    const spy = vi.spyOn(forecaster, 'forecast').mockReturnValue({ origin: 1, stepSeconds: 60, point: [NaN], quantiles: { '0.5': [NaN] }, model: 'm', confidence: 0, reasons: [] });
    const { status, json } = await get('/predict/catalog/latency');
    spy.mockRestore();
    expect(status).toBe(500);
    expect(json).toEqual({ error: { code: 'internal', message: 'the request failed for a reason of our own' } });
  });
});
