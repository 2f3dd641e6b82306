import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { contract, forecasterMetrics } from '../../../forecaster/contract';
import { buildApp, type ForecasterApp } from '../../../forecaster/service/app';
import { forecasterSettings } from '../../../forecaster/service/settings';
import { type PrometheusServer, startPrometheus } from '../support/prometheus-server';

const DAY = 86_400;
const NOW = 20 * DAY;
const TOKEN = 'a-token-of-this-test';
let server: PrometheusServer;
let service: ForecasterApp;
let wall = 0;

const rate = (service_: string, namespace: string, at: (time: number) => number | undefined) => ({ labels: { __name__: 'tideline:requests:rate', namespace, service: service_ }, at });
const wave = (time: number) => 100 + 50 * Math.sin((2 * Math.PI * time) / DAY) + (time / 60) % 7;

beforeAll(async () => {
  server = await startPrometheus();
});
afterAll(() => server.close());

beforeEach(() => {
  wall = 0;
  server.sabotage = undefined;
  server.now = NOW;
  server.series = [
    rate('catalog', 'shop', wave), rate('twin', 'blue', wave), rate('twin', 'green', wave),
    rate('newborn', 'shop', (time) => (time > NOW - 180 ? 10 : undefined)),
  ];
  service = build(3);
});

/** A service that pulls so many days of history. */
function build(days: number): ForecasterApp {
  return buildApp(forecasterSettings({
    FORECASTER_PROMETHEUS_URL: server.url, FORECASTER_TOKEN: TOKEN, FORECASTER_HISTORY_SECONDS: String(days * DAY), FORECASTER_METRICS: 'requests,cpu', LOG_LEVEL: 'silent',
  }), { clock: () => wall, limits: { timeoutMs: 2000, maxBytes: 4_000_000 } });
}

interface Refused {
  readonly error: { readonly code: string; readonly faults: readonly { readonly where: string; readonly got: string; readonly allowed: string }[] };
}

async function get(url: string, token: string | undefined = TOKEN) {
  const response = await service.app.inject({ url, headers: token ? { authorization: `Bearer ${token}` } : {} });
  return { status: response.statusCode, body: response.body, json: () => response.json<Refused>() };
}
const metric = async (name: string) => (await get('/metrics')).body.split('\n').filter((line) => line.startsWith(`${name}{`));

describe('GET /predict/:service/:metric', () => {
  beforeEach(async () => { await service.refresher.refresh(); });

  it('gives point, quantiles, confidence, model and reasons for the horizon asked', async () => {
    const { status, json } = await get('/predict/catalog/requests?horizon=30m');
    expect(status).toBe(200);
    expect(json()).toMatchObject({ service: 'catalog', namespace: 'shop', metric: 'requests', origin: NOW - 60, stepSeconds: 60, horizonSeconds: 1800, reasons: ['seasonal_daily'] });
    const { point, quantiles, confidence, model } = json() as unknown as { point: number[]; quantiles: Record<string, number[]>; confidence: number; model: string };
    expect(point).toHaveLength(30);
    expect(Math.abs(point[29]! - wave(NOW + 29 * 60))).toBeLessThan(10);
    expect(Object.keys(quantiles).sort()).toEqual(['0.025', '0.1', '0.5', '0.9', '0.95', '0.975']);
    expect(confidence).toBeGreaterThan(0.5);
    expect(model).not.toBe('');
  });

  it('answers the quantiles asked for', async () => {
    const { json } = await get('/predict/catalog/requests?horizon=1h&quantiles=0.5,0.99');
    expect(Object.keys((json() as unknown as { quantiles: object }).quantiles).sort()).toEqual(['0.5', '0.99']);
  });

  it('answers a service with two samples, with the reason and a wide band', async () => {
    const { status, json } = await get('/predict/newborn/requests?quantiles=0.1,0.9');
    const body = json() as unknown as { reasons: string[]; quantiles: Record<string, number[]> };
    expect(status).toBe(200);
    expect(body.reasons).toEqual(expect.arrayContaining(['insufficient_history', 'bands_uncalibrated']));
    expect(body.quantiles['0.9']![29]! - body.quantiles['0.1']![29]!).toBeGreaterThan(5);
  });

  it('gives every metric that is recorded when none is named, and one in the older form', async () => {
    const all = (await get('/predict/catalog?horizon=5m')).json() as unknown as { service: string; forecasts: { metric: string; point: number[]; step: string }[] };
    expect(all).toMatchObject({ service: 'catalog', namespace: 'shop', forecasts: [{ metric: 'requests', horizonSeconds: 300 }] });
    expect(all.forecasts[0]!.point).toHaveLength(5);
    const [older, present] = await Promise.all([get('/predict/catalog?metric=requests'), get('/predict/catalog/requests')]);
    expect(older.json()).toEqual(present.json());
  });

  it('lists the services it knows when it does not know the one asked for', async () => {
    const { status, json } = await get('/predict/unknown');
    expect(status).toBe(404);
    expect(json().error).toMatchObject({ code: 'unknown_service', faults: [{ where: 'path service', got: 'unknown', allowed: 'blue/twin, green/twin, shop/catalog, shop/newborn' }] });
    expect((await get('/predict/catalog?namespace=other')).json().error.faults[0]!.got).toBe('other/catalog');
  });

  it('wants to know which namespace when there are two', async () => {
    const { status, json } = await get('/predict/twin');
    expect(status).toBe(400);
    expect(json().error).toMatchObject({ code: 'ambiguous_service', faults: [{ allowed: 'blue, green' }] });
    expect((await get('/predict/twin?namespace=green')).status).toBe(200);
  });

  it('says when a metric is not recorded for a service', async () => {
    const { status, json } = await get('/predict/catalog/cpu');
    expect(status).toBe(404);
    expect(json().error).toMatchObject({ code: 'no_data', faults: [{ got: 'cpu', allowed: 'requests' }] });
  });

  it('reports every part of a bad request at once', async () => {
    const { status, json } = await get('/predict/catalog?horizon=3d&quantiles=2');
    expect(status).toBe(400);
    expect(json().error.faults.map(({ where, got }) => [where, got])).toEqual([['query horizon', '3d'], ['query quantiles', '2']]);
  });

  it.each(['metric=disk', 'unknown=1', 'namespace=', `horizon=${'9'.repeat(200)}m`, 'horizon=30m&horizon=1h'])('?%s is a bad request', async (query) => {
    const { status, json } = await get(`/predict/catalog?${query}`);
    expect(status).toBe(400);
    expect(json().error.code).toBe('bad_request');
  });
});

describe('before the first refresh', () => {
  it('is alive but not ready, and does not call a service unknown', async () => {
    expect((await get('/healthz')).status).toBe(200);
    expect((await get('/readyz')).status).toBe(503);
    expect((await get('/predict/catalog')).status).toBe(503);
    await service.refresher.refresh();
    expect((await get('/readyz')).status).toBe(200);
  });

  it('stays not ready while Prometheus answers rubbish', async () => {
    server.sabotage = (_request, response) => response.end('<html>');
    await service.refresher.refresh();
    expect((await get('/readyz')).status).toBe(503);
    expect((await get('/metrics')).body).toContain('tideline_forecaster_prometheus_failures_total{kind="not_json"} 1');
    expect((await get('/metrics')).body).toContain('tideline_forecaster_refreshes_total{outcome="failed"} 1');
  });
});

describe('the token', () => {
  it.each([undefined, 'wrong', '', `${TOKEN}x`])('%j does not open predictions or status', async (token) => {
    await service.refresher.refresh();
    for (const path of ['/predict/catalog', '/predict/unknown', '/models/status']) {
      const response = await service.app.inject({ url: path, headers: token === undefined ? {} : { authorization: `Bearer ${token}` } });
      expect(response.statusCode).toBe(401);
      expect(response.headers['www-authenticate']).toBe('Bearer');
      expect(response.body).not.toContain('catalog');
    }
  });

  it('is not needed for health and metrics', async () => {
    for (const path of ['/healthz', '/metrics']) expect((await service.app.inject({ url: path })).statusCode).toBe(200);
  });

  it('is required to start, and never shown', () => {
    expect(() => forecasterSettings({ FORECASTER_PROMETHEUS_URL: 'http://p' })).toThrow(/FORECASTER_TOKEN/);
    expect(contract.settings.token.secret).toBe(true);
  });
});

describe('GET /models/status', () => {
  it('shows how every series is doing', async () => {
    await service.refresher.refresh();
    const { now, series } = (await get('/models/status')).json() as unknown as { now: number; series: { service: string; metric: string; newest: number | null; members: { model: string }[]; counts: { accepted: number } }[] };
    expect(now).toBe(NOW);
    expect(series).toHaveLength(8); // four services, two metrics
    const catalog = series.find((each) => each.service === 'catalog' && each.metric === 'requests')!;
    expect(catalog.newest).toBe(NOW - 60);
    expect(catalog.counts.accepted).toBe(3 * 1440 + 1);
    expect(catalog.members.map(({ model }) => model)).toEqual(expect.arrayContaining(['naive', 'seasonal-naive', 'holt-winters', 'direct-regression']));
    expect(series.find((each) => each.service === 'catalog' && each.metric === 'cpu')!.newest).toBeNull();
  });
});

describe('GET /metrics', () => {
  beforeEach(() => { service = build(7); }); // a week earns trust

  const catalogDemand = async () => (await metric(forecasterMetrics.demand)).find((line) => line.includes('service="catalog"'));

  it('publishes the demand that the engine computes, for requests only', async () => {
    await service.refresher.refresh();
    const { forecaster } = service.store.find({ namespace: 'shop', service: 'catalog', metric: 'requests' })!;
    const { value } = forecaster.demand({ leadTimeSeconds: 300, quantile: 0.9, now: NOW });
    expect(await catalogDemand()).toBe(`tideline_demand{service="catalog",namespace="shop",metric="requests"} ${value}`);
    expect(await metric(forecasterMetrics.demand)).toHaveLength(3); // the newborn is in shadow
  });

  it('lets history alone earn trust: what has a week of it leads, the newborn is in shadow', async () => {
    await service.refresher.refresh();
    const steps = [['shop', 'catalog', 2], ['blue', 'twin', 2], ['green', 'twin', 2], ['shop', 'newborn', 0]];
    expect((await metric(forecasterMetrics.ladderStep)).sort())
      .toEqual(steps.map(([namespace, name, step]) => `tideline_ladder_step{service="${name}",namespace="${namespace}",metric="requests"} ${step}`).sort());
    expect(await metric(forecasterMetrics.ladderTransitions)).toContain('tideline_ladder_transitions_total{from="assist",to="lead"} 3');
  });

  it('withdraws a demand whose metrics have stopped, and shows their age', async () => {
    await service.refresher.refresh();
    server.series[0] = rate('catalog', 'shop', (time) => (time <= NOW ? wave(time) : undefined));
    server.now = NOW + 240;
    await service.refresher.refresh();
    expect(await catalogDemand()).toBeDefined();
    server.now = NOW + 600;
    await service.refresher.refresh();
    expect(await catalogDemand()).toBeUndefined();
    expect(await metric(forecasterMetrics.staleness)).toContain('tideline_forecast_staleness_seconds{service="catalog",namespace="shop",metric="requests"} 660');
    expect(await metric(forecasterMetrics.confidence)).toContain('tideline_confidence{service="catalog",namespace="shop",metric="requests"} 0');
    expect((await metric(forecasterMetrics.demand)).some((line) => line.includes('service="twin"'))).toBe(true);
  });

  it('withdraws every demand when Prometheus itself has been silent for five intervals', async () => {
    await service.refresher.refresh();
    server.sabotage = (_request, response) => response.writeHead(502).end();
    wall = 4 * 60_000;
    await service.refresher.refresh();
    expect(await metric(forecasterMetrics.demand)).toHaveLength(3); // the newborn is in shadow
    wall = 5.1 * 60_000;
    expect(await metric(forecasterMetrics.demand)).toHaveLength(0);
    expect((await get('/predict/catalog')).status).toBe(200);
  });

  it('carries no NaN', async () => {
    server.series.push(rate('broken', 'shop', (time) => [NaN, Infinity, -5, 3][(time / 60) % 4]));
    await service.refresher.refresh();
    expect((await get('/metrics')).body).not.toMatch(/NaN|Inf(?!o)/);
    const { reasons } = (await get('/predict/broken/requests')).json() as unknown as { reasons: string[] };
    expect(reasons).toEqual(expect.arrayContaining(['non_finite_dropped', 'negative_dropped', 'gaps_filled']));
  });

  it('keeps hostile labels within their quotes', async () => {
    server.series = [rate('a"} 1\nevil{x="', 'shop', wave)];
    await service.refresher.refresh();
    expect((await get('/metrics')).body.split('\n').filter((line) => line.startsWith('evil'))).toEqual([]);
    expect(await metric(forecasterMetrics.demand)).toHaveLength(1);
  });
});

describe('other addresses', () => {
  it('are answered with what there is', async () => {
    const { status, json } = await get('/nothing');
    expect(status).toBe(404);
    expect(json().error).toMatchObject({ code: 'not_found', faults: [{ got: '/nothing' }] });
  });
});
