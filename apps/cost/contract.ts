import { number, oneOf, text } from '../../base/settings';

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
    token: text({ env: 'COST_TOKEN', description: 'bearer token that callers of /cost must send', secret: true }),
    logLevel: oneOf({ env: 'LOG_LEVEL', description: 'how much is logged', values: ['silent', 'error', 'warn', 'info', 'debug'], fallback: 'info' }),
  },
  slo: { latencyP95Seconds: 0.25 },
  resources: { cpuRequestMillicores: 100, cpuLimitMillicores: 500, memoryRequestMiB: 128, memoryLimitMiB: 256 },
  startupSeconds: 10,
} as const;
