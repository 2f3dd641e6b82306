import type { Sample } from '../series/series';

/** What went wrong with a question to Prometheus. */
export type PrometheusFailureKind =
  | 'unreachable' // no connection, or it broke
  | 'timeout'
  | 'too_large' // the answer is longer than accepted
  | 'status' // not 2xx
  | 'not_json' // a proxy's page, or a truncated answer
  | 'rejected' // Prometheus refused the query
  | 'unexpected_shape' // JSON, but not what the API documents
  | 'internal'; // a fault of our own while learning from an answer

/** The one error this client throws. */
export class PrometheusFailure extends Error {
  constructor(readonly kind: PrometheusFailureKind, detail: string) {
    super(`prometheus: ${kind}: ${detail}`);
    this.name = 'PrometheusFailure';
  }
}

/** One series of an answer. */
export interface LabelledSamples {
  readonly labels: Readonly<Record<string, string>>;
  /** As sent: values may be NaN or infinite, and in any order. */
  readonly samples: readonly Sample[];
}

/** How Prometheus is asked. */
export interface PrometheusClientOptions {
  /** Base address, without a trailing slash. */
  readonly url: string;
  /** For the whole answer, milliseconds. @default 10000 */
  readonly timeoutMs?: number;
  /** Longer answers are dropped half-way, bytes. @default 8388608 */
  readonly maxBytes?: number;
}

/** Samples per series that one range query may return: Prometheus refuses more than 11,000. */
export const MAX_POINTS = 10_000;

/**
 * The three questions the forecaster asks of a Prometheus HTTP API. Trusts nothing that comes back.
 *
 * https://prometheus.io/docs/prometheus/latest/querying/api/
 */
export class PrometheusClient {
  private readonly url: string;
  private readonly timeoutMs: number;
  private readonly maxBytes: number;

  constructor(options: PrometheusClientOptions) {
    this.url = options.url;
    this.timeoutMs = options.timeoutMs ?? 10_000;
    this.maxBytes = options.maxBytes ?? 8 * 1024 * 1024;
  }

  /** The time by the metrics' clock, seconds. @throws PrometheusFailure */
  async time(signal?: AbortSignal): Promise<number> {
    const data = await this.ask('query', { query: 'time()' }, signal);
    const sample = data.resultType === 'scalar' ? readSample(data.result) : undefined;
    if (!sample || !Number.isFinite(sample.value)) throw new PrometheusFailure('unexpected_shape', 'time() is not a finite scalar');
    return sample.value;
  }

  /** The present value of every series a selector matches. @throws PrometheusFailure */
  async instant(query: string, signal?: AbortSignal): Promise<LabelledSamples[]> {
    const data = await this.ask('query', { query }, signal);
    if (data.resultType !== 'vector') throw new PrometheusFailure('unexpected_shape', `${query} is not a vector`);
    return readList(data.result).map((item) => ({ labels: readLabels(item), samples: [wanted(readSample(item.value), 'a sample')] }));
  }

  /**
   * The values of every series a selector matches, from `start` to `end` (both included, seconds), in pieces that Prometheus accepts.
   *
   * @throws PrometheusFailure
   */
  async range(query: string, start: number, end: number, step: number, signal?: AbortSignal): Promise<LabelledSamples[]> {
    const pieces: LabelledSamples[] = [];
    for (let from = start; from <= end; from += MAX_POINTS * step) {
      const to = Math.min(end, from + (MAX_POINTS - 1) * step);
      const data = await this.ask('query_range', { query, start: String(from), end: String(to), step: String(step) }, signal);
      if (data.resultType !== 'matrix') throw new PrometheusFailure('unexpected_shape', `${query} is not a matrix`);
      for (const item of readList(data.result)) {
        if (!Array.isArray(item.values)) throw new PrometheusFailure('unexpected_shape', 'a series has no values');
        pieces.push({ labels: readLabels(item), samples: item.values.map((pair) => wanted(readSample(pair), 'a sample')) });
      }
    }
    return pieces;
  }

  private async ask(path: 'query' | 'query_range', parameters: Record<string, string>, signal?: AbortSignal): Promise<{ resultType: unknown; result: unknown }> {
    const address = `${this.url}/api/v1/${path}?${new URLSearchParams(parameters).toString()}`;
    const timeout = AbortSignal.timeout(this.timeoutMs);
    let status: number;
    let body: string;
    try {
      const response = await fetch(address, { redirect: 'error', headers: { accept: 'application/json' }, signal: signal ? AbortSignal.any([signal, timeout]) : timeout });
      status = response.status;
      body = await this.read(response);
    } catch (error) {
      if (error instanceof PrometheusFailure) throw error;
      if (timeout.aborted) throw new PrometheusFailure('timeout', `no complete answer to ${path} within ${this.timeoutMs} ms`);
      throw new PrometheusFailure('unreachable', causeOf(error));
    }
    const json = tryParse(body);
    const refused = isRecord(json) && json.status === 'error' ? String(json.error).slice(0, 200) : undefined;
    if (status < 200 || status > 299) throw new PrometheusFailure('status', `${path} answered ${status}${refused ? `: ${refused}` : ''}`);
    if (json === undefined) throw new PrometheusFailure('not_json', `${path} answered ${JSON.stringify(body.slice(0, 60))}`);
    if (refused !== undefined) throw new PrometheusFailure('rejected', refused);
    if (!isRecord(json) || json.status !== 'success' || !isRecord(json.data)) throw new PrometheusFailure('unexpected_shape', `${path} answered no data`);
    return { resultType: json.data.resultType, result: json.data.result };
  }

  private async read(response: Response): Promise<string> {
    if (!response.body) return '';
    const chunks: Uint8Array[] = [];
    let size = 0;
    for await (const chunk of response.body as AsyncIterable<Uint8Array>) {
      size += chunk.length;
      // Leaving the loop cancels the stream: the rest is never received.
      if (size > this.maxBytes) throw new PrometheusFailure('too_large', `more than ${this.maxBytes} bytes`);
      chunks.push(chunk);
    }
    return Buffer.concat(chunks).toString('utf8');
  }
}

/** `name{label="value",...}` with values escaped, so that no label can change the query. @param operator `=~`: values are regular expressions. */
export function selector(name: string, labels: Readonly<Record<string, string>>, operator: '=' | '=~' = '='): string {
  const matchers = Object.entries(labels).map(([label, value]) => `${label}${operator}"${value.replace(/\\/g, '\\\\').replace(/"/g, '\\"').replace(/\n/g, '\\n')}"`);
  return `${name}{${matchers.join(',')}}`;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function tryParse(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

function readList(value: unknown): Record<string, unknown>[] {
  if (!Array.isArray(value) || !value.every(isRecord)) throw new PrometheusFailure('unexpected_shape', 'the result is not a list of series');
  return value;
}

function readLabels(item: Record<string, unknown>): Record<string, string> {
  const { metric } = item;
  if (!isRecord(metric) || !Object.values(metric).every((value) => typeof value === 'string')) throw new PrometheusFailure('unexpected_shape', 'a series has no labels');
  return metric as Record<string, string>;
}

/** `[seconds, "value"]`; Prometheus writes NaN, +Inf and -Inf as text. */
function readSample(pair: unknown): Sample | undefined {
  if (!Array.isArray(pair) || pair.length !== 2 || typeof pair[0] !== 'number' || typeof pair[1] !== 'string') return undefined;
  const text = pair[1].trim();
  const value = text === '+Inf' ? Infinity : text === '-Inf' ? -Infinity : text === '' ? NaN : Number(text);
  return { time: pair[0], value };
}

function wanted<T>(value: T | undefined, what: string): T {
  if (value === undefined) throw new PrometheusFailure('unexpected_shape', `${what} is not [seconds, "value"]`);
  return value;
}

function causeOf(error: unknown): string {
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  return cause instanceof Error ? cause.message : String(cause);
}
