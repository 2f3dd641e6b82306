import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import type { Report } from '../../rehearsal/report';

const ROOT = resolve(__dirname, '..', '..');

/** A rehearsal run as the program it is, in a work folder and with a report folder of its own. */
export class RehearsalRun {
  readonly folder = mkdtempSync(join(tmpdir(), 'tideline-rehearsal-'));
  readonly out = join(this.folder, 'out');
  readonly work = join(this.folder, 'work');
  output = '';
  private child: ChildProcess | undefined;

  /** @param root the project that is rehearsed; a copy with a fault in it, for instance */
  constructor(private readonly root = ROOT) {}

  /** Starts it and resolves with its exit code; 128 + signal number if a signal ended it. */
  start(args: readonly string[], settings: Readonly<Record<string, string>> = {}, entry = 'rehearsal/main.ts'): Promise<number> {
    const child = spawn(process.execPath, ['--import', 'tsx', entry, ...args, ...(entry === 'rehearsal/main.ts' ? ['--out', this.out] : [])], {
      cwd: this.root, stdio: ['ignore', 'pipe', 'pipe'], env: { ...process.env, TIDELINE_WORK_DIR: this.work, ...settings },
    });
    this.child = child;
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => { this.output += chunk.toString(); });
    return new Promise((done) => child.once('close', (code, signal) => done(code ?? (signal === 'SIGKILL' ? 137 : 143))));
  }

  signal(signal: NodeJS.Signals): void {
    this.child?.kill(signal);
  }

  /** Resolves once the output holds a text. */
  async until(text: string | RegExp, timeoutMs = 180_000): Promise<void> {
    for (let waited = 0; waited < timeoutMs; waited += 100) {
      if (typeof text === 'string' ? this.output.includes(text) : text.test(this.output)) return;
      if (this.child?.exitCode !== null && this.child?.exitCode !== undefined) break;
      await new Promise((done) => setTimeout(done, 100));
    }
    throw new Error(`the rehearsal never said ${String(text)}:\n${this.output}`);
  }

  report(): Report {
    return JSON.parse(readFileSync(join(this.out, 'report.json'), 'utf8')) as Report;
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }

  /** Command lines of processes that name the run's folder, this test's own children aside; empty once everything has ended. */
  processes(): string[] {
    return readdirSync('/proc').filter((entry) => /^\d+$/.test(entry) && Number(entry) !== process.pid).flatMap((pid) => {
      try {
        const command = readFileSync(join('/proc', pid, 'cmdline'), 'utf8').replace(/\0/g, ' ');
        return command.includes(this.work) ? [command] : [];
      } catch {
        return []; // it has just ended
      }
    });
  }

  /** Resolves once no process of the run is left. */
  async untilNoProcess(timeoutMs: number): Promise<void> {
    for (let waited = 0; waited < timeoutMs && this.processes().length > 0; waited += 200) await new Promise((done) => setTimeout(done, 200));
  }
}
