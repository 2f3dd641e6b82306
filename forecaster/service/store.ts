import { type ForecastMetric } from '../contract';
import { createForecaster, type Forecaster } from '../engine';
import { Climber } from '../ladder/climber';

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
  constructor(private readonly stepSeconds: number, private readonly maxSeries = 4000) {}

  get size(): number {
    return this.entries.size;
  }

  /** The entry of a series, made if it is new; undefined when the store is full. */
  open(key: SeriesKey): Entry | undefined {
    const id = identity(key);
    const existing = this.entries.get(id);
    if (existing) return existing;
    if (this.entries.size >= this.maxSeries) return undefined;
    const forecaster = createForecaster({ stepSeconds: this.stepSeconds, maxHorizonSeconds: Math.max(MAX_HORIZON_SECONDS, this.stepSeconds) });
    const entry: Entry = { ...key, forecaster, climber: new Climber(forecaster, this.stepSeconds), askedUntil: undefined, lastValue: undefined };
    this.entries.set(id, entry);
    return entry;
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
}

function identity({ namespace, service, metric }: SeriesKey): string {
  return JSON.stringify([namespace, service, metric]); // a separator could occur in a label
}
