/** The part of a process that stopping needs; `process` is one. */
export interface Stoppable {
  on(signal: 'SIGTERM' | 'SIGINT', listener: () => void): unknown;
  exit(code: number): void;
}

/** How a service stops. */
export interface GracefulStopOptions {
  /** Stops taking work, finishes what is under way and lets go of everything. Called once. */
  readonly stop: (signal: 'SIGTERM' | 'SIGINT') => Promise<void>;
  /** Milliseconds after which the process ends although `stop` has not finished. Stay below the pod's grace period. @default 20000 */
  readonly graceMs?: number;
  /** Told what happens; never fails. @default - nobody is told */
  readonly log?: (message: string, error?: unknown) => void;
  /** @default - the real timers */
  readonly schedule?: (action: () => void, milliseconds: number) => void;
}

/**
 * Ends a process well: exit 0 when `stop` finished, 1 when it failed or took longer than the grace period. A second signal ends it at once (130),
 * because whoever presses Ctrl-C twice means it.
 */
export function stopOnSignals(target: Stoppable, options: GracefulStopOptions): void {
  const { graceMs = 20_000, log = () => undefined, schedule = (action, milliseconds) => setTimeout(action, milliseconds).unref() } = options;
  let stopping = false;
  const onSignal = (signal: 'SIGTERM' | 'SIGINT') => {
    if (stopping) {
      target.exit(130);
      return;
    }
    stopping = true;
    log(`stopping on ${signal}`);
    schedule(() => {
      log(`did not stop within ${graceMs} ms`);
      target.exit(1);
    }, graceMs);
    options.stop(signal).then(() => target.exit(0), (error: unknown) => {
      log('stopping failed', error);
      target.exit(1);
    });
  };
  target.on('SIGTERM', () => onSignal('SIGTERM'));
  target.on('SIGINT', () => onSignal('SIGINT'));
}
