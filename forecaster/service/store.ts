import { type ForecastMetric } from '../contract';
import { createForecaster, type Forecaster, type ForecasterOptions } from '../engine';
import { Climber } from '../ladder/climber';
import { engineCodec, type ForecasterCodec } from './forecaster-codec';

/** Names one series. */
export interface SeriesKey {
  readonly namespace: string;
  readonly service: string;
  readonly metric: ForecastMetric;
}

/** A series that is forecast. */
export interface Entry extends SeriesKey {
  readonly forecaster: Forecaster;
  /** How far it is trusted. */
  readonly climber: Climber;
  /** Time up to which Prometheus has been asked, seconds; undefined before the first answer. */
  askedUntil: number | undefined;
  /** The newest value that was learned; undefined before the first. */
  lastValue: number | undefined;
}

/** A series as it was kept. */
export interface KeptEntry extends SeriesKey {
  /** Time up to which Prometheus had been asked, seconds. */
  readonly askedUntil: number;
  readonly lastValue?: number;
  /** Snapshot of its ladder. */
  readonly ladder: unknown;
  /** Snapshot of its forecaster. */
  readonly forecaster: Uint8Array;
}

/** What every forecast may look ahead, seconds. */
export const MAX_HORIZON_SECONDS = 3600;

/** The forecasters of all series, and the time they are seen at. Memory is bounded by `maxSeries`. */
export class Store {
  /** The newest time read from the metrics' clock, seconds; undefined before the first refresh. */
  now: number | undefined;
  private readonly entries = new Map<string, Entry>();

  /**
   * @param stepSeconds resolution of every series, seconds
   * @param maxSeries series beyond this are not taken on
   */
  constructor(private readonly stepSeconds: number, private readonly maxSeries = 4000, private readonly codec: ForecasterCodec = engineCodec) {}

  get size(): number {
    return this.entries.size;
  }

  /** The entry of a series, made if it is new; undefined when the store is full. */
  open(key: SeriesKey): Entry | undefined {
    const id = identity(key);
    const existing = this.entries.get(id);
    if (existing) return existing;
    if (this.entries.size >= this.maxSeries) return undefined;
    return this.add(key, createForecaster(this.forecasterOptions));
  }

  /** Takes up a series as it was kept. Returns whether it could: not if the store is full, or has it, or its forecaster is of another version. */
  restore({ namespace, service, metric, askedUntil, lastValue, ladder, forecaster: bytes }: KeptEntry): boolean {
    const key = { namespace, service, metric };
    if (this.entries.size >= this.maxSeries || this.entries.has(identity(key))) return false;
    let forecaster: Forecaster;
    try {
      forecaster = this.codec.unpack(this.forecasterOptions, bytes);
    } catch {
      return false; // whatever is wrong with it, it is learned again
    }
    const entry = this.add(key, forecaster);
    entry.askedUntil = askedUntil;
    entry.lastValue = lastValue;
    entry.climber.restore(ladder); // trust that cannot be read is earned anew
    return true;
  }

  /** What is to be kept of a series; undefined before anything was learned of it. */
  keep({ namespace, service, metric, askedUntil, lastValue, climber, forecaster }: Entry): KeptEntry | undefined {
    if (askedUntil === undefined || !forecaster.ready) return undefined;
    const bytes = this.codec.pack(forecaster);
    return { namespace, service, metric, askedUntil, ...(Number.isFinite(lastValue) ? { lastValue } : {}), ladder: climber.ladder.snapshot(), forecaster: bytes };
  }

  find(key: SeriesKey): Entry | undefined {
    return this.entries.get(identity(key));
  }

  all(): Entry[] {
    return [...this.entries.values()];
  }

  /** Namespaces in which a service is known. */
  namespacesOf(service: string): string[] {
    return [...new Set(this.all().filter((entry) => entry.service === service).map((entry) => entry.namespace))].sort();
  }

  /** Known services as `namespace/service`, sorted. */
  services(): string[] {
    return [...new Set(this.all().map((entry) => `${entry.namespace}/${entry.service}`))].sort();
  }

  /** Forgets a series. */
  drop(key: SeriesKey): void {
    this.entries.delete(identity(key));
  }

  private get forecasterOptions(): ForecasterOptions {
    return { stepSeconds: this.stepSeconds, maxHorizonSeconds: Math.max(MAX_HORIZON_SECONDS, this.stepSeconds) };
  }

  private add({ namespace, service, metric }: SeriesKey, forecaster: Forecaster): Entry {
    const entry: Entry = { namespace, service, metric, forecaster, climber: new Climber(forecaster, this.stepSeconds), askedUntil: undefined, lastValue: undefined };
    this.entries.set(identity(entry), entry);
    return entry;
  }
}

function identity({ namespace, service, metric }: SeriesKey): string {
  return JSON.stringify([namespace, service, metric]); // a separator could occur in a label
}
