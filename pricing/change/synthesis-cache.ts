import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { writeFileAtomic } from '../../base/atomic-file';
import { FaultError } from '../../base/faults';
import type { Stacks } from './aws-part';

/** Raised with the form of what is kept: what an older version wrote is not read. */
const FORM = 1;
/** A synthesis is about half a megabyte; more than these are of no use to anybody. */
const KEPT = 24;
const WORK = 'work-';

/**
 * Syntheses by what went into them, in a folder of the user's cache. Several processes may use it at once: files appear whole, and two that
 * make the same one write the same.
 */
export class SynthesisCache {
  constructor(readonly folder: string) {}

  /** Stacks kept under a key; undefined if there are none, or the file is none of ours. */
  find(key: string): Stacks | undefined {
    try {
      const kept = JSON.parse(readFileSync(this.file(key), 'utf8')) as { readonly form?: number; readonly stacks?: Stacks };
      return kept.form === FORM ? kept.stacks : undefined;
    } catch {
      return undefined;
    }
  }

  /**
   * Keeps stacks under a key, and lets the oldest ones go.
   *
   * @returns why they could not be kept; undefined if they were. Nobody needs them kept.
   */
  keep(key: string, stacks: Stacks): string | undefined {
    try {
      writeFileAtomic(this.file(key), JSON.stringify({ form: FORM, stacks }));
      const files = readdirSync(this.folder).filter((name) => /^stacks-[0-9a-f]+\.json$/.test(name)).map((name) => join(this.folder, name));
      const age = new Map(files.map((file) => [file, statSync(file).mtimeMs]));
      for (const old of files.sort((a, b) => age.get(b)! - age.get(a)!).slice(KEPT)) rmSync(old, { force: true });
      return undefined;
    } catch (error) {
      return error instanceof FaultError ? error.faults[0]!.got : (error as Error).message;
    }
  }

  /**
   * A folder to work in, whose name says whose it is. What a killed process left is removed first.
   *
   * @throws FaultError if it cannot be made
   */
  workFolder(): string {
    try {
      mkdirSync(this.folder, { recursive: true });
      for (const name of readdirSync(this.folder)) {
        const owner = name.startsWith(WORK) ? Number(name.slice(WORK.length).split('-')[0]) : NaN;
        if (Number.isInteger(owner) && owner !== process.pid && !isAlive(owner)) rmSync(join(this.folder, name), { recursive: true, force: true });
      }
      let nth = 0;
      while (existsSync(join(this.folder, `${WORK}${process.pid}-${nth}`))) nth += 1;
      const folder = join(this.folder, `${WORK}${process.pid}-${nth}`);
      mkdirSync(folder, { recursive: true, mode: 0o700 });
      return folder;
    } catch (error) {
      throw diskFault(this.folder, error);
    }
  }

  private file(key: string): string {
    return join(this.folder, `stacks-${key}.json`);
  }
}

/** What is said when a folder cannot be written. */
export function diskFault(folder: string, error: unknown): FaultError {
  const code = (error as NodeJS.ErrnoException).code ?? String(error);
  const full = code === 'ENOSPC' || code === 'EDQUOT';
  return new FaultError('no place to synthesize', [{
    where: folder, got: full ? `no space left on the disk (${code})` : `it cannot be written (${code})`, allowed: 'a folder this user can write, with some 20 MiB of room',
    do: full ? 'free some space and run again; nothing half-written is left' : 'set TIDELINE_CACHE to a folder that can be written',
  }]);
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
