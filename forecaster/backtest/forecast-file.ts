import { randomUUID } from 'node:crypto';
import { accessSync, closeSync, constants, mkdirSync, openSync, renameSync, rmSync, writeSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { FaultError } from '../../base/faults';

/** Lines kept back before they go to the disk, characters: a run of the usual size, killed in the middle, has written nothing at all. */
const BUFFER = 64 * 1024 * 1024;

/** A file of JSON lines that takes its name only when it is complete. */
export class ForecastFile {
  private readonly temporary: string;
  private handle: number | undefined;
  private buffer = '';

  /** @throws FaultError when the folder cannot be written */
  constructor(private readonly path: string) {
    this.temporary = join(dirname(path), `.${basename(path)}.${process.pid}.${randomUUID().slice(0, 8)}.tmp`);
    checkFolder(path);
  }

  append(line: object): void {
    this.buffer += `${JSON.stringify(line)}\n`;
    if (this.buffer.length >= BUFFER) this.flush();
  }

  /** Writes what is left and gives the file its name. */
  finish(): void {
    this.flush();
    guard(this.path, () => {
      closeSync(this.handle!);
      renameSync(this.temporary, this.path);
    });
    this.handle = undefined;
  }

  /** Removes what was written so far; does nothing to a finished file. */
  discard(): void {
    this.buffer = '';
    if (this.handle === undefined) return;
    closeSync(this.handle);
    this.handle = undefined;
    rmSync(this.temporary, { force: true });
  }

  private flush(): void {
    const bytes = Buffer.from(this.buffer);
    this.buffer = '';
    guard(this.path, () => {
      this.handle ??= openSync(this.temporary, 'wx');
      for (let written = 0; written < bytes.length;) written += writeSync(this.handle, bytes, written);
    });
  }
}

/**
 * Makes the folder of a file that will be written, so that a refusal is told before the work and not after it.
 *
 * @throws FaultError when the folder cannot be written
 */
export function checkFolder(path: string): void {
  guard(path, () => {
    mkdirSync(dirname(path), { recursive: true });
    accessSync(dirname(path), constants.W_OK);
  });
}

function guard<T>(path: string, write: () => T): T {
  try {
    return write();
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? 'an unknown error';
    throw new FaultError('could not write a file', [{
      where: path, got: `writing was refused (${code})`, allowed: 'a folder with room that this user can write', do: 'free some space, change the permissions or choose another folder',
    }]);
  }
}
