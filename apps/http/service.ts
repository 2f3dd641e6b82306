import Fastify, { FastifyInstance, LogController } from 'fastify';
import { Registry } from 'prom-client';
import { answerErrors } from './errors';
import { answerMetrics } from './metrics';
import { answerProbes, Readiness } from './readiness';

/** The part of a service's contract that its HTTP face needs. */
export interface HttpContract {
  readonly name: string;
  readonly probes: { readonly startup: string; readonly liveness: string; readonly readiness: string };
  readonly metricsPath: string;
}

/** What every service of ours is built with. */
export interface HttpServiceOptions {
  readonly contract: HttpContract;
  readonly logLevel: string;
  readonly readiness: Readiness;
  readonly registry: Registry;
  /** Largest body accepted, bytes. @default 65536 */
  readonly bodyLimit?: number;
  /** Milliseconds a route may take before it is answered with 503. @default 10000 */
  readonly handlerTimeoutMs?: number;
  /** Runs before any route exists, for what must see all of them. @default - nothing */
  readonly first?: (app: FastifyInstance) => Promise<void>;
  /** Where the log goes. @default - standard output */
  readonly logTo?: { write(line: string): void };
}

/**
 * A Fastify instance with what every service needs: JSON log without secrets, limits, stable error codes, probes and metrics. It does not listen.
 */
export async function buildHttpService(options: HttpServiceOptions): Promise<FastifyInstance> {
  const { contract } = options;
  const quiet = [...new Set([contract.probes.startup, contract.probes.liveness, contract.probes.readiness, contract.metricsPath])];
  const app = Fastify({
    logger: {
      level: options.logLevel, base: { service: contract.name },
      // Headers are not logged at all; this holds should somebody log a request whole.
      redact: ['req.headers.authorization', 'req.headers.cookie', 'headers.authorization', 'headers.cookie'],
      ...(options.logTo ? { stream: options.logTo } : {}),
    },
    logController: new LogController({ disableRequestLogging: true }), // one line per answer below, with the route instead of the address
    bodyLimit: options.bodyLimit ?? 65_536,
    requestTimeout: 10_000, // a request that trickles in must not hold a connection
    handlerTimeout: options.handlerTimeoutMs ?? 10_000,
    keepAliveTimeout: 65_000, // longer than a load balancer's 60 s, so that it is never the one to find a closed connection
    return503OnClosing: true,
    forceCloseConnections: 'idle',
    ajv: { customOptions: { allErrors: true, removeAdditional: false } },
  });
  await options.first?.(app);
  answerErrors(app);
  app.addHook('onResponse', async (request, reply) => {
    const route = request.routeOptions.url;
    if (route !== undefined && quiet.includes(route)) return;
    request.log.info({ method: request.method, route: route ?? 'unmatched', status: reply.statusCode, milliseconds: Math.round(reply.elapsedTime * 10) / 10 }, 'answered');
  });
  app.addHook('onSend', async (_request, reply) => {
    // A connection that is kept alive past this answer would hold up the end until its client lets go.
    if (options.readiness.isStopping) reply.header('connection', 'close');
  });
  answerProbes(app, contract.probes, options.readiness);
  answerMetrics(app, { path: contract.metricsPath, quiet, registry: options.registry });
  return app;
}
