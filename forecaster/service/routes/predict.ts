import { Type, type TypeBoxTypeProvider } from '@fastify/type-provider-typebox';
import type { FastifyInstance, FastifyReply } from 'fastify';
import { errorBody } from '../../../base/http';
import { QUANTILES } from '../../contract';
import { ladderSteps } from '../../ladder/steps';
import { parseHorizon, parseQuantiles } from '../horizon';
import { type Known, locate, locateService, type NotFound } from '../locate';
import { closedRoute } from '../openapi';
import { Label, metricNames, Reasons, refusals, ServiceParams, words } from '../schemas';
import { type Entry, MAX_HORIZON_SECONDS } from '../store';

const Horizon = Type.Optional(Type.String({ maxLength: 100, description: 'a whole number with a unit, from one step to one hour: `30m` (the default), `1800s`, `1h`' }));
const Quantiles = Type.Optional(Type.String({ maxLength: 400, description: 'up to 20 comma-separated levels from 0.001 to 0.999; if left out 0.025,0.1,0.5,0.9,0.95,0.975' }));
const MetricQuery = Type.Object({ namespace: Type.Optional(Label), horizon: Horizon, quantiles: Quantiles }, { additionalProperties: false });
const ServiceQuery = Type.Object({
  metric: Type.Optional({ ...words(metricNames), deprecated: true, description: 'one metric only: older form of `/predict/{service}/{metric}`, and answered like it' }),
  namespace: Type.Optional(Label),
  horizon: Horizon,
  quantiles: Quantiles,
}, { additionalProperties: false });
const MetricParams = Type.Object({ ...ServiceParams.properties, metric: words(metricNames) });

const forecastOf = {
  metric: words(metricNames),
  origin: Type.Number({ description: 'time of the newest value used, seconds' }),
  stepSeconds: Type.Number(),
  horizonSeconds: Type.Number({ description: 'the horizon that was asked for' }),
  point: Type.Array(Type.Number(), { description: 'the i-th is for origin + (i + 1) * stepSeconds' }),
  quantiles: Type.Record(Type.String(), Type.Array(Type.Number()), { description: 'by level; as long as `point`; never crossing' }),
  model: Type.String(),
  confidence: Type.Number({ minimum: 0, maximum: 1 }),
  step: words(ladderSteps, 'how far it is trusted'),
  reasons: Reasons,
};
const name = { service: Type.String(), namespace: Type.String() };
const OneForecast = Type.Object({ ...name, ...forecastOf }, { description: 'the forecast of one metric' });
const AllForecasts = Type.Object({ ...name, forecasts: Type.Array(Type.Object(forecastOf)) }, { description: 'the forecasts of every metric that is recorded for the service' });
// The older form with ?metric= answers one forecast at the same address; an answer is written by the first schema that it fits.
const response200 = { ...Type.Union([OneForecast, AllForecasts]), description: 'every metric; with `metric`, that one' };
const refused = refusals(401, 404, 421, 503);

/** GET /predict/:service and /predict/:service/:metric: what is coming. */
export function predictRoutes(app: FastifyInstance, known: Known, stepSeconds: number): void {
  const routes = app.withTypeProvider<TypeBoxTypeProvider>();
  const about = { ...closedRoute, tags: ['forecasts'] };

  routes.get('/predict/:service', {
    schema: { ...about, summary: 'Forecasts of all metrics of a service', params: ServiceParams, querystring: ServiceQuery, response: { '200': response200, ...refused } },
  }, async (request, reply) => {
    const { metric, namespace, horizon, quantiles } = request.query;
    const asked = understand(horizon, quantiles, stepSeconds);
    if ('faults' in asked) return reply.code(400).send(errorBody('bad_request', 'the request cannot be understood', asked.faults));
    if (metric !== undefined) {
      const found = locate(known, request.params.service, namespace, metric);
      return 'status' in found ? refuse(reply, found) : { ...nameOf(found.entry), ...forecast(found.entry, asked, known.store.now) };
    }
    const found = locateService(known, request.params.service, namespace);
    if ('status' in found) return refuse(reply, found);
    const entries = metricNames.flatMap((each) => known.store.find({ ...found, service: request.params.service, metric: each }) ?? []);
    return {
      service: request.params.service,
      namespace: found.namespace,
      forecasts: entries.filter(({ forecaster }) => forecaster.ready).map((entry) => forecast(entry, asked, known.store.now)),
    };
  });

  routes.get('/predict/:service/:metric', {
    schema: { ...about, summary: 'Forecast of one metric of a service', params: MetricParams, querystring: MetricQuery, response: { '200': OneForecast, ...refused } },
  }, async (request, reply) => {
    const { namespace, horizon, quantiles } = request.query;
    const asked = understand(horizon, quantiles, stepSeconds);
    if ('faults' in asked) return reply.code(400).send(errorBody('bad_request', 'the request cannot be understood', asked.faults));
    const found = locate(known, request.params.service, namespace, request.params.metric);
    return 'status' in found ? refuse(reply, found) : { ...nameOf(found.entry), ...forecast(found.entry, asked, known.store.now) };
  });
}

interface Asked {
  readonly horizonSeconds: number;
  readonly levels: readonly number[];
}

/** Horizon and quantiles as asked for, or everything that is wrong with them. */
function understand(horizon = '30m', quantiles: string | undefined, stepSeconds: number) {
  const ahead = parseHorizon(horizon, { min: stepSeconds, max: Math.max(MAX_HORIZON_SECONDS, stepSeconds) });
  const levels = quantiles === undefined ? { levels: QUANTILES } : parseQuantiles(quantiles);
  if ('fault' in ahead || 'fault' in levels) return { faults: [ahead, levels].flatMap((parsed) => ('fault' in parsed ? [parsed.fault] : [])) };
  return { horizonSeconds: ahead.seconds, levels: levels.levels };
}

const nameOf = ({ service, namespace }: Entry) => ({ service, namespace });

function forecast({ metric, forecaster, climber }: Entry, { horizonSeconds, levels }: Asked, now: number | undefined) {
  return { metric, horizonSeconds, ...forecaster.forecast({ horizonSeconds, quantiles: levels, now }), step: climber.step };
}

/** Answers why there is nothing. */
function refuse(reply: FastifyReply, { status, code, message, fault }: NotFound) {
  if (status === 503) void reply.header('retry-after', '5');
  return reply.code(status).send(errorBody(code, message, fault ? [fault] : []));
}
