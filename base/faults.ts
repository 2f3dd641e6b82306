/**
 * One thing that is wrong, in the four parts a reader needs to mend it.
 *
 * Rooms collect faults and report all of them at once: nobody wants to learn of the second after mending the first.
 */
export interface Fault {
  /** Where it is: a path in a value (`environments/prod.network.cidr`), a file and line (`trace.csv:14`), an object (`Deployment catalog/catalog`). */
  readonly where: string;
  /** What was found there. Never a secret. */
  readonly got: string;
  /** What would have been accepted. */
  readonly allowed: string;
  /** What to do about it. */
  readonly do: string;
}

/** `[where] got: …; allowed: …; do: …` on one line. */
export function formatFault(fault: Fault): string {
  return `[${fault.where}] got: ${fault.got}; allowed: ${fault.allowed}; do: ${fault.do}`;
}

/** Thrown with every fault found. `message` holds one line per fault, so it reads well wherever it surfaces. */
export class FaultError extends Error {
  readonly faults: readonly Fault[];

  /**
   * @param summary what could not be done, lower case, no full stop
   * @param faults at least one
   */
  constructor(summary: string, faults: readonly Fault[]) {
    super(`${summary}\n${faults.map((fault) => `  ${formatFault(fault)}`).join('\n')}`);
    this.name = 'FaultError';
    this.faults = Object.freeze([...faults]);
  }
}

/** Throws a {@link FaultError} if there is any fault. */
export function refuse(summary: string, faults: readonly Fault[]): void {
  if (faults.length > 0) throw new FaultError(summary, faults);
}

/** Asks for something; what does not hold becomes a fault. */
export type Need = (fits: boolean, where: string, got: unknown, allowed: string, todo: string) => void;

/** A {@link Need} that adds to a list. @param path what every `where` is said of, e.g. the path of a construct */
export function needInto(faults: Fault[], path: string): Need {
  return (fits, where, got, allowed, todo) => {
    if (!fits) faults.push({ where: `${path} ${where}`, got: show(got), allowed, do: todo });
  };
}

/** A short, safe rendering of any value for the `got` part. At most 80 characters; never throws, whatever the value. */
export function show(value: unknown): string {
  if (value === undefined) return 'nothing';
  if (typeof value === 'number' || typeof value === 'bigint') return String(value); // NaN and Infinity have no JSON form
  const text = asText(value);
  return text.length > 80 ? `${text.slice(0, 77)}...` : text;
}

function asText(value: unknown): string {
  try {
    return JSON.stringify(value) ?? String(value);
  } catch {
    return `a value that has no JSON form (${Object.prototype.toString.call(value)})`; // a cycle, a bigint within, a toJSON that throws
  }
}
