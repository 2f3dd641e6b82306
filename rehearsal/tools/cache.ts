import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, readdirSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { writeFileAtomic } from '../../base/atomic-file';
import { ASSETS, groupFlags, GROUPS, linkerFlags, moduleFolderOf, pinsOf, PROGRAMS, ProgramName } from './catalogue';
import { compareVersions } from './version';

/** What decides what a build gives. */
export interface BuildInput {
  /** Texts of go.mod and go.sum, and of those in `prometheus/` and `assets/`, in that order. */
  readonly modules: readonly string[];
  /** Everything on the command line of the builds. */
  readonly flags: readonly string[];
  /** `linux-x64`. */
  readonly platform: string;
}

/** The folder name of a build: equal input, equal name. */
export function cacheKey(input: BuildInput): string {
  const hash = createHash('sha256');
  for (const part of [...input.modules, ...input.flags, input.platform]) hash.update(`${Buffer.byteLength(part)}:`).update(part);
  return hash.digest('hex').slice(0, 16);
}

/** Flags of every `go build`: no machine's paths inside; debug information is not even made, which saves a fourteenth of the time. */
export const BUILD_FLAGS = ['-trimpath', '-gcflags=all=-dwarf=false'] as const;

/** The pinned versions and the key that follow from a `tools/` folder. */
export interface Pinned {
  readonly key: string;
  /** Keys of the files that have one of their own, by name. */
  readonly assetKeys: ReadonlyMap<string, string>;
  /** Version by module, of all go.mod files; of a program, in the one it is built from. */
  readonly pins: ReadonlyMap<string, string>;
  /** The latest of the `go` lines of the go.mod files that Go is run in. */
  readonly goVersion: string;
}

/** Reads what `tools/` pins. */
export function readPinned(toolsFolder: string, platform: string): Pinned {
  const read = (...path: string[]) => readFileSync(join(toolsFolder, ...path), 'utf8');
  const [goMod, prometheusMod, assetsMod] = [read('go.mod'), read('prometheus', 'go.mod'), read('assets', 'go.mod')];
  const own = ASSETS.filter(({ ownKey }) => ownKey);
  const pins = new Map([...own.flatMap(({ pinnedIn }) => [...pinsOf(read(pinnedIn, 'go.mod'))]), ...pinsOf(assetsMod), ...pinsOf(goMod)]);
  for (const { group, module } of PROGRAMS) if (moduleFolderOf(group) === 'prometheus') pins.set(module, pinsOf(prometheusMod).get(module) ?? '');
  const flags = [
    ...BUILD_FLAGS,
    ...GROUPS.flatMap((group) => [...groupFlags(group), linkerFlags(group, pins)]),
    ...PROGRAMS.map((program) => `${program.name}=${program.package}`),
    ...ASSETS.filter(({ ownKey }) => !ownKey).map((asset) => `${asset.name}=${asset.files.join(',')}`),
  ];
  const key = cacheKey({ modules: [goMod, read('go.sum'), prometheusMod, read('prometheus', 'go.sum'), assetsMod, read('assets', 'go.sum')], flags, platform });
  const assetKeys = new Map(own.map(({ name, pinnedIn, files }) => [name, cacheKey({ modules: [read(pinnedIn, 'go.mod'), read(pinnedIn, 'go.sum')], flags: files, platform: '' })]));
  const goLine = (text: string) => /^go (\S+)$/m.exec(text)?.[1] ?? '';
  const goVersion = [goMod, ...own.map(({ pinnedIn }) => read(pinnedIn, 'go.mod'))].map(goLine).sort(compareVersions).at(-1)!;
  return { key, assetKeys, pins, goVersion };
}

/** One build's folder in the cache. Files appear in it by rename only, so what is there is whole. */
export class BuildCache {
  readonly folder: string;

  /** @param assetKeys keys of files that are not keyed by the build */
  constructor(private readonly root: string, key: string, private readonly assetKeys: ReadonlyMap<string, string> = new Map()) {
    this.folder = join(root, 'tools', key);
  }

  get lockFile(): string {
    return join(this.root, 'tools', 'lock');
  }

  /** Where a build writes before its result is moved in place. The same file system as the cache. */
  get scratchFolder(): string {
    return join(this.root, 'tools', `.building-${process.pid}`);
  }

  program(name: ProgramName): string {
    return join(this.folder, 'bin', name);
  }

  /** An empty file is what a power cut may leave of a rename: it counts as none. */
  hasProgram(name: ProgramName): boolean {
    return (statSync(this.program(name), { throwIfNoEntry: false })?.size ?? 0) > 0;
  }

  asset(name: string): string {
    const key = this.assetKeys.get(name);
    return join(this.folder, 'assets', key === undefined ? name : `${name}-${key}`);
  }

  hasAsset(name: string): boolean {
    return existsSync(this.asset(name));
  }

  /** Removes what killed runs left half-built. Call it under the lock. */
  removeScratch(): void {
    const tools = join(this.root, 'tools');
    if (!existsSync(tools)) return;
    for (const entry of readdirSync(tools)) if (entry.startsWith('.building-')) rmSync(join(tools, entry), { recursive: true, force: true });
  }

  /** Notes that this build is in use. A cache that cannot be written is no reason not to use it. */
  markUsed(): void {
    try {
      writeFileAtomic(mark(this.folder), '');
    } catch {
      // it keeps the mark it has
    }
  }

  /** Removes the builds of other versions that nobody has used for two weeks. Call it under the lock. */
  prune(): void {
    mkdirSync(this.folder, { recursive: true });
    writeFileAtomic(mark(this.folder), '');
    const now = statSync(mark(this.folder)).mtimeMs;
    for (const entry of readdirSync(join(this.root, 'tools'), { withFileTypes: true })) {
      const folder = join(this.root, 'tools', entry.name);
      if (!entry.isDirectory() || folder === this.folder || !existsSync(mark(folder))) continue;
      if (now - statSync(mark(folder)).mtimeMs > UNUSED_MS) rmSync(folder, { recursive: true, force: true });
    }
  }
}

/** The file whose age tells when a build was last used. */
const mark = (folder: string) => join(folder, 'last-used');
const UNUSED_MS = 14 * 24 * 3_600_000;
