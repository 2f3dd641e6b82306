import { Type, type TypeBoxTypeProvider } from '@fastify/type-provider-typebox';
import type { FastifyInstance } from 'fastify';
import { closedRoute } from '../openapi';
import { Label, maybeNumber, refusals } from '../schemas';
import type { Store } from '../store';

/** What is known of one container's memory. */
export interface ContainerRisk {
  readonly namespace: string;
  readonly service: string;
  readonly pod: string;
  readonly container: string;
  /** Time of the newest value, seconds. */
  readonly time: number;
  readonly workingSetBytes: number;
  /** Null where none is known. */
  readonly limitBytes: number | null;
  /** That the limit is met within 30 and 60 minutes, 0 to 1; null where nothing can be said. */
  readonly probability30: number | null;
  readonly probability60: number | null;
  /** Null when it is not expected. */
  readonly minutesToOom: number | null;
  readonly alarm: boolean;
}

/** What can be asked about memory: the likeliest to run out first. */
export interface MemorySource {
  risks(): readonly ContainerRisk[];
}

const Query = Type.Object({
  namespace: Type.Optional(Label),
  service: Type.Optional(Label),
  minProbability: Type.Optional(Type.Number({ minimum: 0, maximum: 1, description: 'only containers at least as likely to run out within 60 minutes' })),
  limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 1000, description: 'at most so many; 100 if left out' })),
}, { additionalProperties: false });
const share = (description: string) => Type.Unsafe<number | null>({ type: ['number', 'null'], minimum: 0, maximum: 1, description });
const Answer = Type.Object({
  now: maybeNumber('seconds by the metrics\' clock; null before the first refresh'),
  total: Type.Integer({ description: 'how many containers match' }),
  containers: Type.Array(Type.Object({
    namespace: Type.String(),
    service: Type.String(),
    pod: Type.String(),
    container: Type.String(),
    time: Type.Number({ description: 'of the newest value, seconds' }),
    workingSetBytes: Type.Number(),
    limitBytes: maybeNumber('null where none is known'),
    probability30: share('that memory runs out within 30 minutes; null where nothing can be said'),
    probability60: share('that memory runs out within 60 minutes; null where nothing can be said'),
    minutesToOom: maybeNumber('null when it is not expected'),
    alarm: Type.Boolean({ description: 'action is called for' }),
  }), { description: 'the likeliest first' }),
}, { description: 'containers on their way to their memory limit' });

/** GET /oom: which containers run out of memory, and when. */
export function oomRoutes(app: FastifyInstance, store: Pick<Store, 'now'>, source: MemorySource): void {
  app.withTypeProvider<TypeBoxTypeProvider>().get('/oom', {
    schema: { ...closedRoute, tags: ['forecasts'], summary: 'Probability and time to out-of-memory, per container', querystring: Query, response: { 200: Answer, ...refusals(401) } },
  }, ({ query: { namespace, service, minProbability = 0, limit = 100 } }) => {
    const matching = source.risks().filter((risk) => (namespace ?? risk.namespace) === risk.namespace && (service ?? risk.service) === risk.service
      && (risk.probability60 ?? 0) >= minProbability);
    return { now: store.now ?? null, total: matching.length, containers: matching.slice(0, limit).map((risk) => ({ ...risk })) };
  });
}
