import { explain, troubles } from './explanations';
import type { AnomalyFlag, Incident, IncidentEvent, IncidentKind, ServiceView } from './incident';
import { incidentKinds } from './incident';
import { IncidentFile, type IncidentFileSnapshot, type IncidentRules, defaultIncidentRules } from './incident-file';
import { risksOf } from './risks';
import { ServiceWatch, type ServiceWatchSnapshot } from './service-watch';

/** How incidents are told. */
export interface IncidentEngineOptions {
  /** Services beyond this are not watched. @default 2000 */
  readonly maxServices?: number;
  /** How far ahead risks count, seconds. @default 3600 */
  readonly horizonSeconds?: number;
  /** Age of a value from which it says nothing about now, seconds. @default 300 */
  readonly staleAfterSeconds?: number;
  /** When incidents open and close. @default - see {@link defaultIncidentRules} */
  readonly rules?: IncidentRules;
}

/** Which incidents are asked for. */
export interface IncidentFilter {
  readonly namespace?: string;
  readonly service?: string;
  readonly kind?: IncidentKind;
  /** @default 0 */
  readonly minProbability?: number;
}

/** As plain JSON. */
export interface IncidentEngineSnapshot {
  readonly version: 1;
  readonly now: number | null;
  readonly services: readonly ServiceWatchSnapshot[];
  readonly incidents: IncidentFileSnapshot;
}

/** A service that has not been seen for so long is forgotten, seconds. */
const FORGET_SECONDS = 2 * 3600;
/** A clock that goes back by more than this is another clock, seconds. */
const SET_BACK_SECONDS = 600;
const MOST_NEIGHBOURS = 50;

/**
 * Tells what is going wrong with services, and what is about to: latency above its objective, CPU above its ceiling, memory that runs out, more
 * demand than all replicas can serve. Looks at what is known of every service once per refresh. No clock, no I/O; memory is bounded by `maxServices`.
 */
export class IncidentEngine {
  private readonly watches = new Map<string, ServiceWatch>();
  private file: IncidentFile;
  private now = NaN;
  private readonly maxServices: number;
  private readonly horizonSeconds: number;
  private readonly staleAfterSeconds: number;
  private readonly rules: IncidentRules;

  constructor(options: IncidentEngineOptions = {}) {
    this.maxServices = options.maxServices ?? 2000;
    this.horizonSeconds = options.horizonSeconds ?? 3600;
    this.staleAfterSeconds = options.staleAfterSeconds ?? 300;
    this.rules = options.rules ?? defaultIncidentRules;
    this.file = new IncidentFile(this.rules);
  }

  /**
   * Takes what is known of every service now. A service that is left out goes on as it was until it is forgotten.
   *
   * @param time by the metrics' clock, seconds; a look without a finite time, or one a little older than the last, changes nothing
   */
  observe(time: number, services: readonly ServiceView[]): IncidentEvent[] {
    if (!Number.isFinite(time) || (time < this.now && this.now - time <= SET_BACK_SECONDS)) return [];
    const events = time < this.now ? this.restart(time) : [];
    this.now = time;
    const looked: { readonly view: ServiceView; readonly watch: ServiceWatch }[] = [];
    for (const view of services) {
      const watch = this.watch(view);
      if (watch === undefined || watch.seenAt === time) continue; // no room, or told twice
      watch.look(view, time);
      looked.push({ view, watch });
    }
    const trouble = groupBy(troubles([...this.watches.values()].flatMap(({ flags }) => flags), this.file.open(), time), ({ name }) => name);
    const byNamespace = namespaces(trouble.keys());
    for (const { view, watch } of looked) {
      const risks = risksOf(view, {
        now: time,
        horizonSeconds: this.horizonSeconds,
        staleAfterSeconds: this.staleAfterSeconds,
        persistence: (metric, stepSeconds) => watch.persistence(metric, stepSeconds),
        calibration: (kind) => watch.calibration(kind),
      });
      const self = `${view.namespace}/${view.service}`;
      const names = view.neighbours ?? byNamespace.get(view.namespace) ?? [];
      for (const kind of incidentKinds) {
        const risk = risks.find((each) => each.kind === kind);
        const event = this.file.update(view, kind, risk, time, this.horizonSeconds, (onset) => ({
          explains: explain(risk!, { now: time, onset, view, watch, neighbours: names.filter((name) => name !== self).flatMap((name) => trouble.get(name) ?? []) }),
          anomalous: watch.flags.find(({ metric, until }) => metric === risk!.metric && time - until <= this.staleAfterSeconds + 300),
        }));
        if (event) events.push(event);
      }
    }
    events.push(...this.file.sweep(time));
    for (const [key, { seenAt }] of this.watches) if (time - seenAt > FORGET_SECONDS) this.watches.delete(key);
    return events;
  }

  /** Open incidents, the worst first: by severity, then probability, then how soon. */
  list(filter: IncidentFilter = {}): Incident[] {
    const fits = ({ namespace, service, kind, probability }: Incident) => (filter.namespace ?? namespace) === namespace && (filter.service ?? service) === service
      && (filter.kind ?? kind) === kind && probability >= (filter.minProbability ?? 0);
    return this.file.open().filter(fits);
  }

  /** Series that depart from what was forecast, or did so within the last two hours; the newest first. */
  anomalies(): AnomalyFlag[] {
    return [...this.watches.values()].flatMap(({ flags }) => flags).sort((a, b) => b.until - a.until || b.score - a.score);
  }

  /** Everything there is to know, as plain JSON. */
  snapshot(): IncidentEngineSnapshot {
    return { version: 1, now: Number.isFinite(this.now) ? this.now : null, services: [...this.watches.values()].map((watch) => watch.snapshot()), incidents: this.file.snapshot() };
  }

  /** An engine as it was; undefined if the value is not a snapshot of this version: what cannot be read is learned anew. */
  static restore(value: unknown, options: IncidentEngineOptions = {}): IncidentEngine | undefined {
    const { version, now, services, incidents } = (value ?? {}) as Partial<IncidentEngineSnapshot>;
    if (version !== 1 || !Array.isArray(services) || !(now === null || Number.isFinite(now))) return undefined;
    try {
      const engine = new IncidentEngine(options);
      engine.now = now ?? NaN;
      for (const each of (services as ServiceWatchSnapshot[]).slice(0, engine.maxServices)) engine.watches.set(keyOf(each), ServiceWatch.restore(each));
      engine.file = IncidentFile.restore(incidents!, engine.rules);
      return engine;
    } catch {
      return undefined; // of this version by its own account, but not by its content
    }
  }

  private watch(view: ServiceView): ServiceWatch | undefined {
    const key = keyOf(view);
    const known = this.watches.get(key);
    if (known !== undefined || this.watches.size >= this.maxServices) return known;
    const made = new ServiceWatch(view.service, view.namespace);
    this.watches.set(key, made);
    return made;
  }

  /** Another clock: what was known belongs to another time. */
  private restart(time: number): IncidentEvent[] {
    this.watches.clear();
    const closed = this.file.closeAll(time);
    this.file = new IncidentFile(this.rules);
    return closed;
  }
}

function keyOf({ namespace, service }: { readonly namespace: string; readonly service: string }): string {
  return JSON.stringify([namespace, service]); // a separator could occur in a label
}

/** Names by namespace; a service's name has no slash. Of many, some are enough to tell that neighbours are in trouble. */
function namespaces(names: Iterable<string>): Map<string, readonly string[]> {
  const grouped = groupBy([...names], (name) => name.slice(0, name.lastIndexOf('/')));
  return new Map([...grouped].map(([namespace, list]) => [namespace, list.slice(0, MOST_NEIGHBOURS)]));
}

function groupBy<T>(items: readonly T[], key: (item: T) => string): Map<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const item of items) {
    const group = groups.get(key(item));
    if (group) group.push(item);
    else groups.set(key(item), [item]);
  }
  return groups;
}
