import { ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { build } from 'esbuild';

const ROOT = resolve(__dirname, '../..');

/** A service, bundled as its image is. */
export interface Bundle {
  readonly file: string;
  remove(): void;
}

/** Bundles a service's entry point into a folder of its own. Beside it lie the project's packages, or none. */
export async function bundle(entry: string, options: { readonly packages: boolean } = { packages: true }): Promise<Bundle> {
  const folder = mkdtempSync(join(tmpdir(), 'bundle-'));
  const file = join(folder, 'server.cjs');
  await build({ entryPoints: [join(ROOT, entry)], outfile: file, bundle: true, platform: 'node', format: 'cjs', target: 'node20', logLevel: 'silent', absWorkingDir: ROOT });
  if (options.packages) symlinkSync(join(ROOT, 'node_modules'), join(folder, 'node_modules'));
  return { file, remove: () => rmSync(folder, { recursive: true, force: true }) };
}

/** A service running as a process. */
export interface Program {
  readonly url: string;
  readonly child: ChildProcess;
  /** Everything it wrote so far. */
  output(): string;
  /** Exit code, or the signal that killed it. */
  readonly ended: Promise<number | string>;
  /** Sends a signal and waits for the end. */
  stop(signal?: 'SIGTERM' | 'SIGINT'): Promise<number | string>;
  /** Waits until a path answers with a status; fails if the process ends or a minute passes. */
  answers(path: string, status?: number): Promise<void>;
}

/** Starts a bundled service with these settings and none of this process's own but PATH. */
export function start(file: string, port: number, settings: Readonly<Record<string, string>>): Program {
  const child = spawn(process.execPath, [file], { env: { PATH: process.env.PATH ?? '', ...settings }, stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => { output += chunk.toString(); });
  const ended = new Promise<number | string>((done) => child.once('close', (code, signal) => done(code ?? signal ?? 'unknown')));
  const url = `http://127.0.0.1:${port}`;
  const answers = async (path: string, status = 200) => {
    for (let attempt = 0; attempt < 1200; attempt += 1) {
      if (child.exitCode !== null) throw new Error(`it ended with ${child.exitCode}: ${output}`);
      const answer = await fetch(`${url}${path}`).catch(() => undefined);
      await answer?.arrayBuffer();
      if (answer?.status === status) return;
      await new Promise((done) => setTimeout(done, 50));
    }
    throw new Error(`${path} never answered ${status}: ${output}`);
  };
  return {
    url, child, ended, answers, output: () => output,
    stop: (signal = 'SIGTERM') => {
      child.kill(signal);
      return ended;
    },
  };
}

/** A free TCP port on loopback. */
export function freePort(): Promise<number> {
  return new Promise((done, failed) => {
    const server = createServer();
    server.once('error', failed);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => (address && typeof address === 'object' ? done(address.port) : failed(new Error('no port'))));
    });
  });
}
