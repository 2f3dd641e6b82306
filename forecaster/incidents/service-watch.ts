import { AnomalyDetector, type AnomalyDetectorSnapshot } from './anomaly-detector';
import { BreachCalibration, type BreachCalibrationSnapshot } from './breach-calibration';
import { ForecastMemory, type ForecastMemorySnapshot } from './forecast-memory';
import { type AnomalyFlag, type Change, type IncidentKind, incidentKinds, type ServiceView, type Signal, type SignalMetric } from './incident';

/** As plain JSON. */
export interface ServiceWatchSnapshot {
  readonly service: string;
  readonly namespace: string;
  readonly metrics: Readonly<Record<string, { readonly memory: ForecastMemorySnapshot; readonly detector: AnomalyDetectorSnapshot; readonly time: number | null }>>;
  readonly calibrations: Readonly<Partial<Record<IncidentKind, BreachCalibrationSnapshot>>>;
  readonly flags: readonly AnomalyFlag[];
  readonly changes: readonly Change[];
  readonly replicas: number | null;
  readonly usualRequests: number | null;
  readonly seenAt: number;
}

interface Watched {
  readonly memory: ForecastMemory;
  readonly detector: AnomalyDetector;
  /** Time of the newest value taken. */
  time: number;
}

const WATCHED: readonly SignalMetric[] = ['requests', 'cpu', 'latency', 'memory'];
const DAY = 86_400;
/** Anomalies and changes older than this explain nothing any more, seconds. */
export const REMEMBERED_SECONDS = 2 * 3600;
const MOST_CHANGES = 20;

/** What is remembered of one service between two looks at it. */
export class ServiceWatch {
  private metrics = new Map<SignalMetric, Watched>();
  private calibrations = new Map<IncidentKind, BreachCalibration>();
  private flagged = new Map<SignalMetric, AnomalyFlag>();
  private noticed: Change[] = [];
  private replicas: number | null = null;
  private usual: number | null = null;
  private seen = NaN;

  constructor(readonly service: string, readonly namespace: string) {}

  /** When it was last looked at, seconds. */
  get seenAt(): number {
    return this.seen;
  }

  /** Anomalies under way or recently over. */
  get flags(): readonly AnomalyFlag[] {
    return [...this.flagged.values()];
  }

  /** Changes that were reported or noticed, oldest first. */
  get changes(): readonly Change[] {
    return this.noticed;
  }

  /** Smoothed requests per second of about a day; null before there are any. */
  get usualRequests(): number | null {
    return this.usual;
  }

  /** How errors of a metric follow each other. */
  persistence(metric: SignalMetric, stepSeconds: number): number {
    return this.watched(metric).memory.persistence(stepSeconds);
  }

  /** What was learned of how far probabilities of a kind are to be believed. */
  calibration(kind: IncidentKind): BreachCalibration {
    let found = this.calibrations.get(kind);
    if (!found) this.calibrations.set(kind, found = new BreachCalibration());
    return found;
  }

  /** Looks at a service. @param now not before the last look */
  look(view: ServiceView, now: number): void {
    for (const metric of WATCHED) {
      const signal = view.signals[metric];
      if (signal) this.follow(metric, signal);
    }
    for (const [metric, flag] of this.flagged) if (now - flag.until > REMEMBERED_SECONDS) this.flagged.delete(metric);
    this.notice(view, now);
    this.seen = now;
  }

  snapshot(): ServiceWatchSnapshot {
    const metrics = Object.fromEntries([...this.metrics].map(([metric, { memory, detector, time }]) =>
      [metric, { memory: memory.snapshot(), detector: detector.snapshot(), time: Number.isFinite(time) ? time : null }]));
    const { service, namespace, flags, noticed: changes, replicas, usual: usualRequests, seen: seenAt } = this;
    const calibrations = Object.fromEntries([...this.calibrations].map(([kind, each]) => [kind, each.snapshot()]));
    return { service, namespace, metrics, calibrations, flags, changes, replicas, usualRequests, seenAt };
  }

  static restore(snapshot: ServiceWatchSnapshot): ServiceWatch {
    const watch = new ServiceWatch(snapshot.service, snapshot.namespace);
    for (const metric of WATCHED) {
      const kept = snapshot.metrics[metric];
      if (kept) watch.metrics.set(metric, { memory: ForecastMemory.restore(kept.memory), detector: AnomalyDetector.restore(kept.detector), time: kept.time ?? -Infinity });
    }
    for (const kind of incidentKinds) {
      const kept = snapshot.calibrations[kind];
      if (kept) watch.calibrations.set(kind, BreachCalibration.restore(kept));
    }
    watch.flagged = new Map(snapshot.flags.map((flag) => [flag.metric, flag]));
    watch.noticed = snapshot.changes.slice(-MOST_CHANGES);
    watch.replicas = snapshot.replicas;
    watch.usual = snapshot.usualRequests;
    watch.seen = snapshot.seenAt;
    return watch;
  }

  private watched(metric: SignalMetric): Watched {
    let found = this.metrics.get(metric);
    if (!found) this.metrics.set(metric, found = { memory: new ForecastMemory(), detector: new AnomalyDetector(), time: -Infinity });
    return found;
  }

  /** Takes a value once, against the forecast of an hour before it. */
  private follow(metric: SignalMetric, { series, value, time, forecast }: Signal): void {
    const watched = this.watched(metric);
    if (value !== null && time !== null && Number.isFinite(value) && Number.isFinite(time) && time !== watched.time) {
      const score = watched.memory.score(time, value);
      const elapsed = Number.isFinite(watched.time) ? Math.max(0, Math.min(time - watched.time, DAY)) : 0;
      if (metric === 'requests') this.usual = this.usual === null ? value : this.usual + (1 - Math.exp(-elapsed / DAY)) * (value - this.usual);
      watched.time = time;
      if (score !== undefined) this.flag(metric, series, time, watched.detector.update(score));
    }
    if (forecast) watched.memory.issue(forecast);
  }

  private flag(metric: SignalMetric, series: string, time: number, { anomalous, shape, score }: ReturnType<AnomalyDetector['update']>): void {
    if (!anomalous) return;
    const known = this.flagged.get(metric);
    const goesOn = known !== undefined && time >= known.since && time - known.until <= 1800;
    const { service, namespace } = this;
    this.flagged.set(metric, { service, namespace, metric, series, shape, since: goesOn ? known.since : time, until: time, score: goesOn ? Math.max(known.score, score) : score });
  }

  /** Takes changes that are told and those of the count of replicas that are seen. */
  private notice(view: ServiceView, now: number): void {
    const replicas = view.signals.replicas?.value ?? null;
    const noticed = [...this.noticed];
    if (replicas !== null && Number.isFinite(replicas)) {
      if (this.replicas !== null && replicas !== this.replicas) noticed.push({ time: now, kind: 'replicas', detail: `${this.replicas} -> ${replicas}` });
      this.replicas = replicas;
    }
    for (const change of view.changes ?? []) {
      const told = noticed.some(({ time, kind, detail }) => time === change.time && kind === change.kind && detail === change.detail);
      if (Number.isFinite(change.time) && change.time <= now && !told) noticed.push({ time: change.time, kind: change.kind, detail: change.detail.slice(0, 100) });
    }
    this.noticed = noticed.filter(({ time }) => now - time <= REMEMBERED_SECONDS && time <= now).sort((a, b) => a.time - b.time).slice(-MOST_CHANGES);
  }
}
