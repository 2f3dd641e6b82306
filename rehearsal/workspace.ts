import { existsSync, linkSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { writeFileAtomic } from '../base/atomic-file';
import { FaultError } from '../base/faults';
import { cleanUpAfterCrash } from './control-plane';
import { identityOf, isAlive, type ProcessIdentity } from './tools';

/** The folder a rehearsal works in. Two rehearsals at once would fight for the cores and spoil each other's figures, so there is one at a time. */
export class Workspace {
  /** Everything this run writes that is not the report. */
  readonly runFolder: string;
  private readonly lock: string;

  /**
   * Takes the folder, and cleans up after a run that was killed.
   *
   * @param folder e.g. `.rehearsal`
   * @throws FaultError if another rehearsal is using it, or it cannot be written
   */
  constructor(readonly folder: string) {
    this.lock = join(folder, 'running.json');
    this.takeLock();
    for (const entry of readdirSync(folder)) {
      if (!entry.startsWith('run-')) continue;
      cleanUpAfterCrash(join(folder, entry));
      rmSync(join(folder, entry), { recursive: true, force: true, maxRetries: 5, retryDelay: 100 }); // what was just ended may still be writing
    }
    this.runFolder = join(folder, `run-${process.pid}`);
    mkdirSync(this.runFolder, { recursive: true, mode: 0o700 });
  }

  /** Gives the folder back. Logs of the run stay until the next one; data and credentials are gone by then. */
  release(): void {
    if (ownerIn(this.lock)?.pid === process.pid) rmSync(this.lock, { force: true });
  }

  /** The lock appears with its content in one step, so that of two rehearsals that start together one is refused. */
  private takeLock(): void {
    const mine = `${this.lock}.${process.pid}`;
    writeFileAtomic(mine, JSON.stringify(identityOf(process.pid) ?? { pid: process.pid, started: '' }));
    try {
      while (!tryLink(mine, this.lock)) {
        this.refuseWhileAlive(this.lock);
        this.setAside();
      }
    } finally {
      rmSync(mine, { force: true });
    }
  }

  /** Moves a dead run's lock away; puts it back if it is another one by now. */
  private setAside(): void {
    const aside = `${this.lock}.stale-${process.pid}`;
    try {
      renameSync(this.lock, aside);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return; // somebody else was faster
      throw error;
    }
    try {
      this.refuseWhileAlive(aside);
    } catch (error) {
      tryLink(aside, this.lock);
      throw error;
    } finally {
      rmSync(aside, { force: true });
    }
  }

  private refuseWhileAlive(file: string): void {
    const owner = ownerIn(file);
    if (owner === undefined || !isAlive(owner)) return;
    throw new FaultError('another rehearsal is running', [
      { where: this.folder, got: `a rehearsal with process id ${owner.pid}`, allowed: 'one at a time', do: 'wait for it, or end it with Ctrl-C' },
    ]);
  }
}

/**
 * Writes to a folder and takes it back, so that a rehearsal of minutes does not end in a report that has nowhere to go.
 *
 * @throws FaultError if it cannot be written
 */
export function checkWritable(folder: string): void {
  const probe = join(folder, `.writable-${process.pid}`);
  const made = firstMissing(folder);
  try {
    writeFileAtomic(probe, 'a report will be written here\n');
  } catch (error) {
    if (error instanceof FaultError) throw error;
    throw new FaultError('could not write a file', [
      { where: folder, got: (error as NodeJS.ErrnoException).code ?? String(error), allowed: 'a folder this user can write', do: 'choose another folder' },
    ]);
  } finally {
    try {
      rmSync(made ?? probe, { recursive: true, force: true });
    } catch { /* it could not be made: the fault above says so */ }
  }
}

/** The uppermost folder of a path that does not exist. */
function firstMissing(folder: string): string | undefined {
  if (existsSync(folder)) return undefined;
  return firstMissing(dirname(folder)) ?? folder;
}

function tryLink(from: string, to: string): boolean {
  try {
    linkSync(from, to);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

/** undefined if there is no lock, or half of one, which is nobody's. */
function ownerIn(file: string): ProcessIdentity | undefined {
  try {
    const owner = JSON.parse(readFileSync(file, 'utf8')) as Partial<ProcessIdentity> | null;
    return typeof owner?.pid === 'number' && typeof owner.started === 'string' ? { pid: owner.pid, started: owner.started } : undefined;
  } catch {
    return undefined;
  }
}
