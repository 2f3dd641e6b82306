import { recordingRules } from '../contract';
import type { LadderTransition } from '../ladder/ladder';
import { Learner } from './learner';
import { type Experience, Pace } from './pace';
import { type PrometheusClient, PrometheusFailure, type PrometheusFailureKind } from './prometheus-client';
import { type Need, type Question, Questions } from './questions';
import type { ForecasterSettings } from './settings';
import { owns, type Shard, WHOLE } from './shards';
import type { Entry, Store } from './store';

/** What came of a refresh. */
export type RefreshOutcome = 'ok' | 'partial' | 'failed';

/** How a {@link Refresher} keeps up. */
export interface RefresherLoad {
  /** By the metrics' clock, of the series furthest behind; undefined before the first refresh. */
  readonly lagSeconds: number | undefined;
  /** Series that wait for an answer. */
  readonly queue: number;
  /** Questions that may be under way at once. */
  readonly concurrency: number;
  /** How long the last refresh took; undefined before the first. */
  readonly refreshSeconds: number | undefined;
}

/** What a {@link Refresher} works with. */
export interface RefresherOptions {
  readonly client: Pick<PrometheusClient, 'time' | 'instant' | 'range'>;
  readonly store: Store;
  readonly settings: Pick<ForecasterSettings, 'intervalSeconds' | 'stepSeconds' | 'historySeconds' | 'metrics'>;
  /** Milliseconds of a clock that only goes forward. */
  readonly clock: () => number;
  /** Which services are its own. @default - all */
  readonly shard?: Shard;
  /** Told of the services of other shards. @default - nobody is told */
  readonly onElsewhere?: (services: readonly { readonly namespace: string; readonly service: string }[]) => void;
  /** How hard Prometheus is pressed. @default - a slow answer is one of more than 2.5 s */
  readonly pace?: Pace;
  /** In [0, 1): pauses are longer by up to a tenth, so that replicas do not ask at the same moment. @default - 0 */
  readonly random?: () => number;
  /** Told of every failed question. @default - nobody is told */
  readonly onFailure?: (failure: PrometheusFailure, what: string) => void;
  /** Told of every step up or down the ladder, history included. @default - nobody is told */
  readonly onTransition?: (entry: Entry, transition: LadderTransition) => void;
  /** Told of every refresh. @default - nobody is told */
  readonly onRefresh?: (outcome: RefreshOutcome, seconds: number) => void;
}

/** A refresh asks nothing more after one interval, or after this if that is longer: what is left comes first in the next. */
const LEAST_BUDGET_SECONDS = 10;
/** Questions in a row that the server could not cope with, and whose answers could not be used, before a refresh gives up. */
const MOST_OVERLOADS = 3;
const MOST_BAD_ANSWERS = 12;
const SLOW_MS = 2500;
const JITTER = 0.1;
/** The longest pause after failures, in intervals and in milliseconds. */
const LONGEST_BACKOFF_INTERVALS = 16;
const LONGEST_BACKOFF_MS = 300_000;

/** Failures that say that the server has too much to do, or is gone; the others are about the answer. */
const OVERLOAD: ReadonlySet<PrometheusFailureKind> = new Set<PrometheusFailureKind>(['timeout', 'unreachable', 'status']);

/**
 * Keeps the store up to date: asks for what is new since the last time, for many series at once, never two refreshes at once, and the less
 * the slower Prometheus is.
 */
export class Refresher {
  /** A refresh has got through: at least one series was read, or there is none. One that cannot be read must not keep the others from being served. */
  ready = false;
  private failures = 0;
  private lastSuccess: number | undefined;
  private lastSeconds: number | undefined;
  private questions: Questions | undefined;
  private services = 0;
  private timer: NodeJS.Timeout | undefined;
  private readonly stopping = new AbortController();
  private readonly pace: Pace;
  private readonly learner: Learner;
  private running: Promise<void> = Promise.resolve();

  constructor(private readonly options: RefresherOptions) {
    const { settings, clock, onTransition } = options;
    this.pace = options.pace ?? new Pace({ slowMs: SLOW_MS });
    this.learner = new Learner({ ...settings, clock, onTransition });
  }

  /** Wall seconds since the last refresh that got through; Infinity before the first. */
  get silentSeconds(): number {
    return this.lastSuccess === undefined ? Infinity : (this.options.clock() - this.lastSuccess) / 1000;
  }

  /** How it keeps up. */
  get load(): RefresherLoad {
    const { now } = this.options.store;
    const { historySeconds } = this.options.settings;
    let lag = 0;
    if (now !== undefined) for (const { askedUntil } of this.options.store.all()) lag = Math.max(lag, askedUntil === undefined ? historySeconds : now - askedUntil);
    return { lagSeconds: now === undefined ? undefined : lag, queue: this.questions?.size ?? 0, concurrency: this.pace.concurrency, refreshSeconds: this.lastSeconds };
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
    const outcome = await this.pull(began);
    if (outcome === 'failed') {
      this.failures += 1;
    } else {
      this.failures = 0;
      this.lastSuccess = this.options.clock();
      this.ready = true;
    }
    this.lastSeconds = (this.options.clock() - began) / 1000;
    this.options.onRefresh?.(outcome, this.lastSeconds);
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
    const jitter = 1 + JITTER * (this.options.random?.() ?? 0);
    const pause = Math.max(0, this.pauseMs() * jitter - (this.options.clock() - began));
    this.timer = setTimeout(() => { this.running = this.turn(); }, pause);
  }

  private async pull(began: number): Promise<RefreshOutcome> {
    const { client, store, settings } = this.options;
    const signal = this.stopping.signal;
    try {
      store.now = await client.time(signal);
      await this.discover();
    } catch (error) {
      this.tell(error, 'discovery');
      return 'failed';
    }
    const { stepSeconds, intervalSeconds, metrics } = settings;
    const end = Math.floor(store.now / stepSeconds) * stepSeconds;
    const entries = store.all();
    const needs = entries.flatMap((entry) => this.learner.need(entry, end) ?? []);
    const questions = new Questions(needs, { end, stepSeconds, metrics, services: this.services });
    this.questions = questions;
    const { answered, failed } = await this.ask(questions, end, began + Math.max(intervalSeconds, LEAST_BUDGET_SECONDS) * 1000);
    if (signal.aborted) return 'failed';
    for (const entry of entries) {
      const transition = entry.climber.look(store.now);
      if (transition) this.options.onTransition?.(entry, transition);
    }
    this.forget(store.now);
    if (failed === 0 && questions.size === 0) return 'ok';
    return answered > 0 || needs.length < entries.length ? 'partial' : 'failed';
  }

  /** A service is what has a request rate. */
  private async discover(): Promise<void> {
    const { client, store, settings, shard = WHOLE, onElsewhere } = this.options;
    const elsewhere: { namespace: string; service: string }[] = [];
    let services = 0;
    for (const { labels } of await client.instant(recordingRules.requests, this.stopping.signal)) {
      const { namespace, service } = labels;
      if (!namespace || !service) continue;
      services += 1;
      if (owns(shard, namespace, service)) for (const metric of settings.metrics) store.open({ namespace, service, metric });
      else elsewhere.push({ namespace, service });
    }
    this.services = services;
    onElsewhere?.(elsewhere);
  }

  /** Asks until everything is answered, time is up, or the server cannot cope. */
  private async ask(questions: Questions, end: number, deadline: number): Promise<{ answered: number; failed: number }> {
    const { clock } = this.options;
    const tally: Tally = { answered: 0, failed: 0, overloads: 0, badAnswers: 0 };
    const underWay = new Set<Promise<void>>();
    const goOn = () => !this.stopping.signal.aborted && clock() < deadline && tally.overloads < MOST_OVERLOADS && tally.badAnswers < MOST_BAD_ANSWERS;
    for (;;) {
      while (goOn() && underWay.size < this.pace.concurrency) {
        const question = questions.next(this.pace.samples);
        if (!question) break;
        const asked: Promise<void> = this.answer(question, questions, end, tally).finally(() => underWay.delete(asked));
        underWay.add(asked);
      }
      if (underWay.size === 0) return tally;
      await Promise.race(underWay);
    }
  }

  private async answer(question: Question, questions: Questions, end: number, tally: Tally): Promise<void> {
    const { client, clock, settings } = this.options;
    const began = clock();
    const note = (experience: Experience) => this.pace.note(experience, began, clock());
    try {
      const answer = await client.range(question.query, question.start, question.end, settings.stepSeconds, this.stopping.signal);
      note('good');
      tally.overloads = 0;
      tally.badAnswers = 0;
      questions.again(await this.learner.learn(question, answer, end));
      tally.answered += question.needs.length;
    } catch (error) {
      const { needs } = question;
      const [{ entry: { namespace, service, metric } }] = needs as readonly [Need, ...Need[]];
      const failure = this.tell(error, needs.length === 1 ? `${namespace}/${service} ${metric}` : `${needs.length} series of ${metric}`);
      const overloaded = OVERLOAD.has(failure.kind);
      if (overloaded) tally.overloads += 1;
      else tally.badAnswers += 1;
      if (overloaded) note('overloaded');
      if (failure.kind === 'too_large') note('too_large');
      const points = (question.end - question.start) / settings.stepSeconds + 1;
      // One series that cannot be read must not keep the others from being read: the answer is asked for in halves, down to single series.
      if (!overloaded && failure.kind !== 'internal' && (needs.length > 1 || (failure.kind === 'too_large' && this.pace.samples < points))) {
        const company = Math.ceil(needs.length / 2);
        questions.again(needs.map((need) => ({ ...need, company })).reverse());
      } else {
        tally.failed += needs.length;
      }
    }
  }

  /** Series that have been silent for the whole history are gone for good. */
  private forget(now: number): void {
    for (const entry of this.options.store.all()) {
      const newest = entry.forecaster.ready ? entry.forecaster.lastTime : entry.askedUntil ?? now;
      if (now - newest > this.options.settings.historySeconds) this.options.store.drop(entry);
    }
  }

  private tell(error: unknown, what: string): PrometheusFailure {
    const failure = error instanceof PrometheusFailure ? error : new PrometheusFailure('internal', String(error));
    if (!this.stopping.signal.aborted) this.options.onFailure?.(failure, what);
    return failure;
  }
}

/** What came of the questions of one refresh so far, in series; and failures in a row, in questions. */
interface Tally {
  answered: number;
  failed: number;
  overloads: number;
  badAnswers: number;
}
