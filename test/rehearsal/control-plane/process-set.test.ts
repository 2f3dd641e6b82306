import { ChildProcess, spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { cleanUpAfterCrash } from '../../../rehearsal/control-plane';
import { ProcessSet } from '../../../rehearsal/control-plane/process-set';
import { identityOf, isAlive, ProcessIdentity } from '../../../rehearsal/tools';

let root: string;
let workDir: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'tideline-processes-'));
  workDir = join(root, 'run-1');
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

const allGone = async (identities: readonly ProcessIdentity[]) => {
  for (let attempt = 0; attempt < 400 && identities.some(isAlive); attempt++) await sleep(25);
  return identities.filter(isAlive);
};

test('programs get an environment of their own, and their output goes to a log only this user can read', async () => {
  const processes = new ProcessSet(workDir);
  const program = processes.start({ name: 'env', command: '/usr/bin/env', args: [], environment: { EXTRA: 'yes' } });
  await program.ended;
  await processes.stopAll();
  const names = program.lastLines(50).map((line) => line.split('=')[0]).filter((name) => name !== '_' && name !== '__CF_USER_TEXT_ENCODING');
  expect(names.sort()).toEqual(['EXTRA', 'HOME', 'PATH', 'TMPDIR']);
  expect(program.lastLines(50)).toContain(`HOME=${workDir}`);
  expect(statSync(program.logPath).mode.toString(8)).toMatch(/600$/);
});

test('stopping ends all, those that ignore the request too, and removes the registry', async () => {
  const processes = new ProcessSet(workDir);
  const identities = ['sleep 300', "trap '' TERM; while :; do sleep 1; done"].map((script, index) => identityOf(processes.start({ name: `p${index}`, command: '/bin/sh', args: ['-c', script] }).pid)!);
  const registry = JSON.parse(readFileSync(join(workDir, 'processes.json'), 'utf8'));
  expect(registry.processes.map((each: ProcessIdentity) => each.pid)).toEqual(identities.map((each) => each.pid));
  await processes.stopAll();
  expect(await allGone(identities)).toEqual([]);
  expect(existsSync(join(workDir, 'processes.json'))).toBe(false);
  await processes.stopAll(); // a second time is no error
});

test('a needed program that ends fails the set, with its last lines; one that is stopped does not', async () => {
  const processes = new ProcessSet(workDir);
  let failure: Error | undefined;
  processes.failed.catch((error: Error) => (failure = error));
  const stopped = processes.start({ name: 'stopped', command: '/bin/sh', args: ['-c', 'sleep 300'] });
  processes.need(stopped);
  await processes.stop(stopped);
  await sleep(20);
  expect(failure).toBeUndefined();
  const dying = processes.start({ name: 'dying', command: '/bin/sh', args: ['-c', 'echo the disk is on fire; exit 7'] });
  processes.need(dying);
  await dying.ended;
  await sleep(0);
  expect(failure?.message).toMatch(/\[dying\] got: it ended with status 7; its last lines: \n {4}the disk is on fire/);
  await processes.stopAll();
});

test('a program that cannot be started says so', async () => {
  const processes = new ProcessSet(workDir);
  const program = processes.start({ name: 'absent', command: '/nowhere/absent', args: [] });
  await program.ended;
  expect(program.ending()).toContain('ENOENT');
  await processes.stopAll();
});

interface Holder {
  readonly child: ChildProcess;
  readonly identities: ProcessIdentity[];
  readonly lines: string[];
  readonly ended: Promise<[number | null, NodeJS.Signals | null]>;
}

/** Starts holder.ts in a process of its own. */
async function startHolder(end: string): Promise<Holder> {
  const child = spawn(process.execPath, ['--import', 'tsx', resolve(__dirname, 'holder.ts'), workDir, end], { stdio: ['ignore', 'pipe', 'ignore'] });
  const ended = new Promise<[number | null, NodeJS.Signals | null]>((done) => child.once('close', (status, signal) => done([status, signal])));
  const lines: string[] = [];
  const reader = createInterface({ input: child.stdout! });
  const first = await new Promise<string>((done) => reader.once('line', done));
  reader.on('line', (line) => lines.push(line));
  const identities = (JSON.parse(first) as number[]).map((pid) => identityOf(pid)!);
  expect(identities.every(isAlive)).toBe(true);
  return { child, identities, lines, ended };
}

test.each(['SIGKILL', 'SIGTERM', 'SIGINT', 'SIGHUP'] as const)('%s to the one who started them leaves no process', async (signal) => {
  const { child, identities, ended } = await startHolder('wait');
  child.kill(signal);
  expect((await ended)[1]).toBe(signal);
  expect(await allGone(identities)).toEqual([]);
});

test.each(['throw', 'exit'])('nor does an end by %s', async (end) => {
  const { identities, ended } = await startHolder(end);
  expect((await ended)[0]).not.toBe(0);
  expect(await allGone(identities)).toEqual([]);
});

test('who listens for the signal stops in order', async () => {
  const { child, identities, lines, ended } = await startHolder('listen');
  child.kill('SIGTERM');
  expect(await ended).toEqual([0, null]);
  expect(lines).toEqual(['stopped in order']);
  expect(await allGone(identities)).toEqual([]);
});

test('a later run ends what a killed one left, if it is still the same process, and removes its data but not its logs', async () => {
  const [orphan, stranger] = [0, 1].map(() => spawn('sleep', ['300'], { detached: true, stdio: 'ignore' })) as [ChildProcess, ChildProcess];
  const [mine, other] = [identityOf(orphan.pid!)!, identityOf(stranger.pid!)!];
  try {
    for (const folder of ['data', 'pki', 'tmp', 'logs']) mkdirSync(join(workDir, folder), { recursive: true });
    const dead = { pid: spawnSync('true').pid, started: 'long ago' };
    writeFileSync(join(workDir, 'processes.json'), JSON.stringify({ owner: dead, processes: [{ name: 'etcd', ...mine }, { name: 'kwok', pid: other.pid, started: 'another start' }] }));
    expect(cleanUpAfterCrash(root)).toEqual({ stopped: 1 });
    expect(await allGone([mine])).toEqual([]);
    expect(isAlive(other)).toBe(true);
    expect(['data', 'pki', 'tmp', 'logs', 'processes.json'].filter((name) => existsSync(join(workDir, name)))).toEqual(['logs']);
  } finally {
    for (const each of [orphan, stranger]) each.kill('SIGKILL');
  }
});

test('a run that is under way is left alone, and so is a folder that is none', () => {
  mkdirSync(workDir);
  writeFileSync(join(workDir, 'processes.json'), JSON.stringify({ owner: identityOf(process.pid), processes: [] }));
  mkdirSync(join(root, 'report'));
  expect(cleanUpAfterCrash(root)).toEqual({ stopped: 0 });
  expect(existsSync(join(workDir, 'processes.json'))).toBe(true);
  expect(cleanUpAfterCrash(join(root, 'absent'))).toEqual({ stopped: 0 });
});
