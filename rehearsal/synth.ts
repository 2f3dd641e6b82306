import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';
import { FaultError, type Fault } from '../base/faults';
import type { Check } from './report/schema';
import { inheritedEnvironment } from './settings';

/** Where a synthesis was written, and how much it was. */
export interface Synthesis {
  /** Manifests of every environment, laid out as dist/. */
  readonly manifests: string;
  /** Terraform JSON of every stack, `stacks/<stack>/cdk.tf.json` below it. */
  readonly stacks: string;
  readonly counts: { readonly stacks: number; readonly applications: number; readonly objects: number };
}

/**
 * Synthesizes every environment into a folder of the rehearsal, by running the same programs as `projen synth`.
 *
 * The rehearsal never imports charts or stacks: it plays what they write, as Argo CD and Terraform would.
 *
 * @throws FaultError with the last lines a failing program printed
 */
export async function synthesize(options: { readonly root: string; readonly folder: string; readonly environment: string; readonly signal?: AbortSignal }): Promise<Synthesis> {
  const { root, folder, environment, signal } = options;
  rmSync(folder, { recursive: true, force: true });
  const manifests = join(folder, 'dist');
  const terraform = join(folder, 'cdktf.out');
  mkdirSync(folder, { recursive: true });
  await Promise.all([
    runProgram(root, ['charts/main.ts', '--out', resolve(manifests)], {}, signal),
    runProgram(root, ['stacks/main.ts'], { CDKTF_OUTDIR: resolve(terraform), CHECKPOINT_DISABLE: '1' }, signal),
  ]);
  const files = filesBelow(join(manifests, environment));
  const applications = readdirSync(join(manifests, environment), { withFileTypes: true }).filter((entry) => entry.isDirectory() && entry.name !== 'bootstrap').length;
  return {
    manifests,
    stacks: join(terraform, 'stacks'),
    counts: { stacks: readdirSync(join(terraform, 'stacks')).length, applications, objects: files.length },
  };
}

/** Whether the committed dist/ is byte for byte what the charts give: what is rehearsed is what Argo CD will sync. */
export function checkCommitted(committed: string, synthesized: string): Check {
  const ours = new Map(filesBelow(synthesized).map((file) => [relative(synthesized, file), file]));
  const theirs = new Map((existsSync(committed) ? filesBelow(committed) : []).map((file) => [relative(committed, file), file]));
  const findings: Fault[] = [];
  const update = 'run npx projen update:manifests and commit dist/';
  for (const [name, file] of ours) {
    const other = theirs.get(name);
    if (other === undefined) findings.push({ where: `dist/${name}`, got: 'no such file', allowed: 'what the charts give', do: update });
    else if (!readFileSync(file).equals(readFileSync(other))) findings.push({ where: `dist/${name}`, got: 'other bytes than the charts give', allowed: 'what the charts give', do: update });
  }
  for (const name of theirs.keys()) {
    if (!ours.has(name)) findings.push({ where: `dist/${name}`, got: 'a file the charts do not give', allowed: 'what the charts give', do: update });
  }
  return { id: 'dist-current', title: 'the committed manifests are what the charts give', status: findings.length > 0 ? 'fail' : 'pass', applied: ours.size, findings };
}

function filesBelow(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
}

function runProgram(root: string, args: readonly string[], settings: Readonly<Record<string, string>>, signal?: AbortSignal): Promise<void> {
  return new Promise((done, failed) => {
    const child = spawn(process.execPath, [require.resolve('tsx/cli'), ...args], {
      cwd: root, stdio: ['ignore', 'pipe', 'pipe'], signal, env: inheritedEnvironment(settings),
    });
    const lines: string[] = [];
    const keep = (chunk: Buffer) => lines.push(...chunk.toString().split('\n').filter((line) => line.trim() !== ''));
    child.stdout.on('data', keep);
    child.stderr.on('data', keep);
    child.once('error', failed);
    child.once('close', (code) => {
      if (code === 0) return done();
      failed(new FaultError('synthesis failed', [{
        where: args[0] ?? 'synthesis', got: `exit ${code}: ${lines.slice(-8).join(' | ')}`, allowed: 'exit 0', do: `run npx tsx ${args[0]} and mend what it names`,
      }]));
    });
  });
}
