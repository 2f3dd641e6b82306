import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { type AddressInfo, createServer as createSocket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { containerRules, recordingRules } from '../../../forecaster/contract';
import { ensureTools, PROMETHEUS_PROGRAMS, type Toolbox } from '../../../rehearsal/tools';

const ROOT = join(__dirname, '../../..');
const DAY = 86_400;
const MIB = 2 ** 20;
const TOKEN = 'a-token-of-this-test';
/** How long ago one series stopped. */
const GONE_SECONDS = 1200;
/** Days of history that are written before it starts. */
const DAYS = 7;

let tools: Toolbox;
let folder: string;
let prometheusUrl: string;
let prometheus: ChildProcess;
let forecaster: ChildProcess;
let forecasterUrl: string;
const children = new Set<ChildProcess>();
/** What an exporter shows to the real scraper; undefined = it is gone. */
let exposed: (() => string) | undefined;
const exporter = createServer((_request, response) => {
  if (exposed) response.setHeader('content-type', 'text/plain; version=0.0.4').end(exposed());
  else response.writeHead(503).end();
});

/** A day's wave with unrest that no model can learn. */
const wave = (time: number): number => 100 + 50 * Math.sin((2 * Math.PI * time) / DAY) + 5 * Math.sin(time * 12.9898) * Math.cos(time * 78.233);
const labels = (service: string) => `{namespace="shop",service="${service}"}`;
const container = (pod: string) => `{namespace="shop",service="catalog",pod="${pod}",container="catalog"}`;
/** A leak that met its limit 40 minutes from now if it went on. */
const leak = (time: number, now: number): number => Math.round(512 * MIB - ((now + 2400 - time) / 60) * 1.2 * MIB);

async function freePort(): Promise<number> {
  const socket = createSocket();
  await new Promise<void>((done) => socket.listen(0, '127.0.0.1', done));
  const { port } = socket.address() as AddressInfo;
  await new Promise((done) => socket.close(done));
  return port;
}

function start(program: string, args: readonly string[], environment: Record<string, string> = {}): ChildProcess {
  const child = spawn(program, args, { cwd: ROOT, env: { PATH: process.env.PATH, ...environment }, stdio: ['ignore', 'ignore', 'inherit'] });
  children.add(child);
  return child;
}

async function stop(child: ChildProcess, signal: 'SIGTERM' | 'SIGKILL' = 'SIGTERM'): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = new Promise((done) => child.once('exit', done));
  child.kill(signal);
  await ended;
}

/** Asks until the answer satisfies; a child that ended will never give one. */
async function until<T>(ask: () => Promise<T | undefined>, child: ChildProcess): Promise<T> {
  for (;;) {
    const answer = await ask().catch(() => undefined);
    if (answer !== undefined) return answer;
    if (child.exitCode !== null) throw new Error(`it ended with ${child.exitCode}`);
    await new Promise((done) => setTimeout(done, 200));
  }
}

async function get(path: string) {
  const response = await fetch(`${forecasterUrl}${path}`, { headers: { authorization: `Bearer ${TOKEN}` } });
  return { status: response.status, body: await response.text() };
}
const json = async <T>(path: string): Promise<T> => JSON.parse((await get(path)).body) as T;
const demands = async () => (await get('/metrics')).body.split('\n').filter((line) => line.startsWith('tideline_demand{'));

async function startPrometheus(): Promise<void> {
  const { port } = new URL(prometheusUrl);
  prometheus = start(tools.path('prometheus'), [
    `--config.file=${folder}/prometheus.yml`, `--storage.tsdb.path=${folder}/data`, `--web.listen-address=127.0.0.1:${port}`, '--storage.tsdb.retention.time=30d', '--log.level=error',
  ]);
  await until(async () => ((await fetch(`${prometheusUrl}/-/ready`)).ok ? true : undefined), prometheus);
}

async function startForecaster(): Promise<void> {
  const port = await freePort();
  forecasterUrl = `http://127.0.0.1:${port}`;
  forecaster = start(process.execPath, ['--import', 'tsx', 'forecaster/service/server.ts'], {
    FORECASTER_HOST: '127.0.0.1', FORECASTER_PORT: String(port), FORECASTER_PROMETHEUS_URL: prometheusUrl, FORECASTER_TOKEN: TOKEN, LOG_LEVEL: 'error',
    FORECASTER_INTERVAL_SECONDS: '1', FORECASTER_HISTORY_SECONDS: String(DAYS * DAY), FORECASTER_METRICS: 'requests,cpu', FORECASTER_STATE_DIRECTORY: join(folder, 'state'),
  });
  await until(async () => ((await fetch(`${forecasterUrl}/readyz`)).ok ? true : undefined), forecaster);
}

let now: number;

beforeAll(async () => {
  tools = await ensureTools({ programs: PROMETHEUS_PROGRAMS }); // on a fresh machine this builds them
  folder = mkdtempSync(join(tmpdir(), 'tideline-prometheus-'));
  await new Promise<void>((done) => exporter.listen(0, '127.0.0.1', done));
  const { port } = exporter.address() as AddressInfo;
  writeFileSync(join(folder, 'prometheus.yml'), `
global: { scrape_interval: 1s, scrape_timeout: 1s }
scrape_configs:
  - job_name: rules
    honor_labels: true
    # A recording rule leaves neither behind: what is scraped here continues the series of the blocks.
    metric_relabel_configs: [{ regex: instance|job, action: labeldrop }]
    static_configs: [{ targets: ['127.0.0.1:${port}'] }]
`);
  // History goes through the program that ships with it: the blocks are what a Prometheus of that age would have.
  now = Math.floor(Date.now() / 60_000) * 60;
  const lines: string[] = [];
  const history = (name: string, series: string, from: number, at: (time: number) => number, to = now - 60) => {
    for (let time = from; time <= to; time += 60) lines.push(`${name}${series} ${at(time)} ${time}`);
  };
  const begin = (name: string) => lines.push(`# TYPE ${name} gauge`);
  begin(recordingRules.requests);
  history(recordingRules.requests, labels('catalog'), now - DAYS * DAY, wave);
  history(recordingRules.requests, labels('gone'), now - DAYS * DAY, wave, now - GONE_SECONDS);
  history(recordingRules.requests, `{namespace="shop",service="say \\"hi\\" \\\\ {}"}`, now - 7200, () => 5);
  begin(recordingRules.cpu);
  history(recordingRules.cpu, labels('catalog'), now - DAYS * DAY, (time) => wave(time) / 200);
  begin(containerRules.workingSet);
  history(containerRules.workingSet, container('leaks'), now - 6 * 3600, (time) => leak(time, now));
  history(containerRules.workingSet, container('steady'), now - 6 * 3600, () => 100 * MIB);
  writeFileSync(join(folder, 'history.txt'), `${lines.join('\n')}\n# EOF\n`);
  execFileSync(tools.path('promtool'), ['tsdb', 'create-blocks-from', 'openmetrics', join(folder, 'history.txt'), join(folder, 'data')], { stdio: 'ignore' });
  exposed = () => {
    const time = Date.now() / 1000;
    return [
      `${recordingRules.requests}${labels('catalog')} ${wave(time)}`,
      `${recordingRules.requests}{namespace="shop",service="say \\"hi\\" \\\\ {}"} 5`,
      `${recordingRules.requests}${labels('gone')} NaN`,
      `${recordingRules.cpu}${labels('catalog')} ${wave(time) / 200}`,
      `${containerRules.workingSet}${container('leaks')} ${leak(time, now)}`,
      `${containerRules.workingSet}${container('steady')} ${100 * MIB}`,
      `${containerRules.limit}${container('leaks')} ${512 * MIB}`,
      `${containerRules.limit}${container('steady')} ${512 * MIB}`,
    ].join('\n') + '\n';
  };
  prometheusUrl = `http://127.0.0.1:${await freePort()}`;
  await startPrometheus();
  await until(async () => {
    const answer = (await (await fetch(`${prometheusUrl}/api/v1/query?query=${containerRules.limit}`)).json()) as { data: { result: unknown[] } };
    return answer.data.result.length === 2 ? true : undefined;
  }, prometheus);
  await startForecaster();
});

afterAll(async () => {
  await Promise.all([...children].map((child) => stop(child, 'SIGKILL')));
  exporter.closeAllConnections();
  exporter.close();
  rmSync(folder, { recursive: true, force: true });
});

test('what a real Prometheus holds is forecast', async () => {
  const { status, body } = await get('/predict/catalog/requests?horizon=30m');
  expect(status).toBe(200);
  const forecast = JSON.parse(body) as { origin: number; point: number[]; quantiles: Record<string, number[]>; reasons: string[]; step: string };
  expect(Math.abs(forecast.origin - now)).toBeLessThan(1800);
  const due = forecast.origin + 30 * 60;
  expect(Math.abs(forecast.point[29]! - wave(due))).toBeLessThan(10);
  expect(forecast.quantiles['0.025']![29]!).toBeLessThan(forecast.quantiles['0.975']![29]!);
  expect(forecast.reasons).not.toContain('insufficient_history');
  expect(forecast.step).toBe('lead'); // a week of history earns it before the first request
  expect((await demands()).filter((line) => line.includes('service="catalog"'))).toHaveLength(1);
  expect((await get('/metrics')).body).toMatch(/^predicted_cpu_utilization\{service="catalog",namespace="shop"\} \d+(\.\d+)?$/m);
});

test('a label that looks like a query is a label', async () => {
  const name = 'say "hi" \\ {}';
  const { status, body } = await get(`/predict/${encodeURIComponent(name)}/requests?horizon=5m`);
  expect(status).toBe(200);
  const forecast = JSON.parse(body) as { point: number[] };
  expect(forecast).toMatchObject({ service: name, namespace: 'shop', reasons: expect.arrayContaining(['constant_series']) });
  expect(forecast.point.map((value) => Math.round(value))).toEqual([5, 5, 5, 5, 5]);
});

test('a leak is seen coming, and told as an incident', async () => {
  const { containers } = await until(async () => {
    const answer = await json<{ containers: { pod: string; probability60: number; minutesToOom: number | null; alarm: boolean; limitBytes: number }[] }>('/oom');
    return answer.containers.length === 2 ? answer : undefined;
  }, forecaster);
  expect(containers.map(({ pod }) => pod)).toEqual(['leaks', 'steady']);
  expect(containers[0]).toMatchObject({ alarm: true, limitBytes: 512 * MIB });
  expect(containers[0]!.minutesToOom).toBeGreaterThan(10);
  expect(containers[0]!.minutesToOom).toBeLessThan(70);
  expect(containers[1]!.alarm).toBe(false);
  const { incidents } = await until(async () => {
    const answer = await json<{ incidents: { kind: string; service: string; reasons: string[] }[] }>('/incidents?kind=memory');
    return answer.incidents.length > 0 ? answer : undefined;
  }, forecaster);
  expect(incidents[0]).toMatchObject({ kind: 'memory', service: 'catalog', reasons: expect.arrayContaining(['out_of_memory_expected']) });
});

test('a series of it is backtested on request', async () => {
  const response = await fetch(`${forecasterUrl}/backtest`, {
    method: 'POST', headers: { authorization: `Bearer ${TOKEN}`, 'content-type': 'application/json' }, body: JSON.stringify({ service: 'catalog', metric: 'requests', hours: 48, origins: 20 }),
  });
  expect(response.status).toBe(200);
  const scores = (await response.json()) as { values: number; origins: number; path: { relativePinball: number } };
  expect(scores.values).toBeGreaterThan(2800);
  expect(scores.origins).toBeGreaterThan(10);
  expect(scores.path.relativePinball).toBeLessThan(1);
});

test('what is no longer recorded loses its demand and its trust; what goes on keeps both', async () => {
  const gone = await json<{ origin: number }>('/predict/gone/requests');
  expect(gone).toMatchObject({ step: 'shadow', reasons: expect.arrayContaining(['stale_metrics']) });
  // Blocks carry no staleness marks, so Prometheus repeats their last sample for up to five minutes.
  expect(gone.origin).toBeGreaterThanOrEqual(now - GONE_SECONDS - 60);
  expect(gone.origin).toBeLessThan(now - GONE_SECONDS - 60 + 300);
  expect((await demands()).map((line) => /service="([^"]*)"/.exec(line)![1])).toEqual(['catalog']);
  const [, age] = /^tideline_forecast_staleness_seconds\{service="gone",[^}]*\} (\d+)/m.exec((await get('/metrics')).body)!;
  expect(Number(age)).toBeGreaterThan(GONE_SECONDS - 300);
});

test('while Prometheus is away demand is withdrawn and forecasts are still told; when it is back, so is demand', async () => {
  await stop(prometheus, 'SIGKILL');
  try {
    await until(async () => ((await demands()).length === 0 ? true : undefined), forecaster);
    expect((await get('/predict/catalog/requests')).status).toBe(200);
    expect((await get('/metrics')).body).toMatch(/^tideline_forecaster_prometheus_failures_total\{kind="unreachable"\} [1-9]/m);
  } finally {
    await startPrometheus(); // it has to replay its log after the kill
  }
  await until(async () => ((await demands()).length === 1 ? true : undefined), forecaster);
});

test('a restarted forecaster goes on from what it had learned', async () => {
  const before = await json<{ origin: number; step: string }>('/predict/catalog/requests');
  await stop(forecaster);
  expect(forecaster.exitCode).toBe(0);
  await startForecaster();
  expect((await get('/metrics')).body).toMatch(/^tideline_forecaster_state_loaded_series\{outcome="restored"\} [3-9]/m);
  const after = await json<{ origin: number; step: string }>('/predict/catalog/requests');
  expect(after.origin).toBeGreaterThanOrEqual(before.origin);
  expect(after.step).toBe('lead');
});
