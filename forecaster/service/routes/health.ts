import { Type } from '@fastify/type-provider-typebox';
import type { FastifyInstance } from 'fastify';
import { errorBody } from '../../../base/http';
import type { ForecasterMetrics } from '../metrics';
import { openRoute } from '../openapi';
import type { Refresher } from '../refresher';
import { refusals } from '../schemas';

/** Probes and metrics: open, because the kubelet and Prometheus carry no token. */
export function healthRoutes(app: FastifyInstance, refresher: Pick<Refresher, 'ready'>, metrics: ForecasterMetrics): void {
  const about = { ...openRoute, tags: ['operation'] };
  const answer = (status: string) => Type.Object({ status: Type.Literal(status) }, { description: status });
  app.get('/healthz', { schema: { ...about, summary: 'Whether the process is alive', response: { '200': answer('ok'), ...refusals() } } }, () => ({ status: 'ok' }));
  app.get('/readyz', { schema: { ...about, summary: 'Whether forecasts can be served', response: { '200': answer('ready'), ...refusals(503) } } }, (_request, reply) => {
    if (refresher.ready) return reply.send({ status: 'ready' });
    return reply.code(503).send(errorBody('not_ready', 'no refresh from Prometheus has got through yet'));
  });
  app.get('/metrics', {
    schema: {
      ...about,
      summary: 'Metrics in the text format of Prometheus',
      response: { '200': { description: 'text format 0.0.4', content: { 'text/plain': { schema: Type.String() } } }, ...refusals() },
    },
  }, async (_request, reply) => reply.type(metrics.registry.contentType).send(await metrics.registry.metrics()));
}
