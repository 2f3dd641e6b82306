import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { buildCatalogService } from '../../../apps/catalog/app';
import { Database, openDatabase } from '../../../apps/catalog/database';
import { migrate, migrations } from '../../../apps/catalog/migrations';
import { catalogSettings } from '../../../apps/catalog/settings';
import { Bundle, bundle, freePort, Program, start } from '../program';
import { findPostgres, Postgres, startPostgres } from './postgres';

const found = findPostgres();
const missing = 'why' in found ? found.why : undefined;
if (missing) process.stdout.write(`PostgreSQL is not available, the catalog is tested with the embedded database only: ${missing}\n`);

const lamp = { sku: 'LAMP-1', name: 'Anchor lamp', priceCents: 4200, currency: 'EUR', stock: 7 };

describe.runIf(missing === undefined)('the catalog service on a real PostgreSQL', () => {
  let postgres: Postgres;
  let built: Bundle;
  beforeAll(async () => {
    if ('why' in found) return;
    postgres = await startPostgres(found);
    built = await bundle('apps/catalog/server.ts', { packages: false });
  });
  afterAll(async () => {
    built?.remove();
    await postgres?.remove();
  });

  const empty = async () => {
    const database = await openDatabase(postgres.url, () => undefined);
    await database.transaction(async (client) => {
      await client.query('DROP SCHEMA public CASCADE');
      await client.query('CREATE SCHEMA public');
    });
    await database.close();
  };
  const launch = async (): Promise<Program> => {
    const port = await freePort();
    return start(built.file, port, {
      CATALOG_HOST: '127.0.0.1', CATALOG_PORT: String(port), CATALOG_WRITE_TOKEN: 's3cret', CATALOG_DATABASE_URL: postgres.url, CATALOG_SEED: 'always', CATALOG_DRAIN_SECONDS: '0',
    });
  };

  it('applies migrations once when replicas start together', async () => {
    await empty();
    const replicas: Database[] = await Promise.all([1, 2, 3, 4, 5].map(() => openDatabase(postgres.url, () => undefined)));
    const applied = await Promise.all(replicas.map((replica) => migrate(replica)));
    expect(applied.flat()).toEqual(migrations.map(({ id }) => id));
    await Promise.all(replicas.map((replica) => replica.close()));
  });

  it('keeps, lists, finds and removes products', async () => {
    await empty();
    const service = await buildCatalogService(catalogSettings({ CATALOG_DATABASE_URL: postgres.url, CATALOG_WRITE_TOKEN: 's3cret', CATALOG_SEED: 'always', LOG_LEVEL: 'silent' }));
    try {
      const headers = { authorization: 'Bearer s3cret' };
      const added = await service.app.inject({ method: 'POST', url: '/products', headers, payload: lamp });
      expect(added.statusCode).toBe(201);
      expect((await service.app.inject({ method: 'POST', url: '/products', headers, payload: lamp })).json().error.code).toBe('sku_taken');
      const skus: string[] = [];
      for (let cursor: string | null = ''; cursor !== null;) {
        const page: { products: { sku: string }[]; next: string | null } = (await service.app.inject(`/products?limit=2${cursor && `&cursor=${cursor}`}`)).json();
        skus.push(...page.products.map((product) => product.sku));
        cursor = page.next;
      }
      expect(skus).toEqual([...skus].sort());
      expect(skus).toHaveLength(7);
      expect((await service.app.inject('/products?q=anchor')).json().products).toEqual([added.json()]);
      const replaced = await service.app.inject({ method: 'PUT', url: `/products/${added.json().id}`, headers, payload: { ...lamp, stock: 6 } });
      expect(replaced.json()).toMatchObject({ stock: 6, priceCents: 4200 });
      expect((await service.app.inject({ method: 'DELETE', url: `/products/${added.json().id}`, headers })).statusCode).toBe(204);
      expect((await service.app.inject('/metrics')).body).toMatch(/catalog_database_connections\{state="open"\} [1-9]/);
    } finally {
      await service.app.close();
      await service.release();
    }
  });

  it('starts as three processes on an empty database, seeded once; each ends with 0', async () => {
    await empty();
    const replicas = await Promise.all([launch(), launch(), launch()]);
    await Promise.all(replicas.map((replica) => replica.answers('/readyz')));
    const pages = await Promise.all(replicas.map(async (replica) => (await fetch(`${replica.url}/products`)).json()));
    expect((pages[0] as { products: unknown[] }).products).toHaveLength(6);
    expect(pages[1]).toEqual(pages[0]);
    expect(await Promise.all(replicas.map((replica) => replica.stop()))).toEqual([0, 0, 0]);
  });

  it('is not ready while the database is away, and recovers without a restart', async () => {
    const catalog = await launch();
    try {
      await catalog.answers('/readyz');
      await postgres.halt();
      await catalog.answers('/readyz', 503);
      const answer = await fetch(`${catalog.url}/products`);
      expect([answer.status, await answer.json()]).toEqual([503, { error: expect.objectContaining({ code: 'database_unavailable' }) }]);
      expect((await fetch(`${catalog.url}/healthz`)).status).toBe(200);
      await postgres.start();
      await catalog.answers('/readyz');
      expect((await fetch(`${catalog.url}/products`)).status).toBe(200);
    } finally {
      expect(await catalog.stop()).toBe(0);
    }
  });
});
