import type { FastifyInstance } from 'fastify';
import { collectDefaultMetrics, Histogram, Registry } from 'prom-client';

/** Histogram of requests; its `_count` is what the platform scales on, see the recording rules in charts/observability. */
export const REQUEST_DURATION = 'http_request_duration_seconds';

/**
 * Measures every request by method, route and status, and answers with all metrics of the registry at a path.
 *
 * @param quiet routes that are not counted: probes and scrapes come whether there is demand or not
 */
export function answerMetrics(app: FastifyInstance, options: { readonly path: string; readonly quiet: readonly string[]; readonly registry: Registry }): void {
  const { registry } = options;
  const quiet = new Set([...options.quiet, options.path]);
  collectDefaultMetrics({ register: registry });
  const duration = new Histogram({
    name: REQUEST_DURATION, help: 'Time from a request\'s first byte to the end of its answer', labelNames: ['method', 'route', 'status'],
    buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10], registers: [registry],
  });
  app.addHook('onResponse', async (request, reply) => {
    const route = request.routeOptions.url ?? 'unmatched'; // never the raw path: anybody could make a new series
    if (!quiet.has(route)) duration.observe({ method: request.method, route, status: reply.statusCode }, reply.elapsedTime / 1000);
  });
  app.get(options.path, async (_request, reply) => reply.type(registry.contentType).send(await registry.metrics()));
}
