import type { HpaMetric } from '../scaling/hpa-spec';
import { DEMAND_METRIC, ScalingPolicy } from '../levels/policy';

/** Published values, one per minute of the timeline; null where nothing was published. */
export type Published = readonly (number | null)[];

/** The minutes that every strategy sees: some of the history, on which settings are chosen, then the replay. */
export interface Timeline {
  /** Requests per second, one per minute, from the beginning of the trace. */
  readonly demand: readonly number[];
  /** Trace time of the first minute, unix seconds. */
  readonly start: number;
  /** First minute on which settings are chosen. */
  readonly tuneFrom: number;
  /** First minute replayed. */
  readonly replayFrom: number;
}

/** One way to set a strategy. */
export interface Setting {
  /** What it is set to, for readers. */
  readonly parameters: Readonly<Record<string, number | string>>;
  readonly policy: ScalingPolicy;
  /**
   * What its query finds, from `tuneFrom` to the end of the timeline; each value is made from the minutes before it.
   * @default - it has no query
   */
  readonly published?: () => Published;
}

/** The service of `base` scaled by other metrics; limits and scale-up rules stay. */
export function settingPolicy(base: ScalingPolicy, o: {
  /** Percent of the requests. @default - CPU is not looked at */
  readonly cpuPercent?: number;
  /** Published value per replica. @default - nothing is published */
  readonly threshold?: number;
  readonly stabilizationSeconds: number;
}): ScalingPolicy {
  const metrics: HpaMetric[] = [
    ...(o.cpuPercent === undefined ? [] : [{ type: 'Resource' as const, resource: 'cpu' as const, averageUtilization: o.cpuPercent }]),
    ...(o.threshold === undefined ? [] : [{ type: 'External' as const, name: DEMAND_METRIC, averageValue: o.threshold }]),
  ];
  return {
    name: o.threshold === undefined ? 'reactive' : 'predictive',
    namespace: base.namespace,
    service: base.service,
    hpa: {
      ...base.hpa,
      metrics,
      behavior: { ...base.hpa.behavior, scaleDown: { ...base.hpa.behavior?.scaleDown, stabilizationWindowSeconds: o.stabilizationSeconds } },
    },
    ...(o.threshold === undefined ? {} : { signal: { query: '', threshold: o.threshold, fallback: base.signal?.fallback ?? { failureThreshold: 3, replicas: base.hpa.minReplicas } } }),
  };
}

/** Calls a function once. */
export function once<T>(make: () => T): () => T {
  let made: { readonly value: T } | undefined;
  return () => (made ??= { value: make() }).value;
}
