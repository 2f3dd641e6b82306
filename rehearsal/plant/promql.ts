import type { InstantSample, Labels, SeriesStore } from './recording-rules';

/** The tiny part of PromQL that the platform's own queries use. */
export type Query =
  | { readonly kind: 'time' }
  | {
    readonly kind: 'selector'; readonly name: string; readonly matchers: Labels;
    /** Labels that a regular expression must match whole (`=~`). @default - none */
    readonly patterns?: Readonly<Record<string, RegExp>>;
    readonly aggregate?: 'max' | 'sum';
  };

/** A query that this stand-in does not understand; the message reads like Prometheus' own. */
export class QueryError extends Error {}

const NAME = /^[a-zA-Z_:][a-zA-Z0-9_:]*/;
const MATCHER = /^\s*([a-zA-Z_][a-zA-Z0-9_]*)\s*(=~?)\s*"((?:[^"\\\n]|\\["\\n])*)"\s*/;

/**
 * Parses `time()`, a selector with matchers `=` and `=~`, or `max` / `sum` over one. Anything else is refused rather than guessed.
 *
 * @throws QueryError
 */
export function parseQuery(text: string): Query {
  const query = text.trim();
  if (/^time\(\s*\)$/.test(query)) return { kind: 'time' };
  const aggregate = /^(max|sum)\s*\(([\s\S]*)\)$/.exec(query);
  if (aggregate) return { ...parseSelector(aggregate[2]!.trim()), aggregate: aggregate[1] as 'max' | 'sum' };
  return parseSelector(query);
}

function parseSelector(text: string): Extract<Query, { kind: 'selector' }> {
  const refuse = (at: string): never => {
    throw new QueryError(`invalid parameter "query": parse error near ${JSON.stringify(at.slice(0, 40))}: only time(), name{label="value",...}, max(...) and sum(...) of one are answered here`);
  };
  const name = NAME.exec(text)?.[0] ?? refuse(text);
  let rest = text.slice(name.length).trim();
  const matchers: Record<string, string> = {};
  const patterns: Record<string, RegExp> = {};
  if (rest === '') return { kind: 'selector', name, matchers };
  if (!rest.startsWith('{') || !rest.endsWith('}')) refuse(rest);
  rest = rest.slice(1, -1);
  while (rest.trim() !== '') {
    const match = MATCHER.exec(rest) ?? refuse(rest);
    const key = match[1]!;
    if (Object.hasOwn(matchers, key) || Object.hasOwn(patterns, key)) refuse(rest);
    const value = match[3]!.replace(/\\(.)/g, (_, each: string) => (each === 'n' ? '\n' : each));
    if (match[2] === '=') matchers[key] = value;
    else patterns[key] = expressionOf(value, () => refuse(rest));
    rest = rest.slice(match[0].length);
    if (rest.startsWith(',')) rest = rest.slice(1);
    else if (rest !== '') refuse(rest);
  }
  return { kind: 'selector', name, matchers, ...(Object.keys(patterns).length > 0 ? { patterns } : {}) };
}

/** Prometheus' expressions are RE2; those of names and alternatives are the same here. */
function expressionOf(text: string, refuse: () => never): RegExp {
  try {
    return new RegExp(`^(?:${text})$`, 's');
  } catch {
    return refuse();
  }
}

function fits({ patterns = {} }: Extract<Query, { kind: 'selector' }>, labels: Labels): boolean {
  return Object.entries(patterns).every(([key, pattern]) => pattern.test(labels[key] ?? ''));
}

function combine(values: readonly number[], how: 'max' | 'sum'): number {
  if (how === 'sum') return values.reduce((sum, value) => sum + value, 0);
  // A number beats NaN, as in Prometheus.
  return values.reduce((best, value) => (Number.isNaN(best) || value > best ? value : best));
}

/** Evaluates a selector at one time. */
export function evaluate(store: SeriesStore, query: Extract<Query, { kind: 'selector' }>, time: number): { metric: Labels; value: number }[] {
  const found = store.instant(query.name, query.matchers, time).filter(({ labels }) => fits(query, labels));
  if (query.aggregate === undefined) return found.map((sample) => ({ metric: metricOf(sample), value: sample.value }));
  return found.length === 0 ? [] : [{ metric: {}, value: combine(found.map((sample) => sample.value), query.aggregate) }];
}

/** Evaluates a selector on a grid of times. Points are `[index in times, value]`; those without a value are left out, series without points too. */
export function evaluateRange(store: SeriesStore, query: Extract<Query, { kind: 'selector' }>, times: readonly number[]): { metric: Labels; values: [number, number][] }[] {
  const found = store.range(query.name, query.matchers, times).filter(({ labels }) => fits(query, labels));
  const rows = query.aggregate === undefined
    ? found.map((series) => ({ metric: metricOf(series), values: series.values }))
    : [{
      metric: {},
      values: times.map((_, index) => {
        const present = found.map((series) => series.values[index]!).filter((value) => value !== null);
        return present.length === 0 ? null : combine(present, query.aggregate!);
      }),
    }];
  return rows.flatMap(({ metric, values }) => {
    const points = values.flatMap((value, index): [number, number][] => (value === null ? [] : [[index, value]]));
    return points.length === 0 ? [] : [{ metric, values: points }];
  });
}

function metricOf(sample: Pick<InstantSample, 'name' | 'labels'>): Labels {
  return { __name__: sample.name, ...sample.labels };
}
