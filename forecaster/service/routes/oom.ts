import { Type, type TypeBoxTypeProvider } from '@fastify/type-provider-typebox';
import type { FastifyInstance } from 'fastify';
import { type OomReason, oomReasonCodes } from '../../oom/oom-reasons';
import type { ContainerOutlook } from '../memory-watch';
import { closedRoute } from '../openapi';
import { Label, maybeNumber, refusals, words } from '../schemas';
import type { Store } from '../store';

/** What can be asked about memory; `MemoryWatch` answers it, the likeliest to run out first. */
export interface MemorySource {
  outlooks(): readonly ContainerOutlook[];
}

const Query = Type.Object({
  namespace: Type.Optional(Label),
  service: Type.Optional(Label),
  minProbability: Type.Optional(Type.Number({ minimum: 0, maximum: 1, description: 'only containers at least as likely to run out within 60 minutes' })),
  limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 1000, description: 'at most so many; 100 if left out' })),
}, { additionalProperties: false });
const share = (description: string) => Type.Number({ minimum: 0, maximum: 1, description });
const Answer = Type.Object({
  now: maybeNumber('seconds by the metrics\' clock; null before the first refresh'),
  total: Type.Integer({ description: 'how many containers match' }),
  containers: Type.Array(Type.Object({
    namespace: Type.String(),
    service: Type.String(),
    pod: Type.String(),
    container: Type.String(),
    time: maybeNumber('of the newest value, seconds'),
    workingSetBytes: maybeNumber('the newest value'),
    limitBytes: maybeNumber('null where none is known'),
    probability30: share('that the limit is met within 30 minutes'),
    probability60: share('that the limit is met within 60 minutes'),
    minutesToOom: maybeNumber('null when it is not expected'),
    alarm: Type.Boolean({ description: 'action is called for' }),
    reasons: Type.Array(words(Object.keys(oomReasonCodes) as OomReason[])),
  }), { description: 'the likeliest first' }),
}, { description: 'containers on their way to their memory limit' });

/** GET /oom: which containers run out of memory, and when. */
export function oomRoutes(app: FastifyInstance, store: Pick<Store, 'now'>, source: MemorySource): void {
  app.withTypeProvider<TypeBoxTypeProvider>().get('/oom', {
    schema: { ...closedRoute, tags: ['forecasts'], summary: 'Probability and time to out-of-memory, per container', querystring: Query, response: { '200': Answer, ...refusals(401) } },
  }, ({ query: { namespace, service, minProbability = 0, limit = 100 } }) => {
    const matching = source.outlooks().filter((risk) => (namespace ?? risk.namespace) === risk.namespace && (service ?? risk.service) === risk.service
      && risk.within60 >= minProbability);
    return {
      now: store.now ?? null,
      total: matching.length,
      containers: matching.slice(0, limit).map(({ pod, container, time, usage, limit: bytes, within30, within60, minutesToLimit, alarm, reasons, ...name }) => ({
        namespace: name.namespace, service: name.service, pod, container, time, workingSetBytes: usage, limitBytes: bytes,
        probability30: within30, probability60: within60, minutesToOom: minutesToLimit, alarm, reasons: [...reasons],
      })),
    };
  });
}
