import type { Fault } from '../../base/faults';
import type { ClusterResult, GitOpsResult, ImageResult, LeftOut, Measured, PlantVsKind } from './schema-kind';

/** How real a rehearsal was. */
export type Level = 'simulate' | 'control-plane' | 'kind';

/** One step of a rehearsal. */
export interface Stage {
  readonly name: string;
  readonly seconds: number;
  readonly status: 'passed' | 'failed' | 'skipped';
  /** Why it failed or was skipped, or what it found. @default - nothing to say */
  readonly detail?: string;
}

/** One proof over the synthesized objects. `open` is a fact that could not be settled, never a pass. */
export interface Check {
  readonly id: string;
  readonly title: string;
  readonly status: 'pass' | 'fail' | 'open' | 'not-applicable';
  /** Objects the rule applied to. */
  readonly applied: number;
  readonly findings: readonly Fault[];
}

/** One line of the price: FOCUS columns (FinOps Open Cost and Usage Specification 1.2), and `x_` columns of our own, which FOCUS reserves for that. */
export interface PriceLine {
  /** @default - not told */
  readonly ProviderName?: string;
  /** @default - not told */
  readonly ServiceCategory?: string;
  readonly ServiceName: string;
  /** @default - not told */
  readonly ChargeCategory?: string;
  readonly ChargeDescription: string;
  readonly ResourceName: string;
  readonly RegionId: string;
  /** `Dynamic` for spot. @default - not told */
  readonly PricingCategory?: string;
  /** Row of the price book; empty where there is none. @default - not told */
  readonly SkuId?: string;
  readonly PricingQuantity: number | null;
  readonly PricingUnit: string;
  readonly ListUnitPrice: number | null;
  /** US dollars a month; null where it is not known, which is not 0. */
  readonly ListCost: number | null;
  /** @default - US dollars */
  readonly BillingCurrency?: string;
  /** Where the unit price is from; null where there is no price. @default - not told */
  readonly x_PriceSource?: string | null;
  /** Of which day it is; null where there is no price. @default - not told */
  readonly x_PriceDate?: string | null;
  /** How sure the unit price is: checked, unchecked or assumed; null where there is no price. @default - not told */
  readonly x_PriceCertainty?: string | null;
  /** `stated` or `assumed`, for a quantity that hangs on use. @default - it follows from what was declared */
  readonly x_QuantityCertainty?: string;
}

/** How one scaling policy did on the replayed trace. Arrays have one element per minute of the trace. */
export interface PolicyResult {
  readonly name: 'reactive' | 'predictive';
  readonly level: Level;
  /** What the policy was set to, in words a reader can check: target, windows, quantile. */
  readonly parameters: Readonly<Record<string, number | string>>;
  /** Minutes in which demand exceeded ready capacity or the p95 latency its SLO. */
  readonly violationMinutes: number;
  readonly replicaHours: number;
  readonly costUsd: number;
  /** Changes of the desired replica count. */
  readonly scaleEvents: number;
  /** Minutes in which the forecast signal was missing and scaling went on reactively. */
  readonly fallbackMinutes: number;
  readonly series: {
    /** Replicas asked for. */
    readonly replicas: readonly number[];
    /** Replicas ready. */
    readonly ready: readonly number[];
    /** Requests per second that the ready replicas can serve. */
    readonly capacity: readonly number[];
    /** p95 latency, seconds. */
    readonly latencyP95: readonly number[];
    /** Published demand, requests per second; null where there was none. */
    readonly demandForecast: readonly (number | null)[];
    /** 1 where the minute violated. */
    readonly violations: readonly (0 | 1)[];
  };
  /** What real pods and a real load said. @default - the pods' work was modelled */
  readonly measured?: Measured;
}

/** The predictive policy against every reactive setting on the very same load, at level simulate: fairer to the reactive side than any operation can be. */
export interface Hindsight {
  /** Fewest violation minutes of the settings that need no more replica-hours than the predictive policy; null if none needs so few. */
  readonly violationMinutesAtThisCost: number | null;
  /** Fewest replica-hours of the settings that have no more violation minutes than the predictive policy; null if none has so few. */
  readonly replicaHoursAtThisService: number | null;
  /** True if some setting is no worse in either and better in one. */
  readonly dominated: boolean;
}

/** How one strategy of scaling did, at level simulate. */
export interface StrategyResult {
  readonly name: 'hpa' | 'keda-requests' | 'cron' | 'crane-dsp' | 'tideline';
  readonly title: string;
  /** What it was set to. */
  readonly settings: Readonly<Record<string, number | string>>;
  /** Settings it was chosen from. */
  readonly tried: number;
  /** On the hours of history it was chosen on. */
  readonly tunedViolationMinutes: number;
  readonly tunedReplicaHours: number;
  /** On the replay. */
  readonly violationMinutes: number;
  readonly replicaHours: number;
  readonly costUsd: number;
  /** Changes of the replica count asked for. */
  readonly scaleEvents: number;
}

/** Strategies of scaling on the same replay, each with settings from the same history. */
export interface Comparison {
  /** The HPA first, ours last. */
  readonly strategies: readonly StrategyResult[];
  /** Hours before the replay on which settings were chosen. */
  readonly tunedHours: number;
  /** Minutes of the replay in which even the most replicas could not have kept the objective. */
  readonly unavoidableMinutes: number;
}

/** How close the simulator and the real HPA were, on the same trace. */
export interface Agreement {
  readonly policy: string;
  /** Minutes compared. */
  readonly minutes: number;
  /** Share of minutes with the same number of replicas, 0 to 1. */
  readonly equalShare: number;
  /** Mean absolute difference, replicas. */
  readonly meanAbsoluteDifference: number;
  /** The simulator's replicas, one per minute, beside `policies[].series.replicas`. */
  readonly simulatedReplicas: readonly number[];
}

/** One place where a level gives the cluster something else than dist/ holds. */
export interface Substitution {
  /** Object, as `Kind namespace/name`. */
  readonly object: string;
  /** JSON path in it. */
  readonly path: string;
  readonly from: string;
  readonly to: string;
  readonly why: string;
}

/** The result of a rehearsal: one JSON document, of which the HTML page and the Markdown are views. See docs/report.md. */
export interface Report {
  readonly version: 1;
  readonly level: Level;
  /** The level asked for, and why it was not reached. @default - the level asked for was reached */
  readonly fallback?: { readonly asked: Level; readonly why: string };
  readonly environment: string;
  readonly seed: number;
  /** Start of the run, ISO 8601. */
  readonly startedAt: string;
  readonly trace: {
    readonly name: string;
    readonly source: string;
    readonly licence: string;
    readonly samples: number;
    readonly stepSeconds: number;
    /** First and last second replayed, unix. */
    readonly replayedFrom: number;
    readonly replayedTo: number;
    readonly hours: number;
    /** Trace seconds per second of the run; 1 at level simulate means nothing was compressed. */
    readonly speed: number;
    /** What the trace's values were multiplied with, to become requests per second of the rehearsed service. */
    readonly scale: number;
  };
  readonly stages: readonly Stage[];
  readonly synth: { readonly stacks: number; readonly applications: number; readonly objects: number; readonly seconds: number };
  readonly checks: readonly Check[];
  readonly price: {
    /** At the typical replica counts; null if nothing could be priced. */
    readonly monthlyUsd: number | null;
    readonly minimumMonthlyUsd: number | null;
    readonly maximumMonthlyUsd: number | null;
    readonly budgetMonthlyUsd: number;
    /** Share of AWS resources and of charges of manifests whose price is known, 0 to 1. */
    readonly coverage: number;
    readonly lines: readonly PriceLine[];
  };
  /** Requests per second offered, one per minute of the trace; the time axis of every policy's series. */
  readonly demand: readonly number[];
  readonly policies: readonly PolicyResult[];
  /** The same hours of the trace at level simulate. */
  readonly simulated: readonly PolicyResult[];
  /** What the reactive policy could have reached on the replayed load, had its settings been chosen knowing it. @default - not searched */
  readonly hindsight?: Hindsight;
  /** Other strategies on the same load. @default - not compared */
  readonly comparison?: Comparison;
  readonly forecast: {
    /** Mean absolute scaled error against the in-sample seasonal naive, at the horizon; null if too little was forecast. */
    readonly mase: number | null;
    readonly coverage80: number | null;
    readonly coverage95: number | null;
    readonly horizonMinutes: number;
    readonly model: string;
    /** One element per forecast whose target was observed. Times are unix seconds of the target. */
    readonly series: {
      readonly time: readonly number[];
      readonly actual: readonly number[];
      readonly point: readonly number[];
      readonly lower80: readonly number[];
      readonly upper80: readonly number[];
      readonly lower95: readonly number[];
      readonly upper95: readonly number[];
    };
  };
  /** Null where only one of the two was run. */
  readonly agreement: {
    readonly simulatorVsHpa: readonly Agreement[] | null;
    /** The plant's model beside real pods. @default - no container ran */
    readonly plantVsKind?: PlantVsKind;
  };
  /** Images that the cluster was given. @default - no container ran */
  readonly images?: readonly ImageResult[];
  /** What the real Argo CD did. @default - none ran */
  readonly gitops?: GitOpsResult;
  /** The cluster of real containers. @default - there was none */
  readonly cluster?: ClusterResult;
  /** What this run did not have, and why. @default - not told: no container ran */
  readonly leftOut?: readonly LeftOut[];
  readonly substitutions: readonly Substitution[];
  /** Programs the level ran. */
  readonly programs: readonly { readonly name: string; readonly version: string; readonly provenance: string }[];
  /** What happened that was not asked for: a process that ended, a metric that stopped. Seconds of the run. */
  readonly events: readonly { readonly second: number; readonly what: string }[];
  readonly teardown: { readonly leftovers: readonly string[] };
}
