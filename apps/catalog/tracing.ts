import FastifyOtelInstrumentation from '@fastify/otel';
import { context, propagation, trace } from '@opentelemetry/api';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { resourceFromAttributes } from '@opentelemetry/resources';
import { node, tracing } from '@opentelemetry/sdk-node';
import type { FastifyInstance } from 'fastify';

/** Sends spans to a collector until it is stopped. */
export interface Tracing {
  /** Gives every route but the quiet ones a server span that continues its caller's trace. Call before any route exists. */
  readonly instrument: (app: FastifyInstance) => Promise<void>;
  /** Sends what is left, for at most a few seconds, and ends. */
  readonly stop: () => Promise<void>;
}

const NONE: Tracing = { instrument: async () => undefined, stop: async () => undefined };

/**
 * Starts tracing.
 *
 * @param options.endpoint base address of an OTLP/HTTP collector; empty starts nothing
 * @param options.quiet paths without spans: probes and scrapes
 */
export function startTracing(options: { readonly endpoint: string; readonly serviceName: string; readonly quiet: readonly string[] }): Tracing {
  if (options.endpoint === '') return NONE;
  // A collector that is away costs spans, never requests, and must not hold up the end of the process for longer than this.
  const exporter = new OTLPTraceExporter({ url: `${options.endpoint.replace(/\/+$/, '')}/v1/traces`, timeoutMillis: 3000 });
  const provider = new node.NodeTracerProvider({
    resource: resourceFromAttributes({ 'service.name': options.serviceName }),
    spanProcessors: [new tracing.BatchSpanProcessor(exporter)],
  });
  provider.register();
  const fastify = new FastifyOtelInstrumentation({
    instrumentHooks: false, // a span per hook tells nothing about this service
    ignorePaths: ({ url }) => options.quiet.includes(url.split('?')[0] ?? ''),
    requestHook: (span, request) => {
      span.updateName(`${request.method} ${request.routeOptions.url ?? 'unmatched'}`);
    },
  });
  fastify.setTracerProvider(provider);
  return {
    instrument: async (app) => {
      await app.register(fastify.plugin());
    },
    stop: async () => {
      await provider.shutdown().catch(() => undefined);
      for (const api of [trace, context, propagation]) api.disable();
    },
  };
}
