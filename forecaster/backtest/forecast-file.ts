import { randomUUID } from 'node:crypto';
import { closeSync, mkdirSync, openSync, renameSync, rmSync, writeSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { FaultError } from '../../base/faults';

/** Lines kept back before they go to the disk, characters. */
const BUFFER = 1_048_576;

/** A file of JSON lines that takes its name only when it is complete. */
export class ForecastFile {
  private readonly temporary: string;
  private readonly handle: number;
  private buffer = '';
  private open = true;

  /** @throws FaultError when the folder cannot be written */
  constructor(private readonly path: string) {
    this.temporary = join(dirname(path), `.${basename(path)}.${process.pid}.${randomUUID().slice(0, 8)}.tmp`);
    this.handle = this.guard(() => {
      mkdirSync(dirname(path), { recursive: true });
      return openSync(this.temporary, 'wx');
    });
  }

  append(line: object): void {
    this.buffer += `${JSON.stringify(line)}\n`;
    if (this.buffer.length >= BUFFER) this.flush();
  }

  /** Writes what is left and gives the file its name. */
  finish(): void {
    this.flush();
    this.guard(() => {
      closeSync(this.handle);
      this.open = false;
      renameSync(this.temporary, this.path);
    });
  }

  /** Removes what was written so far; does nothing to a finished file. */
  discard(): void {
    if (!this.open) return;
    this.open = false;
    closeSync(this.handle);
    rmSync(this.temporary, { force: true });
  }

  private flush(): void {
    const bytes = Buffer.from(this.buffer);
    this.buffer = '';
    this.guard(() => {
      for (let written = 0; written < bytes.length;) written += writeSync(this.handle, bytes, written);
    });
  }

  private guard<T>(write: () => T): T {
    try {
      return write();
    } catch (error) {
      const code = (error as NodeJS.ErrnoException).code ?? 'an unknown error';
      throw new FaultError('could not write the forecasts', [{
        where: this.path, got: `writing was refused (${code})`, allowed: 'a folder with room that this user can write', do: 'free some space, change the permissions or choose another folder',
      }]);
    }
  }
}
