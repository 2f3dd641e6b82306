import fc from 'fast-check';
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { buildCatalogService, CatalogService } from '../../../apps/catalog/app';
import type { Product } from '../../../apps/catalog/product';
import { samples } from '../../../apps/catalog/samples';
import { catalogSettings } from '../../../apps/catalog/settings';

vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 }); // an embedded database takes seconds to start on a small machine

const settings = (more: Record<string, string> = {}) => catalogSettings({ CATALOG_WRITE_TOKEN: 's3cret', CATALOG_SEED: 'never', LOG_LEVEL: 'info', ...more });
const lines: string[] = [];
let service: CatalogService;
beforeAll(async () => {
  service = await buildCatalogService(settings(), { logTo: { write: (line) => lines.push(line) } });
});
afterAll(async () => {
  await service.app.close();
  await service.release();
});
beforeEach(async () => {
  for (let page = await service.products.list({ limit: 100 }); page.products.length > 0; page = await service.products.list({ limit: 100 })) {
    for (const product of page.products) await service.products.tryRemove(product.id);
  }
});

const lamp = { sku: 'LAMP-1', name: 'Anchor lamp', description: 'LED, two miles', priceCents: 4200, currency: 'EUR', stock: 7 };
const authorization = 'Bearer s3cret';
type Method = 'GET' | 'POST' | 'PUT' | 'DELETE';
const ask = (method: Method, url: string, payload?: object) => service.app.inject({ method, url, payload, headers: { authorization } });
const add = async (changes: Partial<typeof lamp> = {}) => (await ask('POST', '/products', { ...lamp, ...changes })).json<Product>();

describe('products', () => {
  it('adds one, and answers with it and where it is', async () => {
    const answer = await ask('POST', '/products', lamp);
    expect(answer.statusCode).toBe(201);
    const product = answer.json<Product>();
    expect(product).toEqual({ ...lamp, id: expect.stringMatching(/^[0-9a-f-]{36}$/), createdAt: expect.stringMatching(/Z$/), updatedAt: product.createdAt });
    expect(answer.headers.location).toBe(`/products/${product.id}`);
    expect((await service.app.inject(String(answer.headers.location))).json()).toEqual(product);
  });

  it('adds one without a description', async () => {
    const { description: _, ...plain } = lamp;
    expect((await ask('POST', '/products', plain)).json()).toMatchObject({ description: '' });
  });

  it('replaces one, and keeps its id and when it was made', async () => {
    const product = await add();
    const answer = await ask('PUT', `/products/${product.id}`, { ...lamp, sku: 'LAMP-2', priceCents: 1, description: '' });
    expect(answer.json()).toMatchObject({ id: product.id, sku: 'LAMP-2', priceCents: 1, description: '', createdAt: product.createdAt });
    expect(Date.parse(answer.json<Product>().updatedAt)).toBeGreaterThanOrEqual(Date.parse(product.updatedAt));
    expect((await service.app.inject(`/products/${product.id}`)).json()).toEqual(answer.json());
  });

  it('removes one, once', async () => {
    const { id } = await add();
    expect((await ask('DELETE', `/products/${id}`)).statusCode).toBe(204);
    expect((await ask('GET', `/products/${id}`)).statusCode).toBe(404);
    expect((await ask('DELETE', `/products/${id}`)).statusCode).toBe(404);
  });

  it.each(['GET', 'PUT', 'DELETE'] as const)('answers %s of a product there is not with 404', async (method) => {
    const answer = await ask(method, '/products/00000000-0000-4000-8000-000000000000', method === 'PUT' ? lamp : undefined);
    expect([answer.statusCode, answer.json().error.code]).toEqual([404, 'unknown_product']);
  });

  it('refuses a sku that is taken, when adding and when replacing', async () => {
    await add();
    const other = await add({ sku: 'LAMP-2' });
    for (const answer of [await ask('POST', '/products', lamp), await ask('PUT', `/products/${other.id}`, lamp)]) {
      expect([answer.statusCode, answer.json().error]).toEqual([409, expect.objectContaining({ code: 'sku_taken', faults: [expect.objectContaining({ where: 'body.sku', got: '"LAMP-1"' })] })]);
    }
  });

  it.each([
    ['no name', { name: '' }], ['a negative price', { priceCents: -1 }], ['half a cent', { priceCents: 0.5 }], ['a price that is no number', { priceCents: 'much' }],
    ['a currency that is none', { currency: 'euro' }], ['a sku in small letters', { sku: 'lamp' }], ['negative stock', { stock: -1 }],
    ['a field nobody knows', { colour: 'red' }], ['a name that is too long', { name: 'x'.repeat(201) }],
  ])('refuses a product with %s', async (_, changes) => {
    const answer = await ask('POST', '/products', { ...lamp, ...changes });
    expect([answer.statusCode, answer.json().error.code]).toEqual([400, 'invalid_request']);
  });

  it('names everything that does not fit at once', async () => {
    const answer = await ask('POST', '/products', { ...lamp, priceCents: -1, currency: 'euro' });
    expect(answer.json().error.faults.map((fault: { where: string }) => fault.where).sort()).toEqual(['body.currency', 'body.priceCents']);
  });

  it('refuses an id that is none, and a body that is too large', async () => {
    expect((await ask('GET', '/products/1')).statusCode).toBe(400);
    expect((await ask('POST', '/products', { ...lamp, description: 'x'.repeat(70_000) })).json().error.code).toBe('body_too_large');
  });

  it('lets everybody read, and nobody change without the token', async () => {
    const { id } = await add();
    expect((await service.app.inject('/products')).statusCode).toBe(200);
    for (const [method, url] of [['POST', '/products'], ['PUT', `/products/${id}`], ['DELETE', `/products/${id}`]] as const) {
      for (const headers of [{}, { authorization: 'Bearer wrong' }]) {
        const answer = await service.app.inject({ method, url, headers, payload: method === 'DELETE' ? undefined : lamp });
        expect([answer.statusCode, answer.json().error.code]).toEqual([401, 'unauthorized']);
      }
    }
    expect((await service.products.tryGet(id))?.name).toBe(lamp.name);
  });

  it('keeps whatever text it is given, and runs none of it', async () => {
    const text = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 60 }).filter((each) => !each.includes('\0'));
    let made = 0;
    await fc.assert(fc.asyncProperty(fc.oneof(text, fc.constant("'); DROP TABLE products; --")), async (name) => {
      const product = await add({ sku: `T-${made += 1}`, name });
      expect((await service.products.tryGet(product.id))?.name).toBe(name);
    }), { numRuns: 40 });
  });
});

describe('the list', () => {
  it('is paged by cursor: every product once, in order of sku', async () => {
    const skus = Array.from({ length: 23 }, (_, index) => `P-${String((index * 7) % 23).padStart(2, '0')}`);
    for (const sku of skus) await add({ sku });
    const seen: string[] = [];
    const sizes: number[] = [];
    for (let cursor: string | null = ''; cursor !== null;) {
      const page: { products: Product[]; next: string | null } = (await service.app.inject(`/products?limit=5${cursor && `&cursor=${cursor}`}`)).json();
      seen.push(...page.products.map((product) => product.sku));
      sizes.push(page.products.length);
      cursor = page.next;
    }
    expect(seen).toEqual([...skus].sort());
    expect(sizes).toEqual([5, 5, 5, 5, 3]);
  });

  it('neither repeats nor skips what stays when products come and go between pages', async () => {
    for (const sku of ['A', 'C', 'E', 'G']) await add({ sku });
    const first = (await service.app.inject('/products?limit=2')).json();
    await add({ sku: 'B' });
    await service.products.tryRemove(first.products[1].id);
    const second = (await service.app.inject(`/products?limit=2&cursor=${first.next}`)).json();
    expect([...first.products, ...second.products].map((product: Product) => product.sku)).toEqual(['A', 'C', 'E', 'G']);
    expect(second.next).toBeNull();
  });

  it('searches name, description and sku in any case, and takes wildcards as text', async () => {
    await add({ sku: 'A', name: 'Anchor', description: 'holds' });
    await add({ sku: 'B', name: 'Rope', description: 'for an anchor' });
    await add({ sku: 'ANCHOR-BAG', name: 'Bag', description: '' });
    await add({ sku: 'D', name: '100% cotton', description: 'a_b\\c' });
    const search = async (q: string) => (await service.app.inject(`/products?q=${encodeURIComponent(q)}`)).json().products.map((product: Product) => product.sku);
    expect(await search('anchor')).toEqual(['A', 'ANCHOR-BAG', 'B']);
    expect(await search('0%')).toEqual(['D']);
    expect(await search('a_b\\c')).toEqual(['D']);
    expect(await search('_')).toEqual(['D']);
    expect(await search('boat')).toEqual([]);
  });

  it.each(['limit=0', 'limit=101', 'limit=many', 'q=', 'offset=3'])('refuses %s', async (query) => {
    expect((await service.app.inject(`/products?${query}`)).json().error.code).toBe('invalid_request');
  });

  it.each(['zzz', 'bGFtcA', '%00'])('refuses the cursor %s', async (cursor) => {
    expect((await service.app.inject(`/products?cursor=${cursor}`)).json().error.code).toBe('invalid_cursor');
  });
});

describe('the service', () => {
  it('is ready while its database answers', async () => {
    expect((await service.app.inject('/readyz')).statusCode).toBe(200);
  });

  it('measures requests by route', async () => {
    const { id } = await add();
    await service.app.inject(`/products/${id}`);
    const text = (await service.app.inject('/metrics')).body;
    expect(text).toMatch(/http_request_duration_seconds_count\{method="GET",route="\/products\/:id",status="200"\} \d/);
    expect(text).toMatch(/catalog_database_connections\{state="open"\} 1/);
    expect(text).not.toContain(id);
  });

  it('logs no token', async () => {
    await add();
    expect(lines.some((line) => line.includes('"route":"/products"'))).toBe(true);
    expect(lines.join('')).not.toContain('s3cret');
  });

  it('fills an empty embedded database with samples, and only an empty one', async () => {
    const seeded = await buildCatalogService(settings({ CATALOG_SEED: 'auto', LOG_LEVEL: 'silent' }));
    try {
      const { products } = await seeded.products.list({ limit: 100 });
      expect(products.map((product) => product.sku)).toEqual(samples.map((sample) => sample.sku).sort());
      expect(await seeded.products.seed([lamp])).toBe(0);
    } finally {
      await seeded.app.close();
      await seeded.release();
    }
  });

  it('is not ready, and answers 503, once its database is gone', async () => {
    const doomed = await buildCatalogService(settings({ LOG_LEVEL: 'silent' }));
    await doomed.release();
    expect((await doomed.app.inject('/readyz')).statusCode).toBe(503);
    const answer = await doomed.app.inject('/products');
    expect([answer.statusCode, answer.json().error.code]).toEqual([503, 'database_unavailable']);
    await doomed.app.close();
  });

  it.each([
    ['mysql://root:hunter2@localhost/x', 'an address that is not accepted'],
    ['postgres://root:hunter2@127.0.0.1:1/x', 'ECONNREFUSED'],
  ])('does not start with %s, and does not show the password', async (url, got) => {
    const failure = await buildCatalogService(settings({ CATALOG_DATABASE_URL: url })).then(() => '', (error: Error) => error.message);
    expect(failure).toContain(`[CATALOG_DATABASE_URL] got: ${got}`);
    expect(failure).not.toContain('hunter2');
  });
});
