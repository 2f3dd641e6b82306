import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, posix } from 'node:path';
import { writeFileAtomic } from '../../../base/atomic-file';
import { readTar, TarMember } from './tar-reader';

/** Something that a package brings, as it is kept in the cache. */
export interface PackageEntry {
  /** In the root: without a slash at either end. */
  readonly path: string;
  readonly type: 'file' | 'directory' | 'symlink';
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  /** Of a symbolic link. */
  readonly target?: string;
  /** Of a file: its name in the package's folder. */
  readonly file?: string;
}

/** What is in the folder of a package, beside its files. */
export const INDEX = 'entries.json';

/** Nobody reads manuals in a container. Licences stay. */
const LEFT_OUT = [
  /^usr\/share\/(man|info|locale|lintian|bash-completion|zsh|bug|menu|doc-base|gtk-doc|help|pixmaps|applications)(\/|$)/,
  /^usr\/share\/doc\/[^/]+\/(?!copyright$)./,
  /^usr\/share\/(postgresql|perl5?)\/[^/]+\/man(\/|$)/,
];

/** Folders that Debian 12 unites with those in /usr, while its packages still name them. */
const UNITED = /^(bin|sbin|lib|lib32|lib64|libx32)(?=\/|$)/;

/** Where a path of a package is, in a root whose /bin is a link to /usr/bin. */
export function united(path: string): string {
  return path.replace(UNITED, 'usr/$1');
}

/**
 * Takes a package apart without running its maintainer scripts and without being root: owners and permissions are kept in a list, not in the file system. Call it under a lock.
 *
 * @param archive the .deb
 * @param folder is made, and appears whole or not at all
 * @throws Error when dpkg-deb cannot read the archive; the signal's reason when aborted
 */
export async function extract(archive: string, folder: string, signal?: AbortSignal): Promise<void> {
  const scratch = `${folder}.part`;
  rmSync(scratch, { recursive: true, force: true }); // of a run that was killed
  mkdirSync(join(scratch, 'files'), { recursive: true });
  const child = spawn('dpkg-deb', ['--fsys-tarfile', archive], { stdio: ['ignore', 'pipe', 'pipe'], signal });
  const ended = once(child, 'close') as Promise<[number | null]>;
  ended.catch(() => undefined); // awaited below, after the archive is read
  const complaint: string[] = [];
  child.stderr.setEncoding('utf8').on('data', (chunk: string) => complaint.push(chunk));
  try {
    const entries = await writeMembers(readTar(child.stdout as AsyncIterable<Buffer>), scratch);
    const [status] = await ended;
    if (status !== 0) throw new Error(complaint.join('').trim() || `dpkg-deb ended with ${status}`);
    writeFileAtomic(join(scratch, INDEX), JSON.stringify(entries));
    mkdirSync(dirname(folder), { recursive: true });
    renameSync(scratch, folder);
  } catch (error) {
    child.kill();
    signal?.throwIfAborted();
    throw error;
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}

/** Files are kept under numbers: a path of a package could be a link elsewhere, or differ from another by case alone. */
async function writeMembers(members: AsyncIterable<TarMember>, folder: string): Promise<PackageEntry[]> {
  const entries = new Map<string, PackageEntry>();
  let files = 0;
  for await (const member of members) {
    const path = posix.normalize(member.path).replace(/^\/+|\/+$/g, '');
    if (path === '' || path === '.' || path.startsWith('..') || LEFT_OUT.some((pattern) => pattern.test(path))) continue;
    const at = united(path);
    const common = { path: at, mode: member.mode, uid: member.uid, gid: member.gid };
    if (member.type === 'directory') {
      entries.set(at, { ...common, type: 'directory' });
    } else if (member.type === 'symlink') {
      entries.set(at, { ...common, type: 'symlink', target: member.target });
    } else if (member.type === 'file') {
      files += 1;
      const file = `files/${files}`;
      writeFileSync(join(folder, file), member.content);
      entries.set(at, { ...common, type: 'file', file });
    } else if (member.type === 'hardlink') {
      const original = entries.get(united(posix.normalize(member.target ?? '').replace(/^\/+/, '')));
      if (original) entries.set(at, { ...original, path: at });
    }
  }
  return [...entries.values()];
}
