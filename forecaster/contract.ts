import { number, oneOf, type Setting, text, url } from '../base/settings';

/**
 * The recording rules that Prometheus keeps per service. These and {@link containerRules} are the only names the forecaster queries.
 * Every series has the labels `namespace` and `service`.
 */
export const recordingRules = {
  /** Requests per second. */
  requests: 'tideline:requests:rate',
  /** CPU used over CPU requested, ratio. */
  cpu: 'tideline:cpu:utilisation',
  /** 95th percentile of request latency, seconds. */
  latency: 'tideline:latency:p95',
  /** Working set of all replicas, bytes. */
  memory: 'tideline:memory:working_set',
  /** Ready replicas. */
  replicas: 'tideline:replicas:ready',
} as const;
export type ForecastMetric = keyof typeof recordingRules;

/** Recording rules per container, for time to out-of-memory. Every series has the labels `namespace`, `service`, `pod` and `container`. */
export const containerRules = {
  /** Working set, bytes: what the kernel counts against the limit. */
  workingSet: 'tideline:container_memory:working_set',
  /** Memory limit, bytes; absent where there is none. */
  limit: 'tideline:container_memory:limit',
} as const;

/** Metrics the forecaster publishes. */
export const forecasterMetrics = {
  /** Demand to provision for, in the metric's unit: a quantile of the forecast, maximum over the lead time. Absent in shadow. Labels: service, namespace, metric. */
  demand: 'tideline_demand',
  /** Forecast; labels: service, namespace, metric, horizon_seconds, quantile. */
  forecast: 'tideline_forecast',
  /** CPU used over CPU requested to provision for, in percent (100 = all that is requested), as `demand` is: a quantile, maximum over the lead time. Absent in shadow. Labels: service, namespace. */
  predictedCpu: 'predicted_cpu_utilization',
  /** 0 to 1; labels: service, namespace, metric. */
  confidence: 'tideline_confidence',
  /** Seconds, by the metrics' clock, since the newest sample used; labels: service, namespace, metric. */
  staleness: 'tideline_forecast_staleness_seconds',
  /** How far forecasts are trusted: 0 shadow, 1 assist, 2 lead; labels: service, namespace, metric. */
  ladderStep: 'tideline_ladder_step',
  /** Probability that a container meets its memory limit within 60 minutes; labels: service, namespace, pod, container. */
  outOfMemory: 'tideline_oom_probability',
  /** Incidents under way or expected; labels: kind, severity. */
  incidents: 'tideline_incidents',
  /** Steps up and down the ladder since the start, those made on history included; labels: from, to. */
  ladderTransitions: 'tideline_ladder_transitions_total',
  /** Refreshes from Prometheus; label: outcome (`ok`, `partial`, `failed`). */
  refreshes: 'tideline_forecaster_refreshes_total',
  /** Failed questions to Prometheus; label: kind. */
  failures: 'tideline_forecaster_prometheus_failures_total',
  /** Calls of KEDA to the external scaler; labels: method, code (of gRPC). */
  scalerCalls: 'tideline_scaler_calls_total',
  /** Series that are forecast. */
  series: 'tideline_forecaster_series',
  /** Seconds, by the metrics' clock, that the series furthest behind lags. */
  lag: 'tideline_forecaster_lag_seconds',
  /** Series that wait for an answer of Prometheus in the refresh under way. */
  queue: 'tideline_forecaster_queue',
  /** Questions to Prometheus that may be under way at once: falls when it is slow, rises when it is not. */
  concurrency: 'tideline_forecaster_concurrency',
  /** How long the last refresh took, seconds. */
  refreshSeconds: 'tideline_forecaster_refresh_seconds',
  /** Which shard this is, always 1; labels: shard, shards. */
  shard: 'tideline_forecaster_shard',
  /** Series at the start by where they came from; label: outcome (`restored` or why not). */
  stateLoaded: 'tideline_forecaster_state_loaded_series',
  /** Why the state at the start was not, or not wholly, taken up: 1; label: reason. */
  stateProblem: 'tideline_forecaster_state_problem',
  /** Writings of the state; label: outcome (`ok`, `partial`, `failed`). */
  stateWrites: 'tideline_forecaster_state_writes_total',
  /** Length of the newest state file, bytes. */
  stateBytes: 'tideline_forecaster_state_bytes',
} as const;

/** Quantiles every forecast carries. */
export const QUANTILES = [0.025, 0.1, 0.5, 0.9, 0.95, 0.975] as const;

/** Which metrics are forecast, as a comma-separated list. */
function metricList(options: { readonly env: string; readonly description: string; readonly fallback: readonly ForecastMetric[] }): Setting<readonly ForecastMetric[]> {
  const known = Object.keys(recordingRules) as ForecastMetric[];
  return {
    ...options,
    parse: (value) => {
      const names = value.split(',').map((name) => name.trim()) as ForecastMetric[];
      const fits = names.every((name) => known.includes(name)) && new Set(names).size === names.length;
      return fits ? { value: Object.freeze(names) } : { allowed: `a comma-separated list of ${known.join(', ')}, each once` };
    },
  };
}

/** A number from 0, given as such or as the end of a name such as that of a StatefulSet's pod. */
function ordinal(options: { readonly env: string; readonly description: string; readonly fallback: number }): Setting<number> {
  return {
    ...options,
    parse: (value) => {
      const match = /^(?:[a-z0-9.-]*-)?(\d{1,6})$/.exec(value.trim());
      return match ? { value: Number(match[1]) } : { allowed: 'a whole number from 0, or a name that ends in - and one, such as forecaster-2' };
    },
  };
}

/** What the forecaster promises the platform (satisfies `ServiceContract`). */
export const contract = {
  name: 'forecaster',
  owner: 'platform',
  port: 8081,
  /** KEDA asks here, over gRPC, where the scaler is on. */
  grpcPort: 8082,
  probes: { startup: '/healthz', liveness: '/healthz', readiness: '/readyz' },
  metricsPath: '/metrics',
  settings: {
    host: text({ env: 'FORECASTER_HOST', description: 'address to listen on', fallback: '0.0.0.0' }),
    port: number({ env: 'FORECASTER_PORT', description: 'TCP port to listen on', min: 1, max: 65535, integer: true, fallback: 8081 }),
    prometheusUrl: url({ env: 'FORECASTER_PROMETHEUS_URL', description: 'base address of a Prometheus HTTP API' }),
    intervalSeconds: number({ env: 'FORECASTER_INTERVAL_SECONDS', description: 'seconds between two refreshes, by this machine\'s clock', min: 0.05, max: 3600, fallback: 60 }),
    stepSeconds: number({ env: 'FORECASTER_STEP_SECONDS', description: 'resolution of the history, seconds', min: 1, max: 3600, integer: true, fallback: 60 }),
    historySeconds: number({ env: 'FORECASTER_HISTORY_SECONDS', description: 'how much history is pulled at first, seconds', min: 600, max: 90 * 86400, integer: true, fallback: 14 * 86400 }),
    leadTimeSeconds: number({ env: 'FORECASTER_LEAD_TIME_SECONDS', description: 'how far ahead demand looks, seconds', min: 30, max: 3600, integer: true, fallback: 300 }),
    demandQuantile: number({ env: 'FORECASTER_DEMAND_QUANTILE', description: 'quantile of the forecast published as demand', min: 0.5, max: 0.99, fallback: 0.9 }),
    staleAfterSeconds: number({ env: 'FORECASTER_STALE_AFTER_SECONDS', description: 'age of the newest sample, by the metrics\' clock, from which demand is withdrawn, seconds', min: 60, max: 3600, fallback: 300 }),
    latencyObjectiveSeconds: number({ env: 'FORECASTER_LATENCY_OBJECTIVE_SECONDS', description: 'what the 95th percentile of latency must not exceed, seconds; beyond it an incident is told', min: 0.001, max: 3600, fallback: 0.5 }),
    cpuCeiling: number({ env: 'FORECASTER_CPU_CEILING', description: 'CPU used over CPU requested from which a service is short of it, ratio', min: 0.1, max: 100, fallback: 1 }),
    metrics: metricList({ env: 'FORECASTER_METRICS', description: 'metrics that are forecast; demand is published for requests only', fallback: ['requests', 'cpu', 'latency', 'memory'] }),
    scaler: oneOf({ env: 'FORECASTER_SCALER', description: "KEDA's external scaler; plaintext is for networks that only KEDA can reach", values: ['off', 'plaintext', 'mutual-tls'], fallback: 'off' }),
    scalerPort: number({ env: 'FORECASTER_SCALER_PORT', description: 'TCP port of the scaler (gRPC)', min: 0, max: 65535, integer: true, fallback: 8082 }),
    scalerCertificates: text({ env: 'FORECASTER_SCALER_CERTIFICATES', description: 'folder with tls.crt, tls.key and the authority of its clients, ca.crt', fallback: '/certificates/scaler' }),
    shardIndex: ordinal({ env: 'FORECASTER_SHARD_INDEX', description: 'which shard this is: a number from 0, or a name that ends in one; counted modulo the number of shards', fallback: 0 }),
    shardCount: number({ env: 'FORECASTER_SHARD_COUNT', description: 'over how many shards the services are spread', min: 1, max: 1024, integer: true, fallback: 1 }),
    stateDirectory: text({ env: 'FORECASTER_STATE_DIRECTORY', description: 'folder in which what was learned survives a restart; empty = nothing is kept', fallback: '' }),
    stateIntervalSeconds: number({ env: 'FORECASTER_STATE_INTERVAL_SECONDS', description: 'seconds between two writings of the state', min: 1, max: 86400, fallback: 300 }),
    token: text({ env: 'FORECASTER_TOKEN', description: 'bearer token that callers must send, except for health, metrics and the OpenAPI document', secret: true }),
    logLevel: oneOf({ env: 'LOG_LEVEL', description: 'how much is logged', values: ['silent', 'error', 'warn', 'info', 'debug'], fallback: 'info' }),
  },
  slo: { latencyP95Seconds: 0.25 },
  resources: { cpuRequestMillicores: 250, cpuLimitMillicores: 1000, memoryRequestMiB: 256, memoryLimitMiB: 512 },
  startupSeconds: 15,
} as const;
