import { Type, TypeBoxValidatorCompiler, type TypeBoxTypeProvider } from '@fastify/type-provider-typebox';
import type { FastifyInstance } from 'fastify';
import { errorBody } from '../../../base/http';
import { recordingRules } from '../../contract';
import { type BacktestResult, type BacktestSeries, runBacktest } from '../backtest-run';
import { type Known, locate } from '../locate';
import { closedRoute } from '../openapi';
import { type LabelledSamples, PrometheusFailure } from '../prometheus-client';
import { Label, maybeNumber, metricNames, refusals, words } from '../schemas';

/** Values of one series that a backtest takes: two weeks of minutes. */
export const MOST_VALUES = 20_160;
/** The longest body that is read, bytes: that many values of 20 digits. */
const BODY_BYTES = 512 * 1024;
const BUDGET_MS = 20_000;
const USUAL_ORIGINS = 100;
/** Past 1e15 sums lose whole units, and no operational metric is there. */
const LARGEST = 1e15;

const how = {
  horizonSteps: Type.Optional(Type.Integer({ minimum: 1, maximum: 60, description: 'steps ahead that are scored; 30 if left out' })),
  origins: Type.Optional(Type.Integer({ minimum: 1, maximum: 500, description: 'at most so many forecasts, spread evenly; 100 if left out' })),
  trainingShare: Type.Optional(Type.Number({ minimum: 0.1, maximum: 0.9, description: 'share of the series before the first forecast; 0.7 if left out' })),
};
const Named = Type.Object({
  service: Label,
  namespace: Type.Optional(Label),
  metric: words(metricNames),
  hours: Type.Optional(Type.Integer({ minimum: 1, maximum: 336, description: 'how much history; 168 if left out' })),
  ...how,
}, { additionalProperties: false, title: 'A series of Prometheus' });
const Sent = Type.Object({
  values: Type.Array(Type.Unsafe<number | null>({ type: ['number', 'null'], minimum: -LARGEST, maximum: LARGEST }), { minItems: 3, maxItems: MOST_VALUES, description: 'one per step; null where nothing is known' }),
  stepSeconds: Type.Integer({ minimum: 1, maximum: 3600 }),
  start: Type.Optional(Type.Integer({ minimum: 0, maximum: 4_102_444_800, description: 'time of the first value, seconds; tells the time of day; 0 if left out' })),
  ...how,
}, { additionalProperties: false, title: 'A series of your own' });
const Body = Type.Union([Named, Sent]);

const scores = {
  pinball: maybeNumber('mean pinball loss over the quantiles 0.025, 0.1, 0.5, 0.9, 0.95, 0.975'),
  relativePinball: maybeNumber('the same over that of naive; below 1 is better'),
  relativeError: maybeNumber('mean absolute error of the median over that of naive'),
  coverage80: maybeNumber('share of values inside the central 80 % band'),
  coverage95: maybeNumber('share of values inside the central 95 % band'),
  under95: maybeNumber('share of values above the 0.95 quantile'),
};
const Answer = Type.Object({
  values: Type.Integer({ description: 'steps of the series' }),
  stepSeconds: Type.Integer(),
  origins: Type.Integer({ description: 'forecasts made' }),
  judged: Type.Integer({ description: 'values compared with a forecast' }),
  complete: Type.Boolean({ description: 'false if time ran out: the scores are of what was done' }),
  path: Type.Object(scores, { description: 'over all steps of the horizon' }),
  horizons: Type.Array(Type.Object({ steps: Type.Integer(), ...scores })),
}, { description: 'rolling-origin scores' });

/** What a backtest works with. */
export interface BacktestRoutesOptions {
  readonly known: Known;
  readonly history: { range(query: string, start: number, end: number, step: number, signal?: AbortSignal): Promise<LabelledSamples[]> };
  readonly selectorOf: (metric: string, labels: Readonly<Record<string, string>>) => string;
  readonly stepSeconds: number;
  /** Milliseconds of a clock that only goes forward. */
  readonly clock: () => number;
  /** @default 20000 */
  readonly budgetMs?: number;
}

/** POST /backtest: how good forecasts of a series would have been. One at a time; what is too much is cut, and said to be. */
export function backtestRoutes(app: FastifyInstance, options: BacktestRoutesOptions): void {
  const { known, stepSeconds, clock, budgetMs = BUDGET_MS } = options;
  let busy = false;
  app.withTypeProvider<TypeBoxTypeProvider>().post('/backtest', {
    bodyLimit: BODY_BYTES,
    validatorCompiler: TypeBoxValidatorCompiler, // unlike that of queries it takes no text for a number
    schema: {
      ...closedRoute, tags: ['quality'], summary: 'Rolling-origin evaluation of a series that is named or sent',
      body: Body, response: { '200': Answer, ...refusals(401, 404, 408, 413, 415, 421, 429, 502, 503) },
    },
  }, async (request, reply) => {
    if (busy) return reply.code(429).header('retry-after', '10').send(errorBody('busy', 'a backtest is running; there is room for one'));
    busy = true;
    const gone = new AbortController();
    reply.raw.once('close', () => gone.abort());
    try {
      const { body } = request;
      let series: BacktestSeries;
      if ('values' in body) {
        series = { stepSeconds: body.stepSeconds, start: body.start ?? 0, values: body.values };
      } else {
        const found = locate(known, body.service, body.namespace, body.metric);
        if ('status' in found) return await reply.code(found.status).send(errorBody(found.code, found.message, found.fault ? [found.fault] : []));
        const { namespace, service, metric } = found.entry;
        const steps = Math.min(MOST_VALUES, Math.floor(((body.hours ?? 168) * 3600) / stepSeconds));
        const end = Math.floor((known.store.now ?? 0) / stepSeconds) * stepSeconds;
        const start = end - (steps - 1) * stepSeconds;
        const answer = await options.history.range(options.selectorOf(recordingRules[metric], { namespace, service }), start, end, stepSeconds, gone.signal);
        const values = onGrid(answer, start, steps, stepSeconds);
        const unknown = Math.max(0, values.findIndex((value) => value !== null));
        series = { stepSeconds, start: start + (unknown - 1) * stepSeconds, values: values.slice(unknown) };
      }
      const { horizonSteps = 30, origins = USUAL_ORIGINS, trainingShare = 0.7 } = body;
      const fault = tooShort(series, horizonSteps, trainingShare);
      if (fault) return await reply.code(400).send(errorBody('bad_request', 'the series is too short for this', [fault]));
      const result: BacktestResult = await runBacktest(series, { horizonSteps, maxOrigins: origins, trainingShare, budgetMs, clock, signal: gone.signal });
      return { values: series.values.length, stepSeconds: series.stepSeconds, ...result, horizons: [...result.horizons] };
    } catch (error) {
      if (!(error instanceof PrometheusFailure)) throw error;
      return await reply.code(502).send(errorBody('prometheus_failed', `the history could not be read: ${error.kind}`));
    } finally {
      busy = false;
    }
  });
}

/** A rule evaluated at a time describes the step that ends there; what is not finite is missing. */
function onGrid(answer: readonly LabelledSamples[], start: number, steps: number, stepSeconds: number): (number | null)[] {
  const values = new Array<number | null>(steps).fill(null);
  for (const { samples } of answer) {
    for (const { time, value } of samples) {
      const index = Math.round((time - start) / stepSeconds);
      if (index >= 0 && index < steps && Math.abs(value) <= LARGEST) values[index] = value;
    }
  }
  return values;
}

function tooShort({ values }: BacktestSeries, horizonSteps: number, trainingShare: number) {
  const first = Math.max(1, Math.ceil(trainingShare * values.length));
  if (first + horizonSteps <= values.length) return undefined;
  return {
    where: 'body',
    got: `${values.length} values, the first ${first} of them to learn from`,
    allowed: `at least ${horizonSteps} values after those`,
    do: 'send or name a longer series, or ask for a shorter horizon or a smaller trainingShare',
  };
}
