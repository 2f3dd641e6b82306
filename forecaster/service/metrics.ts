import { Counter, Gauge, Registry } from 'prom-client';
import { forecasterMetrics } from '../contract';
import { type LadderTransition } from '../ladder/ladder';
import { rankOf } from '../ladder/steps';
import type { Refresher, RefreshOutcome } from './refresher';
import type { ForecasterSettings } from './settings';
import { type Entry, MAX_HORIZON_SECONDS, type Store } from './store';

/** What the metrics are made from. */
export interface MetricsOptions {
  readonly store: Store;
  readonly refresher: Pick<Refresher, 'silentSeconds'>;
  readonly settings: Pick<ForecasterSettings, 'intervalSeconds' | 'leadTimeSeconds' | 'demandQuantile' | 'staleAfterSeconds'>;
}

/** Horizons and quantiles of `tideline_forecast`: enough for a dashboard, few enough for a scrape. */
const SHOWN_HORIZONS = [300, 900, 1800, 3600].filter((seconds) => seconds <= MAX_HORIZON_SECONDS);
const SHOWN_QUANTILES = [0.1, 0.5, 0.9];
/** Refreshes missed in a row after which nothing is known about the metrics' clock any more. */
const MISSED_REFRESHES = 5;

/** The forecaster's own metrics. */
export interface ForecasterMetrics {
  readonly registry: Registry;
  countRefresh(outcome: RefreshOutcome): void;
  countFailure(kind: string): void;
  countScalerCall(method: string, code: string): void;
  countTransition(transition: Pick<LadderTransition, 'from' | 'to'>): void;
}

/**
 * Builds the registry. Values are computed when scraped, so that a demand whose basis has become old disappears by itself: a frozen
 * demand would hold replicas up for ever, a missing one hands scaling back to the reactive metrics.
 */
export function forecasterMetricsRegistry({ store, refresher, settings }: MetricsOptions): ForecasterMetrics {
  const registry = new Registry();
  const labelNames = ['service', 'namespace', 'metric'];
  const gauge = (name: string, help: string, extraLabels: string[], collect: (gauge: Gauge, entry: Entry) => void) => new Gauge({
    name,
    help,
    labelNames: [...labelNames, ...extraLabels],
    registers: [registry],
    collect() {
      this.reset();
      for (const entry of store.all()) if (entry.forecaster.ready && store.now !== undefined) collect(this as Gauge, entry);
    },
  });
  const age = (entry: Entry) => Math.max(0, store.now! - entry.forecaster.lastTime);
  const fresh = (entry: Entry) => age(entry) <= settings.staleAfterSeconds && refresher.silentSeconds <= MISSED_REFRESHES * Math.max(settings.intervalSeconds, 1);
  const labelsOf = ({ service, namespace, metric }: Entry) => ({ service, namespace, metric });

  gauge(forecasterMetrics.demand, 'Requests per second to provision for over the lead time', [], (metric, entry) => {
    if (entry.metric !== 'requests' || !fresh(entry) || !entry.climber.mayScale) return;
    metric.set(labelsOf(entry), entry.forecaster.demand({ leadTimeSeconds: settings.leadTimeSeconds, quantile: settings.demandQuantile, now: store.now }).value);
  });
  new Gauge({
    name: forecasterMetrics.predictedCpu,
    help: 'CPU used over CPU requested to provision for over the lead time, percent',
    labelNames: ['service', 'namespace'],
    registers: [registry],
    collect() {
      this.reset();
      for (const entry of store.all()) {
        if (entry.metric !== 'cpu' || !entry.forecaster.ready || store.now === undefined || !fresh(entry) || !entry.climber.mayScale) continue;
        const { value } = entry.forecaster.demand({ leadTimeSeconds: settings.leadTimeSeconds, quantile: settings.demandQuantile, now: store.now });
        this.set({ service: entry.service, namespace: entry.namespace }, 100 * value);
      }
    },
  });
  gauge(forecasterMetrics.forecast, 'Forecast quantiles, in the unit of the metric', ['horizon_seconds', 'quantile'], (metric, entry) => {
    if (!fresh(entry)) return;
    const forecast = entry.forecaster.forecast({ horizonSeconds: MAX_HORIZON_SECONDS, quantiles: SHOWN_QUANTILES, now: store.now });
    for (const horizon of SHOWN_HORIZONS) {
      const index = Math.ceil(horizon / forecast.stepSeconds) - 1;
      for (const quantile of SHOWN_QUANTILES) {
        const value = forecast.quantiles[String(quantile)]?.[index];
        if (value !== undefined) metric.set({ ...labelsOf(entry), horizon_seconds: String(horizon), quantile: String(quantile) }, value);
      }
    }
  });
  gauge(forecasterMetrics.confidence, 'Confidence in the forecast, 0 to 1', [], (metric, entry) => {
    metric.set(labelsOf(entry), fresh(entry) ? entry.forecaster.forecast({ horizonSeconds: settings.leadTimeSeconds, now: store.now }).confidence : 0);
  });
  gauge(forecasterMetrics.staleness, 'Seconds since the newest sample used, by the metrics\' clock', [], (metric, entry) => { metric.set(labelsOf(entry), age(entry)); });
  gauge(forecasterMetrics.ladderStep, 'How far forecasts are trusted: 0 shadow, 1 assist, 2 lead', [], (metric, entry) => { metric.set(labelsOf(entry), rankOf(entry.climber.step)); });
  new Gauge({ name: forecasterMetrics.series, help: 'Series that are forecast', registers: [registry], collect() { this.set(store.size); } });
  const refreshes = new Counter({ name: forecasterMetrics.refreshes, help: 'Refreshes from Prometheus', labelNames: ['outcome'], registers: [registry] });
  const failures = new Counter({ name: forecasterMetrics.failures, help: 'Failed questions to Prometheus', labelNames: ['kind'], registers: [registry] });
  const transitions = new Counter({ name: forecasterMetrics.ladderTransitions, help: 'Steps up and down the ladder', labelNames: ['from', 'to'], registers: [registry] });
  const scalerCalls = new Counter({ name: forecasterMetrics.scalerCalls, help: 'Calls of KEDA to the external scaler', labelNames: ['method', 'code'], registers: [registry] });
  return {
    registry,
    countRefresh: (outcome) => refreshes.inc({ outcome }),
    countFailure: (kind) => failures.inc({ kind }),
    countScalerCall: (method, code) => scalerCalls.inc({ method, code }),
    countTransition: ({ from, to }) => transitions.inc({ from, to }),
  };
}
