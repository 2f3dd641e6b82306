import type { ReasonCode } from '../reasons';

/** What an incident is about. */
export const incidentKinds = ['latency', 'cpu', 'memory', 'capacity'] as const;
export type IncidentKind = (typeof incidentKinds)[number];

export const severities = ['minor', 'major', 'critical'] as const;
export type Severity = (typeof severities)[number];

/** Metrics that incidents are told from. */
export type SignalMetric = 'requests' | 'cpu' | 'latency' | 'memory' | 'replicas';

/** Quantiles of what comes, at `origin + (i + 1) * stepSeconds`. `forecast()` of the engine gives one. */
export interface QuantileForecast {
  /** Time of the newest value used, seconds. */
  readonly origin: number;
  readonly stepSeconds: number;
  /** Keyed by the level as text; every list as long as the others. */
  readonly quantiles: Readonly<Record<string, readonly number[]>>;
}

/** One metric of a service as it stands. */
export interface Signal {
  /** Name of the series as Prometheus knows it, for the evidence. */
  readonly series: string;
  /** The newest value and the time of its step; null when there is none. */
  readonly value: number | null;
  readonly time: number | null;
  /** Null where nothing is forecast. */
  readonly forecast: QuantileForecast | null;
  /** Reasons that the forecaster gives. @default - none */
  readonly reasons?: readonly ReasonCode[];
}

/** What a service must not exceed; what is absent is not watched. */
export interface Thresholds {
  /** Objective of the 95th percentile of latency, seconds. */
  readonly latencySeconds?: number;
  /** CPU used over CPU requested at which it is short, ratio. */
  readonly cpu?: number;
  /** Requests per second that all the replicas it may have can serve. */
  readonly requestsPerSecond?: number;
}

/** Something that was changed about a service. */
export interface Change {
  /** Seconds. */
  readonly time: number;
  readonly kind: 'version' | 'start' | 'replicas';
  /** What it is now, for people: a version, a count. Never a secret. */
  readonly detail: string;
}

/** What the out-of-memory engine says of one container. */
export interface MemoryRisk {
  readonly series: string;
  readonly container: string;
  /** That the limit is met within 60 minutes, 0 to 1. */
  readonly probability: number;
  /** Minutes until then; null when it is not expected. */
  readonly minutesToOom: number | null;
  /** Whether the engine calls for action. */
  readonly alarm: boolean;
  readonly workingSetBytes: number;
  readonly limitBytes: number;
}

/** One service as it stands. */
export interface ServiceView {
  readonly service: string;
  readonly namespace: string;
  readonly signals: Readonly<Partial<Record<SignalMetric, Signal>>>;
  readonly thresholds: Thresholds;
  /** Oldest first. @default - none; the engine itself notices changes of the replicas signal */
  readonly changes?: readonly Change[];
  /** @default - none */
  readonly memory?: readonly MemoryRisk[];
  /** `namespace/service` of those that share its nodes or that it calls. @default - every other service of its namespace */
  readonly neighbours?: readonly string[];
}

/** What may explain an incident. */
export const explanationKinds = ['deploy', 'leak', 'load', 'neighbour'] as const;
export type ExplanationKind = (typeof explanationKinds)[number];

/** A candidate cause. They are told by timing and by size, not proven. */
export interface Explanation {
  readonly kind: ExplanationKind;
  /** 0 to 1: how well it fits, in comparison with the others. Not a probability. */
  readonly weight: number;
  /** One sentence. */
  readonly text: string;
}

/** A number that an incident rests on. */
export interface Evidence {
  /** Name of the series as Prometheus knows it. */
  readonly series: string;
  readonly what: string;
  readonly value: number;
}

/** Why an incident is told. Codes are stable. */
export const incidentReasons = {
  breach_expected: 'the forecast says that the limit will be crossed',
  breach_now: 'the limit is crossed already',
  out_of_memory_expected: 'a container is on its way to its memory limit',
  demand_above_capacity: 'more requests are expected than all replicas can serve',
  anomaly: 'the series departs from what was forecast',
  after_deploy: 'it began after a deploy',
  leak: 'memory leaks',
  load_rises: 'more requests than usual are expected',
  neighbour_first: 'a neighbour was in trouble first',
  forecast_uncertain: 'the forecast itself warns that it may be wrong',
  stale_metrics: 'its metrics have become old: this is the last that is known',
} as const;
export type IncidentReason = keyof typeof incidentReasons;

/** A capacity incident: one that is coming or one that is there. */
export interface Incident {
  /** Stable while it lasts: kind, namespace and service, and when it was opened. */
  readonly id: string;
  readonly service: string;
  readonly namespace: string;
  readonly kind: IncidentKind;
  /** 0 to 1: that the limit is crossed within `horizonSeconds`; 1 when it is crossed already. */
  readonly probability: number;
  /** The same for the next 30 minutes. */
  readonly probabilitySoon: number;
  /** Bounds of `probability` that hold however the steps depend on each other; both are `probability` where no quantiles are behind it. */
  readonly probabilityBounds: readonly [lower: number, upper: number];
  /** Seconds; null when it cannot be told. Never before the newest value. */
  readonly expectedAt: number | null;
  readonly severity: Severity;
  readonly reasons: readonly IncidentReason[];
  readonly evidence: readonly Evidence[];
  /** The likeliest first; empty when nothing fits. */
  readonly explains: readonly Explanation[];
  readonly horizonSeconds: number;
  readonly openedAt: number;
  readonly updatedAt: number;
}

/** What happened to an incident. */
export interface IncidentEvent {
  readonly time: number;
  readonly what: 'opened' | 'worsened' | 'eased' | 'closed';
  readonly incident: Incident;
}

/** A series that departs from what was forecast. */
export interface AnomalyFlag {
  readonly service: string;
  readonly namespace: string;
  readonly metric: SignalMetric;
  readonly series: string;
  /** When it began and when it was last seen, seconds. */
  readonly since: number;
  readonly until: number;
  readonly shape: 'spike' | 'level' | 'variance';
  /** 0 to 1. */
  readonly score: number;
}
