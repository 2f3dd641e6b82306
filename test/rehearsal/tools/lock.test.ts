import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { identityOf, isAlive } from '../../../rehearsal/tools';
import { withLock } from '../../../rehearsal/tools/lock';

let folder: string;
let path: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tideline-lock-'));
  path = join(folder, 'lock');
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const heldBy = (process: { pid: number; started: string }, children: unknown[] = [], host = hostname()) => writeFileSync(path, JSON.stringify({ host, process, children }));
const deadPid = () => spawnSync('true').pid;

test('bodies run one after the other, and the lock is gone afterwards', async () => {
  const order: string[] = [];
  const body = (name: string) => withLock(path, { pollMs: 5 }, async () => {
    order.push(`${name} in`);
    await new Promise((resolve) => setTimeout(resolve, 20));
    order.push(`${name} out`);
  });
  await Promise.all([body('a'), body('b'), body('c')]);
  for (let i = 0; i < order.length; i += 2) expect(order[i]!.split(' ')[0]).toBe(order[i + 1]!.split(' ')[0]);
  expect(order).toHaveLength(6);
  expect(existsSync(path)).toBe(false);
});

test('a failing body gives the lock back', async () => {
  await expect(withLock(path, {}, async () => { throw new Error('no'); })).rejects.toThrow('no');
  expect(existsSync(path)).toBe(false);
});

test('the lock of a dead process is taken over, and what it had started is ended', async () => {
  const orphan = spawn('sleep', ['60'], { detached: true, stdio: 'ignore' });
  const identity = identityOf(orphan.pid!)!;
  const ended = new Promise((resolve) => orphan.once('exit', resolve));
  heldBy({ pid: deadPid(), started: 'long ago' }, [identity]);
  await expect(withLock(path, { pollMs: 5 }, async () => 'mine')).resolves.toBe('mine');
  await ended;
  expect(isAlive(identity)).toBe(false);
});

test('a process that only has the number of the dead holder is no holder', async () => {
  heldBy({ pid: process.pid, started: 'another start' });
  await expect(withLock(path, { pollMs: 5 }, async () => 'mine')).resolves.toBe('mine');
});

test('a child that only has the number of a dead one is left alone', async () => {
  const stranger = spawn('sleep', ['60'], { detached: true, stdio: 'ignore' });
  const identity = identityOf(stranger.pid!)!;
  try {
    heldBy({ pid: deadPid(), started: 'long ago' }, [{ pid: stranger.pid!, started: 'another start' }]);
    await withLock(path, { pollMs: 5 }, async () => undefined);
    expect(isAlive(identity)).toBe(true);
  } finally {
    process.kill(-stranger.pid!, 'SIGKILL');
  }
});

test('a living holder is waited for, named once, until the signal aborts', async () => {
  heldBy(identityOf(process.pid)!);
  const named: number[] = [];
  const controller = new AbortController();
  const work = withLock(path, { pollMs: 5, signal: controller.signal, onWait: (pid) => named.push(pid) }, async () => 'never');
  while (named.length === 0) await new Promise((resolve) => setTimeout(resolve, 5));
  controller.abort();
  await expect(work).rejects.toMatchObject({ name: 'AbortError' });
  expect(named).toEqual([process.pid]);
  expect(existsSync(path)).toBe(true);
});

test('the holder on another machine cannot be judged from here', async () => {
  heldBy({ pid: deadPid(), started: 'long ago' }, [], 'elsewhere');
  const controller = new AbortController();
  const work = withLock(path, { pollMs: 5, signal: controller.signal, onWait: () => controller.abort() }, async () => 'never');
  await expect(work).rejects.toMatchObject({ name: 'AbortError' });
});

test('a takeover that was killed half way does not stand in the way', async () => {
  heldBy({ pid: deadPid(), started: 'long ago' });
  writeFileSync(`${path}.takeover`, readFileSync(path));
  await expect(withLock(path, { pollMs: 5 }, async () => 'mine')).resolves.toBe('mine');
  expect(existsSync(`${path}.takeover`)).toBe(false);
});

test('children are noted in the lock while it is held', async () => {
  await withLock(path, {}, async (lock) => {
    lock.addChild(process.pid);
    expect(JSON.parse(readFileSync(path, 'utf8')).children).toEqual([identityOf(process.pid)]);
  });
});
