import { createHistogram, RecordableHistogram } from 'node:perf_hooks';

/** How one request ended. */
export type Outcome = 'ok' | 'status' | 'timeout' | 'connection' | 'not-sent';
export const OUTCOMES: readonly Outcome[] = ['ok', 'status', 'timeout', 'connection', 'not-sent'];

/** Latency, seconds. Null where nothing was measured. */
export interface Latency {
  readonly p50: number | null;
  readonly p95: number | null;
  readonly p99: number | null;
  readonly max: number | null;
}

/** What was seen in a stretch of time. */
export interface Summary {
  /** Requests by how they ended. `not-sent`: as many as allowed were under way already; they count as failed. */
  readonly outcomes: Readonly<Record<Outcome, number>>;
  /** From when a request was to be sent to the end of its answer, whenever it was sent: a target that stalls cannot make its waiting users disappear. */
  readonly latency: Latency;
  /** From when it was sent. What is between the two is the generator's own fault, or the target's that held it up. */
  readonly serviceTime: Latency;
}

/** Nanoseconds, as histograms count. */
const NANOSECONDS = 1e9;
/** Longer than that is counted as that. */
const LONGEST_SECONDS = 3600;

/** Counts and measures requests. */
export class LoadRecord {
  private readonly outcomes: Record<Outcome, number> = { ok: 0, status: 0, timeout: 0, connection: 0, 'not-sent': 0 };
  private readonly latency = histogram();
  private readonly serviceTime = histogram();

  /**
   * @param latency seconds from when it was to be sent
   * @param serviceTime seconds from when it was sent; null if it was not
   */
  add(outcome: Outcome, latency: number, serviceTime: number | null): void {
    this.outcomes[outcome] += 1;
    if (serviceTime === null) return; // it has no latency: an answer never came, and none was waited for
    record(this.latency, latency);
    record(this.serviceTime, serviceTime);
  }

  summary(): Summary {
    return { outcomes: { ...this.outcomes }, latency: latencyOf(this.latency), serviceTime: latencyOf(this.serviceTime) };
  }
}

function histogram(): RecordableHistogram {
  return createHistogram({ lowest: 1, highest: LONGEST_SECONDS * NANOSECONDS, figures: 3 });
}

function record(into: RecordableHistogram, seconds: number): void {
  into.record(Math.min(LONGEST_SECONDS * NANOSECONDS, Math.max(1, Math.round(seconds * NANOSECONDS))));
}

function latencyOf(from: RecordableHistogram): Latency {
  if (from.count === 0) return { p50: null, p95: null, p99: null, max: null };
  const at = (percent: number) => from.percentile(percent) / NANOSECONDS;
  return { p50: at(50), p95: at(95), p99: at(99), max: from.max / NANOSECONDS };
}
