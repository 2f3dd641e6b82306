import { randomUUID } from 'node:crypto';
import { closeSync, fsyncSync, mkdirSync, openSync, renameSync, rmSync, writeSync } from 'node:fs';
import { mkdir, open, rename } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { FaultError } from './faults';

/**
 * Writes a file so that a reader sees the old content or the new, never half of it: temporary file beside the target, flush, rename.
 *
 * @throws FaultError when the disk is full or the folder cannot be written; the temporary file is removed.
 */
export function writeFileAtomic(path: string, content: string | Uint8Array, mode = 0o644): void {
  const folder = dirname(path);
  const temporary = temporaryFor(path);
  try {
    mkdirSync(folder, { recursive: true });
    const handle = openSync(temporary, 'w', mode);
    try {
      const bytes = typeof content === 'string' ? Buffer.from(content) : content;
      let written = 0;
      while (written < bytes.length) written += writeSync(handle, bytes, written);
      fsyncSync(handle);
    } finally {
      closeSync(handle);
    }
    renameSync(temporary, path);
  } catch (error) {
    discard(temporary);
    throw asFault(path, error);
  }
}

/**
 * The same for content that is made piece by piece, for what is too large to be held at once or to be written without letting others work.
 *
 * @returns bytes written
 * @throws FaultError when the disk is full or the folder cannot be written, and whatever making the content throws; the temporary file is removed.
 */
export async function writeFileAtomicFrom(path: string, pieces: Iterable<Uint8Array> | AsyncIterable<Uint8Array>, mode = 0o644): Promise<number> {
  const temporary = temporaryFor(path);
  let written = 0;
  try {
    await mkdir(dirname(path), { recursive: true });
    const handle = await open(temporary, 'w', mode);
    try {
      for await (const piece of pieces) {
        await handle.writeFile(piece);
        written += piece.length;
      }
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(temporary, path);
    return written;
  } catch (error) {
    discard(temporary);
    throw asFault(path, error);
  }
}

/** Names of temporary files beside a target, for whoever cleans up after a process that was killed while it wrote. */
export function isTemporaryOf(path: string, name: string): boolean {
  return name.startsWith(`.${basename(path)}.`) && name.endsWith('.tmp');
}

function temporaryFor(path: string): string {
  return join(dirname(path), `.${basename(path)}.${process.pid}.${randomUUID().slice(0, 8)}.tmp`);
}

/** What cannot be removed was never written; the first error is the one to tell. */
function discard(file: string): void {
  try {
    rmSync(file, { force: true });
  } catch { /* the folder itself is no folder */ }
}

function asFault(path: string, error: unknown): unknown {
  const code = (error as NodeJS.ErrnoException).code;
  switch (code) {
    case 'ENOSPC':
    case 'EDQUOT':
      return new FaultError('could not write a file', [
        { where: path, got: 'no space left on the disk', allowed: 'enough room for the file', do: 'free some space and run again; nothing half-written was left' },
      ]);
    case 'EACCES':
    case 'EPERM':
    case 'EROFS':
      return new FaultError('could not write a file', [
        { where: path, got: `the folder refuses writing (${code})`, allowed: 'a folder this user can write', do: 'change its permissions or choose another folder' },
      ]);
    case 'ENOTDIR':
    case 'EEXIST':
    case 'EISDIR':
      return new FaultError('could not write a file', [
        { where: path, got: `something else stands in the way (${code})`, allowed: 'a free path in a folder', do: 'move it away or choose another path' },
      ]);
    default:
      return error;
  }
}
