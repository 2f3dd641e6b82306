import { number, oneOf, text } from '../../base/settings';

/** What the catalog service promises the platform (satisfies `ServiceContract`). */
export const contract = {
  name: 'catalog',
  owner: 'shop',
  port: 8080,
  probes: { startup: '/healthz', liveness: '/healthz', readiness: '/readyz' },
  metricsPath: '/metrics',
  settings: {
    host: text({ env: 'CATALOG_HOST', description: 'address to listen on', fallback: '0.0.0.0' }),
    port: number({ env: 'CATALOG_PORT', description: 'TCP port to listen on', min: 1, max: 65535, integer: true, fallback: 8080 }),
    databaseUrl: text({ env: 'CATALOG_DATABASE_URL', description: 'PostgreSQL address, or pglite: / pglite:<folder> for an embedded one', fallback: 'pglite:', secret: true }),
    writeToken: text({ env: 'CATALOG_WRITE_TOKEN', description: 'bearer token that callers who change products must send', secret: true }),
    seed: oneOf({ env: 'CATALOG_SEED', description: 'whether an empty database gets sample products; auto: only an embedded one', values: ['auto', 'always', 'never'], fallback: 'auto' }),
    drainSeconds: number({ env: 'CATALOG_DRAIN_SECONDS', description: 'seconds between saying not ready and closing, in which balancers turn away', min: 0, max: 60, fallback: 5 }),
    otlpEndpoint: text({ env: 'OTEL_EXPORTER_OTLP_ENDPOINT', description: 'OTLP/HTTP collector; empty sends no traces', fallback: '' }),
    logLevel: oneOf({ env: 'LOG_LEVEL', description: 'how much is logged', values: ['silent', 'error', 'warn', 'info', 'debug'], fallback: 'info' }),
  },
  slo: { latencyP95Seconds: 0.5 },
  // Requests equal limits: utilisation of requests is then utilisation of what a replica can do.
  resources: { cpuRequestMillicores: 500, cpuLimitMillicores: 500, memoryRequestMiB: 192, memoryLimitMiB: 384 },
  startupSeconds: 60,
  work: { cpuSecondsPerRequest: 0.01, idleCpuMillicores: 10 },
} as const;
