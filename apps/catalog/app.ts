import { Gauge, Registry } from 'prom-client';
import { Readiness } from '../http/readiness';
import type { Service } from '../http/serve';
import { buildHttpService } from '../http/service';
import { contract } from './contract';
import { Database, openDatabase } from './database';
import { migrate } from './migrations';
import { Products } from './products';
import { productRoutes } from './routes/products';
import { samples } from './samples';
import type { CatalogSettings } from './settings';
import { startTracing } from './tracing';

/** The catalog service, built and not listening; its database is open and up to date. */
export interface CatalogService extends Service {
  readonly products: Products;
}

/** What tests replace. */
export interface CatalogOptions {
  /** Where the log goes. @default - standard output */
  readonly logTo?: { write(line: string): void };
}

/**
 * Builds the catalog service: products over HTTP, kept in PostgreSQL.
 *
 * @throws FaultError if the database cannot be used or has another schema
 */
export async function buildCatalogService(settings: CatalogSettings, options: CatalogOptions = {}): Promise<CatalogService> {
  const { probes, metricsPath, name } = contract;
  const tracing = startTracing({ endpoint: settings.otlpEndpoint, serviceName: name, quiet: [probes.startup, probes.liveness, probes.readiness, metricsPath] });
  const broken: Error[] = [];
  let onBroken = (error: Error) => { broken.push(error); };
  let database: Database | undefined;
  const release = async () => {
    await tracing.stop(); // spans of the last requests first: they say what the database did
    await database?.close();
  };
  try {
    database = await openDatabase(settings.databaseUrl, (error) => onBroken(error));
    const applied = await migrate(database);
    const products = new Products(database);
    const seeded = settings.seed === 'always' || (settings.seed === 'auto' && database.kind === 'embedded') ? await products.seed(samples) : 0;

    const registry = new Registry();
    registerConnectionMetrics(registry, database);
    const readiness = new Readiness(() => databaseFaults(database!));
    const app = await buildHttpService({ contract, logLevel: settings.logLevel, readiness, registry, first: tracing.instrument, ...options });
    onBroken = (error) => app.log.warn({ err: error }, 'an idle connection to the database broke');
    broken.forEach(onBroken);
    app.log.info({ database: database.kind, applied, seeded }, 'database is ready');
    productRoutes(app, products, settings.writeToken);
    return { app, readiness, products, release };
  } catch (error) {
    await release();
    throw error;
  }
}

async function databaseFaults(database: Database) {
  return database.ping().then(() => [], () => [{ where: 'database', got: 'no answer within a second', allowed: 'an answer', do: 'look at the database' }]);
}

function registerConnectionMetrics(registry: Registry, database: Database): void {
  new Gauge({
    name: 'catalog_database_connections', help: 'Connections to the database', labelNames: ['state'], registers: [registry],
    collect() {
      for (const [state, count] of Object.entries(database.connections())) this.set({ state }, count);
    },
  });
}
