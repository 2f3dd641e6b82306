import type { AddressInfo } from 'node:net';
import { createServer } from 'node:http';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { FaultError } from '../../../../base/faults';
import { ApiError } from '../../../../rehearsal/plant/prometheus-http';
import { askPrometheus, timekeeperServer } from '../../../../rehearsal/stand-ins/timekeeper/app';
import type { TraceBody } from '../../../../rehearsal/stand-ins/timekeeper/contract';
import { timekeeperSettings } from '../../../../rehearsal/stand-ins/timekeeper/settings';
import { AskPrometheus, Timekeeper } from '../../../../rehearsal/stand-ins/timekeeper/timekeeper';

const START = 1_600_000_000;
const WALL = 5_000_000;
const LABELS = { namespace: 'catalog', service: 'catalog' };
const METRIC = { __name__: 'rps', ...LABELS };
const TRACE: TraceBody = {
  traceStart: START, speed: 6, history: [{ name: 'rps', labels: LABELS, start: START - 600, stepSeconds: 60, values: Array.from({ length: 20 }, (_, index) => index) }],
};
const TOKEN = 'of-this-test';

/** A Prometheus whose series `rps` is the wall time itself. */
const asked: [string, Readonly<Record<string, string>>][] = [];
let refuse: ApiError | undefined;
const wallTime: AskPrometheus = async (path, parameters) => {
  asked.push([path, parameters]);
  if (refuse) throw refuse;
  if (path === 'query') return { resultType: 'vector', result: [{ metric: METRIC, value: [Number(parameters.time), parameters.time!] }] };
  const [start, end, step] = [Number(parameters.start), Number(parameters.end), Number(parameters.step)];
  const values = Array.from({ length: Math.floor((end - start) / step + 1e-9) + 1 }, (_, index) => [start + index * step, String(start + index * step)]);
  return { resultType: 'matrix', result: [{ metric: METRIC, values }] };
};
let wall = WALL;
let timekeeper: Timekeeper;
beforeEach(() => {
  wall = WALL;
  refuse = undefined;
  asked.length = 0;
  timekeeper = new Timekeeper(wallTime, () => wall);
});

type Answer = { readonly result: readonly { readonly metric: Record<string, string>; readonly value?: [number, string]; readonly values?: [number, string][] }[] };

describe('before the clock starts', () => {
  beforeEach(() => timekeeper.give(TRACE));

  it('it is always the last moment before the replay', async () => {
    wall += 500;
    expect(await timekeeper.instant('time()')).toEqual({ resultType: 'scalar', result: [START, String(START)] });
    expect(timekeeper.clock()).toEqual({ traceStart: START, speed: 6, wallStart: null, wall: WALL + 500, trace: START });
    expect(await timekeeper.instant('rps')).toEqual({ resultType: 'vector', result: [{ metric: METRIC, value: [START, '10'] }] });
    expect(asked).toEqual([]);
  });

  it('the past is the trace, and the replay is not known, whoever gave it', async () => {
    const times = [START - 120, START - 60, START, START + 60];
    const { result } = await timekeeper.range('rps{namespace="catalog"}', times) as Answer;
    expect(result[0]!.values).toEqual([[START - 120, '8'], [START - 60, '9'], [START, '10']]);
    expect(asked).toEqual([]);
  });
});

describe('while the clock runs', () => {
  beforeEach(() => {
    timekeeper.give(TRACE);
    timekeeper.start();
    wall = WALL + 100;
  });

  it('the present is what the real Prometheus has now', async () => {
    expect(timekeeper.clock()).toMatchObject({ wallStart: WALL, trace: START + 600 });
    expect(await timekeeper.instant('rps')).toEqual({ resultType: 'vector', result: [{ metric: METRIC, value: [START + 600, String(WALL + 100)] }] });
    expect(asked).toEqual([['query', { query: 'rps', time: String(WALL + 100), lookback_delta: '50000ms' }]]);
  });

  it('a range is the trace up to the start of the replay, and then the real Prometheus at the times that correspond', async () => {
    const times = Array.from({ length: 13 }, (_, index) => START - 120 + index * 60);
    const { result } = await timekeeper.range('rps', times) as Answer;
    expect(result).toHaveLength(1);
    expect(result[0]!.values!.map(([time]) => time)).toEqual(times);
    expect(result[0]!.values!.slice(0, 3).map(([, value]) => Number(value))).toEqual([8, 9, 10]);
    result[0]!.values!.slice(3).forEach(([time, value]) => expect(Number(value)).toBeCloseTo(WALL + (time - START) / 6, 2));
    expect(Number(asked[0]![1].step)).toBe(10);
  });

  it('what only Prometheus understands is asked of it alone', async () => {
    const { result } = await timekeeper.range('sum by (x) (rate(rps[10s]))', [START - 60, START, START + 60, START + 120]) as Answer;
    expect(result[0]!.values!.map(([time]) => time)).toEqual([START + 60, START + 120]);
  });

  it('steps that do not divide the speed lose no point', async () => {
    timekeeper = new Timekeeper(wallTime, () => wall);
    timekeeper.give({ ...TRACE, speed: 7 });
    timekeeper.start();
    const times = Array.from({ length: 700 }, (_, index) => START + 60 + index * 60);
    const { result } = await timekeeper.range('rps', times) as Answer;
    expect(result[0]!.values!.map(([time]) => time)).toEqual(times);
  });

  it('a Prometheus that is away is said, and not made up for by the past', async () => {
    refuse = new ApiError(503, 'unavailable', 'gone');
    await expect(timekeeper.instant('rps')).rejects.toMatchObject({ status: 503 });
    await expect(timekeeper.range('rps', [START, START + 60])).rejects.toMatchObject({ status: 503 });
  });

  it('cannot be started again, but by another trace', () => {
    expect(() => timekeeper.start()).toThrow(/runs already/);
    timekeeper.give(TRACE);
    expect(timekeeper.clock().wallStart).toBeNull();
  });
});

describe('over HTTP', () => {
  let url: string;
  const server = () => timekeeperServer(timekeeper, TOKEN);
  let running: ReturnType<typeof server>;
  beforeEach(async () => {
    running = server();
    await new Promise<void>((done) => running.listen(0, '127.0.0.1', done));
    url = `http://127.0.0.1:${(running.address() as AddressInfo).port}`;
  });
  afterEach(() => new Promise((done) => {
    running.close(done);
    running.closeAllConnections();
  }));
  const call = async (method: string, path: string, token?: string, body?: string) => {
    const answer = await fetch(`${url}${path}`, { method, body, headers: token ? { authorization: `Bearer ${token}` } : {} });
    return { status: answer.status, body: await answer.json() as { status?: string; data?: unknown; error?: string; wallStart?: number | null } };
  };

  it('only who holds the token moves the clock', async () => {
    for (const [method, path] of [['PUT', '/trace'], ['POST', '/clock'], ['GET', '/clock']] as const) {
      expect((await call(method, path, undefined, method === 'PUT' ? JSON.stringify(TRACE) : undefined)).status).toBe(401);
      expect((await call(method, path, 'another', method === 'PUT' ? JSON.stringify(TRACE) : undefined)).status).toBe(401);
    }
    expect(timekeeper.ready).toBe(false);
  });

  it('takes a trace, starts once, and answers as Prometheus does', async () => {
    expect((await call('GET', '/api/v1/query?query=rps')).status).toBe(503);
    expect((await call('GET', '/-/ready')).status).toBe(200);
    expect((await call('PUT', '/trace', TOKEN, JSON.stringify(TRACE))).status).toBe(201);
    expect((await call('GET', '/api/v1/query?query=time()')).body).toEqual({ status: 'success', data: { resultType: 'scalar', result: [START, String(START)] } });
    expect((await call('POST', '/clock', TOKEN)).body.wallStart).toBe(WALL);
    expect((await call('POST', '/clock', TOKEN)).status).toBe(409);
    expect((await call('GET', `/api/v1/query_range?query=rps&start=${START - 60}&end=${START}&step=60`)).body.data).toEqual({ resultType: 'matrix', result: [{ metric: METRIC, values: [[START - 60, '9'], [START, '10']] }] });
  });

  it('refuses what is no trace, no endpoint and no query', async () => {
    for (const body of ['', 'null', '{"traceStart":1,"speed":0,"history":[]}', '{"traceStart":1,"speed":1}', '{"traceStart":1,"speed":1,"history":[{"name":"m","labels":{},"start":0,"stepSeconds":60,"values":["x"]}]}']) {
      expect((await call('PUT', '/trace', TOKEN, body)).status, body).toBe(400);
    }
    expect((await call('GET', '/')).status).toBe(404);
    expect((await call('DELETE', '/clock', TOKEN)).status).toBe(405);
    await call('PUT', '/trace', TOKEN, JSON.stringify(TRACE));
    expect((await call('GET', '/api/v1/query')).status).toBe(400);
    expect((await call('GET', '/api/v1/query_range?query=rps&start=2&end=1&step=1')).status).toBe(400);
  });
});

describe('asking a Prometheus', () => {
  it('passes its refusals on, and says that it does not answer', async () => {
    const server = createServer((_request, response) => response.writeHead(422).end(JSON.stringify({ status: 'error', errorType: 'execution', error: 'too much' })));
    await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
    const ask = askPrometheus(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`);
    await expect(ask('query', { query: 'x' })).rejects.toMatchObject({ status: 422, type: 'execution', message: 'too much' });
    await new Promise((done) => server.close(done));
    await expect(ask('query', { query: 'x' })).rejects.toMatchObject({ status: 503, type: 'unavailable' });
  });
});

describe('its settings', () => {
  it('are a token and where Prometheus is, at least', () => {
    expect(timekeeperSettings({ TIMEKEEPER_TOKEN: 't', TIMEKEEPER_PROMETHEUS_URL: 'http://p:9090' })).toMatchObject({ port: 9090, host: '0.0.0.0' });
    expect(() => timekeeperSettings({})).toThrow(FaultError);
  });
});
