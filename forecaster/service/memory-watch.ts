import { containerRules } from '../contract';
import type { MemoryRisk } from '../incidents/incident';
import { type OomOutlook, OomWatch } from '../oom/oom-watch';
import { type LabelledSamples, type PrometheusClient, PrometheusFailure, selector } from './prometheus-client';
import { owns, type Shard, WHOLE } from './shards';

/** A container and how its memory stands. */
export interface ContainerOutlook extends OomOutlook {
  readonly namespace: string;
  readonly service: string;
  readonly pod: string;
  readonly container: string;
}

/** What a {@link MemoryWatch} works with. */
export interface MemoryWatchOptions {
  readonly client: Pick<PrometheusClient, 'instant' | 'range'>;
  /** Which services are its own. @default - all */
  readonly shard?: Shard;
  /** Containers beyond this are not watched. @default 2000 */
  readonly maxContainers?: number;
  /** Told of every failed question. @default - nobody is told */
  readonly onFailure?: (failure: PrometheusFailure, what: string) => void;
}

interface Watched {
  readonly labels: { readonly namespace: string; readonly service: string; readonly pod: string; readonly container: string };
  readonly watch: OomWatch;
  /** Its history has been read. */
  warm: boolean;
  /** When it was last told of, seconds. */
  seen: number;
}

/** What the out-of-memory engine was made for. */
const STEP_SECONDS = 60;
/** History that is read of a container that is new to this process. */
const HISTORY_SECONDS = 12 * 3600;
/** Services whose history is read in one look: the rest has to wait for the next. */
const MOST_HISTORIES = 20;
/** A container that has said nothing for so long is gone, seconds. */
const FORGET_SECONDS = 3600;

/** Follows the memory of every container: two questions a look, and one for each service that is new. */
export class MemoryWatch {
  private readonly watched = new Map<string, Watched>();
  private running = false;
  private now = NaN;

  constructor(private readonly options: MemoryWatchOptions) {}

  /**
   * Reads what is new. Never throws; nothing if a look is still under way.
   *
   * @param now by the metrics' clock, seconds
   */
  async look(now: number): Promise<void> {
    if (this.running) return;
    this.running = true;
    try {
      const limits = new Map((await this.options.client.instant(containerRules.limit)).map(({ labels, samples }) => [keyOf(labels), samples[0]?.value]));
      const values = await this.options.client.instant(containerRules.workingSet);
      for (const [key, { seen }] of this.watched) if (Math.abs(now - seen) > FORGET_SECONDS) this.watched.delete(key);
      for (const { labels } of values) this.open(labels, now);
      await this.readHistories(now, limits);
      for (const { labels, samples } of values) {
        const limit = limits.get(keyOf(labels)) ?? 0; // none is told: there is none
        for (const { value } of samples) this.warm(labels)?.watch.observe({ time: now, usage: value, limit });
      }
      this.now = now;
    } catch (error) {
      this.options.onFailure?.(error instanceof PrometheusFailure ? error : new PrometheusFailure('internal', String(error)), 'memory of containers');
    } finally {
      this.running = false;
    }
  }

  /** Every container of which something is known, the likeliest to run out first. */
  outlooks(): ContainerOutlook[] {
    const now = Number.isFinite(this.now) ? this.now : undefined;
    return [...this.watched.values()]
      .map(({ labels, watch }) => ({ ...labels, ...watch.outlook(now) }))
      .filter(({ time }) => time !== null)
      .sort((a, b) => Number(b.alarm) - Number(a.alarm) || b.within60 - a.within60);
  }

  /** Containers of a service with a limit, for incidents. */
  risksOf(namespace: string, service: string): MemoryRisk[] {
    const own = [...this.watched.values()].filter(({ labels }) => labels.service === service && labels.namespace === namespace);
    return own.flatMap(({ labels, watch }) => {
      const { limit, usage, within60, minutesToLimit, alarm } = watch.outlook(this.now);
      if (limit === null || usage === null) return [];
      const series = selector(containerRules.workingSet, labels);
      return [{ series, container: labels.container, probability: within60, minutesToOom: minutesToLimit, alarm, workingSetBytes: usage, limitBytes: limit }];
    });
  }

  private open(labels: Readonly<Record<string, string>>, now: number): void {
    const { namespace, service, pod, container } = labels;
    if (!namespace || !service || !pod || !container || !owns(this.options.shard ?? WHOLE, namespace, service)) return;
    const key = keyOf(labels);
    const known = this.watched.get(key);
    if (known) known.seen = now;
    if (known || this.watched.size >= (this.options.maxContainers ?? 2000)) return;
    this.watched.set(key, { labels: { namespace, service, pod, container }, watch: new OomWatch(), warm: false, seen: now });
  }

  private warm(labels: Readonly<Record<string, string>>): Watched | undefined {
    const entry = this.watched.get(keyOf(labels));
    return entry?.warm ? entry : undefined;
  }

  private async readHistories(now: number, limits: ReadonlyMap<string, number | undefined>): Promise<void> {
    const services = new Map<string, { namespace: string; service: string }>();
    for (const { labels: { namespace, service }, warm } of this.watched.values()) if (!warm) services.set(JSON.stringify([namespace, service]), { namespace, service });
    const end = Math.floor(now / STEP_SECONDS) * STEP_SECONDS;
    for (const labels of [...services.values()].slice(0, MOST_HISTORIES)) {
      const history = await this.options.client.range(selector(containerRules.workingSet, labels), end - HISTORY_SECONDS, end - STEP_SECONDS, STEP_SECONDS);
      for (const piece of history) await this.learn(piece, limits);
      for (const entry of this.watched.values()) if (entry.labels.namespace === labels.namespace && entry.labels.service === labels.service) entry.warm = true;
    }
  }

  private async learn({ labels, samples }: LabelledSamples, limits: ReadonlyMap<string, number | undefined>): Promise<void> {
    const key = keyOf(labels);
    const entry = this.watched.get(key);
    if (!entry || entry.warm) return;
    for (const { time, value } of samples) entry.watch.observe({ time, usage: value, limit: limits.get(key) ?? 0 });
    await new Promise((done) => setImmediate(done)); // others get their turn between two containers
  }
}

function keyOf({ namespace, service, pod, container }: Readonly<Record<string, string>>): string {
  return JSON.stringify([namespace, service, pod, container]); // a separator could occur in a label
}
