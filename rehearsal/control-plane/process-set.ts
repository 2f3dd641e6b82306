import { spawn } from 'node:child_process';
import { closeSync, fstatSync, mkdirSync, openSync, readSync } from 'node:fs';
import { join } from 'node:path';
import { FaultError } from '../../base/faults';
import { identityOf, ProcessIdentity } from '../tools';
import { killGroup, removeRegistry, writeRegistry } from './process-registry';
import { Watchdog } from './watchdog';

/** A program to be started. */
export interface ProcessSpec {
  readonly name: string;
  readonly command: string;
  readonly args: readonly string[];
  /** Added to the bare environment that every program gets. @default - nothing */
  readonly environment?: Readonly<Record<string, string>>;
}

/** A program that has been started. */
export interface ManagedProcess {
  readonly name: string;
  readonly pid: number;
  readonly logPath: string;
  /** How it ended, as text; undefined while it runs. */
  ending(): string | undefined;
  /** Resolves when it has ended. */
  readonly ended: Promise<void>;
  /** The last lines that it wrote. */
  lastLines(count?: number): string[];
}

interface Entry extends ManagedProcess {
  readonly identity: ProcessIdentity;
  /** Whether its end would be an accident: from its being ready until it is stopped. */
  needed: boolean;
}

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
/** Signal listeners of this file, so that they are not taken for those of the program that uses it. */
const ours = new Set<unknown>();

/** Time that a program gets to end by itself, in milliseconds. Their data is thrown away: nothing is lost by insisting. */
const GRACE_MS = 2_000;

/** The programs of one run: started together, ended together, whatever happens to this process. */
export class ProcessSet {
  private readonly entries: Entry[] = [];
  private readonly watchdog = new Watchdog();
  private reject!: (error: Error) => void;
  /** Rejects when a program ends that nobody asked to. Never resolves. */
  readonly failed: Promise<never>;
  private readonly onExit = () => this.killAll();
  private readonly onSignal = (signal: NodeJS.Signals) => this.leaveOn(signal);

  constructor(private readonly workDir: string) {
    for (const folder of ['logs', 'tmp']) mkdirSync(join(workDir, folder), { recursive: true, mode: 0o700 });
    this.failed = new Promise<never>((_, reject) => (this.reject = reject));
    this.failed.catch(() => undefined); // whoever cares races it; nobody has to
    process.on('exit', this.onExit);
    ours.add(this.onSignal);
    for (const signal of SIGNALS) process.on(signal, this.onSignal);
  }

  /** Starts a program in a process group of its own, its output going to `logs/<name>.log`. */
  start(spec: ProcessSpec): ManagedProcess {
    const logPath = join(this.workDir, 'logs', `${spec.name}.log`);
    const log = openSync(logPath, 'a', 0o600);
    const began = fstatSync(log).size;
    try {
      const child = spawn(spec.command, [...spec.args], {
        cwd: this.workDir,
        detached: true,
        stdio: ['ignore', log, log],
        // Nothing of the user's environment: no kubeconfig, proxy or cloud credentials reach the programs, and their caches land in the run folder.
        env: { HOME: this.workDir, TMPDIR: join(this.workDir, 'tmp'), PATH: '/usr/bin:/bin', ...spec.environment },
      });
      let ending: string | undefined;
      const ended = new Promise<void>((resolve) => {
        child.once('error', (error) => {
          ending = error.message;
          resolve();
        });
        child.once('exit', (status, signal) => {
          ending = signal ? `ended by ${signal}` : `ended with status ${status}`;
          resolve();
        });
      });
      const pid = child.pid ?? 0;
      const entry: Entry = {
        name: spec.name,
        pid,
        logPath,
        ended,
        needed: false,
        identity: identityOf(pid) ?? { pid, started: '' },
        ending: () => ending,
        lastLines: (count = 8) => lastLines(logPath, began, count),
      };
      if (pid > 0) {
        this.entries.push(entry);
        this.watchdog.add(pid);
        this.writeRegistry();
      }
      void ended.then(() => this.onEnded(entry));
      return entry;
    } finally {
      closeSync(log);
    }
  }

  /** From now on the end of this program is a failure of all. Before, whoever waits for it to be ready judges its end. */
  need(managed: ManagedProcess): void {
    const entry = this.entries.find((each) => each.pid === managed.pid);
    if (!entry) return;
    entry.needed = true;
    if (entry.ending() !== undefined) this.reject(endedUnasked(entry));
  }

  /** The programs that run, in the order in which they were started. */
  running(): readonly ManagedProcess[] {
    return this.entries.filter((entry) => entry.ending() === undefined);
  }

  /** Ends one program and waits for it. */
  async stop(managed: ManagedProcess): Promise<void> {
    const entry = this.entries.find((each) => each.pid === managed.pid);
    if (!entry) return;
    entry.needed = false;
    if (entry.ending() === undefined) {
      killGroup(entry.pid, 'SIGTERM');
      const insist = setTimeout(() => killGroup(entry.pid, 'SIGKILL'), GRACE_MS);
      await entry.ended;
      clearTimeout(insist);
    }
    killGroup(entry.pid, 'SIGKILL'); // what it may have started itself
  }

  /** Ends all programs, the last started first in pairs that need each other no more, and forgets them. Can be called again. */
  async stopAll(): Promise<void> {
    const [first, ...others] = this.entries;
    for (const entry of this.entries) entry.needed = false;
    await Promise.all(others.map((entry) => this.stop(entry)));
    if (first) await this.stop(first); // the database last: the others write to it until they end
    await this.watchdog.close();
    process.removeListener('exit', this.onExit);
    for (const signal of SIGNALS) process.removeListener(signal, this.onSignal);
    ours.delete(this.onSignal);
    removeRegistry(this.workDir);
  }

  private onEnded(entry: Entry): void {
    this.watchdog.remove(entry.pid);
    this.writeRegistry();
    if (entry.needed) this.reject(endedUnasked(entry));
  }

  private writeRegistry(): void {
    const processes = this.entries.filter((entry) => entry.ending() === undefined).map((entry) => ({ name: entry.name, ...entry.identity }));
    try {
      if (processes.length > 0) writeRegistry(this.workDir, processes);
    } catch {
      // The disk is full: the watchdog still ends them, and the fault surfaces where data is written.
    }
  }

  private killAll(): void {
    for (const entry of this.entries) if (entry.ending() === undefined) killGroup(entry.pid, 'SIGKILL');
  }

  /** Whoever else listens for the signal stops in order and calls {@link stopAll}; if nobody does, end the programs and then this process as the signal asks. */
  private leaveOn(signal: NodeJS.Signals): void {
    if (process.listeners(signal).some((listener) => !ours.has(listener))) return;
    this.killAll();
    for (const listener of process.listeners(signal)) process.removeListener(signal, listener);
    process.kill(process.pid, signal);
  }
}

/** The fault of a program that ended although it should run. */
export function endedUnasked(managed: ManagedProcess): FaultError {
  const lines = managed.lastLines().map((line) => `\n    ${line}`).join('');
  return new FaultError('a program of the control plane ended', [
    { where: managed.name, got: `it ${managed.ending() ?? 'ended'}; its last lines: ${lines || 'none'}`, allowed: 'a program that runs until it is stopped', do: `read ${managed.logPath}` },
  ]);
}

function lastLines(path: string, from: number, count: number): string[] {
  let handle: number | undefined;
  try {
    handle = openSync(path, 'r');
    const size = fstatSync(handle).size;
    const start = Math.max(from, size - 16_384);
    const buffer = Buffer.alloc(Math.max(0, size - start));
    readSync(handle, buffer, 0, buffer.length, start);
    return buffer.toString('utf8').split('\n').filter((line) => line.trim() !== '').slice(-count).map((line) => (line.length > 500 ? `${line.slice(0, 497)}...` : line));
  } catch {
    return [];
  } finally {
    if (handle !== undefined) closeSync(handle);
  }
}
