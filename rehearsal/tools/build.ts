import { existsSync, mkdirSync, readdirSync, renameSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { FaultError } from '../../base/faults';
import { BuildProgress } from './build-progress';
import type { ToolCache } from './cache';
import { programOf, ProgramName } from './catalogue';
import type { Go } from './go';
import { buildFlags, GroupSpec } from './groups';
import type { Lock } from './lock';
import type { Pinned } from './pinned';
import { goFailed } from './tool-faults';
import type { Progress } from './toolbox';

/** What a build needs to know. */
export interface BuildOptions {
  readonly go: Go;
  readonly pinned: Pinned;
  readonly cache: ToolCache;
  readonly lock: Lock;
  /** Seconds on a clock that only its differences matter of. */
  readonly clock: () => number;
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: Progress) => void;
}

/** How often a build says how far it is, in milliseconds. */
const REPORT_MS = 1_000;

/**
 * Compiles programs of one group in one call of Go and moves them into the cache.
 *
 * @returns the seconds it took
 * @throws FaultError with the last lines when Go fails; what it had compiled stays in Go's own cache
 */
export async function buildGroup(group: GroupSpec, names: readonly ProgramName[], options: BuildOptions): Promise<number> {
  const { go, cache, pinned, signal } = options;
  const step = group.name;
  const began = options.clock();
  const seconds = () => options.clock() - began;
  const programs = names.map(programOf);
  const packages = programs.map((program) => program.package);
  const flags = buildFlags(group, pinned.module(group.folder).pins);
  const out = join(cache.scratchFolder, step.replace(/ /g, '-'));
  mkdirSync(out, { recursive: true });
  const shared = { cwd: join(pinned.toolsFolder, group.folder), signal, onStart: (pid: number) => options.lock.addChild(pid) };

  // Loading the packages also fetches their modules, and tells what is to be compiled.
  const format = '{{if .Stale}}{{.ImportPath}} {{len .GoFiles}}{{end}}';
  let fetched = 0;
  const listed = await go.run(['list', ...flags, '-deps', '-f', format, ...packages], {
    ...shared,
    onErrorLine: (line) => {
      if (line.startsWith('go: downloading ')) options.onProgress?.({ step, done: 0, total: 1, elapsedSeconds: seconds(), detail: `fetching module ${++fetched}` });
    },
  });
  if (listed.status !== 0) throw new FaultError('the tools cannot be built', [goFailed(`go list (${step})`, listed.errorLines)]);
  const stale = new Map(listed.stdout.split('\n').filter(Boolean).map((line) => {
    const [name = '', files = '1'] = line.split(' ');
    return [name, Number(files)] as const;
  }));

  const progress = new BuildProgress(step, stale, programs.length, seconds);
  const report = () => options.onProgress?.(progress.now(existsSync(out) ? readdirSync(out).length : 0));
  report();
  const timer = setInterval(report, REPORT_MS);
  try {
    const built = await go.run(['build', '-v', ...flags, '-o', `${out}/`, ...packages], { ...shared, onErrorLine: (line) => void progress.line(line) });
    if (built.status !== 0) throw new FaultError('the tools cannot be built', [goFailed(`go build (${step})`, built.errorLines)]);
  } finally {
    clearInterval(timer);
  }
  for (const program of programs) {
    const target = cache.program(program.name);
    mkdirSync(dirname(target), { recursive: true });
    renameSync(join(out, executableName(program.package)), target);
  }
  report();
  return seconds();
}

/** The name that Go gives a program: the last element of its import path that is not a version. */
export function executableName(importPath: string): string {
  const last = basename(importPath);
  return /^v\d+$/.test(last) ? basename(dirname(importPath)) : last;
}
