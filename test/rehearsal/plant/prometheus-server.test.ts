import { createServer, Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { AffineClock, PrometheusServer, ScrapeTarget, SeriesStore, startPrometheusServer } from '../../../rehearsal/plant';

let wall = 1000.25;
let series: SeriesStore;
let server: PrometheusServer;
const targets: ScrapeTarget[] = [];

beforeEach(async () => {
  wall = 1000.25;
  targets.length = 0;
  series = new SeriesStore();
  for (let minute = 0; minute <= 10; minute += 1) series.append('m', { service: 'a' }, 6000 + minute * 60, minute);
  // Trace second 6000 is wall second 1000: now is trace second 6030.
  const clock = new AffineClock({ traceStart: 6000, wallStart: 1000, speed: 120 });
  server = await startPrometheusServer({ series, clock, now: () => wall, targets, scrapeIntervalSeconds: 3600 });
});
afterEach(() => server.stop());

async function get(path: string, mount: 'trace' | 'wall' = 'trace'): Promise<{ status: number; body: any }> { // eslint-disable-line @typescript-eslint/no-explicit-any -- a JSON answer
  const response = await fetch(`${mount === 'trace' ? server.url : server.wallUrl}${path}`);
  return { status: response.status, body: await response.json() };
}

describe('in trace time', () => {
  it('tells the time of the trace', async () => {
    expect((await get('/api/v1/query?query=time()')).body).toEqual({ status: 'success', data: { resultType: 'scalar', result: [6030, '6030'] } });
  });

  it('answers instant queries, at a given time or now', async () => {
    const vector = (time: number, value: string) => ({ status: 'success', data: { resultType: 'vector', result: [{ metric: { __name__: 'm', service: 'a' }, value: [time, value] }] } });
    expect((await get('/api/v1/query?query=m')).body).toEqual(vector(6030, '0'));
    expect((await get('/api/v1/query?query=m%7Bservice%3D%22a%22%7D&time=6125.5')).body).toEqual(vector(6125.5, '2'));
    expect((await get('/api/v1/query?query=max(m)&time=1970-01-01T01:42:00Z')).body.data.result).toEqual([{ metric: {}, value: [6120, '2'] }]);
    expect((await get('/api/v1/query?query=m&time=99999')).body.data.result).toEqual([]);
  });

  it('answers range queries on the grid of their step', async () => {
    const { body } = await get('/api/v1/query_range?query=m&start=5940&end=6180&step=60');
    expect(body).toEqual({
      status: 'success',
      data: { resultType: 'matrix', result: [{ metric: { __name__: 'm', service: 'a' }, values: [[6000, '0'], [6060, '1'], [6120, '2'], [6180, '3']] }] },
    });
    expect((await get('/api/v1/query_range?query=m&start=6000&end=6120&step=1m')).body.data.result[0].values).toHaveLength(3);
  });

  it('answers posted forms too', async () => {
    const response = await fetch(`${server.url}/api/v1/query`, { method: 'POST', body: new URLSearchParams({ query: 'm', time: '6060' }) });
    expect(((await response.json()) as any).data.result[0].value).toEqual([6060, '1']); // eslint-disable-line @typescript-eslint/no-explicit-any -- a JSON answer
  });

  it('writes numbers as Prometheus does', async () => {
    for (const [index, value] of [NaN, Infinity, -Infinity].entries()) series.append('odd', {}, 6000 + index, value);
    const values = (await get('/api/v1/query_range?query=odd&start=6000&end=6002&step=1')).body.data.result[0].values;
    expect(values.map((each: [number, string]) => each[1])).toEqual(['NaN', '+Inf', '-Inf']);
  });
});

describe('in wall time', () => {
  it('maps the time that is asked for, and answers in it', async () => {
    expect((await get('/api/v1/query?query=m&time=1001.5', 'wall')).body.data.result[0].value).toEqual([1001.5, '3']);
    expect((await get('/api/v1/query_range?query=m&start=1001&end=1002&step=0.5', 'wall')).body.data.result[0].values).toEqual([[1001, '2'], [1001.5, '3'], [1002, '4']]);
  });

  it('takes the current second, cut down as KEDA cuts it, for now', async () => {
    wall = 1002.9;
    expect((await get('/api/v1/query?query=m&time=1970-01-01T00:16:42Z', 'wall')).body.data.result[0].value).toEqual([1002, '5']); // trace second 6348, not 6240
    expect((await get('/api/v1/query?query=m&time=1001', 'wall')).body.data.result[0].value).toEqual([1001, '2']);
  });
});

describe('what it does not answer', () => {
  it.each([
    ['/api/v1/query', 400, 'bad_data', 'no expression found'],
    ['/api/v1/query?query=rate(m%5B1m%5D)', 400, 'bad_data', 'parse error'],
    ['/api/v1/query?query=m&time=soon', 400, 'bad_data', 'invalid parameter "time"'],
    ['/api/v1/query_range?query=m&start=1&end=2', 400, 'bad_data', 'invalid parameter "step"'],
    ['/api/v1/query_range?query=m&start=1&end=2&step=0', 400, 'bad_data', 'zero or negative'],
    ['/api/v1/query_range?query=m&start=2&end=1&step=1', 400, 'bad_data', 'end timestamp must not be before start'],
    ['/api/v1/query_range?query=m&start=0&end=11001&step=1', 400, 'bad_data', 'exceeded maximum resolution of 11,000 points'],
    ['/api/v1/query_range?query=m&end=1&step=1', 400, 'bad_data', 'invalid parameter "start"'],
    ['/api/v1/labels', 404, 'not_found', 'no such endpoint'],
    ['/metrics', 404, 'not_found', 'no such endpoint'],
  ])('%s is refused in Prometheus\' shape', async (path, status, errorType, error) => {
    for (const mount of ['trace', 'wall'] as const) {
      const answer = await get(path, mount);
      expect(answer.status).toBe(status);
      expect(answer.body).toEqual({ status: 'error', errorType, error: expect.stringContaining(error) });
    }
  });

  it('nor other methods', async () => {
    expect((await fetch(`${server.url}/api/v1/query?query=m`, { method: 'DELETE' })).status).toBe(405);
  });
});

describe('scraping', () => {
  let page: { status: number; text: string } = { status: 200, text: '' };
  let source: Server;
  beforeEach(async () => {
    source = createServer((_, response) => response.writeHead(page.status).end(page.text));
    await new Promise<void>((resolve) => source.listen(0, '127.0.0.1', resolve));
    targets.push({ job: 'forecaster', url: `http://127.0.0.1:${(source.address() as AddressInfo).port}/metrics` });
  });
  afterEach(() => new Promise((resolve) => {
    source.closeAllConnections();
    source.close(resolve);
  }));

  const scrape = async (text: string, status = 200): Promise<void> => {
    page = { status, text };
    wall += 0.1;
    await server.scrape();
  };
  const demand = async (): Promise<unknown> => (await get('/api/v1/query?query=max(tideline_demand)')).body.data.result[0]?.value[1];
  const up = async (): Promise<unknown> => (await get('/api/v1/query?query=up%7Bjob%3D%22forecaster%22%7D')).body.data.result[0].value[1];

  it('keeps what a page says, with its job', async () => {
    await scrape('tideline_demand{service="catalog"} 42\n');
    expect(await demand()).toBe('42');
    expect((await get('/api/v1/query?query=tideline_demand')).body.data.result[0].metric).toEqual({ __name__: 'tideline_demand', service: 'catalog', job: 'forecaster' });
    expect(await up()).toBe('1');
    expect(server.problems()).toEqual({});
  });

  it.each([
    ['an error', 'tideline_demand 99', 500],
    ['garbage', '<html>502 Bad Gateway</html>', 200],
    ['a page cut short', 'tideline_demand{service="cat', 200],
    ['a page without the series', 'other 1', 200],
  ])('ends a series at once when the page is %s, and takes it up again', async (_, text, status) => {
    await scrape('tideline_demand{service="catalog"} 42\n');
    await scrape(text, status);
    expect(await demand()).toBeUndefined();
    expect(await up()).toBe(text === 'other 1' ? '1' : '0');
    expect(Object.keys(server.problems())).toHaveLength(text === 'other 1' ? 0 : 1);
    await scrape('tideline_demand{service="catalog"} 43\n');
    expect(await demand()).toBe('43');
  });

  it('ends a series when nobody listens any more', async () => {
    await scrape('tideline_demand 42\n');
    source.closeAllConnections();
    await new Promise((resolve) => source.close(resolve));
    wall += 0.1;
    await server.scrape();
    expect([await demand(), await up()]).toEqual([undefined, '0']);
  });
});

describe('the port', () => {
  it('that is taken is refused', async () => {
    await expect(startPrometheusServer({ series, clock: new AffineClock({ traceStart: 0, speed: 1 }), now: () => 0, port: server.port })).rejects.toThrow('EADDRINUSE');
  });
});
