import { formatFault, FaultError } from '../base/faults';
import type { Stage } from './report/schema';

/** Keeps what each step of a rehearsal took and how it ended, for the report. */
export class Stages {
  private readonly done: Stage[] = [];

  /** @param now milliseconds, monotonic */
  constructor(private readonly now: () => number) {}

  /** Runs one step and records it. What it throws is recorded and thrown on. */
  async run<T>(name: string, work: () => Promise<T> | T, detail?: (result: T) => string | undefined): Promise<T> {
    const start = this.now();
    try {
      const result = await work();
      this.record(name, start, 'passed', detail?.(result));
      return result;
    } catch (error) {
      this.record(name, start, 'failed', reasonOf(error));
      throw error;
    }
  }

  /** Records a step that was left out, and why. */
  skip(name: string, why: string): void {
    this.done.push({ name, seconds: 0, status: 'skipped', detail: why });
  }

  /** Records a step that ran and found something wrong without throwing. */
  fail(name: string, seconds: number, why: string): void {
    this.done.push({ name, seconds, status: 'failed', detail: why });
  }

  get list(): readonly Stage[] {
    return [...this.done];
  }

  private record(name: string, start: number, status: Stage['status'], detail?: string): void {
    const seconds = Math.round(this.now() - start) / 1000;
    this.done.push({ name, seconds, status, ...(detail === undefined ? {} : { detail }) });
  }
}

/** One line that says why something failed: the first fault, or the message. Never a stack trace. */
export function reasonOf(error: unknown): string {
  if (error instanceof FaultError && error.faults[0]) return formatFault(error.faults[0]);
  if (error instanceof Error) return error.name === 'AbortError' ? 'interrupted' : (error.message.split('\n')[0] || error.name);
  return String(error);
}
