import { readdirSync, readFileSync, rmSync, statSync, utimesSync } from 'node:fs';
import { join } from 'node:path';

const UNUSED_MS = 14 * 24 * 3_600_000;

/** Notes that a resolution is in use. A cache that cannot be written is no reason not to use it. */
export function markUsed(resolution: string, now: Date): void {
  try {
    utimesSync(resolution, now, now);
  } catch {
    // it keeps the age it has
  }
}

/**
 * Removes resolutions that nobody has used for two weeks, and packages as old that none is left to name. Call it under the lock.
 *
 * @param folder the one with `roots` and `packages`
 */
export function prune(folder: string, now: Date): void {
  const isOld = (path: string) => now.getTime() - statSync(path).mtimeMs > UNUSED_MS;
  const pathsIn = (name: string) => readdirSync(join(folder, name)).map((each) => join(folder, name, each));
  const named = new Set<string>();
  for (const path of pathsIn('roots')) {
    if (isOld(path)) rmSync(path);
    else for (const each of (JSON.parse(readFileSync(path, 'utf8')) as { packages: { folder: string }[] }).packages) named.add(join(folder, each.folder));
  }
  for (const path of pathsIn('packages')) if (!named.has(path) && isOld(path)) rmSync(path, { recursive: true });
}
