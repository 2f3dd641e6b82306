import { existsSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { writeFileAtomic } from '../../base/atomic-file';
import { identityOf, isAlive, ProcessIdentity } from '../tools';

/** What a run notes about its processes, so that a later run can end those of a killed one. */
interface Registry {
  /** The process that started the others. */
  readonly owner: ProcessIdentity;
  /** Each the leader of its group. */
  readonly processes: readonly (ProcessIdentity & { readonly name: string })[];
}

const FILE = 'processes.json';

/** Writes the registry of a run. */
export function writeRegistry(workDir: string, processes: Registry['processes']): void {
  const registry: Registry = { owner: identityOf(process.pid)!, processes };
  writeFileAtomic(join(workDir, FILE), `${JSON.stringify(registry, undefined, 2)}\n`, 0o600);
}

/** Removes the registry of a run whose processes have all ended. */
export function removeRegistry(workDir: string): void {
  rmSync(join(workDir, FILE), { force: true });
}

/**
 * Ends what killed runs left behind: for each run folder whose owner is dead, the processes that are still the ones it started.
 *
 * @param rehearsalDir the folder that holds the run folders
 * @returns how many processes were ended
 */
export function cleanUpAfterCrash(rehearsalDir: string): { readonly stopped: number } {
  let stopped = 0;
  if (!existsSync(rehearsalDir)) return { stopped };
  for (const entry of readdirSync(rehearsalDir, { withFileTypes: true })) {
    const run = join(rehearsalDir, entry.name);
    if (!entry.isDirectory() || !existsSync(join(run, FILE))) continue;
    const registry = readRegistry(run);
    if (registry && isAlive(registry.owner)) continue;
    for (const each of registry?.processes ?? []) {
      if (!isAlive(each)) continue; // ended, or its number belongs to somebody else now
      killGroup(each.pid, 'SIGKILL');
      stopped++;
    }
    removeWorkFiles(run);
    removeRegistry(run);
  }
  return { stopped };
}

/** What a run holds besides its logs: data, certificates, credentials. */
export const WORK_FOLDERS = ['data', 'pki', 'tmp'] as const;

/** Removes a run's data and credentials; its logs stay. */
export function removeWorkFiles(workDir: string): void {
  for (const folder of WORK_FOLDERS) rmSync(join(workDir, folder), { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
}

function readRegistry(run: string): Registry | undefined {
  try {
    return JSON.parse(readFileSync(join(run, FILE), 'utf8')) as Registry;
  } catch {
    return undefined;
  }
}

/** Sends a signal to a process group. False when there is none any more. */
export function killGroup(pid: number, signal: NodeJS.Signals): boolean {
  try {
    process.kill(-pid, signal);
    return true;
  } catch {
    return false;
  }
}
