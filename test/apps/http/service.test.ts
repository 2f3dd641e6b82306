import type { FastifyInstance } from 'fastify';
import { Registry } from 'prom-client';
import { afterEach, describe, expect, it } from 'vitest';
import { requireBearer } from '../../../apps/http/bearer';
import { HttpFault } from '../../../apps/http/errors';
import { Readiness } from '../../../apps/http/readiness';
import { buildHttpService } from '../../../apps/http/service';

const contract = { name: 'probe', probes: { startup: '/healthz', liveness: '/healthz', readiness: '/readyz' }, metricsPath: '/metrics' } as const;
const open: FastifyInstance[] = [];
afterEach(async () => {
  await Promise.all(open.splice(0).map((app) => app.close()));
});

async function build(readiness = new Readiness(() => []), lines: string[] = []) {
  const app = await buildHttpService({ contract, logLevel: 'info', readiness, registry: new Registry(), handlerTimeoutMs: 50, bodyLimit: 100, logTo: { write: (line) => lines.push(line) } });
  open.push(app);
  app.get('/boom', () => { throw new Error('password=hunter2'); });
  app.get('/fault', () => { throw new HttpFault(409, 'taken', 'it is taken', [{ where: 'sku', got: 'A', allowed: 'a free sku', do: 'choose another' }]); });
  app.get('/slow', () => new Promise(() => undefined));
  app.get('/items/:id', { schema: { params: { type: 'object', properties: { id: { type: 'integer' } } } } }, () => ({ ok: true }));
  app.post('/items', { schema: { body: { type: 'object', required: ['kind'], properties: { kind: { enum: ['a', 'b'] } } } } }, () => ({ ok: true }));
  app.get('/closed', { onRequest: requireBearer('s3cret', 'PROBE_TOKEN') }, () => ({ ok: true }));
  return app;
}

describe('probes', () => {
  it('is alive and ready', async () => {
    const app = await build();
    expect((await app.inject('/healthz')).statusCode).toBe(200);
    expect((await app.inject('/readyz')).json()).toEqual({ status: 'ready' });
  });

  it('is alive but not ready while something is missing, and says what', async () => {
    const fault = { where: 'database', got: 'no answer', allowed: 'an answer', do: 'look at it' };
    const app = await build(new Readiness(() => [fault]));
    const answer = await app.inject('/readyz');
    expect([answer.statusCode, answer.json()]).toEqual([503, { error: { code: 'not_ready', message: expect.any(String), faults: [fault] } }]);
    expect((await app.inject('/healthz')).statusCode).toBe(200);
  });

  it('is not ready when its check fails, without telling why to everybody', async () => {
    const app = await build(new Readiness(() => Promise.reject(new Error('password=hunter2'))));
    const answer = await app.inject('/readyz');
    expect(answer.statusCode).toBe(503);
    expect(answer.body).not.toContain('hunter2');
  });

  it('is not ready while it stops', async () => {
    const readiness = new Readiness(() => []);
    const app = await build(readiness);
    expect((await app.inject('/items/1')).headers.connection).not.toBe('close');
    readiness.stop();
    expect((await app.inject('/readyz')).statusCode).toBe(503);
    expect((await app.inject('/items/1')).headers.connection).toBe('close'); // and lets go of connections that are kept alive
  });
});

describe('errors', () => {
  it.each([
    ['/nowhere?token=s3cret', 404, 'not_found'],
    ['/fault', 409, 'taken'],
    ['/boom', 500, 'internal'],
    ['/slow', 503, 'timeout'],
    ['/items/x', 400, 'invalid_request'],
    ['/closed', 401, 'unauthorized'],
  ])('answers %s with %i %s', async (url, status, code) => {
    const answer = await (await build()).inject(url);
    expect([answer.statusCode, answer.json().error.code]).toEqual([status, code]);
    expect(answer.body).not.toMatch(/hunter2|s3cret/);
  });

  it.each([
    ['a body that is no JSON', '{', 'application/json', 400, 'invalid_request'],
    ['an empty body', '', 'application/json', 400, 'invalid_request'],
    ['a body that is too large', JSON.stringify({ kind: 'a'.repeat(200) }), 'application/json', 413, 'body_too_large'],
    ['another type', 'kind=a', 'text/csv', 415, 'unsupported_media_type'],
    ['a value that is not allowed', '{"kind":"c"}', 'application/json', 400, 'invalid_request'],
  ])('refuses %s', async (_, payload, type, status, code) => {
    const answer = await (await build()).inject({ method: 'POST', url: '/items', payload, headers: { 'content-type': type } });
    expect([answer.statusCode, answer.json().error.code]).toEqual([status, code]);
  });

  it('names every value that does not fit, and what would', async () => {
    const answer = await (await build()).inject({ method: 'POST', url: '/items', payload: { kind: 'c' } });
    expect(answer.json().error.faults).toEqual([{ where: 'body.kind', got: 'a value that does not fit', allowed: 'a, b', do: expect.any(String) }]);
  });

  it('lets the right token through', async () => {
    expect((await (await build()).inject({ url: '/closed', headers: { authorization: 'Bearer s3cret' } })).statusCode).toBe(200);
  });
});

describe('metrics', () => {
  it('counts requests by route and status, never by path, and leaves out probes and scrapes', async () => {
    const app = await build();
    for (const url of ['/items/1', '/items/2', '/nowhere/1', '/healthz', '/readyz', '/metrics']) await app.inject(url);
    const text = (await app.inject('/metrics')).body;
    expect(text).toContain('http_request_duration_seconds_count{method="GET",route="/items/:id",status="200"} 2');
    expect(text).toContain('http_request_duration_seconds_count{method="GET",route="unmatched",status="404"} 1');
    expect(text.match(/^http_request_duration_seconds_count.*/gm)).toHaveLength(2);
    expect(text).toContain('process_cpu_seconds_total');
  });
});

describe('the log', () => {
  it('has a line per answer with the route, and no secret', async () => {
    const lines: string[] = [];
    const app = await build(undefined, lines);
    await app.inject({ url: '/closed?key=s3cret', headers: { authorization: 'Bearer s3cret' } });
    await app.inject('/healthz');
    app.log.info({ req: { headers: { authorization: 'Bearer s3cret' } } }, 'somebody logs a request whole');
    const logged = lines.map((line) => JSON.parse(line) as Record<string, unknown>);
    expect(logged[0]).toMatchObject({ service: 'probe', method: 'GET', route: '/closed', status: 200, msg: 'answered' });
    expect(logged).toHaveLength(2);
    expect(lines.join('')).not.toContain('s3cret');
  });
});
