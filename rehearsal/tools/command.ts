import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { Readable, Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';

/** How a command is run. */
export interface CommandOptions {
  readonly cwd: string;
  readonly environment: Readonly<Record<string, string>>;
  /** What it reads. @default - nothing */
  readonly input?: string | AsyncIterable<Uint8Array>;
  /** Ends the command and all it started. @default - runs to its end */
  readonly signal?: AbortSignal;
  /** Called with each line of standard error. @default - they are only kept */
  readonly onErrorLine?: (line: string) => void;
  /** Called with the process number, which is also that of its group. @default - nothing */
  readonly onStart?: (pid: number) => void;
}

/** What a command left. */
export interface CommandResult {
  /** Exit status; -1 when a signal ended it. */
  readonly status: number;
  readonly stdout: string;
  /** The last lines of standard error, oldest first. At most {@link KEPT_LINES}. */
  readonly errorLines: readonly string[];
}

const KEPT_LINES = 60;
/** Between asking a group to end and ending it, in milliseconds. */
const GRACE_MS = 3_000;

/**
 * Runs a command in a process group of its own, so that Ctrl-C reaches it through `signal` only and ends its children too.
 *
 * @throws the signal's reason when aborted, once the group has ended; the spawn error when it cannot be started; what making the input throws.
 */
export async function runCommand(command: string, args: readonly string[], options: CommandOptions): Promise<CommandResult> {
  options.signal?.throwIfAborted();
  const child = spawn(command, [...args], { cwd: options.cwd, env: { ...options.environment }, detached: true, stdio: [options.input === undefined ? 'ignore' : 'pipe', 'pipe', 'pipe'] });
  const ended = new Promise<number>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (status) => resolve(status ?? -1));
  });
  if (child.pid !== undefined) options.onStart?.(child.pid);

  const out: string[] = [];
  const fed = feed(child.stdin, options.input);
  child.stdout!.setEncoding('utf8').on('data', (chunk: string) => out.push(chunk));
  const errorLines: string[] = [];
  createInterface({ input: child.stderr! }).on('line', (line) => {
    errorLines.push(line);
    if (errorLines.length > KEPT_LINES) errorLines.shift();
    options.onErrorLine?.(line);
  });

  const end = (signal: NodeJS.Signals) => {
    try {
      if (child.pid !== undefined) process.kill(-child.pid, signal);
    } catch {
      // the group has ended
    }
  };
  let insist: NodeJS.Timeout | undefined;
  const abort = () => {
    end('SIGTERM');
    insist = setTimeout(() => end('SIGKILL'), GRACE_MS);
  };
  const exit = () => end('SIGKILL'); // this process ends without waiting: leave nothing behind
  options.signal?.addEventListener('abort', abort, { once: true });
  process.once('exit', exit);
  try {
    const status = await ended;
    if (options.signal?.aborted) end('SIGKILL'); // what outlived the leader
    options.signal?.throwIfAborted();
    await fed;
    return { status, stdout: out.join(''), errorLines };
  } finally {
    clearTimeout(insist);
    options.signal?.removeEventListener('abort', abort);
    process.removeListener('exit', exit);
  }
}

/** Gives a command what it reads. A command that ends without reading all of it says why by its status. */
function feed(stdin: Writable | null, input: CommandOptions['input']): Promise<void> {
  if (stdin === null || input === undefined) return Promise.resolve();
  const fed = pipeline(typeof input === 'string' ? [input] : Readable.from(input), stdin).catch((error: NodeJS.ErrnoException) => {
    if (!['EPIPE', 'ECONNRESET', 'ERR_STREAM_PREMATURE_CLOSE'].includes(error.code ?? '')) throw error;
  });
  fed.catch(() => undefined); // awaited once the command has ended
  return fed;
}
