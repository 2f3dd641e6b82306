import swagger from '@fastify/swagger';
import type { FastifyInstance } from 'fastify';
import { sharedSchemas } from './schemas';

/** Name of the security scheme of what needs the token. */
const BEARER = 'bearer';
/** Marks a route as one that needs the token. */
export const closedRoute = { security: [{ [BEARER]: [] as string[] }] };
/** Marks a route as one that needs none. */
export const openRoute = { security: [] as Record<string, string[]>[] };

/** Makes every route that is registered after it part of the OpenAPI document, from its own schemas. */
export function openApi(app: FastifyInstance): void {
  for (const schema of sharedSchemas) app.addSchema(schema);
  void app.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: {
        title: 'Tideline forecaster',
        description: 'Load, CPU, latency and memory of services up to an hour ahead as quantiles, the incidents they lead to, and how far all of it can be trusted. '
          + 'Times are seconds by the metrics\' clock; every number is finite.',
        version: '1',
        license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
      },
      tags: [
        { name: 'forecasts', description: 'what is coming' },
        { name: 'quality', description: 'how good forecasts are' },
        { name: 'operation', description: 'probes, metrics, this document' },
      ],
      components: { securitySchemes: { [BEARER]: { type: 'http', scheme: 'bearer', description: 'the value of FORECASTER_TOKEN' } } },
      security: [{ [BEARER]: [] }],
    },
    refResolver: { buildLocalReference: (json, _base, _fragment, i) => (typeof json.$id === 'string' ? json.$id : `schema-${i}`) },
  });
  void app.register(async (open) => {
    open.get('/openapi.json', {
      schema: {
        ...openRoute,
        tags: ['operation'],
        summary: 'This document',
        response: { '200': { type: 'object', additionalProperties: true, description: 'OpenAPI 3.1' } },
      },
    }, () => app.swagger());
  });
}
