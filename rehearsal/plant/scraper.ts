import { parseExposition } from './exposition';
import type { Labels, SeriesStore } from './recording-rules';

/** A page of metrics to read again and again. */
export interface ScrapeTarget {
  readonly job: string;
  /** Address of the page, e.g. http://127.0.0.1:8081/metrics. */
  readonly url: string;
  /** Added to every series. @default - only `job` */
  readonly labels?: Labels;
}

/** Largest page that is read, bytes. */
const LARGEST_PAGE = 8 * 1024 * 1024;

/**
 * Scrapes targets into a store as Prometheus does: `up` is 1 or 0, and series that vanish from a page, or whose page cannot be read, end at once
 * (stale marker) instead of holding their last value for the lookback.
 */
export class Scraper {
  private readonly seen = new Map<ScrapeTarget, Map<string, { name: string; labels: Labels }>>();
  private timer: NodeJS.Timeout | undefined;
  private busy = false;
  private readonly failures = new Map<ScrapeTarget, string>();

  /** @param now trace time of this moment */
  constructor(
    private readonly store: SeriesStore,
    private readonly targets: readonly ScrapeTarget[],
    private readonly now: () => number,
    private readonly timeoutSeconds: number,
  ) {}

  /** Why each failing target failed last, by its address. */
  get problems(): Readonly<Record<string, string>> {
    return Object.fromEntries([...this.failures].map(([target, why]) => [target.url, why]));
  }

  /** Reads every target once, all at the same time. Never rejects. */
  async scrape(): Promise<void> {
    await Promise.all(this.targets.map((target) => this.scrapeOne(target)));
  }

  private async scrapeOne(target: ScrapeTarget): Promise<void> {
    const extra = { ...target.labels, job: target.job };
    const before = this.seen.get(target) ?? new Map<string, { name: string; labels: Labels }>();
    const present = new Map<string, { name: string; labels: Labels }>();
    let problem: string | undefined;
    try {
      const response = await fetch(target.url, { signal: AbortSignal.timeout(this.timeoutSeconds * 1000) });
      if (!response.ok) throw new Error(`status ${response.status}`);
      const text = await response.text();
      if (text.length > LARGEST_PAGE) throw new Error('page too large');
      const samples = parseExposition(text);
      const time = this.now();
      for (const sample of samples) {
        const labels = { ...sample.labels, ...extra };
        this.store.append(sample.name, labels, time, sample.value);
        present.set(JSON.stringify([sample.name, labels]), { name: sample.name, labels });
      }
    } catch (error) {
      problem = error instanceof Error ? error.message : String(error);
    }
    const time = this.now();
    for (const [key, { name, labels }] of before) if (!present.has(key)) this.store.markStale(name, labels, time);
    this.seen.set(target, present);
    this.store.append('up', extra, time, problem === undefined ? 1 : 0);
    if (problem === undefined) this.failures.delete(target);
    else this.failures.set(target, problem);
  }

  /** @param intervalSeconds by this machine's clock; a scrape that takes longer than that is not joined by a second one */
  start(intervalSeconds: number): void {
    this.timer = setInterval(() => {
      if (this.busy) return;
      this.busy = true;
      void this.scrape().finally(() => {
        this.busy = false;
      });
    }, intervalSeconds * 1000);
  }

  stop(): void {
    clearInterval(this.timer);
  }
}
