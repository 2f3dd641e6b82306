import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import fc from 'fast-check';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { MAX_POINTS, PrometheusClient, PrometheusFailure, type PrometheusFailureKind, selector } from '../../../forecaster/service/prometheus-client';
import { type PrometheusServer, startPrometheus } from '../support/prometheus-server';

const NAME = 'tideline:requests:rate';
let server: PrometheusServer;
let client: PrometheusClient;

beforeAll(async () => {
  server = await startPrometheus();
  client = new PrometheusClient({ url: server.url, timeoutMs: 2000, maxBytes: 1024 * 1024 });
});
afterAll(() => server.close());
beforeEach(() => {
  server.sabotage = undefined;
  server.now = 1_000_000;
  server.series = [{ labels: { __name__: NAME, namespace: 'shop', service: 'catalog' }, at: (time) => time / 60 }];
  server.asked.length = 0;
});

async function kindOf(question: Promise<unknown>): Promise<PrometheusFailureKind | 'no failure'> {
  return question.then(() => 'no failure' as const, (error: unknown) => {
    expect(error).toBeInstanceOf(PrometheusFailure);
    return (error as PrometheusFailure).kind;
  });
}

describe('PrometheusClient', () => {
  it('reads the clock of the metrics', async () => {
    expect(await client.time()).toBe(1_000_000);
  });

  it('reads present values with their labels', async () => {
    expect(await client.instant(NAME)).toEqual([{ labels: server.series[0]!.labels, samples: [{ time: 1_000_000, value: 1_000_000 / 60 }] }]);
  });

  it('reads a range in pieces that Prometheus accepts, without a gap or an overlap', async () => {
    const start = 60;
    const end = start + 60 * (2.5 * MAX_POINTS);
    server.now = end;
    const pieces = await client.range(NAME, start, end, 60);
    const times = pieces.flatMap(({ samples }) => samples.map(({ time }) => time));
    expect(pieces).toHaveLength(3);
    expect(times).toHaveLength(2.5 * MAX_POINTS + 1);
    times.forEach((time, i) => expect(time).toBe(start + i * 60));
  });

  it('hands on NaN and infinities as they are: the forecaster judges them', async () => {
    const values = [NaN, Infinity, -Infinity, 5];
    server.series = [{ labels: { __name__: NAME }, at: (time) => values[time / 60] }];
    const [series] = await client.range(NAME, 0, 180, 60);
    expect(series!.samples.map(({ value }) => value)).toEqual(values);
  });

  it.each<[string, PrometheusFailureKind, number, string]>([
    ['a 503 with a page', 'status', 503, '<html>upstream</html>'],
    ['a 400 of its own', 'status', 400, '{"status":"error","errorType":"bad_data","error":"parse error"}'],
    ['a page with status 200', 'not_json', 200, '<!doctype html><title>login</title>'],
    ['nothing', 'not_json', 200, ''],
    ['half an answer', 'not_json', 200, '{"status":"success","data":{"resultType":"matrix","result":[{"met'],
    ['a refusal with status 200', 'rejected', 200, '{"status":"error","error":"query timed out"}'],
    ['JSON of another kind', 'unexpected_shape', 200, '[1,2,3]'],
    ['another result type', 'unexpected_shape', 200, '{"status":"success","data":{"resultType":"vector","result":[]}}'],
    ['no list', 'unexpected_shape', 200, '{"status":"success","data":{"resultType":"matrix","result":{}}}'],
    ['labels that are no text', 'unexpected_shape', 200, '{"status":"success","data":{"resultType":"matrix","result":[{"metric":{"a":1},"values":[]}]}}'],
    ['a sample that is no pair', 'unexpected_shape', 200, '{"status":"success","data":{"resultType":"matrix","result":[{"metric":{},"values":[[1]]}]}}'],
    ['a value that is a number', 'unexpected_shape', 200, '{"status":"success","data":{"resultType":"matrix","result":[{"metric":{},"values":[[1,2]]}]}}'],
  ])('%s is the failure %s', async (_, kind, status, body) => {
    server.sabotage = (_request, response) => response.writeHead(status).end(body);
    expect(await kindOf(client.range(NAME, 0, 60, 60))).toBe(kind);
  });

  it('gives up on 10 MB after its limit, without reading the rest', async () => {
    let sent = 0;
    const closed = new Promise<void>((done) => {
      server.sabotage = (_request, response) => {
        const piece = Buffer.alloc(64 * 1024, 0x20);
        const pour = () => {
          while (!response.destroyed && sent < 10 * 1024 * 1024) {
            sent += piece.length;
            if (!response.write(piece)) return void response.once('drain', pour);
          }
          response.end();
        };
        response.once('close', done);
        pour();
      };
    });
    expect(await kindOf(client.range(NAME, 0, 60, 60))).toBe('too_large');
    await closed;
    expect(sent).toBeLessThan(10 * 1024 * 1024);
  });

  it.each(['before the headers', 'in the middle of the body'])('does not wait for ever: silence %s', async (where) => {
    const impatient = new PrometheusClient({ url: server.url, timeoutMs: 80 });
    server.sabotage = (_request, response) => {
      if (where !== 'before the headers') response.writeHead(200).write('{"status":');
    };
    expect(await kindOf(impatient.time())).toBe('timeout');
  });

  it('says so when nobody listens', async () => {
    const held = createServer();
    await new Promise<void>((done) => held.listen(0, '127.0.0.1', done));
    const { port } = held.address() as AddressInfo;
    await new Promise((done) => held.close(done));
    expect(await kindOf(new PrometheusClient({ url: `http://127.0.0.1:${port}` }).time())).toBe('unreachable');
  });

  it('does not follow a redirect to another place', async () => {
    server.sabotage = (_request, response) => response.writeHead(302, { location: 'http://127.0.0.1:1/' }).end();
    expect(await kindOf(client.time())).toBe('unreachable');
  });

  it('throws nothing but its own failure, whatever comes back', async () => {
    await fc.assert(fc.asyncProperty(fc.json(), fc.integer({ min: 200, max: 599 }).filter((status) => ![204, 205, 304].includes(status)), async (body, status) => {
      server.sabotage = (_request, response) => response.writeHead(status).end(body);
      for (const question of [client.time(), client.instant(NAME), client.range(NAME, 0, 60, 60)]) expect(await kindOf(question)).not.toBe('no failure');
    }), { numRuns: 40 });
  });
});

describe('selector', () => {
  it('cannot be broken out of by a label', async () => {
    const service = 'a"} or vector(1) #\\\n{b="';
    server.series = [{ labels: { __name__: NAME, service }, at: () => 3 }];
    expect(selector(NAME, { service })).toBe(`${NAME}{service="a\\"} or vector(1) #\\\\\\n{b=\\""}`);
    expect(await client.instant(selector(NAME, { service }))).toHaveLength(1);
  });
});
