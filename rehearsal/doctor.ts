import { accessSync, constants, existsSync, statfsSync } from 'node:fs';
import { totalmem } from 'node:os';
import { delimiter, dirname, isAbsolute, join } from 'node:path';
import { FaultError, formatFault, show } from '../base/faults';
import type { Level } from './report/schema';
import { searchPath } from './settings';
import { Availability, IMAGE_PROGRAMS, KIND_PROGRAMS, readToolSettings, toolsAvailable } from './tools';

/** One thing that was looked at. */
interface Finding {
  readonly what: string;
  readonly found: string;
  /** What installing it would add. @default - nothing is missing */
  readonly adds?: string;
}

interface Diagnosis {
  readonly levels: readonly { readonly level: Level; readonly runs: boolean; readonly why: string }[];
  readonly findings: readonly Finding[];
}

/** The least Node that loads what the project loads. */
const NODE = [20, 19] as const;
/** What its compilers need at once, bytes. */
const BUILD_MEMORY_BYTES = 2e9;

/** What this machine can rehearse, and what to install for more. Changes nothing. */
export async function diagnose(): Promise<Diagnosis> {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  const nodeFits = major > NODE[0] || (major === NODE[0] && minor >= NODE[1]);
  const node = `${process.versions.node}${nodeFits ? '' : `, older than ${NODE.join('.')}`}`;
  const { tools, kind, images, free } = await lookAtTools();
  const simulate = { level: 'simulate' as const, runs: nodeFits, why: nodeFits ? 'it needs Node only' : `install Node ${NODE.join('.')} or newer` };
  const obstacle = (needed: Availability): string | undefined =>
    !nodeFits ? simulate.why
      : !needed.available ? needed.faults.map(formatFault).join('; ') || `missing: ${needed.rows.filter(({ source }) => source === 'missing').map((row) => row.program).join(', ')}`
        : free < needed.buildBytes ? `a first build needs about ${gigabytes(needed.buildBytes)} of disk, ${gigabytes(free)} are free` : undefined;
  const toBuild = ({ rows }: Availability) => rows.filter(({ source }) => source === 'go');
  const controlPlane = {
    level: 'control-plane' as const,
    runs: obstacle(tools) === undefined,
    why: obstacle(tools) ?? (tools.ready ? 'every program is there' : `${toBuild(tools).length} programs will be built first, about 10 minutes on two cores`),
  };
  const docker = onPath('docker');
  const noKind = docker ? obstacle(kind) : 'install Docker: the cluster is made of its containers';
  const noImages = obstacle(images);
  const kindLevel = {
    level: 'kind' as const,
    runs: noKind === undefined,
    why: noKind ?? `Docker is installed${kind.ready ? '' : ', kind will be built first'}; without an image registry ${
      noImages ? `it cannot: ${noImages}` : images.ready ? 'every program of its images is there' : `${toBuild(images).length} programs of its images will be built first`}`,
  };
  const optional = (program: string, adds: string): Finding => {
    const path = onPath(program);
    return path ? { what: program, found: path } : { what: program, found: 'not found', adds };
  };
  return {
    levels: [simulate, controlPlane, kindLevel],
    findings: [
      { what: 'node', found: node },
      ...[...tools.rows, ...kind.rows].map((row): Finding => ({ what: row.program, found: `${row.source}${row.detail ? `: ${row.detail}` : ''}` })),
      { what: 'programs of images', found: programsOfImages(images) },
      { what: 'free disk', found: gigabytes(free) },
      { what: 'memory', found: `${gigabytes(totalmem())}${(tools.ready && images.ready) || totalmem() >= BUILD_MEMORY_BYTES ? '' : `, a first build needs about ${gigabytes(BUILD_MEMORY_BYTES)}`}` },
      optional('go', 'the levels control-plane and kind: Go 1.24 or newer builds their programs'),
      optional('terraform', 'plan and apply of the stacks'),
      optional('docker', 'the kind level'),
    ],
  };
}

/** The programs of images that are built where no registry gives them, in one line. */
function programsOfImages({ rows }: Availability): string {
  const absent = rows.filter(({ source }) => source === 'go' || source === 'missing');
  const there = `${rows.length - absent.length} of ${rows.length} built`;
  return absent.length === 0 ? there : `${there}, not yet: ${absent.map(({ program }) => program).join(', ')}`;
}

/** The programs of level control-plane, of level kind and of the images it may build, and free bytes where they are kept. Settings that cannot be used are a finding here, not a failure. */
async function lookAtTools(): Promise<Record<'tools' | 'kind' | 'images', Availability> & { readonly free: number }> {
  try {
    const { cacheRoot } = readToolSettings();
    const [tools, kind, images] = await Promise.all([toolsAvailable(), ...[KIND_PROGRAMS, IMAGE_PROGRAMS].map((programs) => toolsAvailable({ programs, onlyPinned: true }))]);
    return { tools: tools!, kind: kind!, images: images!, free: freeBytes(cacheRoot) };
  } catch (error) {
    if (!(error instanceof FaultError)) throw error;
    const none: Availability = { available: false, ready: false, rows: [], buildBytes: 0, faults: error.faults };
    return { tools: none, kind: none, images: none, free: freeBytes('.') };
  }
}

function freeBytes(folder: string): number {
  if (!existsSync(folder)) return freeBytes(dirname(folder));
  const { bavail, bsize } = statfsSync(folder);
  return bavail * bsize;
}

function onPath(program: string): string | undefined {
  return searchPath().split(delimiter).filter((folder) => isAbsolute(folder)).map((folder) => join(folder, program)).find((path) => {
    try {
      accessSync(path, constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}

function gigabytes(bytes: number): string {
  return `${(bytes / 1e9).toFixed(1)} GB`;
}

async function main(argv: readonly string[]): Promise<number> {
  const unknown = argv.filter((each) => each !== '--json' && each !== '--help');
  for (const each of unknown) console.error(formatFault({ where: `argument ${show(each)}`, got: 'nothing that the doctor knows', allowed: '--json, --help', do: 'leave it out' }));
  if (unknown.length > 0) return 2;
  if (argv.includes('--help')) {
    console.log('npx projen doctor [--json]');
    return 0;
  }
  const diagnosis = await diagnose();
  if (argv.includes('--json')) {
    console.log(JSON.stringify(diagnosis, null, 2));
    return 0;
  }
  for (const { level, runs, why } of diagnosis.levels) console.log(`${runs ? 'can run   ' : 'cannot run'} ${level}: ${why}`);
  console.log('');
  for (const { what, found, adds } of diagnosis.findings) console.log(`${what.padEnd(24)} ${found}${adds ? ` (it would add ${adds})` : ''}`);
  return 0;
}

if (require.main === module) void main(process.argv.slice(2)).then((code) => { process.exitCode = code; });
