import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type ForecasterProcess, startForecaster } from '../support/forecaster-process';
import { type PrometheusServer, startPrometheus } from '../support/prometheus-server';

const DAY = 86_400;
const NOW = 20 * DAY + 30;
const SERVICES = ['catalog', 'cost', 'search'];
const FILE = 'forecaster-shard-0.state';
let prometheus: PrometheusServer;
let directory: string;
const running: ForecasterProcess[] = [];

beforeAll(async () => { prometheus = await startPrometheus(); });
afterAll(() => prometheus.close());
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'forecaster-state-'));
  prometheus.now = NOW;
  prometheus.series = held();
  prometheus.sabotage = undefined;
  prometheus.asked.length = 0;
});
afterEach(async () => {
  for (const { child, ended } of running.splice(0)) {
    child.kill('SIGKILL');
    await ended;
  }
  rmSync(directory, { recursive: true });
});

/** @param from what is older is forgotten */
function held(from = -Infinity) {
  return SERVICES.map((service, i) => ({
    labels: { __name__: 'tideline:requests:rate', namespace: 'shop', service },
    at: (time: number) => (time < from ? undefined : 100 * (i + 1) + 40 * Math.sin((2 * Math.PI * time) / DAY) + ((time / 60) % 7)),
  }));
}

async function start(settings: Readonly<Record<string, string>> = {}): Promise<ForecasterProcess> {
  const service = await startForecaster({
    FORECASTER_PROMETHEUS_URL: prometheus.url, FORECASTER_INTERVAL_SECONDS: '0.2', FORECASTER_HISTORY_SECONDS: String(DAY), FORECASTER_METRICS: 'requests',
    FORECASTER_STATE_DIRECTORY: directory, FORECASTER_STATE_INTERVAL_SECONDS: '1', ...settings,
  });
  running.push(service);
  return service;
}

async function until(condition: () => Promise<boolean>): Promise<void> {
  while (!await condition()) await new Promise((done) => setTimeout(done, 30));
}
/** Once a file with series in it is there: the first may be written before anything is learned. */
const written = (service: ForecasterProcess) => until(async () => (await service.metric('tideline_forecaster_state_bytes') ?? 0) > 1000);
const forecastOf = async (service: ForecasterProcess, name: string) => (await service.get(`/predict/${name}?metric=requests&horizon=30m`)).json() as Promise<{ origin: number; point: number[]; quantiles: Record<string, number[]> }>;
const historyAsked = () => prometheus.asked.filter(({ pathname, searchParams }) => pathname.endsWith('query_range') && Number(searchParams.get('start')) < NOW - 600);

describe('the state of the forecaster as a process', () => {
  it('survives kill -9: nothing is learned again, and forecasts go on where they were', async () => {
    const first = await start();
    await first.ready();
    await written(first);
    const before = await Promise.all(SERVICES.map((name) => forecastOf(first, name)));
    first.child.kill('SIGKILL');
    expect(await first.ended).toBeNull();

    prometheus.series = held(NOW - 600); // the history is not to be had any more
    prometheus.asked.length = 0;
    const second = await start();
    await second.ready();
    expect(historyAsked()).toEqual([]);
    expect(await Promise.all(SERVICES.map((name) => forecastOf(second, name)))).toEqual(before);
    expect(await second.metric('tideline_forecaster_state_loaded_series{outcome="restored"}')).toBe(3);
    expect(second.said()).toContain('3 series are taken up');

    prometheus.now += 180;
    await until(async () => (await forecastOf(second, 'cost')).origin === before[1]!.origin + 180);
  });

  it('is whole whenever the process is killed', async () => {
    let restored: number | undefined;
    for (let round = 0; round < 3; round++) {
      const service = await start();
      await service.ready();
      if (round > 0) restored = await service.metric('tideline_forecaster_state_loaded_series{outcome="restored"}');
      if (round > 0) expect(restored).toBe(3);
      expect(await service.metric('tideline_forecaster_state_problem')).toBeUndefined();
      await written(service);
      // Killed at another moment of the second between two writings each time.
      await new Promise((done) => setTimeout(done, 260 * round));
      service.child.kill('SIGKILL');
      await service.ended;
    }
    writeFileSync(join(directory, `.${FILE}.1.00000000.tmp`), 'what a process left that was killed while it wrote');
    await (await start()).ready();
    expect(readdirSync(directory).filter((name) => name.includes('00000000'))).toEqual([]);
  });

  it('is written at a graceful stop', async () => {
    const first = await start({ FORECASTER_STATE_INTERVAL_SECONDS: '3600' });
    await first.ready();
    expect(readdirSync(directory)).toEqual([]);
    first.child.kill('SIGTERM');
    expect(await first.ended).toBe(0);
    expect(readdirSync(directory)).toEqual([FILE]);
    prometheus.asked.length = 0;
    await (await start()).ready();
    expect(historyAsked()).toEqual([]);
  });

  it.each<[string, (bytes: Buffer) => Uint8Array]>([
    ['foreign', () => Buffer.from('{"this":"is something else"}')],
    ['truncated', (bytes) => bytes.subarray(0, 500)],
    ['damaged', (bytes) => bytes.fill(0xff, 200, 240)],
  ])('that is %s is rebuilt, with a message and a metric', async (problem, spoil) => {
    const first = await start();
    await first.ready();
    await written(first);
    first.child.kill('SIGKILL');
    await first.ended;
    writeFileSync(join(directory, FILE), spoil(readFileSync(join(directory, FILE))));
    prometheus.asked.length = 0;
    const second = await start();
    await second.ready();
    expect(await second.metric(`tideline_forecaster_state_problem{reason="${problem}"}`)).toBe(1);
    expect(second.said().split('\n').filter((line) => line.includes('are learned from Prometheus'))).toHaveLength(1);
    expect(historyAsked().length).toBeGreaterThan(0);
    for (const name of SERVICES) expect((await forecastOf(second, name)).point).toHaveLength(30);
    await written(second);
    second.child.kill('SIGTERM');
    expect(await second.ended).toBe(0);
  });

  it('that cannot be written is a warning and a metric: the service goes on', async () => {
    writeFileSync(join(directory, 'file'), 'not a folder');
    const service = await start({ FORECASTER_STATE_DIRECTORY: join(directory, 'file', 'state') });
    await service.ready();
    await until(async () => (await service.metric('tideline_forecaster_state_writes_total{outcome="failed"}') ?? 0) >= 2);
    expect(service.said()).toContain('the state is not written, everything else goes on');
    expect((await forecastOf(service, 'catalog')).point).toHaveLength(30);
    prometheus.now += 120;
    await until(async () => (await forecastOf(service, 'catalog')).origin >= NOW - 30 + 60);
    service.child.kill('SIGTERM');
    expect(await service.ended).toBe(0);
  });
});
