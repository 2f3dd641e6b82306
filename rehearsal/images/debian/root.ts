import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { directory, file, LayerEntry, symlink } from '../layer';
import { INDEX, PackageEntry } from './extract';

/** A package that was taken apart. */
export interface ExtractedPackage {
  readonly name: string;
  /** Its folder in the cache. */
  readonly folder: string;
}

/**
 * Puts packages together to the root file system that they would make when installed, as far as maintainer scripts are not needed for it: /bin and the like are links,
 * there are users and a bundle of certificates.
 *
 * @param packages in the order in which the later ones win a path that two of them bring
 */
export function rootOf(packages: readonly ExtractedPackage[]): LayerEntry[] {
  const entries = new Map<string, LayerEntry>(skeleton().map((entry) => [entry.path, entry]));
  for (const { folder } of packages) {
    for (const { file: name, ...entry } of JSON.parse(readFileSync(join(folder, INDEX), 'utf8')) as PackageEntry[]) {
      const there = entries.get(entry.path);
      // A folder takes the permissions of whoever names it first; a link to a folder stays one.
      if (there && entry.type === 'directory') continue;
      entries.set(entry.path, name === undefined ? entry : { ...entry, content: { file: join(folder, name) } });
    }
  }
  const certificates = certificatesOf(entries);
  if (certificates) entries.set(certificates.path, certificates);
  for (const link of ['bin', 'sbin', 'lib', 'lib64']) if ([...entries.keys()].some((path) => path.startsWith(`usr/${link}/`))) entries.set(link, symlink(link, `usr/${link}`));
  return withFolders(entries);
}

/** What base-files and base-passwd would make, and a user that is nobody in particular. */
function skeleton(): LayerEntry[] {
  const text = (path: string, lines: readonly string[]) => file(path, Buffer.from(`${lines.join('\n')}\n`));
  return [
    ...['dev', 'etc', 'home', 'proc', 'run', 'sys', 'usr', 'var', 'var/lib'].map((path) => directory(path)),
    directory('root', 0o700),
    directory('tmp', 0o1777),
    directory('var/tmp', 0o1777),
    symlink('var/run', '/run'),
    { ...directory('home/nonroot', 0o700), uid: 65532, gid: 65532 },
    text('etc/passwd', ['root:x:0:0:root:/root:/sbin/nologin', 'nobody:x:65534:65534:nobody:/nonexistent:/sbin/nologin', 'nonroot:x:65532:65532:nonroot:/home/nonroot:/sbin/nologin']),
    text('etc/group', ['root:x:0:', 'tty:x:5:', 'shadow:x:42:', 'utmp:x:43:', 'nogroup:x:65534:', 'nonroot:x:65532:']),
    text('etc/nsswitch.conf', ['passwd: files', 'group: files', 'shadow: files', 'hosts: files dns', 'networks: files', 'protocols: files', 'services: files']),
  ];
}

const BUNDLE = 'etc/ssl/certs/ca-certificates.crt';

/** update-ca-certificates would make it: all certificates of the package in one file. */
function certificatesOf(entries: ReadonlyMap<string, LayerEntry>): LayerEntry | undefined {
  const parts = [...entries.values()].filter(({ path, type }) => type === 'file' && /^usr\/share\/ca-certificates\/.*\.crt$/.test(path)).sort((a, b) => (a.path < b.path ? -1 : 1));
  if (parts.length === 0) return undefined;
  const texts = parts.map(({ content }) => readFileSync((content as { file: string }).file, 'utf8').trimEnd());
  return file(BUNDLE, Buffer.from(`${texts.join('\n')}\n`));
}

/** Folders before what is in them, those that no package names too. */
function withFolders(entries: Map<string, LayerEntry>): LayerEntry[] {
  for (const path of [...entries.keys()]) {
    const parts = path.split('/');
    for (let depth = 1; depth < parts.length; depth += 1) {
      const parent = parts.slice(0, depth).join('/');
      if (!entries.has(parent)) entries.set(parent, directory(parent));
    }
  }
  return [...entries.values()].sort((a, b) => (a.path < b.path ? -1 : 1));
}

/** The copyright file of a package, which may lie in the folder of a package that its own is a link to. */
export function copyrightOf(name: string, root: ReadonlyMap<string, LayerEntry>): string | undefined {
  let folder = `usr/share/doc/${name}`;
  for (let turn = 0; turn < 5; turn += 1) {
    const link = root.get(folder);
    if (link?.type !== 'symlink') break;
    folder = `usr/share/doc/${link.target!.replace(/\/$/, '').split('/').at(-1)!}`;
  }
  const entry = root.get(`${folder}/copyright`);
  return entry?.type === 'file' && entry.content && !Buffer.isBuffer(entry.content) ? readFileSync(entry.content.file, 'utf8') : undefined;
}

/** Whether a folder of the cache holds a whole package. */
export function isWhole(folder: string): boolean {
  return existsSync(join(folder, INDEX)) && readdirSync(folder).includes('files');
}

/** A short name for content: equal parts, equal name. */
export function digestOf(parts: readonly string[]): string {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(`${Buffer.byteLength(part)}:`).update(part);
  return hash.digest('hex').slice(0, 16);
}
