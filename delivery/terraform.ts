import { spawn } from 'node:child_process';
import { closeSync, openSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Program } from './program';

/** What a command of Terraform left. */
export interface TerraformResult {
  /** Exit status; -1 when a signal ended it. */
  readonly status: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** How Terraform is run for one stack. */
export interface TerraformOptions {
  readonly program: Program;
  readonly environment: Readonly<Record<string, string>>;
  /** Folder of the stack. */
  readonly cwd: string;
  /** Folder only this user can read, for what Terraform prints and for plans. Emptied by whoever made it. */
  readonly scratch: string;
  /** Passed on to Terraform once, as an interrupt: it ends what it does in good order. */
  readonly signal: AbortSignal;
  /** Runs each command to its end although the signal asks to stop. @default false */
  readonly uninterrupted?: boolean;
}

/**
 * Runs one command of Terraform and waits until it has ended, also when interrupted.
 *
 * It runs in a process group of its own: Ctrl-C in a terminal reaches a whole group, and with the one passed on here Terraform would be told twice. What it prints
 * goes to files or to this process's own output, never through a pipe: if this process is killed, Terraform still finishes, writes the state and releases the lock,
 * where a broken pipe would end it at once.
 *
 * @param output `kept`: returned; `shown`: as it comes, to this process's output
 * @throws the spawn error when it cannot be started, the signal's reason when that asked to stop before it began
 */
export async function runTerraform(args: readonly string[], options: TerraformOptions, output: 'kept' | 'shown' = 'kept'): Promise<TerraformResult> {
  if (!options.uninterrupted) options.signal.throwIfAborted();
  const files = ['stdout', 'stderr'].map((name) => join(options.scratch, `${name}-${args[0]!}`));
  const [out, err] = files.map((file) => openSync(file, 'w', 0o600));
  const interrupt = () => child.kill('SIGINT');
  const child = spawn(options.program.path, [...args], { cwd: options.cwd, env: { ...options.environment }, detached: true, stdio: ['ignore', output === 'shown' ? 'inherit' : out!, err!] });
  try {
    const ended = new Promise<number>((resolve, reject) => {
      child.once('error', reject);
      child.once('close', (status) => resolve(status ?? -1));
    });
    if (!options.uninterrupted) options.signal.addEventListener('abort', interrupt, { once: true });
    const status = await ended;
    const [stdout, stderr] = files.map((file) => readFileSync(file, 'utf8'));
    return { status, stdout: stdout!, stderr: stderr! };
  } finally {
    options.signal.removeEventListener('abort', interrupt);
    for (const handle of [out!, err!]) closeSync(handle);
    for (const file of files) rmSync(file, { force: true });
  }
}

/** What Terraform prints about an error, without its frame and colours, at most so many lines. */
export function errorText(stderr: string, lines = 40): string {
  // eslint-disable-next-line no-control-regex
  const plain = stderr.replace(/\u001b\[[0-9;]*m/g, '').split('\n').map((line) => line.replace(/^[│╷╵]\s?/, '').trimEnd())
    .map((line) => (line.length > 300 ? `${line.slice(0, 297)}...` : line)); // a stack on one line is quoted whole
  const first = plain.findIndex((line) => line.startsWith('Error:'));
  const text = plain.slice(Math.max(0, first)).join('\n').replace(/\n{3,}/g, '\n\n').trim().split('\n');
  return (text.length > lines ? [...text.slice(0, lines), `(${text.length - lines} more lines)`] : text).join('\n');
}

/** Who holds the lock of a state. */
export interface LockHolder {
  readonly id: string;
  readonly who: string;
  readonly operation: string;
  readonly created: string;
}

/** Reads from an error of Terraform who holds the lock; undefined if the error is another one. */
export function lockHolder(stderr: string): LockHolder | undefined {
  const text = errorText(stderr, 200);
  if (!/Error acquiring the state lock/.test(text)) return undefined;
  const part = (name: string) => new RegExp(`^\\s*${name}:\\s*(.*)$`, 'm').exec(text)?.[1]?.trim() || 'unknown';
  return { id: part('ID'), who: part('Who'), operation: part('Operation').replace(/^OperationType/, '').toLowerCase(), created: part('Created') };
}
