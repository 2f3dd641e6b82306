import { Type, type TypeBoxTypeProvider } from '@fastify/type-provider-typebox';
import type { FastifyInstance } from 'fastify';
import { explanationKinds, type AnomalyFlag, type Incident, incidentKinds, incidentReasons, type IncidentReason, severities } from '../../incidents/incident';
import type { IncidentFilter } from '../../incidents/incident-engine';
import { closedRoute } from '../openapi';
import { Label, maybeNumber, metricNames, refusals, words } from '../schemas';
import type { Store } from '../store';

/** What can be asked about incidents; `IncidentEngine` answers it. */
export interface IncidentSource {
  list(filter: IncidentFilter): readonly Incident[];
  anomalies(): readonly AnomalyFlag[];
}

const Probability = Type.Number({ minimum: 0, maximum: 1 });
const Query = Type.Object({
  namespace: Type.Optional(Label),
  service: Type.Optional(Label),
  kind: Type.Optional(words(incidentKinds)),
  minProbability: Type.Optional(Type.Number({ minimum: 0, maximum: 1, description: 'only incidents at least as probable' })),
  limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 1000, description: 'at most so many of each; 100 if left out' })),
}, { additionalProperties: false });
const name = { service: Type.String(), namespace: Type.String() };
const Answer = Type.Object({
  now: maybeNumber('seconds by the metrics\' clock; null before the first refresh'),
  total: Type.Integer({ description: 'how many incidents match' }),
  incidents: Type.Array(Type.Object({
    id: Type.String({ description: 'the same for as long as it lasts' }),
    ...name,
    kind: words(incidentKinds),
    severity: words(severities),
    probability: { ...Probability, description: 'that the limit is crossed within the horizon' },
    probabilitySoon: { ...Probability, description: 'the same within 30 minutes' },
    probabilityBounds: Type.Array(Probability, { minItems: 2, maxItems: 2, description: 'hold however the steps depend on each other' }),
    expectedAt: maybeNumber('seconds; null when it cannot be told'),
    reasons: Type.Array(words(Object.keys(incidentReasons) as IncidentReason[])),
    evidence: Type.Array(Type.Object({ series: Type.String(), what: Type.String(), value: Type.Number() })),
    explains: Type.Array(Type.Object({ kind: words(explanationKinds), weight: Type.Number(), text: Type.String() }), { description: 'what may have caused it, the likeliest first' }),
    horizonSeconds: Type.Number(),
    openedAt: Type.Number(),
    updatedAt: Type.Number(),
  }), { description: 'the worst first' }),
  anomalies: Type.Array(Type.Object({
    ...name, metric: words(metricNames), series: Type.String(), since: Type.Number(), until: Type.Number(), shape: words(['spike', 'level', 'variance']), score: Type.Number(),
  }), { description: 'series that depart, or lately departed, from what was forecast; the newest first' }),
}, { description: 'incidents under way or expected within an hour' });

/** GET /incidents: what is going wrong and what is about to. */
export function incidentRoutes(app: FastifyInstance, store: Pick<Store, 'now'>, source: IncidentSource): void {
  app.withTypeProvider<TypeBoxTypeProvider>().get('/incidents', {
    schema: { ...closedRoute, tags: ['forecasts'], summary: 'Incidents under way and to come', querystring: Query, response: { '200': Answer, ...refusals(401) } },
  }, ({ query: { limit = 100, ...filter } }) => {
    const incidents = source.list(filter);
    const anomalies = source.anomalies().filter(({ namespace, service }) => (filter.namespace ?? namespace) === namespace && (filter.service ?? service) === service);
    return {
      now: store.now ?? null,
      total: incidents.length,
      incidents: incidents.slice(0, limit).map((incident) => ({
        ...incident, probabilityBounds: [...incident.probabilityBounds], reasons: [...incident.reasons], evidence: [...incident.evidence], explains: [...incident.explains],
      })),
      anomalies: anomalies.slice(0, limit).map((flag) => ({ ...flag })),
    };
  });
}
