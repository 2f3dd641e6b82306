import { Type, type TypeBoxTypeProvider } from '@fastify/type-provider-typebox';
import type { FastifyInstance } from 'fastify';
import { type Fault } from '../../../base/faults';
import { errorBody, type ErrorBody } from '../../../base/http';
import { type ForecastMetric, QUANTILES, recordingRules } from '../../contract';
import { reasonCodes, type ReasonCode } from '../../engine';
import { parseHorizon, parseQuantiles } from '../horizon';
import type { Refresher } from '../refresher';
import { type Entry, MAX_HORIZON_SECONDS, type Store } from '../store';

const metricNames = Object.keys(recordingRules) as ForecastMetric[];
const codes = Object.keys(reasonCodes) as ReasonCode[];

const Params = Type.Object({ service: Type.String({ minLength: 1, maxLength: 253 }) });
const Query = Type.Object({
  metric: Type.Optional(Type.Unsafe<ForecastMetric>({ type: 'string', enum: metricNames })),
  namespace: Type.Optional(Type.String({ minLength: 1, maxLength: 253 })),
  horizon: Type.Optional(Type.String({ maxLength: 100 })),
  quantiles: Type.Optional(Type.String({ maxLength: 400 })),
}, { additionalProperties: false });
const Answer = Type.Object({
  service: Type.String(),
  namespace: Type.String(),
  metric: Type.String(),
  origin: Type.Number({ description: 'time of the newest value used, seconds' }),
  stepSeconds: Type.Number(),
  horizonSeconds: Type.Number(),
  point: Type.Array(Type.Number()),
  quantiles: Type.Record(Type.String(), Type.Array(Type.Number())),
  model: Type.String(),
  confidence: Type.Number({ minimum: 0, maximum: 1 }),
  reasons: Type.Array(Type.Unsafe<ReasonCode>({ type: 'string', enum: codes })),
});
const Refusal = Type.Unsafe<ErrorBody>(Type.Object({
  error: Type.Object({
    code: Type.String(),
    message: Type.String(),
    faults: Type.Optional(Type.Array(Type.Object({ where: Type.String(), got: Type.String(), allowed: Type.String(), do: Type.String() }))),
  }),
}));
const response = { '200': Answer, '400': Refusal, '401': Refusal, '404': Refusal, '503': Refusal };

/** GET /predict/:service: the forecast of one metric of one service. */
export function predictRoutes(app: FastifyInstance, store: Store, refresher: Pick<Refresher, 'ready'>, stepSeconds: number): void {
  app.withTypeProvider<TypeBoxTypeProvider>().get('/predict/:service', { schema: { params: Params, querystring: Query, response } }, async (request, reply) => {
    const { service } = request.params;
    const { metric = 'requests', horizon = '30m', quantiles, namespace } = request.query;
    const ahead = parseHorizon(horizon, { min: stepSeconds, max: Math.max(MAX_HORIZON_SECONDS, stepSeconds) });
    const levels = quantiles === undefined ? { levels: QUANTILES } : parseQuantiles(quantiles);
    if ('fault' in ahead || 'fault' in levels) {
      const faults = [ahead, levels].flatMap((parsed) => ('fault' in parsed ? [parsed.fault] : []));
      return reply.code(400).send(errorBody('bad_request', 'the request cannot be understood', faults));
    }
    const found = locate(store, service, namespace, metric);
    if ('fault' in found) {
      // Before the first refresh nobody is known: that says nothing about the service.
      if (!refresher.ready && found.status === 404) {
        return reply.code(503).header('retry-after', '5').send(errorBody('not_ready', 'no refresh from Prometheus has got through yet'));
      }
      return reply.code(found.status).send(errorBody(found.code, found.message, [found.fault]));
    }
    const forecast = found.entry.forecaster.forecast({ horizonSeconds: ahead.seconds, quantiles: levels.levels, now: store.now });
    return reply.send({ service, namespace: found.entry.namespace, metric, horizonSeconds: ahead.seconds, ...forecast });
  });
}

interface NotFound {
  readonly status: 400 | 404;
  readonly code: string;
  readonly message: string;
  readonly fault: Fault;
}

function locate(store: Store, service: string, namespace: string | undefined, metric: ForecastMetric): { readonly entry: Entry } | NotFound {
  const namespaces = store.namespacesOf(service);
  if (namespaces.length === 0 || (namespace !== undefined && !namespaces.includes(namespace))) {
    return {
      status: 404,
      code: 'unknown_service',
      message: 'no such service has a request rate',
      fault: {
        where: 'path service',
        got: namespace === undefined ? service : `${namespace}/${service}`,
        allowed: shorten(store.services()),
        do: `ask for one of these, or make Prometheus record ${recordingRules.requests} for it`,
      },
    };
  }
  if (namespace === undefined && namespaces.length > 1) {
    return {
      status: 400,
      code: 'ambiguous_service',
      message: 'the service is in several namespaces',
      fault: { where: 'query namespace', got: 'nothing', allowed: shorten(namespaces), do: 'name one of them' },
    };
  }
  const entry = store.find({ service, namespace: namespace ?? namespaces[0]!, metric });
  if (entry?.forecaster.ready) return { entry };
  return {
    status: 404,
    code: 'no_data',
    message: 'the service is known, but nothing of this metric',
    fault: {
      where: 'query metric',
      got: metric,
      allowed: shorten(metricNames.filter((name) => store.find({ service, namespace: namespace ?? namespaces[0]!, metric: name })?.forecaster.ready)),
      do: `ask for one of these, or make Prometheus record ${recordingRules[metric]} for it`,
    },
  };
}

/** At most 50 names: an answer does not grow with the cluster. */
function shorten(names: readonly string[]): string {
  if (names.length === 0) return 'none is known yet';
  return names.length > 50 ? `${names.slice(0, 50).join(', ')} and ${names.length - 50} more` : names.join(', ');
}
