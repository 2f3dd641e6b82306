import Fastify, { type FastifyError, type FastifyInstance } from 'fastify';
import { bearerMatches, errorBody, unauthorized } from '../../base/http';
import { contract } from '../contract';
import { forecasterMetricsRegistry } from './metrics';
import { PrometheusClient } from './prometheus-client';
import { Refresher } from './refresher';
import { healthRoutes } from './routes/health';
import { modelRoutes } from './routes/models';
import { predictRoutes } from './routes/predict';
import { demandSource } from './scaler/demand-source';
import { ScalerServer } from './scaler/scaler-server';
import type { ForecasterSettings } from './settings';
import { Store } from './store';

/** A built service: nothing listens and nothing is asked yet. */
export interface ForecasterApp {
  readonly app: FastifyInstance;
  readonly refresher: Refresher;
  readonly store: Store;
  /** KEDA's external scaler; undefined where it is off. Nothing listens yet. */
  readonly scaler: ScalerServer | undefined;
}

/** Replaceable for tests. */
export interface AppOptions {
  /** Milliseconds of a clock that only goes forward. @default - that of the process */
  readonly clock?: () => number;
  /** Limits of the Prometheus client. @default - its own */
  readonly limits?: { readonly timeoutMs?: number; readonly maxBytes?: number };
}

/** Builds the service. Start it with `refresher.start()` and `app.listen()`. */
export function buildApp(settings: ForecasterSettings, options: AppOptions = {}): ForecasterApp {
  const app = Fastify({
    logger: { level: settings.logLevel },
    disableRequestLogging: true,
    routerOptions: { maxParamLength: 300 },
    ajv: { customOptions: { removeAdditional: false, allErrors: true } },
  });
  const clock = options.clock ?? (() => performance.now());
  const store = new Store(settings.stepSeconds);
  const client = new PrometheusClient({ url: settings.prometheusUrl, ...options.limits });
  const refresher: Refresher = new Refresher({
    client,
    store,
    settings,
    clock,
    onFailure: (failure, what) => {
      metrics.countFailure(failure.kind);
      app.log.warn({ kind: failure.kind, what }, failure.message);
    },
    onTransition: ({ namespace, service, metric }, { from, to, time, reasons, explanation }) => {
      metrics.countTransition({ from, to });
      app.log.info({ namespace, service, metric, from, to, time, reasons }, explanation);
    },
    onRefresh: (outcome, seconds) => {
      metrics.countRefresh(outcome);
      scaler?.changed();
      app.log.debug({ outcome, seconds, series: store.size }, 'refreshed');
    },
  });
  const metrics = forecasterMetricsRegistry({ store, refresher, settings });
  const scaler = settings.scaler === 'off' ? undefined : new ScalerServer({
    settings,
    source: demandSource({ store, refresher, settings, mayScale: (entry) => entry.climber.mayScale }),
    onCall: (method, code) => metrics.countScalerCall(method, code),
    onError: (error) => app.log.error({ err: error }, 'a call of the scaler failed'),
  });

  app.setErrorHandler((error: FastifyError, _request, reply) => {
    if (error.validation) {
      const faults = error.validation.map(({ instancePath, message, params }) => ({
        where: `${error.validationContext ?? 'request'}${instancePath.replaceAll('/', ' ')}`,
        got: 'a value that is not accepted',
        allowed: `${message ?? 'what the schema says'}${'allowedValue' in params ? ` ${String(params.allowedValue)}` : ''}`,
        do: 'correct the request',
      }));
      return reply.code(400).send(errorBody('bad_request', 'the request cannot be understood', faults));
    }
    const status = error.statusCode ?? 500;
    if (status < 500) return reply.code(status).send(errorBody('bad_request', 'the request cannot be understood'));
    app.log.error({ err: error }, 'a request failed');
    return reply.code(500).send(errorBody('internal', 'the request failed for a reason of our own'));
  });
  app.setNotFoundHandler((request, reply) => reply.code(404).send(errorBody('not_found', 'there is nothing at this address', [{
    where: 'path', got: request.url.slice(0, 100), allowed: '/predict/:service, /models/status, /metrics, /healthz, /readyz', do: 'ask for one of these',
  }])));

  healthRoutes(app, refresher, metrics);
  // Load and its forecast tell what a business is doing: only who holds the token may read them one by one.
  void app.register(async (closed) => {
    closed.addHook('onRequest', async (request, reply) => {
      if (bearerMatches(request.headers.authorization, settings.token)) return;
      const refusal = unauthorized(contract.settings.token.env);
      await reply.code(401).headers(refusal.headers).send(refusal.body);
    });
    predictRoutes(closed, store, refresher, settings.stepSeconds);
    modelRoutes(closed, store);
  });
  return { app, refresher, store, scaler };
}
