import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join, relative, sep } from 'node:path';
import type { Fault } from '../../base/faults';
import type { Commit, Repository, TreeFile } from './repository';

/** What a synthesis of stacks reads: the rooms it is made of, the committed manifests (for the root of Argo CD) and how the package is set up. */
export const SOURCES = ['base', 'components', 'config', 'dist', 'stacks', 'cdktf.json', 'package.json', 'package-lock.json', 'tsconfig.json'] as const;
/** The program that synthesizes. */
export const PROGRAM = 'stacks/main.ts';
/** Not read by a synthesis, only compared. */
const LOCK = 'package-lock.json';
/** Packages whose version decides what is synthesized. */
const ENGINES = ['cdktf', 'constructs', '@cdktf/provider-aws', '@cdktf/provider-helm', '@cdktf/provider-kubernetes', 'yaml'] as const;

/** Sources of a synthesis, of a commit or as they lie here. */
export interface SourceTree {
  /** How it is named in messages. */
  readonly name: string;
  readonly files: readonly TreeFile[];
  /** Why they cannot be synthesized with the packages that are installed here; empty if they can. */
  readonly faults: readonly Fault[];
  /** A folder to synthesize in. @param work an empty folder that may be used for it */
  place(work: string): string;
  /** Files as they are now: other ones if somebody is editing meanwhile. */
  readonly now: () => readonly TreeFile[];
}

/** Sources of a commit. They are written out to be synthesized; packages are those that are installed here. */
export function committedTree(repository: Repository, commit: Commit, root: string): SourceTree {
  const files = repository.files(commit, SOURCES);
  const lock = files.find((file) => file.path === LOCK);
  const text = lock ? repository.contents(commit, [lock])[0]?.toString('utf8') : undefined;
  return {
    name: commit.ref, files: withoutLock(files), now: () => withoutLock(files),
    faults: [...layoutFaults(commit.ref, files), ...engineFaults(commit.ref, text, root)],
    place: (work) => {
      const wanted = withoutLock(files);
      const contents = repository.contents(commit, wanted);
      for (const folder of new Set(wanted.map((file) => dirname(join(work, file.path))))) mkdirSync(folder, { recursive: true });
      wanted.forEach((file, index) => writeFileSync(join(work, file.path), contents[index]!));
      symlinkSync(join(root, 'node_modules'), join(work, 'node_modules'), 'dir');
      return work;
    },
  };
}

/** Sources as they lie in a folder; synthesized where they are. */
export function workingTree(root: string): SourceTree {
  const files = () => withoutLock(filesIn(root, SOURCES));
  const first = files();
  return { name: 'the working tree', files: first, now: files, faults: layoutFaults('the working tree', first), place: () => root };
}

/** Files below these folders, or of these names, with the ids git gives their content: a clean working tree and its commit are the same. */
export function filesIn(root: string, paths: readonly string[]): TreeFile[] {
  return paths.flatMap((path) => {
    const full = join(root, path);
    if (!existsSync(full)) return [];
    if (statSync(full).isFile()) return [full];
    return readdirSync(full, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  }).map((file) => ({ path: relative(root, file).split(sep).join('/'), blob: blobId(readFileSync(file)) }));
}

/** What a synthesis depends on, as one name. */
export function keyOfTree(files: readonly TreeFile[], root: string): string {
  const hash = createHash('sha256').update(`node ${process.versions.node.split('.')[0]}\n`);
  for (const engine of ENGINES) hash.update(`${engine} ${installedVersion(root, engine) ?? ''}\n`);
  for (const file of [...files].sort((a, b) => (a.path < b.path ? -1 : 1))) hash.update(`${file.blob} ${file.path}\n`);
  return hash.digest('hex').slice(0, 40);
}

function withoutLock(files: readonly TreeFile[]): TreeFile[] {
  return files.filter((file) => file.path !== LOCK);
}

function blobId(content: Buffer): string {
  return createHash('sha1').update(`blob ${content.length}\0`).update(content).digest('hex');
}

function layoutFaults(name: string, files: readonly TreeFile[]): Fault[] {
  return files.some((file) => file.path === PROGRAM) ? [] : [{
    where: `${name}:${PROGRAM}`, got: 'no such file', allowed: `sources whose stacks ${PROGRAM} synthesizes`, do: 'compare with a later commit to price AWS resources too',
  }];
}

/** A commit locked to other versions of the engine would be synthesized into something it never was. */
function engineFaults(name: string, lock: string | undefined, root: string): Fault[] {
  if (lock === undefined) return [];
  let locked: { readonly packages?: Readonly<Record<string, { readonly version?: string }>> };
  try {
    locked = JSON.parse(lock) as typeof locked;
  } catch {
    return [{ where: `${name}:${LOCK}`, got: 'no JSON', allowed: 'the lock file of npm', do: 'compare with another commit' }];
  }
  return ENGINES.flatMap((engine): Fault[] => {
    const [wanted, installed] = [locked.packages?.[`node_modules/${engine}`]?.version, installedVersion(root, engine)];
    return wanted === undefined || wanted === installed ? [] : [{
      where: `${name}:${LOCK}`, got: `${engine} ${wanted}`, allowed: `${engine} ${installed ?? 'which is not installed'}, as installed here`,
      do: 'price both commits each in a worktree with its own npm ci, and compare the JSON, or merge the upgrade alone',
    }];
  });
}

function installedVersion(root: string, name: string): string | undefined {
  try {
    return (JSON.parse(readFileSync(join(root, 'node_modules', name, 'package.json'), 'utf8')) as { readonly version?: string }).version;
  } catch {
    return undefined;
  }
}
