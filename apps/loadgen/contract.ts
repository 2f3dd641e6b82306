import { number, oneOf, text, url } from '../../base/settings';

/** What the load generator promises the platform (satisfies `ServiceContract`). */
export const contract = {
  name: 'loadgen',
  owner: 'platform',
  port: 8080,
  probes: { startup: '/healthz', liveness: '/healthz', readiness: '/readyz' },
  metricsPath: '/metrics',
  settings: {
    host: text({ env: 'LOADGEN_HOST', description: 'address to listen on', fallback: '0.0.0.0' }),
    port: number({ env: 'LOADGEN_PORT', description: 'TCP port to listen on', min: 1, max: 65535, integer: true, fallback: 8080 }),
    target: url({ env: 'LOADGEN_TARGET', description: 'address that is asked; who starts a run cannot choose another' }),
    token: text({ env: 'LOADGEN_TOKEN', description: 'bearer token that callers must send', secret: true }),
    timeoutSeconds: number({ env: 'LOADGEN_TIMEOUT_SECONDS', description: 'seconds until a request counts as timed out', min: 0.1, max: 300, fallback: 10 }),
    maxOutstanding: number({ env: 'LOADGEN_MAX_OUTSTANDING', description: 'requests that may be under way at once; what comes on top is counted and not sent', min: 1, max: 50_000, integer: true, fallback: 2000 }),
    logLevel: oneOf({ env: 'LOG_LEVEL', description: 'how much is logged', values: ['silent', 'error', 'warn', 'info', 'debug'], fallback: 'info' }),
  },
  slo: { latencyP95Seconds: 0.5 },
  resources: { cpuRequestMillicores: 500, cpuLimitMillicores: 1000, memoryRequestMiB: 128, memoryLimitMiB: 256 },
  startupSeconds: 20,
} as const;

/** Metrics of the generator, beside those every service has. */
export const loadgenMetrics = {
  /** Requests of all runs by `outcome`. */
  requests: 'loadgen_requests_total',
  /** Seconds from when a request was due to the end of its answer. */
  latency: 'loadgen_latency_seconds',
  /** Requests under way. */
  outstanding: 'loadgen_outstanding_requests',
} as const;
