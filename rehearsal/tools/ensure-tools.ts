import { existsSync, mkdirSync, rmSync, statfsSync } from 'node:fs';
import { arch, platform } from 'node:os';
import { dirname, resolve } from 'node:path';
import { Fault, FaultError, refuse } from '../../base/faults';
import { assetsIn, fetchAssets } from './assets';
import { buildGroup } from './build';
import { BuildCache, Pinned, readPinned } from './cache';
import { ASSETS, CONTROL_PLANE_PROGRAMS, GROUPS, KEDA_PROGRAMS, PROGRAMS, ProgramName } from './catalogue';
import { Go } from './go';
import { withLock } from './lock';
import { findInstalled } from './search';
import { readToolSettings, ToolSettings } from './settings';
import { diskFull } from './tool-faults';
import { Program, Progress, Provenance, Toolbox } from './toolbox';

/** Options of {@link ensureTools} and {@link toolsAvailable}. */
export interface ToolsOptions {
  /** Root of the cache. @default - TIDELINE_CACHE, else below the user's cache folder */
  readonly cacheDir?: string;
  /** What is needed. @default - the control plane and KEDA */
  readonly programs?: readonly ProgramName[];
  /** @default - read from the environment of this process */
  readonly settings?: ToolSettings;
  /** Folder with the go.mod that pins the programs. @default - `tools/` of this repository */
  readonly toolsFolder?: string;
  /** Free bytes on the disk of a folder. @default - asks the file system */
  readonly freeBytes?: (folder: string) => number;
  /** Monotonic seconds. @default - the clock of this process */
  readonly clock?: () => number;
}

/** Options of {@link ensureTools}. */
export interface EnsureToolsOptions extends ToolsOptions {
  /** Ends the work and everything started for it. @default - runs to its end */
  readonly signal?: AbortSignal;
  /** @default - nothing is told */
  readonly onProgress?: (progress: Progress) => void;
}

/** Room that a first build takes: compiled packages in Go's cache, fetched modules, our programs. Bytes. */
const NEEDED = { compiled: 5e9, modules: 2.5e9, programs: 0.8e9 };

/** Everything that the two entry points share. */
export interface Situation {
  readonly settings: ToolSettings;
  readonly toolsFolder: string;
  readonly pinned: Pinned;
  readonly cache: BuildCache;
  readonly wanted: readonly ProgramName[];
}

/** Reads settings and pins; touches nothing. */
export function situation(options: ToolsOptions): Situation {
  const settings = options.settings ?? readToolSettings();
  const toolsFolder = options.toolsFolder ?? resolve(__dirname, '..', '..', 'tools');
  const pinned = readPinned(toolsFolder, `${platform()}-${arch()}`);
  const cache = new BuildCache(options.cacheDir ?? settings.cacheRoot, pinned.key, pinned.assetKeys);
  return { settings, toolsFolder, pinned, cache, wanted: options.programs ?? [...CONTROL_PLANE_PROGRAMS, ...KEDA_PROGRAMS] };
}

/** What is there without building: our own builds first, because they are the pinned versions, then installed programs. */
export async function present({ settings, pinned, cache, wanted }: Situation): Promise<{ found: Map<ProgramName, Program>; refused: ReadonlyMap<ProgramName, string> }> {
  const found = new Map<ProgramName, Program>();
  for (const name of wanted) if (cache.hasProgram(name)) found.set(name, cached(name, pinned, cache, 'cache'));
  const missing = wanted.filter((name) => !found.has(name));
  const { found: installed, refused } = await findInstalled(settings, missing);
  for (const [name, program] of installed) found.set(name, program);
  return { found, refused };
}

function cached(name: ProgramName, pinned: Pinned, cache: BuildCache, provenance: Provenance): Program {
  const { module } = PROGRAMS.find((program) => program.name === name)!;
  return { name, path: cache.program(name), version: (pinned.pins.get(module) ?? '').replace(/^v/, ''), provenance };
}

/**
 * Finds the programs that a rehearsal runs, or builds and caches them. Two runs at once build once; a killed run leaves nothing that hinders the next.
 *
 * @throws FaultError: no Go, Go too old, disk full, module proxy out of reach, build failed
 * @throws the signal's reason when aborted
 */
export async function ensureTools(options: EnsureToolsOptions = {}): Promise<Toolbox> {
  const { signal, onProgress, clock = () => performance.now() / 1000 } = options;
  const began = clock();
  const here = situation(options);
  const { cache, pinned, toolsFolder, wanted } = here;
  const complete = (found: ReadonlyMap<ProgramName, Program>) => wanted.every((name) => found.has(name)) && ASSETS.every((asset) => cache.hasAsset(asset.name));
  const toolbox = (found: ReadonlyMap<ProgramName, Program>) => new Toolbox(found, assetsIn(cache), cache.folder, clock() - began);

  signal?.throwIfAborted();
  const { found } = await present(here);
  if (complete(found)) {
    cache.markUsed();
    return toolbox(found);
  }

  const go = await Go.find(here.settings, pinned.goVersion);
  const onWait = (pid: number) => onProgress?.({ step: 'waiting', done: 0, total: 1, elapsedSeconds: clock() - began, detail: `process ${pid} is building the tools` });
  return withLock(cache.lockFile, { signal, onWait }, async (lock) => {
    cache.removeScratch();
    cache.prune();
    const now = (await present(here)).found; // the one we waited for may have built it
    const missing = wanted.filter((name) => !now.has(name));
    await checkRoom(go, here, missing, options.freeBytes ?? freeBytesOf);
    try {
      mkdirSync(cache.scratchFolder, { recursive: true });
      if (ASSETS.some((asset) => !cache.hasAsset(asset.name))) {
        const filesBegan = clock();
        onProgress?.({ step: 'files', done: 0, total: 1, elapsedSeconds: 0 });
        await fetchAssets(go, toolsFolder, cache, signal);
        onProgress?.({ step: 'files', done: 1, total: 1, elapsedSeconds: clock() - filesBegan });
      }
      for (const group of GROUPS) {
        const names = missing.filter((name) => PROGRAMS.some((program) => program.name === name && program.group === group));
        if (names.length === 0) continue;
        await buildGroup(group, names, { go, toolsFolder, cache, pins: pinned.pins, lock, clock, signal, onProgress });
        for (const name of names) now.set(name, cached(name, pinned, cache, 'built'));
      }
    } finally {
      rmSync(cache.scratchFolder, { recursive: true, force: true });
    }
    return toolbox(now);
  });
}

async function checkRoom(go: Go, here: Situation, missing: readonly ProgramName[], freeBytes: (folder: string) => number): Promise<void> {
  if (missing.length === 0) return;
  const { GOCACHE, GOMODCACHE } = await go.folders(here.toolsFolder);
  // Compiled packages and fetched modules may be there from an earlier attempt; a folder that is not there yet is a first build for sure.
  const demands = [
    { folder: here.cache.folder, bytes: NEEDED.programs },
    { folder: GOCACHE, bytes: existsSync(GOCACHE) ? NEEDED.programs : NEEDED.compiled },
    { folder: GOMODCACHE, bytes: existsSync(GOMODCACHE) ? 0 : NEEDED.modules },
  ];
  const faults: Fault[] = [];
  for (const { folder, bytes } of demands) {
    const free = freeBytes(nearestExisting(folder));
    if (free < bytes) faults.push(diskFull(folder, free, bytes));
  }
  refuse('the tools cannot be built', faults);
}

function nearestExisting(folder: string): string {
  return existsSync(folder) ? folder : nearestExisting(dirname(folder));
}

function freeBytesOf(folder: string): number {
  const { bavail, bsize } = statfsSync(folder);
  return bavail * bsize;
}

/** Where a program would come from. */
export interface ToolRow {
  readonly program: ProgramName;
  /** `go`: Go would build it. `missing`: nothing here can give it. */
  readonly source: Provenance | 'go' | 'missing';
  /** Path and version, or what stands in the way. */
  readonly detail: string;
}

/** What this machine has of the tools. */
export interface Availability {
  /** Everything is there, or Go can build it. */
  readonly available: boolean;
  /** Everything is there: nothing would be built. */
  readonly ready: boolean;
  readonly rows: readonly ToolRow[];
  /** Why it is not available; empty when it is. */
  readonly faults: readonly Fault[];
}

/** A cheap look at what this machine has: builds and fetches nothing. */
export async function toolsAvailable(options: ToolsOptions = {}): Promise<Availability> {
  const here = situation(options);
  const { found, refused } = await present(here);
  const files = ASSETS.every((asset) => here.cache.hasAsset(asset.name));
  const ready = files && here.wanted.every((name) => found.has(name));
  let go: Go | undefined;
  let faults: readonly Fault[] = [];
  if (!ready) {
    try {
      go = await Go.find(here.settings, here.pinned.goVersion);
    } catch (error) {
      if (!(error instanceof FaultError)) throw error;
      faults = error.faults;
    }
  }
  const rows = here.wanted.map((name): ToolRow => {
    const program = found.get(name);
    if (program) return { program: name, source: program.provenance, detail: `${program.version} ${program.path}` };
    const why = refused.get(name);
    if (go) return { program: name, source: 'go', detail: `Go ${go.version} will build it${why ? ` (${why})` : ''}` };
    return { program: name, source: 'missing', detail: why ?? 'not in the cache, not in KUBEBUILDER_ASSETS, not on PATH' };
  });
  return { available: ready || go !== undefined, ready, rows, faults };
}
