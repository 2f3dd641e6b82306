import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { Fault, FaultError } from '../../base/faults';
import type { SynthesizedStack } from '../terraform';
import type { Stacks } from './aws-part';
import { synthesisEnvironment } from './settings';
import { keyOfTree, PROGRAM, SourceTree } from './source-tree';
import { diskFault, SynthesisCache } from './synthesis-cache';

/** What came of synthesizing. */
export type Synthesized = { readonly stacks: Stacks; readonly cached: boolean; readonly note?: string } | { readonly why: readonly Fault[] };

/** How {@link synthesizeTree} works. */
export interface SynthesisOptions {
  /** Folder whose node_modules are used. */
  readonly root: string;
  readonly cache: SynthesisCache;
  /** Ends it: the program is killed and everything written is removed. */
  readonly signal: AbortSignal;
  /** Milliseconds after which a program is taken to hang. @default 120000 */
  readonly timeoutMs?: number;
}

/**
 * Stacks of sources, from the cache if they were synthesized before. Runs the sources' own program, so what they say is what is priced; a program that
 * fails is a reason, not an error.
 *
 * @throws FaultError when there is nowhere to write, or `signal` ended it
 */
export async function synthesizeTree(tree: SourceTree, options: SynthesisOptions): Promise<Synthesized> {
  const { root, cache } = options;
  if (tree.faults.length > 0) return { why: tree.faults };
  const key = keyOfTree(tree.files, root);
  const known = cache.find(key);
  if (known) return { stacks: known, cached: true };
  const work = cache.workFolder();
  try {
    const out = join(work, 'out');
    let folder: string;
    try {
      const sources = join(work, 'sources');
      mkdirSync(out);
      mkdirSync(sources);
      folder = tree.place(sources);
    } catch (error) {
      throw error instanceof FaultError ? error : diskFault(work, error);
    }
    const why = await runProgram(tree.name, folder, out, options);
    if (why) return { why: [why] };
    const stacks = stacksIn(out);
    if (Object.keys(stacks).length === 0) return { why: [{ where: `${tree.name}:${PROGRAM}`, got: 'no stack', allowed: 'one stack or more in CDKTF_OUTDIR', do: 'compare with a later commit to price AWS resources too' }] };
    if (keyOfTree(tree.now(), root) !== key) return { stacks, cached: false, note: 'sources changed while they were synthesized; run again if you are done editing' };
    const lost = cache.keep(key, stacks);
    return { stacks, cached: false, ...(lost === undefined ? {} : { note: `the synthesis could not be kept for the next time: ${lost}` }) };
  } finally {
    rmSync(work, { recursive: true, force: true, maxRetries: 5, retryDelay: 50 });
  }
}

/** Runs the program; returns why it failed, undefined if it did not. */
function runProgram(name: string, folder: string, out: string, { signal, timeoutMs = 120_000 }: SynthesisOptions): Promise<Fault | undefined> {
  const fault = (got: string): Fault => ({ where: `${name}:${PROGRAM}`, got, allowed: 'stacks that can be synthesized with the packages installed here', do: 'mend them, or compare with another commit to price AWS resources too' });
  return new Promise((done, failed) => {
    const child = spawn(process.execPath, ['--import', pathToFileURL(require.resolve('tsx')).href, PROGRAM], { cwd: folder, stdio: ['ignore', 'pipe', 'pipe'], env: synthesisEnvironment(out) });
    const output: Buffer[] = [];
    child.stdout.on('data', (chunk: Buffer) => output.push(chunk));
    child.stderr.on('data', (chunk: Buffer) => output.push(chunk));
    let late = false;
    const timer = setTimeout(() => {
      late = true;
      child.kill('SIGKILL');
    }, timeoutMs);
    const stop = () => child.kill('SIGKILL');
    if (signal.aborted) stop();
    signal.addEventListener('abort', stop, { once: true });
    const settle = (action: () => void) => {
      clearTimeout(timer);
      signal.removeEventListener('abort', stop);
      action();
    };
    child.once('error', (error) => settle(() => failed(error)));
    child.once('close', (code, killedBy) => settle(() => {
      const said = reasonIn(Buffer.concat(output).toString('utf8')).replaceAll(folder, '.').slice(0, 400);
      if (signal.aborted) failed(new FaultError('interrupted', [{ where: 'synthesis', got: 'a signal', allowed: 'time to finish', do: 'run it again; nothing is left behind' }]));
      else if (late) done(fault(`nothing within ${timeoutMs / 1000} s`));
      else if (code === 0) done(undefined);
      else if (/ENOSPC|EDQUOT/.test(said)) failed(diskFault(out, { code: 'ENOSPC' }));
      else done(fault(`${code === null ? `killed by ${killedBy}` : `exit ${code}`}${said ? `: ${said}` : ''}`));
    }));
  });
}

/** What a program that failed said, without the way it got there: from the line that names an error, else its last lines. */
function reasonIn(output: string): string {
  const lines = output.split('\n').map((line) => line.trim()).filter((line) => line !== '' && !/^(at |\^+$|Node\.js v|node:|[{}\]]+$)/.test(line));
  const error = lines.findIndex((line) => /^(\w*Error\b|\[)|cannot find/i.test(line));
  return (error < 0 ? lines.slice(-4) : lines.slice(error, error + 3)).join(' | ');
}

/** Of each stack what pricing reads, without what the engine notes for itself. */
function stacksIn(out: string): Stacks {
  const folder = join(out, 'stacks');
  if (!existsSync(folder)) return {};
  return Object.fromEntries(readdirSync(folder).sort().map((stack) => {
    const { resource = {}, provider } = JSON.parse(readFileSync(join(folder, stack, 'cdk.tf.json'), 'utf8')) as SynthesizedStack;
    const lean = Object.fromEntries(Object.entries(resource).map(([type, byId]) => [
      type, Object.fromEntries(Object.entries(byId).map(([id, body]) => [id, Object.fromEntries(Object.entries(body as object).filter(([name]) => name !== '//'))])),
    ]));
    return [stack, { resource: lean, ...(provider ? { provider } : {}) }];
  }));
}
