import { FaultError } from '../../../base/faults';

/** What could not be done. */
export const FAILED = 'Debian packages cannot be had';

/** The disk of the cache is full. */
export function noRoom(where: string): FaultError {
  return new FaultError(FAILED, [{ where, got: 'no space left on the disk', allowed: 'enough room for the packages', do: 'free some space and run again; nothing half-written was left' }]);
}

/** A package that was fetched, verified and could not be unpacked. */
export function notUnpacked(archive: string, error: unknown): unknown {
  if (error instanceof FaultError) return error;
  if (['ENOSPC', 'EDQUOT'].includes((error as NodeJS.ErrnoException).code ?? '')) return noRoom(archive);
  const got = error instanceof Error ? error.message : String(error);
  return new FaultError(FAILED, [{ where: archive, got, allowed: 'an archive that dpkg-deb reads', do: 'run again: it is fetched anew' }]);
}
