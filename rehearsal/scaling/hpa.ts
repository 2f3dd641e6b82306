import {
  DEFAULT_SCALE_DOWN, DEFAULT_SCALE_UP, HPA_DEFAULTS, HpaControllerOptions, HpaMetric, HpaRules, HpaSpec,
} from './hpa-spec';
import { externalReplicas, HpaPod, Proposal, resourceReplicas, Tolerances } from './replica-calculator';

/** What the controller reads in one sync. */
export interface HpaObservation {
  /** `spec.replicas` of the scale subresource. */
  readonly specReplicas: number;
  /** `status.replicas` of the scale subresource: pods that exist. */
  readonly statusReplicas: number;
  /** The pods its selector matches; usage and request are those of CPU. */
  readonly pods: readonly HpaPod[];
  /** The same pods with their memory. Needed only for a memory metric. @default - none */
  readonly memoryPods?: readonly HpaPod[];
  /** Values of each external metric by name; null or absent where the metrics API answered with an error. */
  readonly external: Readonly<Record<string, readonly number[] | null>>;
}

/** What one sync decided. */
export interface HpaDecision {
  /** Replicas to write to the scale subresource; equals `specReplicas` if nothing changes. */
  readonly desired: number;
  /** The metrics' own wish, before limits and stabilization; null if they could not be used. */
  readonly recommended: number | null;
  /** Metrics that could not be used in this sync. */
  readonly invalid: readonly string[];
}

/** A number of replicas and when it was recommended or changed, seconds. */
export interface Timed { readonly value: number; readonly time: number }

/** What an HPA remembers. Lists are in rising time. */
export interface HpaLife {
  readonly spec: HpaSpec;
  readonly options?: HpaControllerOptions;
  /** Wishes of earlier syncs. @default - it has not synced yet */
  readonly recommendations?: readonly Timed[];
  /** Replicas added and removed. */
  readonly ups: readonly Timed[];
  readonly downs: readonly Timed[];
}

/**
 * One HorizontalPodAutoscaler (autoscaling/v2) as the controller of Kubernetes 1.36 runs it
 * (pkg/controller/podautoscaler/horizontal.go). It reads no clock: the caller says when it syncs.
 *
 * Not modelled, because nothing here uses it: scale to zero, object and pods metrics, container metrics.
 */
export class Hpa {
  private readonly options: Required<HpaControllerOptions>;
  private readonly tolerances: Tolerances;
  private readonly up: Required<Omit<HpaRules, 'tolerance'>>;
  private readonly down: Required<Omit<HpaRules, 'tolerance'>>;
  private recommendations: Timed[] | undefined;
  private ups: Timed[] = [];
  private downs: Timed[] = [];

  constructor(readonly spec: HpaSpec, options: HpaControllerOptions = {}) {
    this.options = { ...HPA_DEFAULTS, ...options };
    const behavior = spec.behavior;
    this.tolerances = {
      up: behavior?.scaleUp?.tolerance ?? this.options.tolerance,
      down: behavior?.scaleDown?.tolerance ?? this.options.tolerance,
    };
    this.up = { ...DEFAULT_SCALE_UP, ...defined(behavior?.scaleUp) };
    this.down = { stabilizationWindowSeconds: this.options.downscaleStabilizationSeconds, ...DEFAULT_SCALE_DOWN, ...defined(behavior?.scaleDown) };
  }

  /** An HPA in the middle of its life. */
  static resume(life: HpaLife): Hpa {
    const hpa = new Hpa(life.spec, life.options);
    hpa.recommendations = life.recommendations && [...life.recommendations];
    hpa.ups = [...life.ups];
    hpa.downs = [...life.downs];
    return hpa;
  }

  /** A copy that goes on from the same recommendations and scale events, optionally with another spec. */
  fork(spec: HpaSpec = this.spec): Hpa {
    return Hpa.resume({ spec, options: this.options, recommendations: this.recommendations, ups: this.ups, downs: this.downs });
  }

  /**
   * One reconciliation.
   *
   * @param now seconds; must not run backwards
   */
  sync(now: number, observed: HpaObservation): HpaDecision {
    const current = observed.specReplicas;
    const { minReplicas, maxReplicas } = this.spec;
    this.recommendations ??= [{ value: current, time: now }];
    // A workload at zero replicas is one that somebody switched off.
    if (current === 0) return { desired: 0, recommended: null, invalid: [] };
    if (current > maxReplicas) return this.rescale(now, current, maxReplicas, null, []);
    if (current < minReplicas) return this.rescale(now, current, minReplicas, null, []);

    const { recommended, invalid } = this.recommend(now, observed);
    if (recommended === null) return { desired: current, recommended, invalid };
    const wanted = Math.max(0, recommended);
    const desired = this.spec.behavior === undefined ? this.normalizePlain(now, current, wanted) : this.normalize(now, current, wanted);
    return this.rescale(now, current, desired, recommended, invalid);
  }

  /** The largest wish of the usable metrics; none if all are unusable, or if one is and the others would scale down. */
  private recommend(now: number, observed: HpaObservation): { recommended: number | null; invalid: string[] } {
    let replicas = 0;
    const invalid: string[] = [];
    for (const metric of this.spec.metrics) {
      const proposal = this.propose(now, observed, metric);
      if ('invalid' in proposal) invalid.push(`${metric.type === 'External' ? metric.name : metric.resource}: ${proposal.invalid}`);
      else if (replicas === 0 || proposal.replicas > replicas) replicas = proposal.replicas;
    }
    if (invalid.length >= this.spec.metrics.length || (invalid.length > 0 && replicas < observed.specReplicas)) return { recommended: null, invalid };
    return { recommended: replicas, invalid };
  }

  private propose(now: number, observed: HpaObservation, metric: HpaMetric): Proposal {
    if (metric.type === 'External') {
      return externalReplicas({
        values: observed.external[metric.name] ?? null, statusReplicas: observed.statusReplicas, averageValue: metric.averageValue, tolerances: this.tolerances,
      });
    }
    return resourceReplicas({
      pods: metric.resource === 'cpu' ? observed.pods : observed.memoryPods ?? [],
      current: observed.specReplicas,
      resource: metric.resource,
      targetUtilization: metric.averageUtilization,
      tolerances: this.tolerances,
      now,
      cpuInitializationPeriod: this.options.cpuInitializationPeriodSeconds,
      initialReadinessDelay: this.options.initialReadinessDelaySeconds,
    });
  }

  private rescale(now: number, current: number, desired: number, recommended: number | null, invalid: readonly string[]): HpaDecision {
    if (desired !== current && this.spec.behavior !== undefined) {
      if (desired > current) this.ups = remember(this.ups, { value: desired - current, time: now }, now - longestPeriod(this.up));
      else this.downs = remember(this.downs, { value: current - desired, time: now }, now - longestPeriod(this.down));
    }
    return { desired, recommended, invalid };
  }

  /** With a `behavior`: stabilization in both directions, then the limits on the rate of change, then min and max. */
  private normalize(now: number, current: number, wanted: number): number {
    const upCutoff = now - this.up.stabilizationWindowSeconds;
    const downCutoff = now - this.down.stabilizationWindowSeconds;
    let lowest = wanted;
    let highest = wanted;
    for (const { value, time } of this.recommendations ?? []) {
      if (time > upCutoff && value < lowest) lowest = value;
      if (time > downCutoff && value > highest) highest = value;
    }
    let stable = current;
    if (stable < lowest) stable = lowest;
    if (stable > highest) stable = highest;
    this.recommendations = remember(this.recommendations ?? [], { value: wanted, time: now }, Math.min(upCutoff, downCutoff));

    if (stable > current) {
      const limit = Math.max(current, this.rateLimit(now, current, this.up, 1));
      return Math.min(stable, this.spec.maxReplicas, limit);
    }
    if (stable < current) {
      const limit = Math.min(current, this.rateLimit(now, current, this.down, -1));
      return Math.max(stable, this.spec.minReplicas, limit);
    }
    return stable;
  }

  /** How far the policies let the replicas go. Changes within a policy's period count against it, in both directions. */
  private rateLimit(now: number, current: number, rules: Required<Omit<HpaRules, 'tolerance'>>, direction: 1 | -1): number {
    if (rules.selectPolicy === 'Disabled') return current;
    // `Min` is the policy of the smallest change.
    const widest = rules.selectPolicy !== 'Min';
    const towardsMax = (direction === 1) === widest;
    let result = towardsMax ? -Infinity : Infinity;
    for (const policy of rules.policies) {
      const cutoff = now - policy.periodSeconds;
      const start = current - changed(this.ups, cutoff) + changed(this.downs, cutoff);
      let proposed: number;
      if (policy.type === 'Pods') proposed = start + direction * policy.value;
      else if (direction === 1) proposed = Math.ceil(start * (1 + policy.value / 100));
      else proposed = Math.trunc(start * (1 - policy.value / 100));
      result = towardsMax ? Math.max(result, proposed) : Math.min(result, proposed);
    }
    return result;
  }

  /** Without a `behavior`: the controller's own stabilization downwards, at most double or 4 upwards. */
  private normalizePlain(now: number, current: number, wanted: number): number {
    const cutoff = now - this.options.downscaleStabilizationSeconds;
    let stable = wanted;
    for (const { value, time } of this.recommendations ?? []) if (time >= cutoff && value > stable) stable = value;
    this.recommendations = remember(this.recommendations ?? [], { value: wanted, time: now }, cutoff);
    const limit = Math.max(2 * current, 4);
    return Math.max(this.spec.minReplicas, Math.min(stable, this.spec.maxReplicas, limit));
  }
}

function defined<T extends object>(value: T | undefined): Partial<T> {
  return Object.fromEntries(Object.entries(value ?? {}).filter(([, each]) => each !== undefined)) as Partial<T>;
}

function longestPeriod(rules: Required<Omit<HpaRules, 'tolerance'>>): number {
  return Math.max(0, ...rules.policies.map((policy) => policy.periodSeconds));
}

function changed(events: readonly Timed[], cutoff: number): number {
  let total = 0;
  for (const { value, time } of events) if (time > cutoff) total += value;
  return total;
}

/** Appends and drops from the front what no window reaches any more. */
function remember(list: Timed[], next: Timed, cutoff: number): Timed[] {
  let first = 0;
  while (first < list.length && list[first]!.time < cutoff) first += 1;
  if (first > 0) list.splice(0, first);
  list.push(next);
  return list;
}
