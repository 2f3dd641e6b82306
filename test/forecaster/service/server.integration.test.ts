import { type ChildProcess, spawn } from 'node:child_process';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { type PrometheusServer, startPrometheus } from '../support/prometheus-server';

const ROOT = join(__dirname, '../../..');
const children: ChildProcess[] = [];
let prometheus: PrometheusServer;

beforeAll(async () => {
  prometheus = await startPrometheus();
  prometheus.now = 20 * 86_400;
  prometheus.series = [{ labels: { __name__: 'tideline:requests:rate', namespace: 'shop', service: 'catalog' }, at: (time) => 140 + 40 * Math.sin((2 * Math.PI * time) / 86_400) + ((time / 60) % 7) }];
});
afterAll(() => prometheus.close());
afterEach(() => children.splice(0).forEach((child) => child.kill('SIGKILL')));

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const { port } = server.address() as AddressInfo;
  await new Promise((done) => server.close(done));
  return port;
}

function start(settings: Record<string, string>) {
  const child = spawn(process.execPath, ['--import', 'tsx', 'forecaster/service/server.ts'], {
    cwd: ROOT, env: { PATH: process.env.PATH, FORECASTER_HOST: '127.0.0.1', LOG_LEVEL: 'error', ...settings }, stdio: ['ignore', 'pipe', 'pipe'],
  });
  children.push(child);
  let said = '';
  child.stderr.on('data', (chunk: Buffer) => { said += chunk.toString(); });
  child.stdout.on('data', (chunk: Buffer) => { said += chunk.toString(); });
  const ended = new Promise<{ code: number | null; said: string }>((done) => child.once('close', (code) => done({ code, said })));
  return { child, ended };
}

async function until(url: string): Promise<Response> {
  for (;;) {
    const response = await fetch(url).catch(() => undefined);
    if (response?.ok) return response;
    await new Promise((done) => setTimeout(done, 50));
  }
}

describe('the forecaster as a process', () => {
  it.each(['SIGTERM', 'SIGINT'] as const)('becomes ready, publishes demand, predicts, and ends with 0 on %s', async (signal) => {
    const port = await freePort();
    const { child, ended } = start({ FORECASTER_PORT: String(port), FORECASTER_PROMETHEUS_URL: prometheus.url, FORECASTER_TOKEN: 't0ken', FORECASTER_INTERVAL_SECONDS: '0.2', FORECASTER_HISTORY_SECONDS: String(7 * 86_400) });
    const base = `http://127.0.0.1:${port}`;
    await until(`${base}/readyz`);
    const metrics = await (await fetch(`${base}/metrics`)).text();
    expect(metrics).toMatch(/^tideline_demand\{service="catalog",namespace="shop",metric="requests"\} 1\d\d(\.\d+)?$/m);
    expect((await fetch(`${base}/predict/catalog`)).status).toBe(401);
    const answer = await fetch(`${base}/predict/catalog/requests?horizon=10m`, { headers: { authorization: 'Bearer t0ken' } });
    expect(((await answer.json()) as { point: number[] }).point).toHaveLength(10);
    const asked = prometheus.asked.length;
    while (prometheus.asked.length < asked + 4) await new Promise((done) => setTimeout(done, 20)); // it keeps refreshing
    child.kill(signal);
    expect((await ended).code).toBe(0);
  });

  it('stops at once while a question to Prometheus hangs', async () => {
    const port = await freePort();
    prometheus.sabotage = () => { /* never answers */ };
    const { child, ended } = start({ FORECASTER_PORT: String(port), FORECASTER_PROMETHEUS_URL: prometheus.url, FORECASTER_TOKEN: 't0ken' });
    await until(`http://127.0.0.1:${port}/healthz`);
    expect((await fetch(`http://127.0.0.1:${port}/readyz`)).status).toBe(503);
    child.kill('SIGTERM');
    expect((await ended).code).toBe(0);
    prometheus.sabotage = undefined;
  });

  it('refuses to start without its settings, naming each', async () => {
    const { code, said } = await start({ FORECASTER_PORT: 'eighty' }).ended;
    expect(code).toBe(1);
    for (const name of ['FORECASTER_PORT', 'FORECASTER_PROMETHEUS_URL', 'FORECASTER_TOKEN']) expect(said).toContain(name);
  });

  it('says so when its port is taken', async () => {
    const taken = createServer();
    await new Promise<void>((done) => taken.listen(0, '127.0.0.1', done));
    const { code, said } = await start({ FORECASTER_PORT: String((taken.address() as AddressInfo).port), FORECASTER_PROMETHEUS_URL: prometheus.url, FORECASTER_TOKEN: 't' }).ended;
    taken.close();
    expect(code).toBe(1);
    expect(said).toContain('EADDRINUSE');
  });
});
