import { createHash } from 'node:crypto';
import { FaultError } from '../../base/faults';
import { Database, timed } from './database';

/** One step of the schema. Applied once, in order, never changed after it was released: a new step changes what an old one made. */
export interface Migration {
  readonly id: string;
  readonly sql: string;
}

/** The schema of the catalog. */
export const migrations: readonly Migration[] = [
  {
    id: '001-products',
    sql: `
      CREATE TABLE products (
        id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
        sku text COLLATE "C" NOT NULL UNIQUE,
        name text NOT NULL,
        description text NOT NULL DEFAULT '',
        price_cents bigint NOT NULL CHECK (price_cents >= 0),
        currency char(3) NOT NULL,
        stock integer NOT NULL CHECK (stock >= 0),
        created_at timestamptz NOT NULL DEFAULT now(),
        updated_at timestamptz NOT NULL DEFAULT now()
      )`,
  },
];

/** Any number, the same in every replica: replicas that start together apply migrations one after the other. */
const LOCK = 7_402_301;
const LOCK_TIMEOUT_MS = 60_000;

/**
 * Brings the schema up to date, all steps or none.
 *
 * @returns ids of the steps it applied; empty if the schema was up to date
 * @throws FaultError if a step that is in the database was changed since, or is unknown here
 */
export async function migrate(database: Database, steps: readonly Migration[] = migrations): Promise<readonly string[]> {
  return database.transaction(async (client) => {
    const patiently = (text: string, values: readonly unknown[] = []) => client.query(timed(LOCK_TIMEOUT_MS, text, values));
    await client.query(`SET LOCAL statement_timeout = ${LOCK_TIMEOUT_MS}`);
    await patiently('SELECT pg_advisory_xact_lock($1)', [LOCK]);
    await client.query('CREATE TABLE IF NOT EXISTS schema_migrations (id text PRIMARY KEY, checksum text NOT NULL, applied_at timestamptz NOT NULL DEFAULT now())');
    const { rows } = await client.query<{ id: string; checksum: string }>('SELECT id, checksum FROM schema_migrations');
    refuseDrift(rows, steps);
    const applied: string[] = [];
    for (const step of steps.filter(({ id }) => !rows.some((row) => row.id === id))) {
      await patiently(step.sql);
      await client.query('INSERT INTO schema_migrations (id, checksum) VALUES ($1, $2)', [step.id, checksumOf(step)]);
      applied.push(step.id);
    }
    return applied;
  });
}

function refuseDrift(rows: readonly { readonly id: string; readonly checksum: string }[], steps: readonly Migration[]): void {
  const faults = rows.flatMap((row) => {
    const step = steps.find(({ id }) => id === row.id);
    if (!step) return [{ where: `migration ${row.id}`, got: 'a step this version does not know', allowed: steps.map(({ id }) => id).join(', '), do: 'run a version that knows it' }];
    if (checksumOf(step) === row.checksum) return [];
    return [{ where: `migration ${row.id}`, got: 'another text than the one that was applied', allowed: 'steps that never change', do: 'restore it and write the change as a new step' }];
  });
  if (faults.length > 0) throw new FaultError('the database has another schema', faults);
}

function checksumOf(step: Migration): string {
  return createHash('sha256').update(step.sql.replace(/\s+/g, ' ').trim()).digest('hex');
}
