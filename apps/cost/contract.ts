import { number, oneOf, text } from '../../base/settings';

/** Metrics the cost service publishes. Label `replicas` is minimum, typical or maximum. */
export const costMetrics = {
  /** US dollars a month as far as they are known; no series where nothing is. Labels: environment, replicas. */
  monthly: 'tideline_cost_monthly_usd',
  /** Share of price lines whose cost is known, 0 to 1. Labels: environment, replicas. */
  coverage: 'tideline_cost_coverage',
  /** Budget of a month, US dollars. Label: environment. */
  budget: 'tideline_cost_budget_monthly_usd',
  /** Faults in the environments as they are now on disk; above 0 the last good ones are priced. */
  faults: 'tideline_cost_environment_faults',
} as const;

/** What the cost service promises the platform (satisfies `ServiceContract`). */
export const contract = {
  name: 'cost',
  owner: 'finops',
  port: 8082,
  probes: { startup: '/healthz', liveness: '/healthz', readiness: '/readyz' },
  metricsPath: '/metrics',
  settings: {
    host: text({ env: 'COST_HOST', description: 'address to listen on', fallback: '0.0.0.0' }),
    port: number({ env: 'COST_PORT', description: 'TCP port to listen on', min: 1, max: 65535, integer: true, fallback: 8082 }),
    environmentsDir: text({ env: 'COST_ENVIRONMENTS_DIR', description: 'folder with one <environment>.json (EnvironmentModel) per environment' }),
    refreshSeconds: number({ env: 'COST_REFRESH_SECONDS', description: 'seconds between looking for changed environments', min: 1, max: 3600, fallback: 10 }),
    token: text({ env: 'COST_TOKEN', description: 'bearer token that callers of /cost must send', secret: true }),
    logLevel: oneOf({ env: 'LOG_LEVEL', description: 'how much is logged', values: ['silent', 'error', 'warn', 'info', 'debug'], fallback: 'info' }),
  },
  slo: { latencyP95Seconds: 0.25 },
  resources: { cpuRequestMillicores: 100, cpuLimitMillicores: 500, memoryRequestMiB: 128, memoryLimitMiB: 256 },
  startupSeconds: 10,
} as const;
