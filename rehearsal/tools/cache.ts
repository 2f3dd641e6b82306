import { existsSync, mkdirSync, readdirSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { writeFileAtomic } from '../../base/atomic-file';
import { AssetName, ASSETS, programOf, ProgramName } from './catalogue';
import { groupOf, ModuleFolder, MODULE_FOLDERS } from './groups';
import type { Pinned } from './pinned';

/** The programs and files of each go.mod, in a folder of its own that its key names. They appear there by rename only, so what is there is whole. */
export class ToolCache {
  private readonly root: string;

  constructor(cacheRoot: string, private readonly pinned: Pinned) {
    this.root = join(cacheRoot, 'tools');
  }

  get lockFile(): string {
    return join(this.root, 'lock');
  }

  /** Where a build writes before its result is moved in place. The same file system as the cache. */
  get scratchFolder(): string {
    return join(this.root, `.building-${process.pid}`);
  }

  /** Folder of what a go.mod pins. */
  folder(module: ModuleFolder): string {
    return join(this.root, `${module === '.' ? 'tools' : module}-${this.pinned.module(module).key}`);
  }

  program(name: ProgramName): string {
    return join(this.folder(groupOf(programOf(name).group).folder), 'bin', name);
  }

  /** An empty file is what a power cut may leave of a rename: it counts as none. */
  hasProgram(name: ProgramName): boolean {
    return (statSync(this.program(name), { throwIfNoEntry: false })?.size ?? 0) > 0;
  }

  /** Where a file or folder of a release is kept. */
  asset(name: AssetName, path: string): string {
    return join(this.folder(ASSETS[name].pinnedIn), 'files', name, path);
  }

  hasAsset(name: AssetName): boolean {
    return ASSETS[name].paths.every((path) => existsSync(this.asset(name, path)));
  }

  /** Removes what killed runs left half-built. Call it under the lock. */
  removeScratch(): void {
    if (!existsSync(this.root)) return;
    for (const entry of readdirSync(this.root)) if (entry.startsWith('.building-')) rmSync(join(this.root, entry), { recursive: true, force: true });
  }

  /** Notes that these are in use. A cache that cannot be written is no reason not to use it. */
  markUsed(modules: readonly ModuleFolder[]): void {
    for (const module of modules) {
      try {
        writeFileAtomic(mark(this.folder(module)), '');
      } catch {
        // it keeps the mark it has
      }
    }
  }

  /** Removes what other versions left that nobody has used for two weeks. Call it under the lock. */
  prune(): void {
    const current = new Set(MODULE_FOLDERS.map((module) => this.folder(module)));
    mkdirSync(this.root, { recursive: true });
    const clock = join(this.root, 'last-used'); // a file's age is told by the clock of the disk it is on
    writeFileAtomic(clock, '');
    const now = statSync(clock).mtimeMs;
    for (const entry of readdirSync(this.root, { withFileTypes: true })) {
      const folder = join(this.root, entry.name);
      if (!entry.isDirectory() || current.has(folder) || !existsSync(mark(folder))) continue;
      if (now - statSync(mark(folder)).mtimeMs > UNUSED_MS) rmSync(folder, { recursive: true, force: true });
    }
  }
}

/** The file whose age tells when a folder was last used. */
const mark = (folder: string) => join(folder, 'last-used');
const UNUSED_MS = 14 * 24 * 3_600_000;
