import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { FaultError } from '../../../base/faults';
import { writeFileAtomic } from '../../../base/atomic-file';
import { withLock } from '../../tools/lock';
import type { LayerEntry } from '../layer';
import { absentFor, Apt, AptRequest } from './apt';
import { FAILED, notUnpacked } from './debian-faults';
import { extract } from './extract';
import { licenceOf } from './licence';
import { markUsed, prune } from './prune';
import { copyrightOf, digestOf, isWhole, rootOf } from './root';

/** How {@link debianRoot} works. */
export interface DebianOptions {
  /** Folder of the cache, e.g. `~/.cache/tideline`. Absolute. */
  readonly cacheRoot: string;
  readonly signal?: AbortSignal;
  /** Called with what is being done. @default - nothing is told */
  readonly onProgress?: (detail: string) => void;
  /** @default 'bookworm' */
  readonly suite?: string;
  /** Debian's name of a processor. @default - that of this machine */
  readonly architecture?: string;
  /** Packages of the closure that nothing needs which will run: they, and what only they need, are left out. @default - none */
  readonly without?: readonly string[];
  /** Asks Debian for newer versions although there is a resolution of before. @default false */
  readonly refresh?: boolean;
}

/** A package of a root. */
export interface DebianPackage {
  readonly name: string;
  readonly version: string;
  readonly architecture: string;
  /** SPDX expression, from its copyright file. @default - that is not machine-readable */
  readonly licence?: string;
}

/** A root file system made of Debian packages. */
export interface DebianRoot {
  /** Sorted, each folder before what is in it. */
  readonly entries: LayerEntry[];
  readonly packages: DebianPackage[];
  /** Equal when the root is. */
  readonly key: string;
}

/** What is kept of a resolution. */
interface Kept {
  readonly packages: readonly (DebianPackage & { readonly folder: string })[];
}

/** Changes whenever packages are taken apart or put together in another way. */
const RULES = '1';

/**
 * Packages of Debian 12 with all they depend on, as a root file system. Maintainer scripts are not run, and no rights are needed.
 *
 * A declaration is resolved once: afterwards its result comes from the cache, without a network, until it changes or `refresh` is asked for.
 *
 * @param packages names, e.g. `['dash', 'git']`
 * @throws FaultError when there is no apt-get here, a package does not exist or cannot be fetched; the signal's reason when aborted
 */
export async function debianRoot(packages: readonly string[], options: DebianOptions): Promise<DebianRoot> {
  const { cacheRoot, signal, suite = 'bookworm', architecture = thisArchitecture(), without = [], refresh = false } = options;
  const folder = join(cacheRoot, 'debian');
  const request: AptRequest = { suite, architecture, packages: [...new Set(packages)].sort(), absent: absentFor(packages, without) };
  const resolution = join(folder, 'roots', `${digestOf([RULES, suite, architecture, ...request.packages, '-', ...request.absent])}.json`);
  const kept = refresh ? undefined : readKept(resolution, folder);
  const result = kept ?? await withLock(join(folder, 'lock'), { signal }, async () => readKept(refresh ? '' : resolution, folder) ?? make(request, folder, resolution, options));
  if (kept) markUsed(resolution, new Date());
  return {
    entries: rootOf(result.packages.map((each) => ({ name: each.name, folder: join(folder, each.folder) }))),
    packages: result.packages.map(({ folder: _, ...each }) => each),
    key: digestOf([RULES, ...result.packages.map((each) => each.folder)]),
  };
}

function readKept(path: string, folder: string): Kept | undefined {
  if (!existsSync(path)) return undefined;
  const kept = JSON.parse(readFileSync(path, 'utf8')) as Kept;
  return kept.packages.every((each) => isWhole(join(folder, each.folder))) ? kept : undefined;
}

async function make(request: AptRequest, folder: string, resolution: string, { signal, onProgress, refresh = false }: DebianOptions): Promise<Kept> {
  const apt = new Apt(join(folder, `apt-${request.suite}-${request.architecture}`), signal);
  onProgress?.(`resolving ${request.packages.join(', ')}`);
  const chosen = await apt.resolve(request, refresh);
  const folderOf = (archive: string) => join('packages', `${RULES}-${archive.replace(/\.deb$/, '')}`);
  const missing = chosen.filter(({ archive }) => !isWhole(join(folder, folderOf(archive))));
  if (missing.length > 0) onProgress?.(`fetching ${missing.length} of ${chosen.length} packages`);
  const archives = await apt.download(request, missing);
  for (const { name, version, archive } of missing) {
    onProgress?.(`unpacking ${name} ${version}`);
    const path = join(archives, archive);
    try {
      await extract(path, join(folder, folderOf(archive)), signal);
    } catch (error) {
      signal?.throwIfAborted();
      throw notUnpacked(archive, error);
    } finally {
      rmSync(path, { force: true });
    }
  }
  const root = new Map(rootOf(chosen.map(({ name, archive }) => ({ name, folder: join(folder, folderOf(archive)) }))).map((entry) => [entry.path, entry]));
  const kept: Kept = {
    packages: chosen.map(({ name, version, architecture, archive }) => {
      const copyright = copyrightOf(name, root);
      const licence = copyright === undefined ? undefined : licenceOf(copyright);
      return { name, version, architecture, ...(licence === undefined ? {} : { licence }), folder: folderOf(archive) };
    }),
  };
  writeFileAtomic(resolution, JSON.stringify(kept));
  prune(folder, new Date());
  return kept;
}

function thisArchitecture(): string {
  const known: Partial<Record<NodeJS.Architecture, string>> = { x64: 'amd64', arm64: 'arm64' };
  const architecture = known[process.arch];
  if (architecture !== undefined) return architecture;
  throw new FaultError(FAILED, [
    { where: 'this machine', got: `a processor of kind ${process.arch}`, allowed: Object.keys(known).join(', '), do: 'run this on one of these, or pull the images (--images pull)' },
  ]);
}
