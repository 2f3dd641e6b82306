import { execFile } from 'node:child_process';
import { accessSync, constants, statSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { PROGRAMS, ProgramName, ProgramSpec } from './catalogue';
import type { ToolSettings } from './settings';
import type { Program, Provenance } from './toolbox';
import { compareVersions, minorOf } from './version';

const run = promisify(execFile);

/** What a search for installed programs gave: those that can be used, and why others cannot. */
export interface Installed {
  readonly found: ReadonlyMap<ProgramName, Program>;
  /** Reason, by program, for each one that is there but not accepted. */
  readonly refused: ReadonlyMap<ProgramName, string>;
}

/** Looks for installed programs in KUBEBUILDER_ASSETS, then on PATH, and asks each for its version. */
export async function findInstalled(settings: ToolSettings, wanted: readonly ProgramName[]): Promise<Installed> {
  const found = new Map<ProgramName, Program>();
  const refused = new Map<ProgramName, string>();
  const specs = PROGRAMS.filter((spec) => wanted.includes(spec.name) && spec.installed);
  const names = new Set(specs.flatMap((spec) => [spec.name, ...(spec.installed!.together ?? [])]));
  await Promise.all([...names].map(async (name) => {
    const verdict = await findOne(PROGRAMS.find((spec) => spec.name === name)!, settings);
    if (typeof verdict === 'string') refused.set(name, verdict);
    else if (verdict) found.set(name, verdict);
  }));
  for (const spec of specs) {
    const set = (spec.installed!.together ?? []).map((name) => found.get(name));
    const first = set[0];
    const complete = set.every((each) => each && each.provenance === first?.provenance && minorOf(each.version) === minorOf(first.version));
    if (complete || !found.has(spec.name)) continue;
    refused.set(spec.name, `${found.get(spec.name)!.path} is not accepted: it needs ${spec.installed!.together!.join(', ')} of the same minor version beside it`);
  }
  for (const name of [...found.keys()]) if (refused.has(name) || !wanted.includes(name)) found.delete(name);
  return { found, refused };
}

async function findOne(spec: ProgramSpec, settings: ToolSettings): Promise<Program | string | undefined> {
  const { version: pattern, minimum } = spec.installed!;
  const places: [Provenance, string][] = settings.path.map((folder) => ['path', folder]);
  if (settings.kubebuilderAssets) places.unshift(['kubebuilder-assets', settings.kubebuilderAssets]);
  let refusal: string | undefined;
  for (const [provenance, folder] of places) {
    const path = join(folder, spec.name);
    if (!isExecutable(path)) continue;
    const version = await versionOf(path, pattern);
    if (version && compareVersions(version, minimum) >= 0) return { name: spec.name, path, version, provenance };
    refusal ??= version ? `${path} is ${version}; ${minimum} or later is needed` : `${path} does not tell its version`;
  }
  return refusal;
}

/** The version that a program prints for `--version`; undefined when it prints none, fails, or takes longer than 5 s. */
async function versionOf(path: string, pattern: RegExp): Promise<string | undefined> {
  try {
    const { stdout, stderr } = await run(path, ['--version'], { timeout: 5_000, env: {} });
    return pattern.exec(`${stdout}\n${stderr}`)?.[1];
  } catch {
    return undefined;
  }
}

/** Whether a path is a file that this user may run. */
export function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false;
  }
}

/** The first executable of that name in the given folders. */
export function findOnPath(name: string, folders: readonly string[]): string | undefined {
  return folders.map((folder) => join(folder, name)).find(isExecutable);
}
