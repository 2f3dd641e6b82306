import { recordingRules } from '../contract';
import type { LadderTransition } from '../ladder/ladder';
import { type PrometheusClient, PrometheusFailure, selector } from './prometheus-client';
import type { ForecasterSettings } from './settings';
import type { Entry, Store } from './store';

/** What came of a refresh. */
export type RefreshOutcome = 'ok' | 'partial' | 'failed';

/** What a {@link Refresher} works with. */
export interface RefresherOptions {
  readonly client: PrometheusClient;
  readonly store: Store;
  readonly settings: Pick<ForecasterSettings, 'intervalSeconds' | 'stepSeconds' | 'historySeconds' | 'metrics'>;
  /** Milliseconds of a clock that only goes forward. */
  readonly clock: () => number;
  /** Told of every failed question. @default - nobody is told */
  readonly onFailure?: (failure: PrometheusFailure, what: string) => void;
  /** Told of every step up or down the ladder, history included. @default - nobody is told */
  readonly onTransition?: (entry: Entry, transition: LadderTransition) => void;
  /** Told of every refresh. @default - nobody is told */
  readonly onRefresh?: (outcome: RefreshOutcome, seconds: number) => void;
}

const CONCURRENT_QUESTIONS = 4;
/** Samples learned before other work gets its turn: about 20 ms. */
const SLICE = 1000;
/** Samples may arrive this many steps late and are still asked for. */
const LATE_STEPS = 3;
const SET_BACK_SECONDS = 86_400;
/** The longest pause after failures, in intervals and in milliseconds. */
const LONGEST_BACKOFF_INTERVALS = 16;
const LONGEST_BACKOFF_MS = 300_000;

/** Keeps the store up to date: asks for what is new since the last time, never twice at once, and more slowly while it fails. */
export class Refresher {
  /** A refresh has got through: at least one series was read, or there is none. One that cannot be read must not keep the others from being served. */
  ready = false;
  private failures = 0;
  private lastSuccess: number | undefined;
  private timer: NodeJS.Timeout | undefined;
  private readonly stopping = new AbortController();
  private running: Promise<void> = Promise.resolve();

  constructor(private readonly options: RefresherOptions) {}

  /** Wall seconds since the last refresh that got through; Infinity before the first. */
  get silentSeconds(): number {
    return this.lastSuccess === undefined ? Infinity : (this.options.clock() - this.lastSuccess) / 1000;
  }

  /** Refreshes now and then at every interval, until {@link stop}. */
  start(): void {
    this.running = this.turn();
  }

  /** Ends the loop; a refresh under way is abandoned. */
  async stop(): Promise<void> {
    this.stopping.abort();
    clearTimeout(this.timer);
    await this.running;
  }

  /** One refresh. Never throws: failures are told and counted. */
  async refresh(): Promise<RefreshOutcome> {
    const began = this.options.clock();
    const outcome = await this.pull();
    if (outcome === 'failed') {
      this.failures += 1;
    } else {
      this.failures = 0;
      this.lastSuccess = this.options.clock();
      this.ready = true;
    }
    this.options.onRefresh?.(outcome, (this.options.clock() - began) / 1000);
    return outcome;
  }

  /** Milliseconds from the start of a refresh to the start of the next, given how many failed in a row. */
  pauseMs(failures = this.failures): number {
    const interval = this.options.settings.intervalSeconds * 1000;
    const longest = Math.max(interval, Math.min(LONGEST_BACKOFF_MS, LONGEST_BACKOFF_INTERVALS * interval));
    return Math.min(longest, interval * 2 ** Math.min(failures, 20));
  }

  private async turn(): Promise<void> {
    const began = this.options.clock();
    await this.refresh();
    if (this.stopping.signal.aborted) return;
    const pause = Math.max(0, this.pauseMs() - (this.options.clock() - began));
    this.timer = setTimeout(() => { this.running = this.turn(); }, pause);
  }

  private async pull(): Promise<RefreshOutcome> {
    const { client, store } = this.options;
    const signal = this.stopping.signal;
    let entries: Entry[];
    try {
      store.now = await client.time(signal);
      await this.discover();
      entries = store.all();
    } catch (error) {
      this.tell(error, 'discovery');
      return 'failed';
    }
    let failed = 0;
    const queue = entries.values();
    const work = async () => {
      for (const entry of queue) {
        if (signal.aborted) return;
        try {
          await this.follow(entry, store.now!);
        } catch (error) {
          failed += 1;
          this.tell(error, `${entry.namespace}/${entry.service} ${entry.metric}`);
        }
      }
    };
    await Promise.all(Array.from({ length: CONCURRENT_QUESTIONS }, work));
    if (signal.aborted) return 'failed';
    for (const entry of entries) this.tellStep(entry, entry.climber.look(store.now));
    this.forget(store.now);
    if (failed === 0) return 'ok';
    return failed < entries.length ? 'partial' : 'failed';
  }

  /** A service is what has a request rate. */
  private async discover(): Promise<void> {
    for (const { labels } of await this.options.client.instant(recordingRules.requests, this.stopping.signal)) {
      const { namespace, service } = labels;
      if (!namespace || !service) continue;
      for (const metric of this.options.settings.metrics) this.options.store.open({ namespace, service, metric });
    }
  }

  /** Series that have been silent for the whole history are gone for good. */
  private forget(now: number): void {
    for (const entry of this.options.store.all()) {
      const newest = entry.forecaster.ready ? entry.forecaster.lastTime : entry.askedUntil ?? now;
      if (now - newest > this.options.settings.historySeconds) this.options.store.drop(entry);
    }
  }

  private async follow(entry: Entry, now: number): Promise<void> {
    const { stepSeconds, historySeconds } = this.options.settings;
    const end = Math.floor(now / stepSeconds) * stepSeconds;
    const oldest = end - Math.floor(historySeconds / stepSeconds) * stepSeconds;
    // The metrics' clock was set back by more than a late sample explains: everything is new again.
    if (entry.askedUntil !== undefined && entry.askedUntil > end + SET_BACK_SECONDS) entry.askedUntil = undefined;
    const start = Math.max(oldest, entry.askedUntil === undefined ? oldest : entry.askedUntil + stepSeconds);
    if (start > end) return;
    const name = recordingRules[entry.metric];
    const answer = await this.options.client.range(selector(name, { namespace: entry.namespace, service: entry.service }), start, end, stepSeconds, this.stopping.signal);
    let learned = 0;
    for (const { samples } of answer) {
      for (const { time, value } of samples) {
        // Prometheus repeats the newest sample for up to five minutes where the next is not recorded yet. So a newest step that equals
        // the one before may be no news at all: it is left for the next refresh, which for a series that really stands still costs nothing.
        const repeated = time === end && value === entry.lastValue;
        // A rule evaluated at a time describes the step that ends there. What lies outside the question was not asked for.
        if (time >= start && time <= end && !repeated) {
          entry.forecaster.observe(time - stepSeconds, value);
          entry.lastValue = value;
          this.tellStep(entry, entry.climber.learned());
        }
        learned += 1;
        if (learned % SLICE === 0) await new Promise((done) => setImmediate(done));
      }
    }
    // Samples of the last steps may still be on their way: until they are there, they are asked for again.
    const newest = entry.forecaster.ready ? entry.forecaster.lastTime + stepSeconds : -Infinity;
    entry.askedUntil = Math.max(end - stepSeconds * LATE_STEPS, Math.min(end, newest));
  }

  private tellStep(entry: Entry, transition: LadderTransition | undefined): void {
    if (transition) this.options.onTransition?.(entry, transition);
  }

  private tell(error: unknown, what: string): void {
    if (this.stopping.signal.aborted) return;
    this.options.onFailure?.(error instanceof PrometheusFailure ? error : new PrometheusFailure('internal', String(error)), what);
  }
}
