import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { ForecastMetric } from '../../../forecaster/contract';
import { PrometheusClient, PrometheusFailure } from '../../../forecaster/service/prometheus-client';
import { Refresher, type RefreshOutcome } from '../../../forecaster/service/refresher';
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

function made(overrides: Partial<{ historySeconds: number; metrics: ForecastMetric[]; maxSeries: number }> = {}) {
  const failures: [string, string][] = [];
  const outcomes: RefreshOutcome[] = [];
  const store = new Store(60, overrides.maxSeries);
  const settings = { intervalSeconds: 1, stepSeconds: 60, historySeconds: overrides.historySeconds ?? DAY, metrics: overrides.metrics ?? ['requests' as const] };
  const refresher = new Refresher({
    client: new PrometheusClient({ url: server.url, timeoutMs: 2000 }),
    store,
    settings,
    clock: () => 0,
    onFailure: (failure: PrometheusFailure, what) => failures.push([failure.kind, what]),
    onRefresh: (outcome) => outcomes.push(outcome),
  });
  return { store, refresher, failures, outcomes };
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
      [String(20 * DAY + 60), String(20 * DAY + 120)], [String(20 * DAY + 60), String(20 * DAY + 120)],
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
    server.sabotage = (request, response) => (/query_range.*cost/.test(request.url!) ? response.end('<html>') : false);
    expect(await refresher.refresh()).toBe('partial');
    expect(failures).toEqual([['not_json', 'shop/cost requests']]);
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
