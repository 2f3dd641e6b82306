/** A Prometheus label set without `__name__`. */
export type Labels = Readonly<Record<string, string>>;

/** One point; the value null marks that the series ended there (Prometheus' stale marker). */
interface Stored {
  readonly name: string;
  readonly labels: Labels;
  readonly times: number[];
  readonly values: (number | null)[];
}

/** A series as a query sees it at one time. */
export interface InstantSample {
  readonly name: string;
  readonly labels: Labels;
  readonly value: number;
}

/** How far back an instant query looks for a sample, seconds: Prometheus' default. */
export const LOOKBACK_SECONDS = 300;

/**
 * Holds the series that stand in for a Prometheus: the trace's history as recording rules, what the rules record while the rehearsal runs, and
 * what is scraped. All times are seconds of the trace. Memory is bounded by the trace: a series takes one point a minute, or one per scrape.
 */
export class SeriesStore {
  private readonly byName = new Map<string, Map<string, Stored>>();

  private stored(name: string, labels: Labels): Stored {
    let series = this.byName.get(name);
    if (series === undefined) this.byName.set(name, series = new Map());
    const key = JSON.stringify(Object.entries(labels).sort(([a], [b]) => (a < b ? -1 : 1)));
    let found = series.get(key);
    if (found === undefined) series.set(key, found = { name, labels: { ...labels }, times: [], values: [] });
    return found;
  }

  /** Adds a point. One that is older than the last is dropped, as Prometheus drops samples out of order; one of the same time replaces it: the clock may stand still. */
  append(name: string, labels: Labels, time: number, value: number): void {
    this.push(name, labels, time, value);
  }

  /** Ends a series: queries find nothing of it until the next point. */
  markStale(name: string, labels: Labels, time: number): void {
    this.push(name, labels, time, null);
  }

  private push(name: string, labels: Labels, time: number, value: number | null): void {
    const { times, values } = this.stored(name, labels);
    const last = times.at(-1) ?? -Infinity;
    if (time < last) return;
    if (time === last) {
      values[values.length - 1] = value;
      return;
    }
    times.push(time);
    values.push(value);
  }

  /** The series of a name whose labels equal all the given ones. An empty text matches an absent label, as in PromQL. */
  private select(name: string, matchers: Labels): Stored[] {
    const wanted = Object.entries(matchers);
    return [...(this.byName.get(name)?.values() ?? [])].filter(({ labels }) => wanted.every(([key, value]) => (labels[key] ?? '') === value));
  }

  /** What each matching series is at a time: its newest point, unless that is older than the lookback or says that the series ended. */
  instant(name: string, matchers: Labels, time: number): InstantSample[] {
    return this.select(name, matchers).flatMap((series) => {
      const value = at(series, time);
      return value === null ? [] : [{ name: series.name, labels: series.labels, value }];
    });
  }

  /**
   * Each matching series on a grid of times.
   *
   * @returns for each series the value at every time, null where it has none
   */
  range(name: string, matchers: Labels, times: readonly number[]): { name: string; labels: Labels; values: (number | null)[] }[] {
    return this.select(name, matchers).map((series) => ({ name: series.name, labels: series.labels, values: times.map((time) => at(series, time)) }));
  }
}

function at({ times, values }: Stored, time: number): number | null {
  let low = 0;
  let high = times.length;
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    if (times[middle]! <= time) low = middle + 1;
    else high = middle;
  }
  if (low === 0 || time - times[low - 1]! >= LOOKBACK_SECONDS) return null;
  return values[low - 1]!;
}
