import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A series that the server holds: value by time in seconds. */
export interface HeldSeries {
  readonly labels: Readonly<Record<string, string>>;
  readonly at: (time: number) => number | undefined;
}

/** A Prometheus HTTP API over series given as functions of time; everything about it can be changed while it runs. */
export interface PrometheusServer {
  readonly url: string;
  /** What `time()` says. */
  now: number;
  series: HeldSeries[];
  /** Answers instead of the API, unless it returns false. */
  sabotage: ((request: IncomingMessage, response: ServerResponse) => unknown) | undefined;
  /** Paths with query, in order of arrival. */
  readonly asked: URL[];
  close(): Promise<void>;
}

export async function startPrometheus(): Promise<PrometheusServer> {
  const asked: URL[] = [];
  const state = { now: 0, series: [] as HeldSeries[], sabotage: undefined as PrometheusServer['sabotage'] };
  const server = createServer((request, response) => {
    const url = new URL(request.url ?? '/', 'http://prometheus');
    asked.push(url);
    if (!state.sabotage || state.sabotage(request, response) === false) respond(url, state, response);
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const { port } = server.address() as AddressInfo;
  return Object.assign(state, {
    url: `http://127.0.0.1:${port}`,
    asked,
    close: () => new Promise<void>((done) => {
      server.closeAllConnections();
      server.close(() => done());
    }),
  });
}

/** The series of an expression: a bare name or `name{a="b",c=~"d|e"}`. */
function matching(query: string, series: readonly HeldSeries[]): HeldSeries[] {
  const [, name, matchers = ''] = /^([a-z0-9_:]+)(?:\{(.*)\})?$/s.exec(query) ?? [];
  const wanted = [...matchers.matchAll(/(\w+)(=~?)"((?:[^"\\]|\\.)*)"/gs)].map(([, label, operator, value]) => {
    const text = JSON.parse(`"${value!}"`) as string;
    const pattern = operator === '=~' ? new RegExp(`^(?:${text})$`, 'su') : undefined;
    return { label: label!, fits: (held: string | undefined) => (pattern ? pattern.test(held ?? '') : held === text) };
  });
  return series.filter(({ labels }) => labels.__name__ === name && wanted.every(({ label, fits }) => fits(labels[label])));
}

function respond(url: URL, state: { now: number; series: readonly HeldSeries[] }, response: ServerResponse): void {
  const query = url.searchParams.get('query') ?? '';
  const answer = (resultType: string, result: unknown) => response.setHeader('content-type', 'application/json').end(JSON.stringify({ status: 'success', data: { resultType, result } }));
  const text = (value: number) => (value === Infinity ? '+Inf' : value === -Infinity ? '-Inf' : String(value));
  if (query === 'time()') return void answer('scalar', [state.now, text(state.now)]);
  if (url.pathname === '/api/v1/query') {
    const found = matching(query, state.series).filter(({ at }) => at(state.now) !== undefined);
    return void answer('vector', found.map(({ labels, at }) => ({ metric: labels, value: [state.now, text(at(state.now)!)] })));
  }
  const [start, end, step] = ['start', 'end', 'step'].map((name) => Number(url.searchParams.get(name))) as [number, number, number];
  if ((end - start) / step > 11_000) {
    response.statusCode = 400;
    return void response.end(JSON.stringify({ status: 'error', errorType: 'bad_data', error: 'exceeded maximum resolution of 11,000 points per timeseries' }));
  }
  return void answer('matrix', matching(query, state.series).map(({ labels, at }) => {
    const values: [number, string][] = [];
    for (let time = start; time <= Math.min(end, state.now); time += step) {
      const value = at(time);
      if (value !== undefined) values.push([time, text(value)]);
    }
    return { metric: labels, values };
  }).filter(({ values }) => values.length > 0));
}
