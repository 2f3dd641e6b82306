import { posix } from 'node:path';
import { Fault, refuse } from '../../base/faults';

/** Something in a layer of an image. */
export interface LayerEntry {
  /** In the image: without a slash at either end, `usr/bin/node`. */
  readonly path: string;
  readonly type: 'file' | 'directory' | 'symlink';
  /** Permission bits, e.g. `0o755`. */
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  /** Bytes of a file, or the file on disk that holds them. Required for a file. @default - no file */
  readonly content?: Buffer | { readonly file: string };
  /** What a symbolic link names. Required for a link. @default - no link */
  readonly target?: string;
}

/** A Debian package, a Go module or an npm package that is in an image. */
export interface PackageInside {
  /** Where it is from, as package URLs name it. `generic` is a release of its own. */
  readonly type: 'deb' | 'golang' | 'npm' | 'generic';
  readonly name: string;
  readonly version: string;
  /** SPDX expression. @default - not known */
  readonly licence?: string;
}

/** A folder that root owns and everybody may read. */
export function directory(path: string, mode = 0o755): LayerEntry {
  return { path: trimmed(path), type: 'directory', mode, uid: 0, gid: 0 };
}

/** A file that root owns and everybody may read. */
export function file(path: string, content: Buffer | { readonly file: string }, mode = 0o644): LayerEntry {
  return { path: trimmed(path), type: 'file', mode, uid: 0, gid: 0, content };
}

/** A symbolic link. */
export function symlink(path: string, target: string): LayerEntry {
  return { path: trimmed(path), type: 'symlink', mode: 0o777, uid: 0, gid: 0, target };
}

const trimmed = (path: string) => path.replace(/^\/+|\/+$/g, '');

/** Symbolic links of the layers below: path to target. */
export type Links = ReadonlyMap<string, string>;

/**
 * Brings entries into the one order of a layer: every folder before what is in it, paths by code unit, folders that nobody named added.
 * A path that leads through a link of a layer below goes where the link leads, because a folder of the same name would hide the link: `bin/x` becomes `usr/bin/x`
 * where `bin` is a link to `usr/bin`.
 *
 * @throws FaultError when two entries want the same path, or a path is none
 */
export function arrange(entries: readonly LayerEntry[], below: Links = new Map()): LayerEntry[] {
  const placed = new Map<string, LayerEntry>();
  const faults: Fault[] = [];
  const links = new Map([...below, ...linksOf(entries)]);
  for (const entry of entries) {
    const path = resolved(entry.path, links);
    if (path === undefined || path === '' || path.startsWith('/') || path.split('/').some((part) => part === '' || part === '.' || part === '..')) {
      faults.push({ where: `/${entry.path}`, got: 'no path of an image', allowed: 'a path without . and .. and without a slash at either end', do: 'mend what names it' });
      continue;
    }
    const other = placed.get(path);
    if (other && !(other.type === 'directory' && entry.type === 'directory')) {
      faults.push({ where: `/${path}`, got: 'two things at one path of a layer', allowed: 'one', do: 'leave one of them out of the image\'s source' });
      continue;
    }
    placed.set(path, { ...entry, path });
  }
  refuse('an image cannot be written', faults);
  for (const path of [...placed.keys()]) {
    for (let parent = posix.dirname(path); parent !== '.'; parent = posix.dirname(parent)) if (!placed.has(parent)) placed.set(parent, directory(parent));
  }
  return [...placed.values()].sort((a, b) => (a.path < b.path ? -1 : 1));
}

/** The symbolic links among entries. */
export function linksOf(entries: readonly LayerEntry[]): Map<string, string> {
  return new Map(entries.filter(({ type }) => type === 'symlink').map(({ path, target }) => [path, target ?? '']));
}

/** Follows the links that lead to the folder of a path; undefined when they go in a circle. */
function resolved(path: string, links: Links): string | undefined {
  let now = path;
  for (let turn = 0; turn < 40; turn += 1) {
    const parts = now.split('/');
    const at = parts.findIndex((_, index) => index < parts.length - 1 && links.has(parts.slice(0, index + 1).join('/')));
    if (at < 0) return now;
    const link = parts.slice(0, at + 1).join('/');
    now = posix.join(posix.resolve('/', posix.dirname(link), links.get(link)!), ...parts.slice(at + 1)).replace(/^\//, '');
  }
  return undefined;
}
