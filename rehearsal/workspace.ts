import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
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
   * @throws FaultError if another rehearsal is using it
   */
  constructor(readonly folder: string) {
    mkdirSync(folder, { recursive: true });
    this.lock = join(folder, 'running.json');
    const owner = this.owner();
    if (owner && isAlive(owner)) {
      throw new FaultError('another rehearsal is running', [
        { where: folder, got: `a rehearsal with process id ${owner.pid}`, allowed: 'one at a time', do: 'wait for it, or end it with Ctrl-C' },
      ]);
    }
    for (const entry of readdirSync(folder)) {
      if (!entry.startsWith('run-')) continue;
      cleanUpAfterCrash(join(folder, entry));
      rmSync(join(folder, entry), { recursive: true, force: true });
    }
    writeFileAtomic(this.lock, JSON.stringify(identityOf(process.pid) ?? { pid: process.pid, started: '' }));
    this.runFolder = join(folder, `run-${process.pid}`);
    mkdirSync(this.runFolder, { recursive: true, mode: 0o700 });
  }

  /** Gives the folder back. Logs of the run stay until the next one; data and credentials are gone by then. */
  release(): void {
    rmSync(this.lock, { force: true });
  }

  private owner(): ProcessIdentity | undefined {
    if (!existsSync(this.lock)) return undefined;
    try {
      return JSON.parse(readFileSync(this.lock, 'utf8')) as ProcessIdentity;
    } catch {
      return undefined; // half a lock is nobody's
    }
  }
}
