import { spawn, spawnSync } from 'node:child_process';
import { chownSync, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { Client } from 'pg';
import { freePort } from '../program';

/** Where PostgreSQL's programs lie, or why it cannot run here. */
export type PostgresFound = { readonly bin: string; readonly user?: { readonly uid: number; readonly gid: number } } | { readonly why: string };

/** A PostgreSQL of our own on loopback, in a folder of its own. */
export interface Postgres {
  readonly url: string;
  /** Ends it and starts nothing. */
  halt(): Promise<void>;
  /** Starts it, or starts it again with what it held. */
  start(): Promise<void>;
  /** Ends it and removes its folder. */
  remove(): Promise<void>;
}

/** Looks for PostgreSQL in PATH and where Debian and Homebrew put it. It refuses to run as root, so root needs another user to run it as. */
export function findPostgres(): PostgresFound {
  const versions = (folder: string, rest: string) => (existsSync(folder) ? readdirSync(folder).filter((name) => /^(postgresql@?)?\d*$|^postgresql/.test(name)).sort().reverse().map((name) => join(folder, name, rest)) : []);
  const folders = [...(process.env.PATH ?? '').split(delimiter), ...versions('/usr/lib/postgresql', 'bin'), ...versions('/opt/homebrew/opt', 'bin'), ...versions('/usr/local/opt', 'bin')];
  const bin = folders.find((folder) => ['initdb', 'postgres'].every((program) => existsSync(join(folder, program))));
  if (!bin) return { why: 'no initdb and postgres in PATH, /usr/lib/postgresql or Homebrew' };
  if (process.getuid?.() !== 0) return { bin };
  const id = (flag: string, name: string) => Number(spawnSync('id', [flag, name]).stdout.toString().trim() || NaN);
  const user = ['postgres', 'nobody'].map((name) => ({ uid: id('-u', name), gid: id('-g', name) })).find(({ uid }) => Number.isInteger(uid));
  return user ? { bin, user } : { why: 'PostgreSQL does not run as root, and there is no user postgres or nobody' };
}

/** Makes a new, empty database cluster and starts it. */
export async function startPostgres(found: Exclude<PostgresFound, { why: string }>): Promise<Postgres> {
  const folder = mkdtempSync(join(tmpdir(), 'postgres-'));
  const data = join(folder, 'data');
  mkdirSync(data, { mode: 0o700 });
  if (found.user) for (const path of [folder, data]) chownSync(path, found.user.uid, found.user.gid);
  const made = spawnSync(join(found.bin, 'initdb'), ['-D', data, '-U', 'catalog', '-A', 'trust', '-E', 'UTF8', '--no-sync'], { ...found.user, cwd: folder });
  if (made.status !== 0) throw new Error(`initdb failed: ${made.stderr.toString()}`);
  const port = await freePort();
  const url = `postgres://catalog@127.0.0.1:${port}/postgres`;

  let running: { stop(): Promise<void> } | undefined;
  const postgres: Postgres = {
    url,
    async start() {
      const settings = ['listen_addresses=127.0.0.1', `port=${port}`, `unix_socket_directories=${folder}`, 'fsync=off'].flatMap((setting) => ['-c', setting]);
      const child = spawn(join(found.bin, 'postgres'), ['-D', data, ...settings], { ...found.user, cwd: folder, stdio: ['ignore', 'ignore', 'pipe'] });
      let log = '';
      child.stderr.on('data', (chunk: Buffer) => { log += chunk.toString(); });
      const ended = new Promise<void>((done) => child.once('close', () => done()));
      running = {
        stop: async () => {
          child.kill('SIGINT'); // fast shutdown: connections are ended, nothing is lost
          await ended;
        },
      };
      for (let attempt = 0; attempt < 600; attempt += 1) {
        if (child.exitCode !== null) throw new Error(`postgres ended with ${child.exitCode}: ${log}`);
        const client = new Client({ connectionString: url });
        client.on('error', () => undefined);
        const up = await client.connect().then(() => true, () => false);
        await client.end().catch(() => undefined);
        if (up) return;
        await new Promise((done) => setTimeout(done, 100));
      }
      throw new Error(`postgres never answered: ${log}`);
    },
    async halt() {
      await running?.stop();
      running = undefined;
    },
    async remove() {
      await postgres.halt();
      rmSync(folder, { recursive: true, force: true });
    },
  };
  try {
    await postgres.start();
    return postgres;
  } catch (error) {
    await postgres.remove();
    throw error;
  }
}
