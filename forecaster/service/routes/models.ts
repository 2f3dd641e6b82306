import type { FastifyInstance } from 'fastify';
import type { Store } from '../store';

/** GET /models/status: how every series is doing. */
export function modelRoutes(app: FastifyInstance, store: Store): void {
  app.get('/models/status', () => ({
    now: store.now ?? null,
    series: store.all().map(({ service, namespace, metric, forecaster }) => ({ service, namespace, metric, ...forecaster.status() })),
  }));
}
