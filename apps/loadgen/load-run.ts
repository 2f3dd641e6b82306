import { arrivals, Spacing } from './arrivals';
import { LoadRecord, Outcome, Summary } from './record';
import { requestsOf, secondsOf, Shape } from './shape';

/** Sends one request and says how it ended. Never rejects. */
export type Send = (signal: AbortSignal) => Promise<Exclude<Outcome, 'not-sent'>>;

/** Time and waiting, so that tests need none. */
export interface LoadClock {
  /** Seconds, from any origin, never backwards. */
  readonly now: () => number;
  /** Resolves then, or as soon after as can be. */
  readonly wait: (seconds: number, signal: AbortSignal) => Promise<void>;
}

/** Options of {@link LoadRun}. */
export interface LoadRunOptions {
  readonly shape: Shape;
  readonly send: Send;
  readonly clock: LoadClock;
  /** Numbers from 0 to below 1. */
  readonly uniform: () => number;
  /** @default 'poisson' */
  readonly spacing?: Spacing;
  /** Requests that may be under way at once; what comes on top is not sent, and counted. @default 2000 */
  readonly maxOutstanding?: number;
  /** Told of every request that ended: latency in seconds, null for one that was not sent. @default - nobody */
  readonly seen?: (outcome: Outcome, latency: number | null) => void;
  /** Length of the stretches that are told apart, seconds. @default 10 */
  readonly intervalSeconds?: number;
}

/** A stretch of a run. */
export interface Interval extends Summary {
  /** Seconds from the run's start. A request belongs to the stretch in which it was to be sent. */
  readonly fromSeconds: number;
}

/** Where a run is, and what it saw. */
export interface LoadReport {
  readonly state: 'running' | 'finished' | 'stopped';
  /** Seconds since the start, and how many the shape takes. */
  readonly elapsedSeconds: number;
  readonly totalSeconds: number;
  /** Requests that the whole shape asks for on average. */
  readonly expectedRequests: number;
  /** Requests that were due so far. */
  readonly requests: number;
  readonly outstanding: number;
  /** How late the generator itself sent, at worst, seconds: above a few milliseconds it, and not the target, was at its end. */
  readonly latestSendSeconds: number;
  readonly summary: Summary;
  readonly intervals: readonly Interval[];
}

/**
 * An open-loop load: requests are sent when they are due, however many are under way.
 *
 * A closed loop waits for an answer before it sends again, so a target that stalls is asked less and looks better than its users find it (coordinated omission). Here
 * latency counts from when a request was due.
 */
export class LoadRun {
  private readonly total = new LoadRecord();
  private readonly parts: LoadRecord[] = [];
  private readonly stopping = new AbortController();
  private readonly began: number;
  private readonly totalSeconds: number;
  private state: LoadReport['state'] = 'running';
  private endedAt: number | undefined;
  private requests = 0;
  private outstanding = 0;
  private latestSend = 0;
  /** Resolves once the last request has ended. */
  readonly done: Promise<LoadReport>;

  constructor(private readonly options: LoadRunOptions) {
    this.began = options.clock.now();
    this.totalSeconds = secondsOf(options.shape);
    this.done = this.run();
  }

  /** Sends no more; what is under way is given up. */
  stop(): void {
    if (this.state === 'running') this.state = 'stopped';
    this.stopping.abort();
  }

  report(): LoadReport {
    const { intervalSeconds = 10 } = this.options;
    return {
      state: this.state,
      elapsedSeconds: (this.endedAt ?? this.options.clock.now()) - this.began,
      totalSeconds: this.totalSeconds,
      expectedRequests: requestsOf(this.options.shape),
      requests: this.requests,
      outstanding: this.outstanding,
      latestSendSeconds: this.latestSend,
      summary: this.total.summary(),
      intervals: this.parts.map((part, index) => ({ fromSeconds: index * intervalSeconds, ...part.summary() })),
    };
  }

  private async run(): Promise<LoadReport> {
    const { clock, shape, uniform, spacing = 'poisson', maxOutstanding = 2000 } = this.options;
    const { signal } = this.stopping;
    const underWay = new Set<Promise<void>>();
    for (const due of arrivals(shape, spacing, uniform)) {
      // Also when it is late: answers must be read between two requests, or the generator would be what they wait for.
      await clock.wait(Math.max(0, this.began + due - clock.now()), signal);
      if (signal.aborted) break;
      this.requests += 1;
      if (this.outstanding >= maxOutstanding) {
        this.add('not-sent', due, 0, null);
        continue;
      }
      const request = this.request(due).finally(() => underWay.delete(request));
      underWay.add(request);
    }
    await clock.wait(Math.max(0, this.began + this.totalSeconds - clock.now()), signal);
    await Promise.all(underWay);
    this.endedAt = clock.now();
    if (this.state === 'running') this.state = 'finished';
    return this.report();
  }

  private async request(due: number): Promise<void> {
    const { clock, send } = this.options;
    const sent = clock.now();
    this.latestSend = Math.max(this.latestSend, sent - this.began - due);
    this.outstanding += 1;
    const outcome = await send(this.stopping.signal);
    this.outstanding -= 1;
    if (this.stopping.signal.aborted) return; // given up, which says nothing of the target
    const ended = clock.now();
    this.add(outcome, due, ended - this.began - due, ended - sent);
  }

  private add(outcome: Outcome, due: number, latency: number, serviceTime: number | null): void {
    this.options.seen?.(outcome, serviceTime === null ? null : latency);
    this.total.add(outcome, latency, serviceTime);
    const index = Math.floor(due / (this.options.intervalSeconds ?? 10));
    while (this.parts.length <= index) this.parts.push(new LoadRecord());
    this.parts[index]!.add(outcome, latency, serviceTime);
  }
}
