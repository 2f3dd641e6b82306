/** Thrown when somebody interrupted: what runs has been ended in good order. */
export class Interrupted extends Error {
  constructor() {
    super('interrupted');
    this.name = 'Interrupted';
  }
}

/** The part of a process that hears signals; `process` is one. */
export interface SignalSource {
  on(signal: NodeJS.Signals, listener: () => void): unknown;
  removeListener(signal: NodeJS.Signals, listener: () => void): unknown;
}

/**
 * A wish to stop, heard from Ctrl-C, from whoever ends the process, and from a terminal that is closed. It is passed on once: to be told twice makes Terraform drop
 * what it does, with the state locked and half of it unwritten.
 */
export function hearInterruption(source: SignalSource, say: (line: string) => void): { readonly signal: AbortSignal; readonly close: () => void } {
  const controller = new AbortController();
  const hear = () => {
    if (controller.signal.aborted) {
      say('still ending: Terraform was told; told twice, it would leave the state half written and the lock behind');
      return;
    }
    say('interrupted: Terraform, if it is at work, ends the resources under way and releases the lock');
    controller.abort(new Interrupted());
  };
  const signals: readonly NodeJS.Signals[] = ['SIGINT', 'SIGTERM', 'SIGHUP'];
  for (const signal of signals) source.on(signal, hear);
  return { signal: controller.signal, close: () => signals.forEach((signal) => source.removeListener(signal, hear)) };
}
