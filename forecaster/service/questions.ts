import { type ForecastMetric, recordingRules } from '../contract';
import { selector } from './prometheus-client';
import type { Entry } from './store';

/** A series of which something new may be there. */
export interface Need {
  readonly entry: Entry;
  /** Time from which it is asked for, seconds. */
  readonly start: number;
  /** Series that it may share a question with: falls when shared questions fail. @default - as many as fit */
  readonly company?: number;
}

/** One range query, for one metric of any number of series. */
export interface Question {
  readonly metric: ForecastMetric;
  readonly needs: readonly Need[];
  readonly query: string;
  /** Both included, seconds. */
  readonly start: number;
  readonly end: number;
}

/** What questions are made for. */
export interface PlanOptions {
  /** Newest time that is asked for, a multiple of the step, seconds. */
  readonly end: number;
  readonly stepSeconds: number;
  /** In the order in which they are asked for where time is short. */
  readonly metrics: readonly ForecastMetric[];
  /** Services that Prometheus has, those of other shards included. */
  readonly services: number;
}

/** What is behind by no more steps is kept up to date before any history is pulled. */
const RECENT_STEPS = 16;
/** Names within one question, characters as sent: servers and proxies take 8 KiB of address. */
const LONGEST_NAMES = 4000;
/** An answer with this many samples may as well hold every service. */
const SMALL_ANSWER = 50_000;

/** What remains to be asked for in one refresh: the nearly fresh first, then the metrics in their order, what was asked for together again together. */
export class Questions {
  /** The last is the next. */
  private readonly needs: Need[];

  constructor(needs: readonly Need[], private readonly options: PlanOptions) {
    const rank = ({ entry, start }: Need) => (this.points(start) > RECENT_STEPS ? options.metrics.length : 0) + options.metrics.indexOf(entry.metric);
    this.needs = needs.map((need) => ({ need, rank: rank(need) })).reverse().sort((a, b) => b.rank - a.rank || b.need.start - a.need.start).map(({ need }) => need);
  }

  /** Series that wait. */
  get size(): number {
    return this.needs.length;
  }

  /** Puts back what is to be asked for next. */
  again(needs: readonly Need[]): void {
    this.needs.push(...needs);
  }

  /**
   * The next question.
   *
   * @param samples that its answer may hold, about; a history that is longer is asked for in parts
   */
  next(samples: number): Question | undefined {
    const first = this.needs.pop();
    if (!first) return undefined;
    const all = this.points(first.start);
    const points = Math.min(all, Math.max(1, samples));
    const needs = [first];
    const most = Math.min(first.company ?? Infinity, Math.floor(samples / points));
    while (needs.length < most) {
      const other = this.needs.at(-1);
      if (!other || other.entry.metric !== first.entry.metric || (other.company ?? Infinity) <= needs.length || !this.near(first, other)) break;
      needs.push(other);
      this.needs.pop();
    }
    const everything = needs.length > 1 && first.company === undefined && this.everything(needs.length, points);
    if (!everything) this.again(needs.splice(namesThatFit(needs)).reverse());
    const start = Math.min(...needs.map((need) => need.start));
    const end = points < all ? start + (points - 1) * this.options.stepSeconds : this.options.end;
    return { metric: first.entry.metric, needs, query: queryOf(needs, everything), start, end };
  }

  private points(start: number): number {
    return Math.floor((this.options.end - start) / this.options.stepSeconds) + 1;
  }

  /** Starts differ by so little that what is asked for twice does not matter. */
  private near(a: Need, b: Need): boolean {
    const [fewer, more] = [this.points(a.start), this.points(b.start)].sort((x, y) => x - y) as [number, number];
    return more <= RECENT_STEPS || more <= fewer * 1.25;
  }

  /** The answer for all services is hardly longer than that for these. */
  private everything(series: number, points: number): boolean {
    return series * 2 >= this.options.services || this.options.services * points <= SMALL_ANSWER;
  }
}

/** One series: equality. All: the bare name. Otherwise alternatives of names, which Prometheus looks up as a set. */
function queryOf(needs: readonly Need[], everything: boolean): string {
  const { metric, namespace, service } = needs[0]!.entry;
  const name = recordingRules[metric];
  if (needs.length === 1) return selector(name, { namespace, service });
  if (everything) return name;
  const alternatives = (label: 'namespace' | 'service') => [...new Set(needs.map(({ entry }) => quoted(entry[label])))].join('|');
  // Every combination of the names is answered; what was not meant is not looked at.
  return selector(name, { namespace: alternatives('namespace'), service: alternatives('service') }, '=~');
}

/** A text as a regular expression (RE2) that matches just it. */
function quoted(text: string): string {
  return text.replace(/[\\.+*?()|[\]{}^$]/g, '\\$&');
}

/** How many of the first names an address can hold; at least one. */
function namesThatFit(needs: readonly Need[]): number {
  let length = 0;
  const over = needs.findIndex(({ entry: { namespace, service } }) => {
    length += encodeURIComponent(service).length + encodeURIComponent(namespace).length + 6;
    return length > LONGEST_NAMES;
  });
  return over === -1 ? needs.length : Math.max(1, over);
}
