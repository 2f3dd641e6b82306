import { existsSync, mkdirSync, rmSync, statfsSync } from 'node:fs';
import { arch, platform } from 'node:os';
import { dirname, resolve } from 'node:path';
import { Fault, FaultError, refuse } from '../../base/faults';
import { assetsIn, fetchAssets } from './assets';
import { buildGroup } from './build';
import { ToolCache } from './cache';
import { ASSET_NAMES, ASSETS, CONTROL_PLANE_PROGRAMS, KEDA_PROGRAMS, programOf, ProgramName } from './catalogue';
import { Go } from './go';
import { groupOf, GROUPS, GroupSpec, ModuleFolder, Room } from './groups';
import { withLock } from './lock';
import { Pinned } from './pinned';
import { findInstalled } from './search';
import { readToolSettings, ToolSettings } from './settings';
import { diskFull } from './tool-faults';
import { Program, Progress, Provenance, Toolbox } from './toolbox';
import { compareVersions } from './version';

/** Options of {@link ensureTools} and {@link toolsAvailable}. */
export interface ToolsOptions {
  /** Root of the cache. @default - TIDELINE_CACHE, else below the user's cache folder */
  readonly cacheDir?: string;
  /** What is needed. @default - the control plane and KEDA */
  readonly programs?: readonly ProgramName[];
  /**
   * Takes no installed programs: exactly the pinned versions, linked statically, as what goes into an image has to be.
   * @default false
   */
  readonly onlyPinned?: boolean;
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

/** Room that the programs of a group take when Go has compiled their packages before, bytes. */
const LINKING = 0.5e9;

/** Everything that the two entry points share. */
interface Situation {
  readonly settings: ToolSettings;
  readonly pinned: Pinned;
  readonly cache: ToolCache;
  readonly wanted: readonly ProgramName[];
  readonly onlyPinned: boolean;
}

/** Reads settings and pins; touches nothing. */
function situation(options: ToolsOptions): Situation {
  const settings = options.settings ?? readToolSettings();
  const pinned = new Pinned(options.toolsFolder ?? resolve(__dirname, '..', '..', 'tools'), `${platform()}-${arch()}`);
  const cache = new ToolCache(options.cacheDir ?? settings.cacheRoot, pinned);
  return { settings, pinned, cache, wanted: options.programs ?? [...CONTROL_PLANE_PROGRAMS, ...KEDA_PROGRAMS], onlyPinned: options.onlyPinned ?? false };
}

/** What is there without building: our own builds first, because they are the pinned versions, then installed programs. */
async function present({ settings, pinned, cache, wanted, onlyPinned }: Situation): Promise<{ found: Map<ProgramName, Program>; refused: ReadonlyMap<ProgramName, string> }> {
  const found = new Map<ProgramName, Program>();
  for (const name of wanted) if (cache.hasProgram(name)) found.set(name, ours(name, pinned, cache, 'cache'));
  const missing = onlyPinned ? [] : wanted.filter((name) => !found.has(name));
  const { found: installed, refused } = await findInstalled(settings, missing);
  for (const [name, program] of installed) found.set(name, program);
  return { found, refused };
}

function ours(name: ProgramName, pinned: Pinned, cache: ToolCache, provenance: Provenance): Program {
  return { name, path: cache.program(name), version: pinned.versionOf(name), provenance };
}

const folderOf = (name: ProgramName): ModuleFolder => groupOf(programOf(name).group).folder;

/** What is still to be made of what is wanted. */
function lacking({ cache, wanted }: Situation, found: ReadonlyMap<ProgramName, Program>) {
  const programs = wanted.filter((name) => !found.has(name));
  const assets = ASSET_NAMES.filter((name) => !cache.hasAsset(name));
  const groups = GROUPS.filter(({ name }) => programs.some((program) => programOf(program).group === name));
  return { programs, assets, groups, nothing: programs.length === 0 && assets.length === 0, modules: [...programs.map(folderOf), ...assets.map((name) => ASSETS[name].pinnedIn)] };
}

/** A Go that can work in these modules. @throws FaultError when there is none */
function goFor({ settings, pinned }: Situation, modules: readonly ModuleFolder[]): Promise<Go> {
  return Go.find(settings, modules.map((module) => pinned.module(module).goVersion).sort(compareVersions).at(-1)!);
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
  const { cache, pinned } = here;
  const used = [...new Set([...here.wanted.map(folderOf), ...ASSET_NAMES.map((name) => ASSETS[name].pinnedIn)])];
  const toolbox = (found: ReadonlyMap<ProgramName, Program>) => new Toolbox(found, assetsIn(cache), clock() - began);

  signal?.throwIfAborted();
  const { found } = await present(here);
  const first = lacking(here, found);
  if (first.nothing) {
    cache.markUsed(used);
    return toolbox(found);
  }

  const go = await goFor(here, first.modules);
  const onWait = (pid: number) => onProgress?.({ step: 'waiting', done: 0, total: 1, elapsedSeconds: clock() - began, detail: `process ${pid} is building the tools` });
  return withLock(cache.lockFile, { signal, onWait }, async (lock) => {
    cache.removeScratch();
    cache.prune();
    cache.markUsed(used);
    const now = (await present(here)).found; // the one we waited for may have built it
    const { programs, assets, groups } = lacking(here, now);
    await checkRoom(go, here, groups, options.freeBytes ?? freeBytesOf);
    try {
      mkdirSync(cache.scratchFolder, { recursive: true });
      if (assets.length > 0) {
        const filesBegan = clock();
        onProgress?.({ step: 'files', done: 0, total: 1, elapsedSeconds: 0 });
        await fetchAssets(go, pinned, cache, signal);
        onProgress?.({ step: 'files', done: 1, total: 1, elapsedSeconds: clock() - filesBegan });
      }
      for (const group of groups) {
        const names = programs.filter((name) => programOf(name).group === group.name);
        await buildGroup(group, names, { go, pinned, cache, lock, clock, signal, onProgress });
        for (const name of names) now.set(name, ours(name, pinned, cache, 'built'));
      }
    } finally {
      rmSync(cache.scratchFolder, { recursive: true, force: true });
    }
    return toolbox(now);
  });
}

/** Room that a first build of these groups takes, bytes. */
function roomOf(groups: readonly GroupSpec[]): Room {
  const sum = (part: keyof Room) => groups.reduce((bytes, { room }) => bytes + room[part], 0);
  return { compiled: sum('compiled'), modules: sum('modules'), programs: sum('programs') };
}

async function checkRoom(go: Go, { pinned, cache }: Situation, groups: readonly GroupSpec[], freeBytes: (folder: string) => number): Promise<void> {
  if (groups.length === 0) return;
  const needed = roomOf(groups);
  const { GOCACHE, GOMODCACHE } = await go.folders(pinned.toolsFolder);
  // Compiled packages and fetched modules may be there from an earlier attempt; a folder that is not there yet is a first build for sure.
  const demands = [
    { folder: cache.scratchFolder, bytes: needed.programs },
    { folder: GOCACHE, bytes: existsSync(GOCACHE) ? Math.min(needed.compiled, LINKING) : needed.compiled },
    { folder: GOMODCACHE, bytes: existsSync(GOMODCACHE) ? 0 : needed.modules },
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
  /** Room that building what is missing takes where Go has compiled nothing of it before, bytes. */
  readonly buildBytes: number;
  /** Why it is not available; empty when it is. */
  readonly faults: readonly Fault[];
}

/** A cheap look at what this machine has: builds and fetches nothing. */
export async function toolsAvailable(options: ToolsOptions = {}): Promise<Availability> {
  const here = situation(options);
  const { found, refused } = await present(here);
  const missing = lacking(here, found);
  const ready = missing.nothing;
  let go: Go | undefined;
  let faults: readonly Fault[] = [];
  if (!ready) {
    try {
      go = await goFor(here, missing.modules);
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
    const nowhere = programOf(name).installed && !here.onlyPinned ? 'not in the cache, not in KUBEBUILDER_ASSETS, not on PATH' : 'not in the cache';
    return { program: name, source: 'missing', detail: why ?? nowhere };
  });
  const { compiled, modules, programs } = roomOf(missing.groups);
  return { available: ready || go !== undefined, ready, rows, buildBytes: compiled + modules + programs, faults };
}
