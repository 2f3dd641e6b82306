import { type Static, Type } from '@fastify/type-provider-typebox';
import type { ErrorBody } from '../../base/http';
import { type ForecastMetric, recordingRules } from '../contract';
import { reasonCodes, type ReasonCode } from '../engine';

/** Metrics that can be asked for, in the order they are told. */
export const metricNames = Object.keys(recordingRules) as ForecastMetric[];

/** One of fixed words; typed as such. */
export function words<const T extends string>(values: readonly T[], description?: string) {
  return Type.Unsafe<T>({ type: 'string', enum: [...values], ...(description ? { description } : {}) });
}

/** A finite number, or null where nothing can be said. */
export function maybeNumber(description: string) {
  return Type.Unsafe<number | null>({ type: ['number', 'null'], description });
}

/** A label of Prometheus as a caller may send it: no longer than a DNS name. */
export const Label = Type.String({ minLength: 1, maxLength: 253 });
export const ServiceParams = Type.Object({ service: Type.String({ minLength: 1, maxLength: 253, description: 'value of the label `service`' }) });
export const Reasons = Type.Array(words(Object.keys(reasonCodes) as ReasonCode[]), { description: 'why it is what it is; see the README' });

/** Which of many series are told. */
export const SeriesQuery = Type.Object({
  namespace: Type.Optional(Label),
  service: Type.Optional(Label),
  metric: Type.Optional(words(metricNames)),
  limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 4000, description: 'at most so many; 1000 if left out' })),
}, { additionalProperties: false });
export type SeriesQuery = Static<typeof SeriesQuery>;

/** What {@link SeriesQuery} gives when it names no limit. */
export const USUAL_LIMIT = 1000;

/** Name of the one shape of every refusal in the OpenAPI document. */
const REFUSAL = 'Refusal';

/** Schemas that have a name of their own. */
export const sharedSchemas = [{
  $id: REFUSAL,
  ...Type.Object({
    error: Type.Object({
      code: Type.String({ description: 'stable, lower case' }),
      message: Type.String(),
      faults: Type.Optional(Type.Array(Type.Object({ where: Type.String(), got: Type.String(), allowed: Type.String(), do: Type.String() }))),
    }),
  }),
}];

const RefusalRef = Type.Unsafe<ErrorBody>({ $ref: `${REFUSAL}#` });
const EXPLAINED = {
  '400': 'the request cannot be understood',
  '401': 'no bearer token, or not the right one',
  '404': 'there is no such thing',
  '405': 'this address does not answer this method',
  '408': 'the request took too long to arrive',
  '413': 'the body is too large',
  '415': 'the body is not JSON',
  '421': 'another shard has it',
  '429': 'busy; ask again later',
  '500': 'a fault of our own',
  '502': 'Prometheus could not be asked',
  '503': 'no refresh from Prometheus has got through yet',
} as const;
type NumberOf<Key> = Key extends `${infer Code extends number}` ? Code : never;
type Status = NumberOf<keyof typeof EXPLAINED>;

type RefusalSchema = typeof RefusalRef & { readonly description: string };

/** Response schemas of refusals: the given ones, and those that any address may give. */
export function refusals<const S extends Status>(...statuses: readonly S[]): Record<S | 400 | 405 | 500, RefusalSchema> {
  const all = [...new Set<Status>([400, 405, 500, ...statuses])];
  return Object.fromEntries(all.map((status) => [status, { ...RefusalRef, description: EXPLAINED[status] }])) as Record<S | 400 | 405 | 500, RefusalSchema>;
}
