import { Type, type TypeBoxTypeProvider } from '@fastify/type-provider-typebox';
import type { FastifyInstance } from 'fastify';
import { ladderSteps } from '../../ladder/steps';
import { closedRoute } from '../openapi';
import { maybeNumber, metricNames, Reasons, refusals, SeriesQuery, USUAL_LIMIT, words } from '../schemas';
import type { Entry, Store } from '../store';

const count = Type.Integer({ minimum: 0 });
const name = { service: Type.String(), namespace: Type.String(), metric: words(metricNames) };
const skill = {
  judged: Type.Integer({ minimum: 0, description: 'forecasts whose values have come' }),
  relativePinball: maybeNumber('pinball loss over that of naive; below 1 is better'),
  relativeError: maybeNumber('mean absolute error over that of naive; below 1 is better'),
  coverage80: maybeNumber('share of values inside the central 80 % band'),
  coverage95: maybeNumber('share of values inside the central 95 % band'),
};
const page = { now: maybeNumber('seconds by the metrics\' clock; null before the first refresh'), total: Type.Integer({ description: 'how many series match' }) };

const Status = Type.Object({
  ...page,
  series: Type.Array(Type.Object({
    ...name,
    model: Type.String({ description: 'the one with most weight' }),
    confidence: Type.Number({ minimum: 0, maximum: 1 }),
    step: words(ladderSteps, 'how far it is trusted'),
    newest: maybeNumber('time of the newest value, seconds; null before the first'),
    counts: Type.Record(Type.String(), count, { description: 'samples by what became of them' }),
    members: Type.Array(Type.Object({ model: Type.String(), weight: Type.Number(), relativeError: maybeNumber('rolling error over that of naive') })),
    coverage80: skill.coverage80,
    coverage95: skill.coverage95,
    reasons: Reasons,
  })),
}, { description: 'the state of every series' });

const Accuracy = Type.Object({
  ...page,
  series: Type.Array(Type.Object({
    ...name, ...skill,
    step: words(ladderSteps, 'how far it is trusted'),
    transitions: Type.Array(Type.Object({ time: Type.Number(), from: words(ladderSteps), to: words(ladderSteps), explanation: Type.String() }), { description: 'the newest steps up and down the ladder, oldest first' }),
  })),
}, { description: 'rolling-origin skill of every series against naive' });

/** How many transitions an answer tells for each series. */
const SHOWN_TRANSITIONS = 5;

/** GET /models/status and GET /accuracy: how every series is doing, and how good its forecasts have been. */
export function modelRoutes(app: FastifyInstance, store: Store): void {
  const routes = app.withTypeProvider<TypeBoxTypeProvider>();
  const about = { ...closedRoute, tags: ['quality'], querystring: SeriesQuery };
  const answer = <T>(query: SeriesQuery, tell: (entry: Entry) => T) => {
    const matching = store.all().filter((entry) => (query.namespace ?? entry.namespace) === entry.namespace
      && (query.service ?? entry.service) === entry.service && (query.metric ?? entry.metric) === entry.metric);
    return { now: store.now ?? null, total: matching.length, series: matching.slice(0, query.limit ?? USUAL_LIMIT).map(tell) };
  };

  routes.get('/models/status', {
    schema: { ...about, summary: 'Models, weights and reasons of every series', response: { '200': Status, ...refusals(401) } },
  }, ({ query }) => answer(query, ({ service, namespace, metric, forecaster, climber }) => {
    const { model, confidence, newest, counts, members, coverage80, coverage95, reasons } = forecaster.status();
    return {
      service, namespace, metric, model, confidence, step: climber.step, newest, counts: { ...counts }, members: [...members], coverage80, coverage95, reasons: [...reasons],
    };
  }));

  routes.get('/accuracy', {
    schema: { ...about, summary: 'How good forecasts have been, against naive', response: { '200': Accuracy, ...refusals(401) } },
  }, ({ query }) => answer(query, ({ service, namespace, metric, forecaster, climber }) => ({
    service, namespace, metric, ...forecaster.status().skill, step: climber.step,
    transitions: climber.ladder.status().transitions.slice(-SHOWN_TRANSITIONS).map(({ time, from, to, explanation }) => ({ time, from, to, explanation })),
  })));
}
