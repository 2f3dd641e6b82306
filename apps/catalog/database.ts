import { SpanKind, SpanStatusCode, trace } from '@opentelemetry/api';
import { Pool, PoolClient, QueryConfig, QueryResultRow } from 'pg';
import { FaultError } from '../../base/faults';
import { HttpFault } from '../http/errors';

/** A statement, and the name its span carries. */
export interface Statement {
  /** Operation and table, e.g. `SELECT products`. */
  readonly name: string;
  /** With placeholders only: it is sent to the trace collector. */
  readonly text: string;
  readonly values?: readonly unknown[];
}

/** A PostgreSQL database, remote or embedded; both speak through the same driver. */
export class Database {
  constructor(
    readonly kind: 'postgres' | 'embedded',
    private readonly pool: Pool,
    private readonly closed: () => Promise<void>,
  ) {}

  /**
   * Runs one statement inside a client span.
   *
   * @throws HttpFault 503 `database_unavailable` if the database does not answer or is shutting down
   */
  async query<Row extends QueryResultRow>(statement: Statement): Promise<Row[]> {
    const [operation = '', collection = ''] = statement.name.split(' ');
    return trace.getTracer('catalog').startActiveSpan(statement.name, {
      kind: SpanKind.CLIENT,
      attributes: { 'db.system.name': 'postgresql', 'db.operation.name': operation, 'db.collection.name': collection, 'db.query.text': statement.text },
    }, async (span) => {
      try {
        const { rows } = await this.pool.query<Row>(statement.text, [...(statement.values ?? [])]);
        return rows;
      } catch (error) {
        span.setStatus({ code: SpanStatusCode.ERROR, message: sqlState(error) ?? 'no answer' });
        throw isUnavailable(error) ? unavailable(error) : error;
      } finally {
        span.end();
      }
    });
  }

  /** Runs work on one connection inside a transaction; what throws rolls back. */
  async transaction<T>(work: (client: PoolClient) => Promise<T>): Promise<T> {
    const client = await this.pool.connect();
    try {
      await client.query('BEGIN');
      const result = await work(client);
      await client.query('COMMIT');
      client.release();
      return result;
    } catch (error) {
      await client.query('ROLLBACK').catch(() => undefined);
      client.release(isUnavailable(error)); // a connection that is broken must not go back to the pool
      throw error;
    }
  }

  /** Resolves if the database answers within a second. */
  async ping(): Promise<void> {
    await this.pool.query(timed(1000, 'SELECT 1'));
  }

  /** Connections, by what they do. */
  connections(): Readonly<Record<'open' | 'idle' | 'waiting', number>> {
    return { open: this.pool.totalCount, idle: this.pool.idleCount, waiting: this.pool.waitingCount };
  }

  async close(): Promise<void> {
    await this.pool.end();
    await this.closed();
  }
}

/**
 * Opens the database behind an address: `postgres://…`, `pglite:` (in memory) or `pglite:<folder>`.
 *
 * @param onError told of connections that break while nobody uses them
 * @throws FaultError if the address is none, or nobody answers there; the address itself is never shown, it holds a password
 */
export async function openDatabase(url: string, onError: (error: Error) => void): Promise<Database> {
  const database = url.startsWith('pglite:') ? await openEmbedded(url.slice('pglite:'.length)) : openRemote(url, onError);
  try {
    await database.query({ name: 'SELECT version', text: 'SELECT 1' });
  } catch (error) {
    await database.close();
    throw new FaultError('the database cannot be used', [{
      where: 'CATALOG_DATABASE_URL', got: reasonOf(error), allowed: 'a PostgreSQL that answers', do: 'start the database, or correct the address, user and password',
    }]);
  }
  return database;
}

function openRemote(url: string, onError: (error: Error) => void): Database {
  const protocol = URL.canParse(url) ? new URL(url).protocol : '';
  if (protocol !== 'postgres:' && protocol !== 'postgresql:') {
    throw new FaultError('the database cannot be used', [{
      where: 'CATALOG_DATABASE_URL', got: 'an address that is not accepted', allowed: 'postgres://user:password@host:port/database, pglite: or pglite:<folder>', do: 'correct the address',
    }]);
  }
  const pool = new Pool({
    connectionString: url, application_name: 'catalog', max: 10, connectionTimeoutMillis: 3000, idleTimeoutMillis: 30_000, keepAlive: true,
    statement_timeout: 5000, query_timeout: 6000, // the server gives up first; the driver only if it cannot be reached any more
  });
  pool.on('error', onError);
  return new Database('postgres', pool, async () => undefined);
}

async function openEmbedded(folder: string): Promise<Database> {
  // Named at run time so that bundlers leave it alone: it comes with WebAssembly and data files that must stay beside it.
  const [engine, driver] = ['@electric-sql/pglite', '@electric-sql/pglite/node-postgres'];
  let loaded: readonly [typeof import('@electric-sql/pglite'), typeof import('@electric-sql/pglite/node-postgres')];
  try {
    loaded = [await import(/* @vite-ignore */ engine), await import(/* @vite-ignore */ driver)];
  } catch (error) {
    throw new FaultError('the embedded database cannot be used', [{
      where: 'CATALOG_DATABASE_URL', got: `pglite:, which is not installed here (${(error as NodeJS.ErrnoException).code ?? 'no code'})`, allowed: 'the address of a PostgreSQL, or @electric-sql/pglite beside the service',
      do: 'set CATALOG_DATABASE_URL to a PostgreSQL',
    }]);
  }
  const [{ PGlite }, { createPgConfig }] = loaded;
  const embedded = await PGlite.create(folder === '' ? 'memory://' : folder);
  return new Database('embedded', new Pool({ ...createPgConfig(embedded), max: 1 }), () => embedded.close());
}

/** A statement with a time limit of its own, in milliseconds; the driver knows it, its types do not. */
export function timed(milliseconds: number, text: string, values: readonly unknown[] = []): QueryConfig {
  return Object.assign({ text, values: [...values] }, { query_timeout: milliseconds });
}

/** SQLSTATE of an error that the server sent. */
export function sqlState(error: unknown): string | undefined {
  const code = (error as { code?: unknown } | undefined)?.code;
  return typeof code === 'string' && /^[0-9A-Z]{5}$/.test(code) && 'severity' in (error as object) ? code : undefined;
}

/** Connection exceptions, insufficient resources, operator intervention; and everything that never reached the server. */
function isUnavailable(error: unknown): boolean {
  const state = sqlState(error);
  return state === undefined ? !(error instanceof HttpFault) : /^(08|53|57)/.test(state);
}

function unavailable(cause: unknown): HttpFault {
  const fault = new HttpFault(503, 'database_unavailable', 'the database does not answer', [{ where: 'database', got: reasonOf(cause), allowed: 'an answer', do: 'try again in a moment' }]);
  fault.cause = cause;
  return fault;
}

function reasonOf(error: unknown): string {
  const inner = error instanceof HttpFault ? error.cause : error;
  return sqlState(inner) ?? (inner as NodeJS.ErrnoException | undefined)?.code ?? 'no answer in time';
}
