import { once } from 'node:events';
import { request as httpRequest } from 'node:http';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { Bundle, bundle, freePort, Program, start } from '../program';
import { Collector, startCollector } from './collector';

let built: Bundle;
let program: Program | undefined;
let collector: Collector | undefined;
beforeAll(async () => {
  built = await bundle('apps/catalog/server.ts');
});
afterEach(async () => {
  if (program?.child.exitCode === null) await program.stop();
  await collector?.close();
  collector = undefined;
});
afterAll(() => built.remove());

const lamp = { sku: 'LAMP-1', name: 'Anchor lamp', priceCents: 4200, currency: 'EUR', stock: 7 };
async function run(settings: Record<string, string> = {}, file = built.file): Promise<Program> {
  const port = await freePort();
  program = start(file, port, { CATALOG_HOST: '127.0.0.1', CATALOG_PORT: String(port), CATALOG_WRITE_TOKEN: 's3cret', CATALOG_DRAIN_SECONDS: '0', ...settings });
  return program;
}

/** Sends the head of a POST, and its body only when asked to. Resolves once the server has the head. */
async function slowPost(url: string) {
  const body = JSON.stringify(lamp);
  const request = httpRequest(`${url}/products`, {
    method: 'POST',
    headers: { authorization: 'Bearer s3cret', 'content-type': 'application/json', 'content-length': Buffer.byteLength(body), expect: '100-continue' },
  });
  const answered = new Promise<{ status: number; text: string }>((done, failed) => {
    request.once('error', failed);
    request.once('response', (response) => {
      let text = '';
      response.on('data', (chunk: Buffer) => { text += chunk.toString(); });
      response.once('end', () => done({ status: response.statusCode ?? 0, text }));
    });
  });
  request.flushHeaders();
  await once(request, 'continue');
  return { answered, finish: () => request.end(body) };
}

describe('the catalog service as a process', () => {
  it('starts with an embedded database and samples, answers, and ends with 0 on SIGINT', async () => {
    const catalog = await run();
    await catalog.answers('/readyz');
    const page = await (await fetch(`${catalog.url}/products?limit=3`)).json() as { products: unknown[]; next: string };
    expect([page.products.length, typeof page.next]).toEqual([3, 'string']);
    expect(await catalog.stop('SIGINT')).toBe(0);
    expect(catalog.output()).not.toContain('s3cret');
  });

  it('finishes a request under way after SIGTERM, refuses new ones, and ends with 0', async () => {
    const catalog = await run();
    await catalog.answers('/readyz');
    const slow = await slowPost(catalog.url);
    catalog.child.kill('SIGTERM');
    while (await fetch(`${catalog.url}/healthz`).then((answer) => answer.ok, () => false)) await new Promise((done) => setTimeout(done, 20));
    expect(catalog.child.exitCode).toBeNull();
    slow.finish();
    const { status, text } = await slow.answered;
    expect([status, JSON.parse(text)]).toEqual([201, expect.objectContaining({ sku: 'LAMP-1' })]);
    expect(await catalog.ended).toBe(0);
  });

  it('says it is not ready, and still answers, while it drains', async () => {
    const catalog = await run({ CATALOG_DRAIN_SECONDS: '3' });
    await catalog.answers('/readyz');
    catalog.child.kill('SIGTERM');
    await catalog.answers('/readyz', 503);
    expect((await fetch(`${catalog.url}/products`)).status).toBe(200);
    expect(await catalog.ended).toBe(0);
  });

  it('sends its spans before it ends: server spans that continue the caller\'s trace, with the database\'s below', async () => {
    collector = await startCollector();
    const catalog = await run({ OTEL_EXPORTER_OTLP_ENDPOINT: collector.url });
    await catalog.answers('/readyz');
    const [traceId, parentSpanId] = ['4bf92f3577b34da6a3ce929d0e0e4736', '00f067aa0ba902b7'];
    await fetch(`${catalog.url}/products?limit=1&q=lamp`, { headers: { traceparent: `00-${traceId}-${parentSpanId}-01` } });
    await fetch(`${catalog.url}/products`, { method: 'POST', body: JSON.stringify(lamp), headers: { authorization: 'Bearer s3cret', 'content-type': 'application/json' } });
    await fetch(`${catalog.url}/metrics`);
    expect(await catalog.stop()).toBe(0);

    const servers = collector.spans.filter((span) => span.kind === 2); // SPAN_KIND_SERVER
    expect(servers.map((span) => span.name).sort()).toEqual(['GET /products', 'POST /products']); // neither probes nor scrapes
    const list = servers.find((span) => span.name === 'GET /products');
    expect(list).toMatchObject({ traceId, parentSpanId, attributes: { 'http.request.method': 'GET', 'http.route': '/products', 'http.response.status_code': 200 }, resource: { 'service.name': 'catalog' } });

    const parents = new Map(collector.spans.map((span) => [span.spanId, span]));
    for (const [operation, server] of [['SELECT products', 'GET /products'], ['INSERT products', 'POST /products']] as const) {
      const client = collector.spans.filter((span) => span.name === operation && span.kind === 3).find((span) => servers.some((each) => each.traceId === span.traceId));
      expect(client?.attributes).toMatchObject({ 'db.system.name': 'postgresql', 'db.query.text': expect.stringContaining('$1') });
      let above = client;
      while (above && above.kind !== 2) above = parents.get(above.parentSpanId ?? '');
      expect(above?.name).toBe(server);
    }
    expect(JSON.stringify(collector.spans)).not.toMatch(/s3cret|Anchor lamp/);
  });

  it('ends with 0 although the collector is away', async () => {
    const catalog = await run({ OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${await freePort()}` });
    await catalog.answers('/readyz');
    expect((await fetch(`${catalog.url}/products`)).status).toBe(200);
    expect(await catalog.stop()).toBe(0);
  });

  it('ends with 1 and says what to set when the embedded database is not beside it', async () => {
    const alone = await bundle('apps/catalog/server.ts', { packages: false });
    try {
      const catalog = await run({}, alone.file);
      expect(await catalog.ended).toBe(1);
      expect(catalog.output()).toContain('set CATALOG_DATABASE_URL to a PostgreSQL');
    } finally {
      alone.remove();
    }
  });
});
