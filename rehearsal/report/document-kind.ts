import { Type } from '@sinclair/typebox';
import { list, nullable, object, positive, text, whole } from './document-shapes';

// The shapes of schema-kind.ts, as document.ts is of schema.ts.

export const measured = object({
  requests: whole,
  failed: whole,
  notSent: whole,
  latestSendSeconds: positive,
  startupSeconds: nullable(positive),
  series: object({
    requestsPerSecond: list(positive), failed: list(whole), cpuMillicoresPerReplica: list(nullable(positive)), memoryBytesPerReplica: list(nullable(positive)),
  }),
});

export const image = object({
  reference: text,
  provenance: Type.Union([Type.Literal('built'), Type.Literal('cache'), Type.Literal('registry')]),
  digest: nullable(text),
  sizeBytes: nullable(whole),
  standIn: Type.Optional(text),
});

export const cluster = object({ engine: text, kubernetesVersion: text, nodes: list(text), readySeconds: positive, memoryPeakBytes: whole });

export const gitops = object({
  revision: text,
  applications: list(object({ name: text, wave: Type.Integer(), sync: text, health: text, seconds: nullable(positive) })),
  drift: Type.Optional(object({ object: text, healedSeconds: nullable(positive) })),
  promotion: Type.Optional(object({ object: text, from: text, to: text, seconds: nullable(positive) })),
});

const figures = object({
  cpuSecondsPerRequest: nullable(positive), idleCpuMillicores: nullable(positive), startupSeconds: nullable(positive), latencyFloorSeconds: nullable(positive),
  idleMemoryMiB: nullable(positive),
});
const distance = object({ meanAbsolute: nullable(positive), meanRelative: nullable(positive) });
const run = object({
  latencyP95: distance,
  cpuMillicoresPerReplica: distance,
  replicas: distance,
  series: object({ latencyP95: list(positive), cpuMillicoresPerReplica: list(positive), replicas: list(positive) }),
});

export const plantVsKind = object({
  policy: text, minutes: whole, assumed: figures, measured: figures, fittedMinutes: whole, rSquared: nullable(Type.Number({ maximum: 1 })), contract: run, calibrated: run,
});
