import { type ForecastMetric, recordingRules } from '../contract';
import type { IncidentEvent, MemoryRisk, ServiceView, Signal, Thresholds } from '../incidents/incident';
import { IncidentEngine } from '../incidents/incident-engine';
import { selector } from './prometheus-client';
import { type Entry, MAX_HORIZON_SECONDS, type Store } from './store';

/** What an {@link IncidentWatch} works with. */
export interface IncidentWatchOptions {
  readonly store: Store;
  /** What every service must not exceed. */
  readonly thresholds: Thresholds;
  /** Age of a value from which it says nothing about now, seconds. */
  readonly staleAfterSeconds: number;
  /** Containers of a service on their way out of memory. */
  readonly memoryOf: (namespace: string, service: string) => readonly MemoryRisk[];
  /** Told what happens to incidents. */
  readonly onEvent: (event: IncidentEvent) => void;
}

/** Services looked at before other work gets its turn: about 20 ms. */
const SLICE = 8;

/** Shows every service to the incident engine after each refresh, in slices. */
export class IncidentWatch {
  readonly engine: IncidentEngine;
  private running = false;

  constructor(private readonly options: IncidentWatchOptions) {
    this.engine = new IncidentEngine({ staleAfterSeconds: options.staleAfterSeconds });
  }

  /** Looks at every service once; nothing if a look is still under way, or before the first refresh. */
  async look(): Promise<void> {
    const now = this.options.store.now;
    if (this.running || now === undefined) return;
    this.running = true;
    try {
      const services = byService(this.options.store.all());
      for (let from = 0; from === 0 || from < services.length; from += SLICE) {
        const views = services.slice(from, from + SLICE).map((entries) => this.view(entries, now));
        for (const event of this.engine.observe(now, views)) this.options.onEvent(event);
        await new Promise((done) => setImmediate(done));
      }
    } finally {
      this.running = false;
    }
  }

  private view(entries: readonly Entry[], now: number): ServiceView {
    const { namespace, service } = entries[0]!;
    const signals: Partial<Record<ForecastMetric, Signal>> = {};
    for (const entry of entries) signals[entry.metric] = signalOf(entry, now);
    return { service, namespace, signals, thresholds: this.options.thresholds, memory: this.options.memoryOf(namespace, service) };
  }
}

/** Series of which something is known, one group for each service. */
function byService(entries: readonly Entry[]): Entry[][] {
  const groups = new Map<string, Entry[]>();
  for (const entry of entries) {
    if (!entry.forecaster.ready) continue;
    const key = JSON.stringify([entry.namespace, entry.service]); // a separator could occur in a label
    const group = groups.get(key);
    if (group) group.push(entry);
    else groups.set(key, [entry]);
  }
  return [...groups.values()];
}

function signalOf({ namespace, service, metric, forecaster, lastValue }: Entry, now: number): Signal {
  const forecast = forecaster.forecast({ horizonSeconds: MAX_HORIZON_SECONDS, now });
  return {
    series: selector(recordingRules[metric], { namespace, service }),
    value: lastValue ?? null,
    time: forecaster.lastTime,
    forecast,
    reasons: forecast.reasons,
  };
}
