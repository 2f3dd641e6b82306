import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { freePorts } from '../../../rehearsal/control-plane/ports';
import { bundle } from '../../../rehearsal/images/bundle';

const root = resolve(__dirname, '..', '..', '..');

/** A folder outside the repository, so that nothing is found in a `node_modules` above. */
const folder = mkdtempSync(join(tmpdir(), 'bundles-'));
beforeAll(() => {
  mkdirSync(join(folder, 'models'));
  const { data } = parse(readFileSync(join(root, 'dist', 'dev', 'cost', 'configmap-cost-environments.yaml'), 'utf8')) as { data: Record<string, string> };
  for (const [name, content] of Object.entries(data)) writeFileSync(join(folder, 'models', name), content);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('a service of ours, from its bundle alone in an empty folder', () => {
  test.each([
    ['apps/cost/server.ts', (port: number) => ({ COST_HOST: '127.0.0.1', COST_PORT: port, COST_TOKEN: 'x', COST_ENVIRONMENTS_DIR: join(folder, 'models') })],
    ['apps/loadgen/server.ts', (port: number) => ({ LOADGEN_HOST: '127.0.0.1', LOADGEN_PORT: port, LOADGEN_TOKEN: 'x', LOADGEN_TARGET: 'http://127.0.0.1:9' })],
    ['forecaster/service/server.ts', (port: number, [scaler]: readonly number[]) => ({
      FORECASTER_HOST: '127.0.0.1', FORECASTER_PORT: port, FORECASTER_TOKEN: 'x', FORECASTER_PROMETHEUS_URL: 'http://127.0.0.1:9', FORECASTER_SCALER: 'plaintext', FORECASTER_SCALER_PORT: scaler,
    })],
  ])('%s lives', async (entry, settings) => {
    const [port, ...others] = await freePorts(2);
    const said = await whileRunning(entry, settings(port!, others), async (over) => {
      while (!over()) {
        const answer = await fetch(`http://127.0.0.1:${port}/healthz`).catch(() => undefined);
        if (answer?.ok) return 'alive';
        await sleep(50);
      }
      return undefined;
    });
    expect(said).toBe('alive');
  });

  test('apps/catalog/server.ts gets as far as its database, and says that an embedded one is not in its image', async () => {
    const said = await whileRunning('apps/catalog/server.ts', { CATALOG_WRITE_TOKEN: 'x', OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:9' }, async (over) => {
      while (!over()) await sleep(50);
      return undefined;
    });
    expect(said).toContain('[CATALOG_DATABASE_URL] got: pglite:, which is not installed here');
  });
});

/** Runs a bundle until `body` has its answer, or it ends. @returns the answer, or what the service said when it ended without */
async function whileRunning(entry: string, settings: Readonly<Record<string, unknown>>, body: (over: () => boolean) => Promise<string | undefined>): Promise<string> {
  const home = mkdtempSync(join(folder, 'home-'));
  writeFileSync(join(home, 'main.cjs'), (await bundle(root, entry)).code);
  const environment = Object.fromEntries(Object.entries(settings).map(([name, value]) => [name, String(value)]));
  const child = spawn(process.execPath, ['main.cjs'], { cwd: home, env: environment, stdio: ['ignore', 'pipe', 'pipe'] });
  const said: Buffer[] = [];
  child.stdout.on('data', (piece: Buffer) => said.push(piece));
  child.stderr.on('data', (piece: Buffer) => said.push(piece));
  const ended = once(child, 'close');
  const answer = await body(() => child.exitCode !== null);
  child.kill('SIGKILL');
  await ended;
  return answer ?? Buffer.concat(said).toString();
}
