import { FaultError } from '../../base/faults';
import type { ProgramName, Toolbox } from '../tools';
import { freePorts } from './ports';
import { ManagedProcess, ProcessSet } from './process-set';
import { PortTaken, untilReady } from './readiness';

/** A program of a running control plane. */
export interface RunningProgram {
  readonly name: ProgramName;
  readonly pid: number;
  readonly version: string;
  readonly logPath: string;
  /** Seconds from its start to its being ready. */
  readonly readySeconds: number;
}

/** Tries when ports are taken between looking and listening. */
const ATTEMPTS = 3;
/** A busy machine may need long; a broken program says so earlier by ending. */
export const READY_SECONDS = 90;

/** Starts the programs of a toolbox and knows those that run. */
export class ProgramRunner {
  /** The programs that run, in the order in which they became ready. */
  readonly programs: RunningProgram[] = [];
  private readonly processes: ProcessSet;
  private readonly managed = new Map<ProgramName, ManagedProcess>();

  constructor(private readonly toolbox: Toolbox, workDir: string, private readonly signal?: AbortSignal) {
    this.processes = new ProcessSet(workDir);
  }

  /** Rejects when a program ends unasked. */
  get failed(): Promise<never> {
    return this.processes.failed;
  }

  /**
   * Starts a program and waits until it is ready.
   *
   * @throws PortTaken; FaultError when it, or another that runs already, ends before
   */
  async run(name: ProgramName, args: readonly string[], isReady: () => Promise<true | string>, environment?: Record<string, string>): Promise<void> {
    const began = performance.now();
    const program = this.toolbox.programs.get(name);
    const managed = this.processes.start({ name, command: this.toolbox.path(name), args, environment });
    this.managed.set(name, managed);
    try {
      await Promise.race([untilReady(managed, `${name} to be ready`, isReady, { timeoutSeconds: READY_SECONDS, signal: this.signal }), this.failed]);
      this.processes.need(managed);
    } catch (error) {
      await this.processes.stop(managed);
      throw error;
    }
    const before = this.programs.findIndex((each) => each.name === name); // of an earlier try
    if (before >= 0) this.programs.splice(before, 1);
    this.programs.push({ name, pid: managed.pid, version: program?.version ?? '', logPath: managed.logPath, readySeconds: (performance.now() - began) / 1000 });
  }

  /** Calls `start` with free ports, and again with others when one has been taken meanwhile. */
  async onFreePorts<T>(count: number, start: (ports: number[]) => Promise<T>): Promise<T> {
    for (let attempt = 1; ; attempt++) {
      try {
        return await start(await freePorts(count));
      } catch (error) {
        if (!(error instanceof PortTaken)) throw error;
        if (attempt < ATTEMPTS) continue;
        throw new FaultError('a program finds no free port', [
          { where: error.message, got: `ports that were taken in ${ATTEMPTS} tries`, allowed: 'ports of 127.0.0.1 that stay free for a moment', do: 'look for a program that opens very many ports' },
        ]);
      }
    }
  }

  /** Ends one program; {@link failed} does not take it for an accident. */
  async stop(name: ProgramName): Promise<void> {
    const managed = this.managed.get(name);
    if (managed) await this.processes.stop(managed);
  }

  /** Ends all programs. Can be called again. */
  stopAll(): Promise<void> {
    return this.processes.stopAll();
  }
}
