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
  repositories: list(object({ url: text, revision: text, commit: text, files: whole })),
  applications: list(object({ name: text, wave: Type.Integer(), secondsToHealthy: nullable(positive), sync: text, health: text })),
  drift: nullable(object({ object: text, change: text, seconds: positive })),
  promotion: nullable(object({ application: text, object: text, change: text, from: text, to: text, seconds: positive })),
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
