import { Counter, Gauge, Histogram, Registry } from 'prom-client';
import { requireBearer } from '../http/bearer';
import { Readiness } from '../http/readiness';
import type { Service } from '../http/serve';
import { buildHttpService } from '../http/service';
import { machineClock } from './clock';
import { contract, loadgenMetrics } from './contract';
import { httpTarget } from './http-target';
import { LoadRun, LoadRunOptions } from './load-run';
import { seeded } from './random';
import { runRoutes } from './routes/runs';
import type { LoadgenSettings } from './settings';

/** What tests replace. */
export interface LoadgenOptions {
  /** Where the log goes. @default - standard output */
  readonly logTo?: { write(line: string): void };
}

/** Builds the load generator: one run at a time, against one target, started by who holds the token. */
export async function buildLoadgenService(settings: LoadgenSettings, options: LoadgenOptions = {}): Promise<Service> {
  const registry = new Registry();
  const requests = new Counter({ name: loadgenMetrics.requests, help: 'Requests of all runs, by how they ended', labelNames: ['outcome'], registers: [registry] });
  const latency = new Histogram({
    name: loadgenMetrics.latency, help: 'From when a request was due to the end of its answer', buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30], registers: [registry],
  });
  const target = httpTarget({ url: settings.target, timeoutSeconds: settings.timeoutSeconds, maxConnections: settings.maxOutstanding });
  let current: LoadRun | undefined;
  new Gauge({ name: loadgenMetrics.outstanding, help: 'Requests under way', registers: [registry], collect() { this.set(current?.report().outstanding ?? 0); } });

  const start = ({ seed, ...asked }: Pick<LoadRunOptions, 'shape' | 'spacing' | 'intervalSeconds'> & { readonly seed: number }): LoadRun => {
    current = new LoadRun({
      ...asked, send: target.send, clock: machineClock, uniform: seeded(seed), maxOutstanding: settings.maxOutstanding,
      seen: (outcome, seconds) => {
        requests.inc({ outcome });
        if (seconds !== null) latency.observe(seconds);
      },
    });
    return current;
  };
  const readiness = new Readiness(() => []);
  const app = await buildHttpService({ contract, logLevel: settings.logLevel, readiness, registry, bodyLimit: 2 ** 21, ...options });
  await app.register((scope, _options, done) => {
    scope.addHook('onRequest', requireBearer(settings.token, contract.settings.token.env));
    runRoutes(scope, { current: () => current, start });
    done();
  });
  return {
    app, readiness,
    release: async () => {
      current?.stop();
      await current?.done;
      target.close();
    },
  };
}
