import { Type } from '@sinclair/typebox';
import { cluster, gitops, image, measured, plantVsKind } from './document-kind';
import { list, nullable, number, object, positive, share, text, whole } from './document-shapes';

// The shapes of schema.ts as a JSON Schema, for consumers in any language and for parseReport. What each field means is said in schema.ts and
// docs/report.md; the tests hold all three to each other, the compiler holds this file to schema.ts.

const level = Type.Union([Type.Literal('simulate'), Type.Literal('control-plane'), Type.Literal('kind')]);

const fault = object({ where: text, got: text, allowed: text, do: text });

const stage = object({
  name: text,
  seconds: positive,
  status: Type.Union([Type.Literal('passed'), Type.Literal('failed'), Type.Literal('skipped')]),
  detail: Type.Optional(text),
});

const check = object({
  id: text,
  title: text,
  status: Type.Union([Type.Literal('pass'), Type.Literal('fail'), Type.Literal('open'), Type.Literal('not-applicable')]),
  applied: whole,
  findings: list(fault),
});

const priceLine = object({
  ProviderName: Type.Optional(text),
  ServiceCategory: Type.Optional(text),
  ServiceName: text,
  ChargeCategory: Type.Optional(text),
  ChargeDescription: text,
  ResourceName: text,
  RegionId: text,
  PricingCategory: Type.Optional(text),
  SkuId: Type.Optional(text),
  PricingQuantity: nullable(number),
  PricingUnit: text,
  ListUnitPrice: nullable(number),
  ListCost: nullable(number),
  BillingCurrency: Type.Optional(text),
  x_PriceSource: Type.Optional(nullable(text)),
  x_PriceDate: Type.Optional(nullable(text)),
  x_PriceCertainty: Type.Optional(nullable(text)),
  x_QuantityCertainty: Type.Optional(text),
});

const policy = object({
  name: Type.Union([Type.Literal('reactive'), Type.Literal('predictive')]),
  level,
  parameters: Type.Record(text, Type.Union([number, text])),
  violationMinutes: whole,
  replicaHours: positive,
  costUsd: positive,
  scaleEvents: whole,
  fallbackMinutes: whole,
  series: object({
    replicas: list(positive),
    ready: list(positive),
    capacity: list(positive),
    latencyP95: list(positive),
    demandForecast: list(nullable(number)),
    violations: list(Type.Union([Type.Literal(0), Type.Literal(1)])),
  }),
  measured: Type.Optional(measured),
});

const agreement = object({ policy: text, minutes: whole, equalShare: share, meanAbsoluteDifference: positive, simulatedReplicas: list(positive) });

const strategy = object({
  name: Type.Union([Type.Literal('hpa'), Type.Literal('keda-requests'), Type.Literal('cron'), Type.Literal('crane-dsp'), Type.Literal('tideline')]),
  title: text,
  settings: Type.Record(text, Type.Union([number, text])),
  tried: whole,
  tunedViolationMinutes: whole,
  tunedReplicaHours: positive,
  violationMinutes: whole,
  replicaHours: positive,
  costUsd: positive,
  scaleEvents: whole,
});

/** {@link Report} as a JSON Schema; written to docs/report.schema.json. */
export const reportSchema = Type.Object({
  version: Type.Literal(1),
  level,
  fallback: Type.Optional(object({ asked: level, why: text })),
  environment: text,
  seed: number,
  startedAt: text,
  trace: object({
    name: text, source: text, licence: text, samples: whole, stepSeconds: positive, replayedFrom: number, replayedTo: number, hours: positive, speed: positive, scale: positive,
  }),
  stages: list(stage),
  synth: object({ stacks: whole, applications: whole, objects: whole, seconds: positive }),
  checks: list(check),
  price: object({
    monthlyUsd: nullable(number), minimumMonthlyUsd: nullable(number), maximumMonthlyUsd: nullable(number), budgetMonthlyUsd: number, coverage: share, lines: list(priceLine),
  }),
  demand: list(positive),
  policies: list(policy),
  simulated: list(policy),
  hindsight: Type.Optional(object({ violationMinutesAtThisCost: nullable(whole), replicaHoursAtThisService: nullable(positive), dominated: Type.Boolean() })),
  comparison: Type.Optional(object({ strategies: list(strategy), tunedHours: positive, unavoidableMinutes: whole })),
  forecast: object({
    mase: nullable(positive),
    coverage80: nullable(share),
    coverage95: nullable(share),
    horizonMinutes: positive,
    model: text,
    series: object({ time: list(number), actual: list(number), point: list(number), lower80: list(number), upper80: list(number), lower95: list(number), upper95: list(number) }),
  }),
  agreement: object({ simulatorVsHpa: nullable(list(agreement)), plantVsKind: Type.Optional(plantVsKind) }),
  images: Type.Optional(list(image)),
  gitops: Type.Optional(gitops),
  cluster: Type.Optional(cluster),
  leftOut: Type.Optional(list(object({ what: text, why: text }))),
  substitutions: list(object({ object: text, path: text, from: text, to: text, why: text })),
  programs: list(object({ name: text, version: text, provenance: text })),
  events: list(object({ second: number, what: text })),
  teardown: object({ leftovers: list(text) }),
}, { title: 'Report of a Tideline rehearsal', description: 'Version 1. docs/report.md says what each field means.', additionalProperties: false });

/** The schema as the file that is published: plain JSON Schema of draft 7 and later. */
export function schemaDocument(): string {
  return `${JSON.stringify({ $schema: 'http://json-schema.org/draft-07/schema#', ...reportSchema }, null, 2)}\n`;
}
