import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { Database, openDatabase } from '../../../apps/catalog/database';
import { migrate, migrations } from '../../../apps/catalog/migrations';

vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 }); // an embedded database takes seconds to start on a small machine

let database: Database;
beforeAll(async () => {
  database = await openDatabase('pglite:', () => undefined);
});
afterAll(() => database.close());
beforeEach(() => database.transaction(async (client) => {
  await client.query('DROP SCHEMA public CASCADE');
  await client.query('CREATE SCHEMA public');
}));

const step = (id: string, sql: string) => ({ id, sql });

describe('migrate', () => {
  it('applies every step once, in order', async () => {
    const steps = [step('001', 'CREATE TABLE t (a int)'), step('002', 'ALTER TABLE t ADD COLUMN b int')];
    expect(await migrate(database, steps.slice(0, 1))).toEqual(['001']);
    expect(await migrate(database, steps)).toEqual(['002']);
    expect(await migrate(database, steps)).toEqual([]);
    expect(await database.query({ name: 'SELECT t', text: 'SELECT a, b FROM t' })).toEqual([]);
  });

  it('applies all steps or none', async () => {
    const steps = [step('001', 'CREATE TABLE t (a int)'), step('002', 'CREATE TABLE t (a int)')];
    await expect(migrate(database, steps)).rejects.toThrow('already exists');
    expect(await migrate(database, steps.slice(0, 1))).toEqual(['001']);
  });

  it('runs once when several start together', async () => {
    const applied = await Promise.all([1, 2, 3, 4].map(() => migrate(database)));
    expect(applied.flat()).toEqual(migrations.map(({ id }) => id));
  });

  it('refuses a database with steps it does not know, or that were changed since', async () => {
    await migrate(database, [step('001', 'CREATE TABLE t (a int)'), step('002', 'CREATE TABLE u (a int)')]);
    await expect(migrate(database, [step('001', 'CREATE TABLE t (a bigint)')])).rejects.toThrow(/migration 001\] got: another text[^]*migration 002\] got: a step this version does not know/);
  });

  it('does not mind other white space', async () => {
    await migrate(database, [step('001', 'CREATE TABLE t (a int)')]);
    expect(await migrate(database, [step('001', '\n  CREATE TABLE t\n (a int)')])).toEqual([]);
  });

  it('finds its schema and its products again in a folder', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'catalog-'));
    try {
      const before = await openDatabase(`pglite:${folder}/db`, () => undefined);
      await migrate(before);
      await before.query({ name: 'INSERT products', text: "INSERT INTO products (sku, name, price_cents, currency, stock) VALUES ('A', 'a', 1, 'EUR', 1)" });
      await before.close();
      const after = await openDatabase(`pglite:${folder}/db`, () => undefined);
      expect(await migrate(after)).toEqual([]);
      expect(await after.query({ name: 'SELECT products', text: 'SELECT sku FROM products' })).toEqual([{ sku: 'A' }]);
      await after.close();
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });
});
