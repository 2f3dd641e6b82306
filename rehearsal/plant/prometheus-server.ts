import { createServer, IncomingMessage, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { AffineClock } from './clock';
import { evaluate, evaluateRange, parseQuery, Query, QueryError } from './promql';
import type { SeriesStore } from './recording-rules';
import { Scraper, ScrapeTarget } from './scraper';

/** What the stand-in for Prometheus is made of. */
export interface PrometheusServerOptions {
  readonly series: SeriesStore;
  readonly clock: AffineClock;
  /** This machine's time, seconds. */
  readonly now: () => number;
  /** @default - any free port */
  readonly port?: number;
  /** Pages to scrape; the list may grow later. @default - none */
  readonly targets?: readonly ScrapeTarget[];
  /** Seconds of this machine's clock. @default 1 */
  readonly scrapeIntervalSeconds?: number;
}

export interface PrometheusServer {
  /** Address of the mount in trace time. */
  readonly url: string;
  /** Address of the mount whose `time`, `start` and `end` are this machine's time, for clients that send their own clock. */
  readonly wallUrl: string;
  readonly port: number;
  /** Why each failing scrape target failed last, by address. */
  problems(): Readonly<Record<string, string>>;
  /** Scrapes every target now. */
  scrape(): Promise<void>;
  stop(): Promise<void>;
}

/** Prometheus refuses more points per series than this. */
const MOST_POINTS = 11_000;
const LARGEST_BODY = 64 * 1024;

/** A refusal in Prometheus' shape. */
class ApiError extends Error {
  constructor(readonly status: number, readonly type: string, message: string) {
    super(message);
  }
}

/**
 * Serves the part of the Prometheus HTTP API that the forecaster and KEDA use, over a {@link SeriesStore}: `query` and `query_range`, at `/api/v1`
 * in trace time and at `/wall/api/v1` in this machine's time. Listens on 127.0.0.1 only.
 */
export async function startPrometheusServer(options: PrometheusServerOptions): Promise<PrometheusServer> {
  const scraper = new Scraper(options.series, options.targets ?? [], () => options.clock.toTrace(options.now()), Math.max(1, options.scrapeIntervalSeconds ?? 1));
  const server = createServer((request, response) => {
    void handle(options, request).then(
      (data) => send(response, 200, data),
      (error: unknown) => {
        if (error instanceof ApiError) send(response, error.status, { status: 'error', errorType: error.type, error: error.message });
        else send(response, 500, { status: 'error', errorType: 'internal', error: String(error) });
      },
    );
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(options.port ?? 0, '127.0.0.1', resolve);
  });
  if (options.targets) scraper.start(options.scrapeIntervalSeconds ?? 1);
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    wallUrl: `http://127.0.0.1:${port}/wall`,
    port,
    problems: () => scraper.problems,
    scrape: () => scraper.scrape(),
    stop: () => {
      scraper.stop();
      return new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      });
    },
  };
}

function send(response: ServerResponse, status: number, answer: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(answer));
}

/** The two clocks a request can speak in. */
interface Mount {
  readonly now: () => number;
  toTrace(time: number): number;
}

function mounts(options: PrometheusServerOptions): { trace: Mount; wall: Mount } {
  const { clock, now } = options;
  return {
    trace: { now: () => clock.toTrace(now()), toTrace: (asked) => asked },
    wall: {
      now,
      // Clients cut their time down to whole seconds. That is nothing in real time, but minutes of a compressed trace: the current second means now.
      toTrace: (asked) => clock.toTrace(asked === Math.floor(now()) ? now() : asked),
    },
  };
}

async function handle(options: PrometheusServerOptions, request: IncomingMessage): Promise<unknown> {
  const url = new URL(request.url ?? '/', 'http://127.0.0.1');
  if (url.pathname === '/-/ready' || url.pathname === '/-/healthy') return { status: 'success' };
  const match = /^(\/wall)?\/api\/v1\/(query|query_range)$/.exec(url.pathname);
  if (!match) throw new ApiError(404, 'not_found', `no such endpoint: ${url.pathname}`);
  if (request.method !== 'GET' && request.method !== 'POST') throw new ApiError(405, 'bad_data', `method ${request.method} is not allowed`);
  const parameters = url.searchParams;
  if (request.method === 'POST') for (const [key, value] of new URLSearchParams(await formOf(request))) parameters.append(key, value);
  const { trace, wall } = mounts(options);
  const mount = match[1] === undefined ? trace : wall;
  const query = parsed(parameters.get('query'));
  const data = match[2] === 'query' ? instant(options.series, mount, query, parameters) : range(options.series, mount, query, parameters);
  return { status: 'success', data };
}

async function formOf(request: IncomingMessage): Promise<string> {
  let text = '';
  for await (const chunk of request) {
    text += String(chunk);
    if (text.length > LARGEST_BODY) throw new ApiError(413, 'bad_data', 'the request is too large');
  }
  return text;
}

function parsed(text: string | null): Query {
  if (text === null || text === '') throw new ApiError(400, 'bad_data', 'invalid parameter "query": unknown position: parse error: no expression found in input');
  try {
    return parseQuery(text);
  } catch (error) {
    if (error instanceof QueryError) throw new ApiError(400, 'bad_data', error.message);
    throw error;
  }
}

/** Unix seconds, or RFC 3339. */
function timeOf(parameters: URLSearchParams, name: string, fallback?: number): number {
  const text = parameters.get(name);
  if ((text === null || text === '') && fallback !== undefined) return fallback;
  const value = text !== null && /^-?\d+(\.\d+)?([eE][+-]?\d+)?$/.test(text) ? Number(text) : text !== null && /^\d{4}-\d\d-\d\dT/.test(text) ? Date.parse(text) / 1000 : NaN;
  if (!Number.isFinite(value)) throw new ApiError(400, 'bad_data', `invalid parameter "${name}": cannot parse ${JSON.stringify(text ?? '')} to a valid timestamp`);
  return value;
}

const UNITS: Readonly<Record<string, number>> = { ms: 0.001, s: 1, m: 60, h: 3600, d: 86400, w: 604800 };

function duration(parameters: URLSearchParams, name: string): number {
  const text = parameters.get(name) ?? '';
  const match = /^(\d+(?:\.\d+)?)(ms|s|m|h|d|w)?$/.exec(text);
  const value = match ? Number(match[1]) * UNITS[match[2] ?? 's']! : NaN;
  if (!Number.isFinite(value)) throw new ApiError(400, 'bad_data', `invalid parameter "${name}": cannot parse ${JSON.stringify(text)} to a valid duration`);
  if (value <= 0) throw new ApiError(400, 'bad_data', `invalid parameter "${name}": zero or negative query resolution step widths are not accepted. Try a positive integer`);
  return value;
}

/** Prometheus' way to write a number. */
function number(value: number): string {
  if (value === Infinity) return '+Inf';
  return String(value === -Infinity ? '-Inf' : value);
}

/** Timestamps carry milliseconds. */
const stamp = (value: number): number => Math.round(value * 1000) / 1000;

function instant(series: SeriesStore, mount: Mount, query: Query, parameters: URLSearchParams): unknown {
  const asked = timeOf(parameters, 'time', mount.now());
  const traceTime = mount.toTrace(asked);
  if (query.kind === 'time') return { resultType: 'scalar', result: [stamp(asked), number(stamp(asked))] };
  const result = evaluate(series, query, traceTime).map(({ metric, value }) => ({ metric, value: [stamp(asked), number(value)] }));
  return { resultType: 'vector', result };
}

function range(series: SeriesStore, mount: Mount, query: Query, parameters: URLSearchParams): unknown {
  const start = timeOf(parameters, 'start');
  const end = timeOf(parameters, 'end');
  const step = duration(parameters, 'step');
  if (end < start) throw new ApiError(400, 'bad_data', 'invalid parameter "end": end timestamp must not be before start time');
  if ((end - start) / step > MOST_POINTS) {
    throw new ApiError(400, 'bad_data', 'exceeded maximum resolution of 11,000 points per timeseries. Try decreasing the query resolution (?step=XX)');
  }
  const asked = Array.from({ length: Math.floor((end - start) / step + 1e-9) + 1 }, (_, index) => start + index * step);
  if (query.kind === 'time') return { resultType: 'matrix', result: [{ metric: {}, values: asked.map((each) => [stamp(each), number(stamp(each))]) }] };
  const byTrace = asked.map((each) => mount.toTrace(each));
  const result = evaluateRange(series, query, byTrace).map(({ metric, values }) => ({
    metric, values: values.map(([index, value]) => [stamp(asked[index]!), number(value)]),
  }));
  return { resultType: 'matrix', result };
}
