import type { FastifyInstance } from 'fastify';
import { errorBody } from '../../../base/http';
import type { ForecasterMetrics } from '../metrics';
import type { Refresher } from '../refresher';

/** Probes and metrics: open, because the kubelet and Prometheus carry no token. */
export function healthRoutes(app: FastifyInstance, refresher: Pick<Refresher, 'ready'>, metrics: ForecasterMetrics): void {
  app.get('/healthz', () => ({ status: 'ok' }));
  app.get('/readyz', (_request, reply) => {
    if (refresher.ready) return reply.send({ status: 'ready' });
    return reply.code(503).send(errorBody('not_ready', 'no refresh from Prometheus has got through yet'));
  });
  app.get('/metrics', async (_request, reply) => reply.type(metrics.registry.contentType).send(await metrics.registry.metrics()));
}
