import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { ForecastMetric } from '../../../forecaster/contract';
import { Pace } from '../../../forecaster/service/pace';
import { PrometheusClient, PrometheusFailure } from '../../../forecaster/service/prometheus-client';
import { Refresher, type RefreshOutcome } from '../../../forecaster/service/refresher';
import { ownerOf, type Shard } from '../../../forecaster/service/shards';
import { Store } from '../../../forecaster/service/store';
import { type PrometheusServer, startPrometheus } from '../support/prometheus-server';

const DAY = 86_400;
const NOW = 20 * DAY + 30;
let server: PrometheusServer;

beforeAll(async () => { server = await startPrometheus(); });
afterAll(() => server.close());
beforeEach(() => {
  server.sabotage = undefined;
  server.now = NOW;
  server.series = ['catalog', 'cost'].map((service) => ({ labels: { __name__: 'tideline:requests:rate', namespace: 'shop', service }, at: (time: number) => 50 + (time % 3600) / 60 }));
  server.asked.length = 0;
});

interface Overrides {
  readonly historySeconds?: number;
  readonly metrics?: ForecastMetric[];
  readonly maxSeries?: number;
  readonly shard?: Shard;
  readonly pace?: Pace;
  readonly clock?: () => number;
  readonly timeoutMs?: number;
}

function made(overrides: Overrides = {}) {
  const elsewhere: string[] = [];
  const failures: [string, string][] = [];
  const outcomes: RefreshOutcome[] = [];
  const store = new Store(60, overrides.maxSeries);
  const settings = { intervalSeconds: 1, stepSeconds: 60, historySeconds: overrides.historySeconds ?? DAY, metrics: overrides.metrics ?? ['requests' as const] };
  const refresher = new Refresher({
    client: new PrometheusClient({ url: server.url, timeoutMs: overrides.timeoutMs ?? 2000 }),
    store,
    settings,
    clock: overrides.clock ?? (() => 0),
    shard: overrides.shard,
    pace: overrides.pace,
    onElsewhere: (services) => elsewhere.push(...services.map(({ namespace, service }) => `${namespace}/${service}`)),
    onFailure: (failure: PrometheusFailure, what) => failures.push([failure.kind, what]),
    onRefresh: (outcome) => outcomes.push(outcome),
  });
  return { store, refresher, failures, outcomes, elsewhere };
}
/** Whatever would tell of one of these services is answered with a page. */
function spoilAnswersWith(...services: string[]) {
  server.sabotage = (request, response) => {
    const query = new URL(request.url!, server.url).searchParams.get('query')!;
    const tells = !query.includes('{') || services.some((service) => new RegExp(`[|"]${service}[|"]`).test(query));
    return request.url!.includes('query_range') && tells ? response.end('<html>') : false;
  };
}
const ranges = () => server.asked.filter(({ pathname }) => pathname.endsWith('query_range'));
const catalog = { namespace: 'shop', service: 'catalog', metric: 'requests' } as const;

describe('Refresher', () => {
  it('finds services by their request rate and learns their history', async () => {
    const { store, refresher } = made();
    expect(await refresher.refresh()).toBe('ok');
    expect(store.services()).toEqual(['shop/catalog', 'shop/cost']);
    expect(store.find(catalog)!.forecaster.status().counts).toMatchObject({ accepted: 1441, duplicate: 0, out_of_order: 0 });
    expect(refresher.ready).toBe(true);
  });

  it('dates a sample to the step that ended with it', async () => {
    const { store, refresher } = made();
    await refresher.refresh();
    expect(store.find(catalog)!.forecaster.lastTime).toBe(20 * DAY - 60);
  });

  it('asks only for what is new', async () => {
    const { store, refresher } = made();
    await refresher.refresh();
    server.asked.length = 0;
    server.now += 120;
    await refresher.refresh();
    expect(ranges().map(({ searchParams }) => [searchParams.get('start'), searchParams.get('end')])).toEqual([
      [String(20 * DAY + 60), String(20 * DAY + 120)],
    ]);
    expect(store.find(catalog)!.forecaster.status().counts).toMatchObject({ accepted: 1443, duplicate: 0 });
    server.asked.length = 0;
    await refresher.refresh();
    expect(ranges()).toHaveLength(0);
  });

  it('asks again for samples that come late', async () => {
    const { store, refresher } = made();
    const at = server.series[0]!.at;
    server.series = [{ ...server.series[0]!, at: (time) => (time > 20 * DAY - 120 && server.now < NOW + 60 ? undefined : at(time)) }];
    // The newest present value is missing too, so the service is found a moment earlier.
    server.now = 20 * DAY - 120;
    await refresher.refresh();
    server.now = NOW;
    await refresher.refresh();
    expect(store.find(catalog)!.forecaster.lastTime).toBe(20 * DAY - 180);
    server.now = NOW + 60;
    await refresher.refresh();
    expect(store.find(catalog)!.forecaster.lastTime).toBe(20 * DAY);
    expect(store.find(catalog)!.forecaster.status().counts).toMatchObject({ duplicate: 0, out_of_order: 0 });
  });

  it('does not learn a sample that Prometheus only repeats because the next is not recorded yet', async () => {
    const { store, refresher } = made();
    let recordedUntil = 20 * DAY - 60;
    const at = server.series[0]!.at;
    server.series = [{ ...server.series[0]!, at: (time) => at(Math.min(time, recordedUntil)) }];
    await refresher.refresh();
    const { forecaster } = store.find(catalog)!;
    expect(forecaster.lastTime).toBe(20 * DAY - 120);
    recordedUntil = 20 * DAY;
    await refresher.refresh();
    expect(forecaster.lastTime).toBe(20 * DAY - 60);
    expect(forecaster.status().counts).toMatchObject({ duplicate: 0, out_of_order: 0 });
  });

  it('follows a series that stands still, one step behind', async () => {
    const { store, refresher } = made();
    server.series = [{ ...server.series[0]!, at: () => 7 }];
    for (let minute = 0; minute < 5; minute++, server.now += 60) await refresher.refresh();
    expect(store.find(catalog)!.forecaster.lastTime).toBe(20 * DAY + 4 * 60 - 120);
  });

  it('is not ready, keeps what it has and goes slower while Prometheus fails; recovers at once', async () => {
    const { store, refresher, failures } = made();
    await refresher.refresh();
    const before = store.find(catalog)!.forecaster.forecast({ horizonSeconds: 600 });
    server.sabotage = (_request, response) => response.writeHead(500).end('oops');
    expect([await refresher.refresh(), await refresher.refresh()]).toEqual(['failed', 'failed']);
    expect(failures).toEqual([['status', 'discovery'], ['status', 'discovery']]);
    expect(store.find(catalog)!.forecaster.forecast({ horizonSeconds: 600 })).toEqual(before);
    expect(refresher.pauseMs()).toBe(4000);
    server.sabotage = undefined;
    expect(await refresher.refresh()).toBe('ok');
    expect(refresher.pauseMs()).toBe(1000);
  });

  it('never pauses longer than sixteen intervals', () => {
    expect(made().refresher.pauseMs(50)).toBe(16_000);
  });

  it('is partial when one series cannot be read, and reads the others', async () => {
    const { store, refresher, failures } = made();
    spoilAnswersWith('cost');
    expect(await refresher.refresh()).toBe('partial');
    expect(failures).toEqual([['not_json', '2 series of requests'], ['not_json', 'shop/cost requests']]);
    expect(store.find(catalog)!.forecaster.ready).toBe(true);
    expect(refresher.ready).toBe(true);
  });

  it('does not grow without bound', async () => {
    server.series = Array.from({ length: 40 }, (_, i) => ({ labels: { __name__: 'tideline:requests:rate', namespace: 'shop', service: `s${i}` }, at: () => 1 }));
    const { store, refresher } = made({ maxSeries: 25, historySeconds: 600 });
    await refresher.refresh();
    expect(store.size).toBe(25);
  });

  it('forgets a service that has been silent for the whole history', async () => {
    const { store, refresher } = made({ historySeconds: 600 });
    await refresher.refresh();
    server.series = server.series.slice(1);
    server.now += 1200;
    await refresher.refresh();
    expect(store.services()).toEqual(['shop/cost']);
  });

  it('ignores series without the two labels', async () => {
    server.series = [{ labels: { __name__: 'tideline:requests:rate', service: 'x' }, at: () => 1 }, { labels: { __name__: 'tideline:requests:rate', namespace: '', service: 'y' }, at: () => 1 }];
    const { store, refresher } = made();
    expect(await refresher.refresh()).toBe('ok');
    expect(store.size).toBe(0);
  });

  it('abandons a refresh when it is stopped', async () => {
    const { refresher, outcomes, failures } = made();
    server.sabotage = () => { /* never answers */ };
    refresher.start();
    await refresher.stop();
    expect(outcomes).toEqual(['failed']);
    expect(failures).toEqual([]);
  });
});

const many = (count: number, at: (time: number) => number | undefined = (time) => 5 + (time % 600) / 60) => Array.from({ length: count }, (_, i) => ({
  labels: { __name__: 'tideline:requests:rate', namespace: `n${i % 3}`, service: `s${i}` }, at,
}));
/** Where time goes by with every question. */
const ticking = (ms: number) => () => server.asked.length * ms;

describe('Refresher with many services', () => {
  it('asks one question for all of them', async () => {
    server.series = many(500);
    const { store, refresher } = made({ historySeconds: 600 });
    expect(await refresher.refresh()).toBe('ok');
    server.now += 60;
    server.asked.length = 0;
    expect(await refresher.refresh()).toBe('ok');
    expect(ranges()).toHaveLength(1);
    expect(store.all().map(({ forecaster }) => forecaster.lastTime)).toEqual(new Array(500).fill(20 * DAY));
  });

  it('asks for its own by name where most belong to other shards, and for all of those', async () => {
    const services = many(900);
    server.series = services;
    const shard = { index: 4, count: 9 };
    // 60 samples of 900 services are more than those of a ninth are worth.
    const { store, refresher, elsewhere } = made({ historySeconds: 3600, shard });
    expect(await refresher.refresh()).toBe('ok');
    const own = services.filter(({ labels: { namespace, service } }) => ownerOf(namespace, service, 9) === 4).map(({ labels: { namespace, service } }) => `${namespace}/${service}`);
    expect(store.services()).toEqual(own.sort());
    expect(store.all().every(({ forecaster }) => forecaster.lastTime === 20 * DAY - 60)).toBe(true);
    expect(new Set([...elsewhere, ...own]).size).toBe(900);
    expect(ranges().length).toBeLessThan(5);
    expect(ranges().every(({ href, searchParams }) => searchParams.get('query')!.includes('=~') && href.length < 8000)).toBe(true);
  });

  it('asks for long histories in parts, and learns each value once', async () => {
    const { store, refresher } = made({ pace: new Pace({ slowMs: 1000, mostSamples: 1000 }) });
    expect(await refresher.refresh()).toBe('ok');
    expect(ranges().length).toBeGreaterThan(2);
    for (const { searchParams } of ranges()) expect((Number(searchParams.get('end')) - Number(searchParams.get('start'))) / 60 + 1).toBeLessThanOrEqual(1000);
    for (const { forecaster } of store.all()) expect(forecaster.status().counts).toMatchObject({ accepted: 1441, duplicate: 0, out_of_order: 0 });
  });

  it('finds the one whose answers are bad, and reads all others', async () => {
    server.series = many(60);
    spoilAnswersWith('s17', 's41');
    const { store, refresher, failures } = made({ historySeconds: 600 });
    expect(await refresher.refresh()).toBe('partial');
    expect(store.all().filter(({ forecaster }) => !forecaster.ready).map(({ service }) => service).sort()).toEqual(['s17', 's41']);
    expect(failures.length).toBeLessThan(30);
  });

  it('asks for less where answers are longer than accepted', async () => {
    server.series = many(60);
    let refused = 0;
    server.sabotage = (request, response) => {
      const { searchParams } = new URL(request.url!, server.url);
      const points = (Number(searchParams.get('end')) - Number(searchParams.get('start'))) / 60 + 1;
      const query = searchParams.get('query')!;
      const services = query.includes('{') ? query.split('|').length : 60;
      if (!request.url!.includes('query_range') || points * services < 1500) return false;
      refused += 1;
      return response.end(Buffer.alloc(9 * 1024 * 1024, 0x20));
    };
    const { store, refresher } = made({ historySeconds: 6000 });
    await refresher.refresh();
    expect(refused).toBeGreaterThan(0);
    expect(store.all().every(({ forecaster }) => forecaster.status().counts.accepted === 101)).toBe(true);
  });
});

describe('Refresher while Prometheus is slow', () => {
  it('gives up after a few timeouts, asks less at once, and comes back', async () => {
    server.series = many(80);
    const { store, refresher, failures } = made({ historySeconds: 6000, timeoutMs: 1000, pace: new Pace({ slowMs: 1000, mostSamples: 3000 }) });
    server.sabotage = (request) => request.url!.includes('query_range'); // never answers
    expect(await refresher.refresh()).toBe('failed');
    expect(failures.length).toBeLessThanOrEqual(4);
    expect(failures.every(([kind]) => kind === 'timeout')).toBe(true);
    expect(refresher.load).toMatchObject({ concurrency: 1 });
    expect(refresher.load.queue).toBeGreaterThan(30);
    expect(refresher.load.lagSeconds).toBe(6000);
    server.sabotage = undefined;
    expect(await refresher.refresh()).toBe('ok');
    expect(refresher.load.concurrency).toBeGreaterThan(1);
    expect(refresher.load.queue).toBe(0);
    expect(refresher.load.lagSeconds).toBeLessThan(300);
    expect(store.all().every(({ forecaster }) => forecaster.status().counts.accepted === 101)).toBe(true);
  });

  it('never has more questions under way than it may', async () => {
    server.series = many(300);
    let [open, most] = [0, 0];
    server.sabotage = (request, response) => {
      if (!request.url!.includes('query_range')) return false;
      open += 1;
      most = Math.max(most, open);
      response.once('close', () => { open -= 1; });
      setTimeout(() => response.end('{"status":"success","data":{"resultType":"matrix","result":[]}}'), 2);
      return true;
    };
    await made({ historySeconds: 6000, pace: new Pace({ slowMs: 1000, mostSamples: 1000, mostConcurrent: 3 }) }).refresher.refresh();
    expect(most).toBe(3);
  });

  it('asks nothing more once its time is up, keeps fresh series fresh first, and requests before all else', async () => {
    const of = (metric: string) => many(20).map(({ labels, at }) => ({ labels: { ...labels, __name__: metric }, at }));
    server.series = [...of('tideline:requests:rate'), ...of('tideline:cpu:utilisation')];
    // With a second per question, ten fit into a refresh.
    const { store, refresher, outcomes } = made({ historySeconds: 12_000, metrics: ['cpu', 'requests'], pace: new Pace({ slowMs: 1e6, mostSamples: 400, mostConcurrent: 1 }), clock: ticking(1000) });
    for (const { labels: { namespace, service } } of many(3)) {
      const entry = store.open({ namespace, service, metric: 'requests' })!;
      entry.forecaster.observe(20 * DAY - 120, 5);
      entry.askedUntil = 20 * DAY - 60;
    }
    expect(await refresher.refresh()).toBe('partial');
    expect(ranges().length).toBeLessThanOrEqual(10);
    expect(many(3).every(({ labels: { namespace, service } }) => store.find({ namespace, service, metric: 'requests' })!.askedUntil === 20 * DAY)).toBe(true);
    expect(refresher.load.lagSeconds).toBe(12_000);
    while (outcomes.at(-1) !== 'ok') await refresher.refresh();
    expect(store.all().every(({ forecaster }) => forecaster.lastTime >= 20 * DAY - 180)).toBe(true);
  });
});
