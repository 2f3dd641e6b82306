import { linkSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { dirname } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { identityOf, isAlive, ProcessIdentity } from './process-identity';

interface Holder {
  readonly host: string;
  readonly process: ProcessIdentity;
  /** Processes that the holder started for the work under the lock, each the leader of its group. */
  readonly children: readonly ProcessIdentity[];
}

/** A held lock. */
export interface Lock {
  /** Notes a child, so that whoever takes the lock over from a killed holder ends it first. */
  addChild(pid: number): void;
}

/** Options of {@link withLock}. */
export interface LockOptions {
  /** Ends the wait. @default - waits for as long as it takes */
  readonly signal?: AbortSignal;
  /** Called once per holder when somebody else holds the lock, with their process number. @default - nothing */
  readonly onWait?: (pid: number) => void;
  /** Pause between looks at a held lock, in milliseconds. @default 250 */
  readonly pollMs?: number;
}

/**
 * Runs `body` while holding the lock file. Waits for a living holder; takes over from a dead one, ending what that one had started.
 *
 * @throws the signal's reason when aborted while waiting.
 */
export async function withLock<T>(path: string, options: LockOptions, body: (lock: Lock) => Promise<T>): Promise<T> {
  mkdirSync(dirname(path), { recursive: true });
  const me: Holder = { host: hostname(), process: identityOf(process.pid)!, children: [] };
  let told: number | undefined;
  while (!tryCreate(path, me)) {
    options.signal?.throwIfAborted();
    const holder = readHolder(path);
    if (holder === undefined) continue; // released a moment ago
    if (isStale(holder)) {
      takeOver(path, me);
    } else if (told !== holder.process.pid) {
      told = holder.process.pid;
      options.onWait?.(told);
    }
    await sleep(options.pollMs ?? 250);
  }
  const children: ProcessIdentity[] = [];
  try {
    return await body({
      addChild: (pid) => {
        const child = identityOf(pid);
        if (!child) return;
        children.push(child);
        const temporary = `${path}.${process.pid}`;
        writeFileSync(temporary, JSON.stringify({ ...me, children }));
        renameSync(temporary, path);
      },
    });
  } finally {
    rmSync(path, { force: true });
  }
}

/** Creates the file with its content in one step: a reader never meets an empty lock. */
function tryCreate(path: string, holder: Holder): boolean {
  const temporary = `${path}.${process.pid}`;
  writeFileSync(temporary, JSON.stringify(holder));
  try {
    linkSync(temporary, path);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  } finally {
    rmSync(temporary, { force: true });
  }
}

function readHolder(path: string): Holder | undefined {
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as Holder;
  } catch {
    return undefined;
  }
}

function isStale(holder: Holder): boolean {
  // A cache on a shared disk may be held from another machine, whose processes cannot be seen from here.
  return holder.host === hostname() && !isAlive(holder.process);
}

/** Removes a stale lock. A second lock keeps two waiters from removing each other's fresh one. */
function takeOver(path: string, me: Holder): void {
  const guard = `${path}.takeover`;
  if (!tryCreate(guard, me)) {
    const other = readHolder(guard);
    if (other && isStale(other)) rmSync(guard, { force: true }); // killed in the middle of a takeover
    return;
  }
  try {
    const holder = readHolder(path);
    if (holder === undefined || !isStale(holder)) return;
    for (const child of holder.children) if (isAlive(child)) endGroup(child.pid);
    rmSync(path, { force: true });
  } finally {
    rmSync(guard, { force: true });
  }
}

function endGroup(pid: number): void {
  try {
    process.kill(-pid, 'SIGKILL');
  } catch {
    // it ended by itself
  }
}
