import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type ServiceError, status } from '@grpc/grpc-js';
import { build } from 'esbuild';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import type { IsActiveResponse } from '../../../../forecaster/service/scaler/interface';
import { freePorts } from '../../../../rehearsal/control-plane/ports';
import { type PrometheusServer, startPrometheus } from '../../support/prometheus-server';
import { KedaClient, REF, withMetadata } from './support';

const ROOT = join(__dirname, '../../../..');
const folder = mkdtempSync(join(tmpdir(), 'tideline-scaler-'));
const children: ChildProcess[] = [];
let prometheus: PrometheusServer;

beforeAll(async () => {
  // As the image is made: one file, nothing beside it.
  await build({ entryPoints: [join(ROOT, 'forecaster/service/server.ts')], outfile: join(folder, 'server.cjs'), bundle: true, platform: 'node', format: 'cjs', target: 'node20', logLevel: 'silent', absWorkingDir: ROOT });
  prometheus = await startPrometheus();
  prometheus.now = 20 * 86_400;
  prometheus.series = [{ labels: { __name__: 'tideline:requests:rate', namespace: 'shop', service: 'catalog' }, at: (time) => 100 + 80 * Math.sin((2 * Math.PI * time) / 86_400) + ((time / 60) % 3) }];
});
afterEach(() => children.splice(0).forEach((child) => child.kill('SIGKILL')));
afterAll(async () => {
  await prometheus.close();
  rmSync(folder, { recursive: true, force: true });
});

async function start(settings: Record<string, string>) {
  const [port, scalerPort] = await freePorts(2) as [number, number];
  const child = spawn(process.execPath, [join(folder, 'server.cjs')], {
    cwd: folder,
    env: {
      FORECASTER_HOST: '127.0.0.1', FORECASTER_PORT: String(port), FORECASTER_SCALER_PORT: String(scalerPort), FORECASTER_PROMETHEUS_URL: prometheus.url, FORECASTER_TOKEN: 't0ken',
      FORECASTER_INTERVAL_SECONDS: '0.2', FORECASTER_HISTORY_SECONDS: '345600', LOG_LEVEL: 'error', ...settings,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  children.push(child);
  let said = '';
  for (const stream of [child.stderr, child.stdout]) stream.on('data', (chunk: Buffer) => { said += chunk.toString(); });
  const ended = new Promise<{ code: number | null; said: string }>((done) => child.once('close', (code) => done({ code, said })));
  return { child, ended, scalerPort, url: `http://127.0.0.1:${port}` };
}

async function until(url: string): Promise<void> {
  while (!(await fetch(url).catch(() => undefined))?.ok) await new Promise((done) => setTimeout(done, 50));
}

it('answers KEDA from a bundle, counts its calls, and ends its streams and itself on SIGTERM', async () => {
  const { child, ended, scalerPort, url } = await start({ FORECASTER_SCALER: 'plaintext' });
  await until(`${url}/readyz`);
  const keda = new KedaClient(scalerPort);
  const ref = withMetadata({ target: '39.2', quantile: '0.9', leadTimeSeconds: '300' });
  expect((await keda.call('GetMetricSpec', ref)).metricSpecs[0]!.targetSizeFloat).toBe(39.2);
  const answer = await keda.demand(ref).then(({ metricValues: [demand] }) => demand!.metricValueFloat, (error: ServiceError) => error.code);
  const exposition = await (await fetch(`${url}/metrics`)).text();
  // The two ways to KEDA say the same, also where the forecast is not trusted yet: then neither says anything.
  const published = /^tideline_demand\{service="catalog",namespace="shop",metric="requests"\} (\S+)$/m.exec(exposition)?.[1];
  expect(answer).toBe(published === undefined ? status.UNAVAILABLE : Number(published));
  expect(exposition).toMatch(new RegExp(`^tideline_scaler_calls_total\\{method="GetMetrics",code="${published === undefined ? 'UNAVAILABLE' : 'OK'}"\\} 1$`, 'm'));
  const stream = keda.watch<IsActiveResponse>('StreamIsActive', REF);
  await stream.count(1);
  child.kill('SIGTERM');
  expect(await stream.ended).toBeUndefined();
  expect(stream.messages).toEqual([{ result: true }]);
  expect((await ended).code).toBe(0);
  keda.close();
});

it('is off unless it was asked for', async () => {
  const { scalerPort, url } = await start({});
  await until(`${url}/healthz`);
  const keda = new KedaClient(scalerPort);
  await expect(keda.call('GetMetricSpec', REF)).rejects.toThrow('UNAVAILABLE');
  keda.close();
});

it('does not start with certificates that are not there', async () => {
  const { code, said } = await (await start({ FORECASTER_SCALER: 'mutual-tls', FORECASTER_SCALER_CERTIFICATES: join(folder, 'none') })).ended;
  expect(code).toBe(1);
  expect(said).toMatch(/the scaler has no usable certificate[^]*tls\.crt\] got: ENOENT; allowed: .+; do: mount/);
});
