import { accessSync, constants, existsSync, statfsSync } from 'node:fs';
import { totalmem } from 'node:os';
import { delimiter, dirname, isAbsolute, join } from 'node:path';
import { FaultError, formatFault, show } from '../base/faults';
import type { Level } from './report/schema';
import { searchPath } from './settings';
import { Availability, readToolSettings, toolsAvailable } from './tools';

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
/** What a first build of the programs leaves on the disk, programs and Go's caches together, bytes. */
const BUILD_BYTES = 7e9;
/** What its compilers need at once, bytes. */
const BUILD_MEMORY_BYTES = 2e9;

/** What this machine can rehearse, and what to install for more. Changes nothing. */
export async function diagnose(): Promise<Diagnosis> {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  const nodeFits = major > NODE[0] || (major === NODE[0] && minor >= NODE[1]);
  const node = `${process.versions.node}${nodeFits ? '' : `, older than ${NODE.join('.')}`}`;
  const { tools, free } = await lookAtTools();
  const missing = tools.rows.filter((row) => row.source === 'missing');
  const toBuild = tools.rows.filter((row) => row.source === 'go');
  const simulate = { level: 'simulate' as const, runs: nodeFits, why: nodeFits ? 'it needs Node only' : `install Node ${NODE.join('.')} or newer` };
  const room = tools.ready || free >= BUILD_BYTES;
  const controlPlane = {
    level: 'control-plane' as const,
    runs: nodeFits && tools.available && room,
    why: !nodeFits ? simulate.why
      : !tools.available ? tools.faults.map(formatFault).join('; ') || `missing: ${missing.map((row) => row.program).join(', ')}`
        : !room ? `a first build needs about ${gigabytes(BUILD_BYTES)} of disk, ${gigabytes(free)} are free`
          : tools.ready ? 'every program is there' : `${toBuild.length} programs will be built first, about 10 minutes on two cores`,
  };
  const optional = (program: string, adds: string): Finding => {
    const path = onPath(program);
    return path ? { what: program, found: path } : { what: program, found: 'not found', adds };
  };
  return {
    levels: [simulate, controlPlane],
    findings: [
      { what: 'node', found: node },
      ...tools.rows.map((row): Finding => ({ what: row.program, found: `${row.source}${row.detail ? `: ${row.detail}` : ''}` })),
      { what: 'free disk', found: gigabytes(free) },
      { what: 'memory', found: `${gigabytes(totalmem())}${tools.ready || totalmem() >= BUILD_MEMORY_BYTES ? '' : `, a first build needs about ${gigabytes(BUILD_MEMORY_BYTES)}`}` },
      optional('go', 'the control-plane level: Go 1.24 or newer builds its programs'),
      optional('kubectl', 'a look into a control plane that was kept with --keep'),
      optional('terraform', 'plan and apply of the stacks'),
      optional('docker', 'nothing yet: no level uses it'),
    ],
  };
}

/** The tools, and free bytes where they are kept. Settings that cannot be used are a finding here, not a failure. */
async function lookAtTools(): Promise<{ readonly tools: Availability; readonly free: number }> {
  try {
    const { cacheRoot } = readToolSettings();
    return { tools: await toolsAvailable(), free: freeBytes(cacheRoot) };
  } catch (error) {
    if (!(error instanceof FaultError)) throw error;
    return { tools: { available: false, ready: false, rows: [], faults: error.faults }, free: freeBytes('.') };
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
