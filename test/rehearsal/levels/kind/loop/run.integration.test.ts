import { ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { buildLoadgenService } from '../../../../../apps/loadgen/app';
import { loadgenSettings } from '../../../../../apps/loadgen/settings';
import { recordingRules } from '../../../../../forecaster/contract';
import { buildApp } from '../../../../../forecaster/service/app';
import { forecasterSettings } from '../../../../../forecaster/service/settings';
import type { KubeApi, KubeObject } from '../../../../../rehearsal/control-plane';
import { freePorts } from '../../../../../rehearsal/control-plane/ports';
import { KindLoopResult, KindProgress, runKindLoop } from '../../../../../rehearsal/levels/kind/loop/run';
import { parseTree } from '../../../../../rehearsal/levels/kind/rewrites';
import { readTree } from '../../../../../rehearsal/levels/kind/gitops/repository';
import { askPrometheus, timekeeperServer } from '../../../../../rehearsal/stand-ins/timekeeper/app';
import { Timekeeper } from '../../../../../rehearsal/stand-ins/timekeeper/timekeeper';
import { ensureTools, PROMETHEUS_PROGRAMS } from '../../../../../rehearsal/tools';
import { loadTrace, window } from '../../../../../rehearsal/traces';

// Everything of the loop but the cluster: the real load generator, forecaster and timekeeper, and a real Prometheus. Pods are two that this test says there are.

const ROOT = join(__dirname, '../../../../..');
const SPEED = 60;
const TOKEN = 'of-this-test';
const closing: (() => Promise<unknown> | void)[] = [];
let result: KindLoopResult;
const steps: string[] = [];
const seen: KindProgress[] = [];
const notes: string[] = [];

const addressOf = (server: Server) => `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
const listening = async (server: Server): Promise<string> => {
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  closing.push(() => new Promise((done) => {
    server.close(done);
    server.closeAllConnections();
  }));
  return addressOf(server);
};

/** Answers at once, counts requests, and says each as the pods' metrics and the recording rules would. */
function service(): Server {
  let requests = 0;
  let before = { requests: 0, time: performance.now() };
  let rate = 0;
  return createServer((request, response) => {
    if (request.url !== '/metrics') {
      requests += 1;
      response.end('{}');
      return;
    }
    const time = performance.now();
    rate = (requests - before.requests) / Math.max(0.001, (time - before.time) / 1000);
    before = { requests, time };
    const cpu = requests * 0.004 + time * 1e-5; // 4 ms a request, 10 millicores idle
    response.setHeader('content-type', 'text/plain; version=0.0.4').end([
      `${recordingRules.requests}{namespace="catalog",service="catalog"} ${rate}`,
      ...['a', 'b'].map((pod) => `process_cpu_seconds_total{namespace="catalog",pod="catalog-${pod}"} ${cpu / 2}`),
      ...['a', 'b'].map((pod) => `container_memory_working_set_bytes{namespace="catalog",pod="catalog-${pod}",container="catalog"} ${90 * 2 ** 20}`),
    ].map((line) => `${line}\n`).join(''));
  });
}

const pod = (name: string): KubeObject => ({
  apiVersion: 'v1', kind: 'Pod', metadata: { name, creationTimestamp: '2026-01-01T00:00:00Z' },
  status: { conditions: [{ type: 'Ready', status: 'True', lastTransitionTime: '2026-01-01T00:00:07Z' }], containerStatuses: [{ restartCount: 0 }] },
});
/** Two pods of two; a third one comes once the replay runs. */
const api = {
  get: async () => ({ apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: 'catalog' }, spec: { replicas: seen.length > 2 ? 3 : 2 } }),
  list: async () => [pod('catalog-a'), pod('catalog-b'), ...(seen.length > 4 ? [pod('catalog-c')] : [])],
} as unknown as KubeApi;

beforeAll(async () => {
  const tools = await ensureTools({ programs: PROMETHEUS_PROGRAMS });
  const folder = mkdtempSync(join(tmpdir(), 'tideline-loop-'));
  closing.push(() => rmSync(folder, { recursive: true, force: true }));
  const target = await listening(service());
  writeFileSync(join(folder, 'prometheus.yml'), `
global: { scrape_interval: 1s, scrape_timeout: 1s }
scrape_configs:
  - { job_name: all, honor_labels: true, metric_relabel_configs: [{ regex: instance|job, action: labeldrop }], static_configs: [{ targets: ['${new URL(target).host}'] }] }
`);
  const [port] = await freePorts(1) as [number];
  const child: ChildProcess = spawn(tools.path('prometheus'), [
    `--config.file=${folder}/prometheus.yml`, `--storage.tsdb.path=${folder}/data`, `--web.listen-address=127.0.0.1:${port}`, '--log.level=error',
  ], { stdio: ['ignore', 'ignore', 'inherit'] });
  closing.push(async () => {
    const ended = new Promise((done) => child.once('exit', done));
    child.kill();
    await ended;
  });
  const prometheus = `http://127.0.0.1:${port}`;
  while (!(await fetch(`${prometheus}/-/ready`).then(({ ok }) => ok, () => false))) await new Promise((done) => setTimeout(done, 200));

  const timekeeper = await listening(timekeeperServer(new Timekeeper(askPrometheus(prometheus), () => Date.now() / 1000), TOKEN));
  const loadgen = await buildLoadgenService(loadgenSettings({ LOADGEN_TARGET: target, LOADGEN_TOKEN: TOKEN, LOG_LEVEL: 'silent' }));
  const loadgenUrl = await loadgen.app.listen({ host: '127.0.0.1', port: 0 });
  closing.push(async () => {
    await loadgen.release();
    await loadgen.app.close();
  });
  const forecaster = buildApp(forecasterSettings({ FORECASTER_PROMETHEUS_URL: timekeeper, FORECASTER_TOKEN: TOKEN, FORECASTER_INTERVAL_SECONDS: '1', FORECASTER_METRICS: 'requests', LOG_LEVEL: 'silent' }));
  const forecasterUrl = await forecaster.app.listen({ host: '127.0.0.1', port: 0 });
  forecaster.refresher.start();
  closing.push(async () => {
    await forecaster.refresher.stop();
    await forecaster.app.close();
  });
  const urls: Readonly<Record<string, string>> = { 'svc/timekeeper': timekeeper, 'svc/loadgen': loadgenUrl, 'svc/forecaster': forecasterUrl, 'svc/prometheus': prometheus };

  const replayed = window(loadTrace(undefined), 0.25);
  const peak = Math.max(...replayed.replay);
  result = await runKindLoop({
    cluster: { api, failed: new Promise<never>(() => undefined), forward: async (_namespace, name) => ({ url: urls[name]!, close: async () => undefined }) },
    window: replayed, scale: 60 / peak, speed: SPEED, seed: 1,
    application: [...parseTree(readTree(ROOT, 'dist/dev/catalog')).values()].flat(),
    tokens: { forecaster: TOKEN, loadgen: TOKEN, timekeeper: TOKEN },
    parameters: {}, price: (replicas) => replicas.length,
    onStep: (step, progress) => {
      steps.push(step);
      if (progress) seen.push(progress);
    },
    note: (what) => notes.push(what),
    now: () => Date.now() / 1000,
    signal: new AbortController().signal,
  });
}, 180_000);
afterAll(async () => {
  for (const close of closing.reverse()) await close();
});

it('replays every minute, and measures it', () => {
  const { policy } = result;
  expect(policy).toMatchObject({ name: 'predictive', level: 'kind', costUsd: 15 });
  for (const values of [...Object.values(policy.series), ...Object.values(policy.measured.series)]) expect(values).toHaveLength(15);
  expect(policy.measured).toMatchObject({ failed: 0, notSent: 0 });
  const sent = policy.measured.series.requestsPerSecond.reduce((sum, rate) => sum + rate, 0);
  expect(policy.measured.requests).toBeCloseTo(sent, 3); // a minute of the trace is a second here
  expect(policy.series.latencyP95.every((value) => value > 0 && value < 5)).toBe(true);
});

it('sees replicas come, and tells a start-up of a pod that came', () => {
  const { series, scaleEvents, measured } = result.policy;
  expect([series.replicas[0], series.replicas.at(-1), series.ready[0], series.ready.at(-1), scaleEvents]).toEqual([2, 3, 2, 3, 1]);
  expect(measured.startupSeconds).toBe(7);
});

it('has the forecaster publish demand all the while, in the time of the trace', () => {
  const known = result.policy.series.demandForecast.filter((value) => value !== null);
  expect(known.length).toBeGreaterThanOrEqual(13);
  expect(notes.filter((note) => !/look at the replay/.test(note))).toEqual([]);
  expect(Math.min(...known)).toBeGreaterThan(0);
});

it('finds in Prometheus what the pods used', () => {
  const { cpuMillicoresPerReplica, memoryBytesPerReplica, requestsPerSecond } = result.policy.measured.series;
  const measured = cpuMillicoresPerReplica.filter((value) => value !== null);
  expect(measured.length).toBeGreaterThan(8);
  expect(new Set(memoryBytesPerReplica.filter((value) => value !== null))).toEqual(new Set([90 * 2 ** 20]));
  const mean = (values: readonly number[]) => values.reduce((a, b) => a + b, 0) / values.length;
  // Two pods share 4 ms a request; windows of four scrapes smear a minute, which the mean does not see.
  expect(mean(measured) / (5 + mean(requestsPerSecond) * 2)).toBeGreaterThan(0.6);
  expect(mean(measured) / (5 + mean(requestsPerSecond) * 2)).toBeLessThan(1.4);
});

it('says how far the plant is from it', () => {
  const { plantVsKind } = result;
  expect(plantVsKind).toMatchObject({ policy: 'predictive', minutes: 15 });
  expect(plantVsKind.contract.latencyP95.meanAbsolute).not.toBeNull();
});

it('tells where it is', () => {
  expect(steps).toEqual(expect.arrayContaining(['open ways into the cluster', 'tell the forecaster what lies before the replay', 'replay the trace', 'read what the pods used']));
  expect(seen.at(-1)!.secondsLeft).toBeLessThan(2);
  expect(seen.map(({ minute }) => minute)).toEqual([...seen.map(({ minute }) => minute)].sort((a, b) => a - b));
});
