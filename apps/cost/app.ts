import { Registry } from 'prom-client';
import { priceBook } from '../../pricing/price-book';
import { requireBearer } from '../http/bearer';
import { Readiness } from '../http/readiness';
import type { Service } from '../http/serve';
import { buildHttpService } from '../http/service';
import { contract } from './contract';
import { Environments } from './environments';
import { registerCostMetrics } from './metrics';
import { environmentRoutes } from './routes/environments';
import type { CostSettings } from './settings';

/** The cost service, built and not listening. */
export interface CostService extends Service {
  readonly environments: Environments;
}

/** What tests replace. */
export interface CostOptions {
  /** Where the log goes. @default - standard output */
  readonly logTo?: { write(line: string): void };
}

/**
 * Builds the cost service: prices of environments over HTTP, behind a bearer token, and as metrics.
 *
 * @throws FaultError naming every fault of every environment file
 */
export async function buildCostService(settings: CostSettings, options: CostOptions = {}): Promise<CostService> {
  const environments = Environments.load(settings.environmentsDir);
  const registry = new Registry();
  registerCostMetrics(registry, environments, priceBook);
  const readiness = new Readiness(() => []); // what it needs was read before it was built
  const app = await buildHttpService({ contract, logLevel: settings.logLevel, readiness, registry, ...options });
  await app.register((scope, _options, done) => {
    scope.addHook('onRequest', requireBearer(settings.token, contract.settings.token.env));
    environmentRoutes(scope, environments, priceBook);
    done();
  }, { prefix: '/cost' });

  let reported = '';
  const timer = setInterval(() => {
    const faults = environments.refresh();
    const report = JSON.stringify(faults);
    if (report === reported) return; // said once, not every few seconds
    reported = report;
    if (faults.length > 0) app.log.error({ faults }, 'environments on disk are not usable; the last good ones are priced');
    else app.log.info({ environments: environments.names }, 'environments on disk are usable');
  }, settings.refreshSeconds * 1000);
  timer.unref();
  app.addHook('onClose', async () => clearInterval(timer));
  return { app, readiness, environments, release: async () => undefined };
}
