import { existsSync, readdirSync, readFileSync, rmdirSync, rmSync } from 'node:fs';
import { dirname, join, relative, sep } from 'node:path';
import { parseArgs } from 'node:util';
import { writeFileAtomic } from '../base/atomic-file';
import { Fault, FaultError, refuse } from '../base/faults';
import { environments } from '../config';
import { synthesize } from './synthesize';

/** Files below a folder, as paths with forward slashes. */
function filesBelow(folder: string): string[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile()).map((entry) => relative(folder, join(entry.parentPath, entry.name)).split(sep).join('/')).sort();
}

/**
 * Writes manifests into a folder and removes what is no longer given.
 *
 * @throws FaultError when the folder holds anything but manifests: it is somebody else's, and nothing is touched
 */
export function updateManifests(folder: string, files: ReadonlyMap<string, string>): void {
  refuse(`${folder} is left as it is`, filesBelow(folder).filter((path) => !path.endsWith('.yaml')).map((path) => ({
    where: join(folder, path), got: 'a file that is no manifest', allowed: 'a folder of manifests, an empty one or a new one', do: 'choose another folder with --out: files the charts do not give are removed',
  })));
  for (const [path, content] of files) {
    const target = join(folder, path);
    if (!existsSync(target) || readFileSync(target, 'utf8') !== content) writeFileAtomic(target, content);
  }
  for (const stale of filesBelow(folder).filter((path) => !files.has(path))) {
    rmSync(join(folder, stale));
    for (let parent = dirname(join(folder, stale)); parent !== folder && readdirSync(parent).length === 0; parent = dirname(parent)) rmdirSync(parent);
  }
}

/** Where a folder differs from what the charts give; empty if it does not. */
export function manifestFaults(folder: string, files: ReadonlyMap<string, string>): Fault[] {
  const todo = 'run npx projen update:manifests and commit dist/';
  const present = new Set(filesBelow(folder));
  const fault = (path: string, got: string): Fault => ({ where: join(folder, path), got, allowed: 'what the charts give', do: todo });
  return [
    ...[...files].filter(([path]) => !present.has(path)).map(([path]) => fault(path, 'no such file')),
    ...[...files].filter(([path, content]) => present.has(path) && readFileSync(join(folder, path), 'utf8') !== content).map(([path]) => fault(path, 'other bytes than the charts give')),
    ...[...present].filter((path) => !files.has(path)).map((path) => fault(path, 'a file the charts do not give')),
  ];
}

function main(): void {
  const { values } = parseArgs({ options: { out: { type: 'string', default: 'dist' }, check: { type: 'boolean', default: false } } });
  const files = synthesize(environments());
  if (values.check) {
    const faults = manifestFaults(values.out, files);
    if (faults.length > 0) throw new FaultError(`${values.out} is not what the charts give`, faults);
    console.log(`${values.out}: ${files.size} files, as the charts give them`);
    return;
  }
  updateManifests(values.out, files);
  console.log(`${values.out}: ${files.size} files`);
}

if (require.main === module) {
  try {
    main();
  } catch (error) {
    console.error(error instanceof FaultError ? error.message : `synthesis failed: ${(error as Error).message}`);
    process.exitCode = 1;
  }
}
