import { createServer, IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { AffineClock } from './clock';
import { ApiError, gridOf, number, parametersOf, parsed, refusalOf, send, stamp, timeOf } from './prometheus-http';
import { evaluate, evaluateRange, Query } from './promql';
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

/**
 * Serves the part of the Prometheus HTTP API that the forecaster and KEDA use, over a {@link SeriesStore}: `query` and `query_range`, at `/api/v1`
 * in trace time and at `/wall/api/v1` in this machine's time. Listens on 127.0.0.1 only.
 */
export async function startPrometheusServer(options: PrometheusServerOptions): Promise<PrometheusServer> {
  const scraper = new Scraper(options.series, options.targets ?? [], () => options.clock.toTrace(options.now()), Math.max(1, options.scrapeIntervalSeconds ?? 1));
  const server = createServer((request, response) => {
    void handle(options, request).then(
      (data) => send(response, 200, data),
      (error: unknown) => refusalOf(response, error),
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
  const parameters = await parametersOf(request, url);
  const { trace, wall } = mounts(options);
  const mount = match[1] === undefined ? trace : wall;
  const query = parsed(parameters.get('query'));
  const data = match[2] === 'query' ? instant(options.series, mount, query, parameters) : range(options.series, mount, query, parameters);
  return { status: 'success', data };
}

function instant(series: SeriesStore, mount: Mount, query: Query, parameters: URLSearchParams): unknown {
  const asked = timeOf(parameters, 'time', mount.now());
  const traceTime = mount.toTrace(asked);
  if (query.kind === 'time') return { resultType: 'scalar', result: [stamp(asked), number(stamp(asked))] };
  const result = evaluate(series, query, traceTime).map(({ metric, value }) => ({ metric, value: [stamp(asked), number(value)] }));
  return { resultType: 'vector', result };
}

function range(series: SeriesStore, mount: Mount, query: Query, parameters: URLSearchParams): unknown {
  const asked = gridOf(parameters);
  if (query.kind === 'time') return { resultType: 'matrix', result: [{ metric: {}, values: asked.map((each) => [stamp(each), number(stamp(each))]) }] };
  const byTrace = asked.map((each) => mount.toTrace(each));
  const result = evaluateRange(series, query, byTrace).map(({ metric, values }) => ({
    metric, values: values.map(([index, value]) => [stamp(asked[index]!), number(value)]),
  }));
  return { resultType: 'matrix', result };
}
