import { AffineClock } from '../../plant/clock';
import { ApiError, number, stamp } from '../../plant/prometheus-http';
import { evaluate, evaluateRange, parseQuery, Query, QueryError } from '../../plant/promql';
import { LOOKBACK_SECONDS, SeriesStore } from '../../plant/recording-rules';
import type { ClockBody, TraceBody } from './contract';

/** A series as Prometheus answers it. */
interface Vector { readonly metric: Readonly<Record<string, string>>; readonly value: readonly [number, string] }
interface Matrix { readonly metric: Readonly<Record<string, string>>; readonly values: readonly (readonly [number, string])[] }

/** Asks the real Prometheus; the answer is its `data`. @throws ApiError as Prometheus refused, or if it does not answer */
export type AskPrometheus = (path: 'query' | 'query_range', parameters: Readonly<Record<string, string>>) => Promise<{ readonly resultType: string; readonly result: unknown }>;

/** What was given so far. */
interface Given { readonly clock: AffineClock; readonly traceStart: number; readonly history: SeriesStore }

/** A present that is older than this by the wall clock may still be a scrape on its way, seconds. */
const LEAST_LOOKBACK_SECONDS = 20;

/**
 * Answers for Prometheus in the time of the trace: what lies before the replay comes from the trace, the replay from the real Prometheus, whose times are mapped by a
 * clock. Until the clock is started it is always the last moment before the replay.
 */
export class Timekeeper {
  private given: Given | undefined;
  private wallStart: number | undefined;

  /** @param now unix seconds of this machine */
  constructor(private readonly ask: AskPrometheus, private readonly now: () => number) {}

  /**
   * Takes a trace; one that was given before is forgotten, and its clock.
   *
   * @throws RangeError if the speed is not above 0
   */
  give({ traceStart, speed, history }: TraceBody): void {
    const clock = new AffineClock({ traceStart, speed });
    const series = new SeriesStore();
    for (const { name, labels, start, stepSeconds, values } of history) {
      values.forEach((value, index) => {
        // What lies after the start of the replay is for the real Prometheus to tell.
        if (start + index * stepSeconds <= traceStart) series.append(name, labels, start + index * stepSeconds, value);
      });
    }
    this.given = { clock, traceStart, history: series };
    this.wallStart = undefined;
  }

  /** Lets the trace run from this moment on. @throws ApiError if there is no trace, or it runs already */
  start(): ClockBody {
    const { clock } = this.trace();
    if (clock.running) throw new ApiError(409, 'conflict', 'the clock runs already');
    this.wallStart = this.now();
    clock.start(this.wallStart);
    return this.clock();
  }

  /** Where the clock is. @throws ApiError if there is no trace */
  clock(): ClockBody {
    const { clock, traceStart } = this.trace();
    const wall = this.now();
    return { traceStart, speed: clock.speed, wallStart: this.wallStart ?? null, wall, trace: clock.toTrace(wall) };
  }

  private trace(): Given {
    if (!this.given) throw new ApiError(503, 'unavailable', 'no trace was given yet');
    return this.given;
  }

  /** Whether a trace was given. */
  get ready(): boolean {
    return this.given !== undefined;
  }

  /** `data` of an instant query. @param time of the trace; default: now */
  async instant(text: string, time?: number): Promise<unknown> {
    const { clock, traceStart, history } = this.trace();
    const at = time ?? clock.toTrace(this.now());
    const query = parsedIfKnown(text);
    if (query?.kind === 'time') return { resultType: 'scalar', result: [stamp(at), number(stamp(at))] };
    const past = query ? evaluate(history, query, at) : [];
    const present = clock.running && at > traceStart ? await this.present(text, clock.toWall(at)) : [];
    const result = new Map(past.map(({ metric, value }): [string, Vector] => [keyOf(metric), { metric, value: [stamp(at), number(value)] }]));
    for (const { metric, value } of present) result.set(keyOf(metric), { metric, value: [stamp(at), value[1]] });
    return { resultType: 'vector', result: [...result.values()] };
  }

  private async present(query: string, wall: number): Promise<readonly Vector[]> {
    const { resultType, result } = await this.ask('query', { query, time: String(wall), lookback_delta: this.lookback() });
    if (resultType === 'vector') return result as readonly Vector[];
    if (resultType === 'scalar') return [{ metric: {}, value: result as [number, string] }];
    throw new ApiError(422, 'execution', `a ${resultType} cannot be answered in the time of the trace`);
  }

  /** `data` of a range query. @param times of the trace, at equal distances */
  async range(text: string, times: readonly number[]): Promise<unknown> {
    const { clock, traceStart, history } = this.trace();
    const query = parsedIfKnown(text);
    if (query?.kind === 'time') return { resultType: 'matrix', result: [{ metric: {}, values: times.map((each) => [stamp(each), number(stamp(each))]) }] };
    const past = times.filter((time) => time <= traceStart);
    const future = clock.running ? times.slice(past.length) : [];
    const rows = new Map<string, { metric: Matrix['metric']; values: (readonly [number, string])[] }>();
    for (const { metric, values } of query && past.length > 0 ? evaluateRange(history, query, past) : []) {
      rows.set(keyOf(metric), { metric, values: values.map(([index, value]) => [stamp(past[index]!), number(value)] as const) });
    }
    for (const { metric, values } of future.length > 0 ? await this.replayed(text, future) : []) {
      const row = rows.get(keyOf(metric)) ?? { metric, values: [] };
      row.values.push(...values);
      rows.set(keyOf(metric), row);
    }
    return { resultType: 'matrix', result: [...rows.values()] };
  }

  /** What the real Prometheus recorded at times of the replay, with those times. */
  private async replayed(query: string, times: readonly number[]): Promise<readonly Matrix[]> {
    const { clock } = this.trace();
    const from = clock.toWall(times[0]!);
    const to = clock.toWall(times.at(-1)!);
    const step = times.length > 1 ? (to - from) / (times.length - 1) : 1;
    // Prometheus counts in whole milliseconds; half a step more, so that rounding loses no last point.
    const { result } = await this.ask('query_range', { query, start: from.toFixed(3), end: (to + step / 2).toFixed(3), step: String(Math.max(0.001, Math.round(step * 1000) / 1000)), lookback_delta: this.lookback() });
    return (result as readonly Matrix[]).map(({ metric, values }) => ({
      metric,
      values: values.flatMap(([wall, value]): (readonly [number, string])[] => {
        const time = times[Math.round((wall - from) / step)];
        return time === undefined ? [] : [[stamp(time), value]];
      }),
    }));
  }

  /** As far back as Prometheus would look in the time of the trace. */
  private lookback(): string {
    return `${Math.round(Math.max(LEAST_LOOKBACK_SECONDS, LOOKBACK_SECONDS / this.trace().clock.speed) * 1000)}ms`; // its durations are whole numbers
  }
}

/** A query of the few forms that the past can answer; others are for the real Prometheus, which knows nothing of the past. */
function parsedIfKnown(text: string): Query | undefined {
  try {
    return parseQuery(text);
  } catch (error) {
    if (error instanceof QueryError) return undefined;
    throw error;
  }
}

function keyOf(metric: Readonly<Record<string, string>>): string {
  return JSON.stringify(Object.entries(metric).sort(([a], [b]) => (a < b ? -1 : 1)));
}
