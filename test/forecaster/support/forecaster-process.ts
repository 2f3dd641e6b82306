import { type ChildProcess, spawn } from 'node:child_process';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';

const ROOT = join(__dirname, '../../..');
const TOKEN = 'a-token-of-this-test';

/** The service as the process it is. */
export interface ForecasterProcess {
  readonly child: ChildProcess;
  /** Once it has ended: its exit code (null = killed). */
  readonly ended: Promise<number | null>;
  /** All that it has said. */
  said(): string;
  /** The answer, once the service listens. */
  get(path: string): Promise<Response>;
  /** Value of a metric by its beginning, labels included; undefined = absent. */
  metric(beginning: string): Promise<number | undefined>;
  /** Waits until it is ready. */
  ready(): Promise<void>;
}

/** Starts it on a free port of 127.0.0.1. */
export async function startForecaster(settings: Readonly<Record<string, string>>): Promise<ForecasterProcess> {
  const port = await freePort();
  const child = spawn(process.execPath, ['--import', 'tsx', 'forecaster/service/server.ts'], {
    cwd: ROOT,
    env: { PATH: process.env.PATH, FORECASTER_HOST: '127.0.0.1', FORECASTER_PORT: String(port), FORECASTER_TOKEN: TOKEN, LOG_LEVEL: 'info', ...settings },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let said = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => { said += chunk.toString(); });
  const ended = new Promise<number | null>((done) => child.once('close', (code) => done(code)));
  const get = async (path: string): Promise<Response> => {
    for (;;) {
      const response = await fetch(`http://127.0.0.1:${port}${path}`, { headers: { authorization: `Bearer ${TOKEN}` } }).catch(() => undefined);
      if (response) return response;
      if (child.exitCode !== null) throw new Error(`it ended with ${child.exitCode}: ${said}`);
      await new Promise((done) => setTimeout(done, 30));
    }
  };
  return {
    child,
    ended,
    said: () => said,
    get,
    metric: async (beginning) => {
      const line = (await (await get('/metrics')).text()).split('\n').find((each) => each.startsWith(beginning));
      return line === undefined ? undefined : Number(line.split(' ').at(-1));
    },
    ready: async () => { while (!(await get('/readyz')).ok) await new Promise((done) => setTimeout(done, 30)); },
  };
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const { port } = server.address() as AddressInfo;
  await new Promise((done) => server.close(done));
  return port;
}
