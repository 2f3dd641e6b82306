import { randomInt } from 'node:crypto';
import Fastify, { type FastifyInstance, type FastifyReply } from 'fastify';
import { bearerMatches, unauthorized } from '../../base/http';
import { contract } from '../contract';
import { answerErrors, malformedRequest, notUnderstood } from './errors';
import { assertFinite } from './finite';
import { IncidentWatch } from './incident-watch';
import type { Known } from './locate';
import { MemoryWatch } from './memory-watch';
import { forecasterMetricsRegistry } from './metrics';
import { openApi } from './openapi';
import { PrometheusClient, type PrometheusFailure, selector } from './prometheus-client';
import { Refresher } from './refresher';
import { riskMetrics } from './risk-metrics';
import { backtestRoutes } from './routes/backtest';
import { healthRoutes } from './routes/health';
import { incidentRoutes } from './routes/incidents';
import { modelRoutes } from './routes/models';
import { oomRoutes } from './routes/oom';
import { predictRoutes } from './routes/predict';
import { demandSource } from './scaler/demand-source';
import { ScalerServer } from './scaler/scaler-server';
import type { ForecasterSettings } from './settings';
import { shardOf } from './shards';
import { StateKeeper } from './state-keeper';
import { StateStore } from './state-store';
import { Store } from './store';
import { upkeepMetrics } from './upkeep-metrics';

/** A built service: nothing listens and nothing is asked yet. */
export interface ForecasterApp {
  readonly app: FastifyInstance;
  readonly refresher: Refresher;
  readonly store: Store;
  /** KEDA's external scaler; undefined where it is off. Nothing listens yet. */
  readonly scaler: ScalerServer | undefined;
  /** Keeps what was learned on disk; undefined where nothing is kept. */
  readonly keeper: StateKeeper | undefined;
}

/** Replaceable for tests. */
export interface AppOptions {
  /** Milliseconds of a clock that only goes forward. @default - that of the process */
  readonly clock?: () => number;
  /** In [0, 1): spreads the moments at which replicas ask and write. @default - that of the process */
  readonly random?: () => number;
  /** Limits of the Prometheus client. @default - its own */
  readonly limits?: { readonly timeoutMs?: number; readonly maxBytes?: number };
}

/** Builds the service. Start it with `refresher.start()` and `app.listen()`. */
export function buildApp(settings: ForecasterSettings, options: AppOptions = {}): ForecasterApp {
  const app = Fastify({
    logger: { level: settings.logLevel },
    disableRequestLogging: true,
    routerOptions: { maxParamLength: 16_000 }, // longer than any header may be: what is too long is refused by its schema, like everything else
    clientErrorHandler: malformedRequest,
    frameworkErrors: (_error, _request, reply) => void (reply as FastifyReply).code(400).send(notUnderstood()),
    ajv: { customOptions: { removeAdditional: false, allErrors: true } },
  });
  const clock = options.clock ?? (() => performance.now());
  const random = options.random ?? (() => randomInt(2 ** 32) / 2 ** 32);
  const shard = shardOf(settings);
  const store = new Store(settings.stepSeconds);
  const client = new PrometheusClient({ url: settings.prometheusUrl, ...options.limits });
  const onFailure = (failure: PrometheusFailure, what: string): void => {
    metrics.countFailure(failure.kind);
    app.log.warn({ kind: failure.kind, what }, failure.message);
  };
  const refresher: Refresher = new Refresher({
    client,
    store,
    settings,
    clock,
    shard,
    random,
    onFailure,
    onTransition: ({ namespace, service, metric }, { from, to, time, reasons, explanation }) => {
      metrics.countTransition({ from, to });
      app.log.info({ namespace, service, metric, from, to, time, reasons }, explanation);
    },
    onRefresh: (outcome, seconds) => {
      metrics.countRefresh(outcome);
      if (outcome !== 'failed') watch().catch((error: unknown) => app.log.error({ err: error }, 'risks could not be told'));
      scaler?.changed();
      app.log.debug({ outcome, seconds, series: store.size }, 'refreshed');
    },
  });
  const memory = new MemoryWatch({ client, shard, onFailure });
  const watch = async (): Promise<void> => {
    if (store.now !== undefined) await memory.look(store.now);
    await incidents.look();
  };
  const incidents = new IncidentWatch({
    store,
    thresholds: { latencySeconds: settings.latencyObjectiveSeconds, cpu: settings.cpuCeiling },
    staleAfterSeconds: settings.staleAfterSeconds,
    memoryOf: (namespace, service) => memory.risksOf(namespace, service),
    onEvent: ({ what, incident: { id, service, namespace, kind, probability, severity, reasons } }) => {
      app.log.info({ id, service, namespace, kind, probability, severity, reasons }, `an incident was ${what}`);
    },
  });
  const metrics = forecasterMetricsRegistry({ store, refresher, settings });
  riskMetrics(metrics.registry, { incidents: incidents.engine, memory });
  const upkeep = upkeepMetrics(metrics.registry, refresher, shard);
  const keeper = settings.stateDirectory === '' ? undefined : new StateKeeper({
    files: new StateStore({ directory: settings.stateDirectory, shard, stepSeconds: settings.stepSeconds }),
    store,
    intervalSeconds: settings.stateIntervalSeconds,
    random,
    onLoad: (report) => {
      upkeep.setLoaded(report);
      if (report.problem) app.log.warn({ problem: report.problem }, report.message);
      else app.log.info(report.message);
    },
    onSave: (report) => {
      upkeep.setSaved(report);
      app.log.debug(report, 'the state is written');
    },
    onFailure: (error) => {
      upkeep.countFailedSave();
      app.log.warn(`the state is not written, everything else goes on: ${error.message}`);
    },
  });
  const scaler = settings.scaler === 'off' ? undefined : new ScalerServer({
    settings,
    source: demandSource({ store, refresher, settings, shard, mayScale: (entry) => entry.climber.mayScale }),
    onCall: (method, code) => metrics.countScalerCall(method, code),
    onError: (error) => app.log.error({ err: error }, 'a call of the scaler failed'),
  });

  answerErrors(app);
  app.addHook('preSerialization', (_request, _reply, payload, done) => {
    assertFinite(payload);
    done(null, payload);
  });
  openApi(app);
  void app.register(async (open) => healthRoutes(open, refresher, metrics));
  const known: Known = { store, refresher, shard };
  // Load and its forecast tell what a business is doing: only who holds the token may read them one by one.
  void app.register(async (closed) => {
    closed.addHook('onRequest', async (request, reply) => {
      if (bearerMatches(request.headers.authorization, settings.token)) return;
      const refusal = unauthorized(contract.settings.token.env);
      await reply.code(401).headers(refusal.headers).send(refusal.body);
    });
    predictRoutes(closed, known, settings.stepSeconds);
    incidentRoutes(closed, store, incidents.engine);
    oomRoutes(closed, store, memory);
    modelRoutes(closed, store);
    backtestRoutes(closed, { known, history: client, selectorOf: selector, stepSeconds: settings.stepSeconds, clock });
  });
  return { app, refresher, store, scaler, keeper };
}
