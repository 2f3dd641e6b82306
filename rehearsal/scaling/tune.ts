import { LoopTiming, realTiming, runLoop } from '../levels/loop';
import { reactivePolicy, ScalingPolicy, Tuning } from '../levels/policy';
import type { Workload } from '../plant/workload-model';

/** CPU targets that are tried, percent. */
export const TARGETS = [40, 45, 50, 55, 60, 65, 70, 75, 80, 85, 90] as const;
/** Scale-down stabilization windows that are tried, seconds. */
export const WINDOWS = [0, 60, 120, 300, 600] as const;

/** Violation minutes above the fewest that a cheaper setting may have. */
const MARGIN = 1;
/** The cautious ones first: they have few violations, which cuts the others short. */
const SETTINGS: readonly Tuning[] = TARGETS.flatMap((targetPercent) => [...WINDOWS].reverse().map((stabilizationSeconds) => ({ targetPercent, stabilizationSeconds })));

/** The best reactive settings found, and what they cost on the history they were found on. */
export interface Tuned extends Tuning {
  readonly violationMinutes: number;
  readonly replicaHours: number;
  /** Settings tried. */
  readonly tried: number;
  /** Hours of history they were tried on. */
  readonly hours: number;
}

/**
 * Searches the reactive policy's target and window on the last part of the history, so that the comparison has no straw man: the fewest violation
 * minutes win; among settings within one minute of them, the fewest replica-hours.
 *
 * @param o `history`: requests per second, one per minute, at least one; `hours`: how much of its end is used
 */
export function tuneReactive(o: {
  readonly policy: ScalingPolicy;
  readonly workload: Workload;
  readonly history: readonly number[];
  /** @default 48 */
  readonly hours?: number;
  /** @default - real time */
  readonly timing?: LoopTiming;
}): Tuned {
  const timing = o.timing ?? realTiming(o.workload);
  const demand = o.history.slice(-Math.round((o.hours ?? 48) * 60));
  let fewest = Infinity;
  const kept: (Tuning & { readonly violationMinutes: number; readonly replicaHours: number })[] = [];
  for (const tuning of SETTINGS) {
    const policy = reactivePolicy(o.policy, tuning);
    // A run that is already worse than the best one by more than the margin cannot win.
    const run = runLoop({ policy, workload: o.workload, demand, start: 0, timing, mostViolations: fewest + MARGIN });
    if (run.violationMinutes > fewest + MARGIN) continue;
    fewest = Math.min(fewest, run.violationMinutes);
    kept.push({ ...tuning, violationMinutes: run.violationMinutes, replicaHours: run.replicaHours });
  }
  const [best] = kept.filter((each) => each.violationMinutes <= fewest + MARGIN).sort((a, b) => a.replicaHours - b.replicaHours);
  return { ...best!, tried: SETTINGS.length, hours: demand.length / 60 };
}

/** The reactive policy at each setting, on the load it will meet: what could have been reached with hindsight. */
export function reactiveFrontier(o: {
  readonly policy: ScalingPolicy;
  readonly workload: Workload;
  /** Requests per second, one per minute. */
  readonly demand: readonly number[];
  readonly timing: LoopTiming;
  /** @default - what the CPU target asks for at the first minute */
  readonly initialReplicas?: number;
}): readonly (Tuning & { readonly violationMinutes: number; readonly replicaHours: number })[] {
  return SETTINGS.map((tuning) => {
    const run = runLoop({
      policy: reactivePolicy(o.policy, tuning), workload: o.workload, demand: o.demand, start: 0, timing: o.timing, initialReplicas: o.initialReplicas,
    });
    return { ...tuning, violationMinutes: run.violationMinutes, replicaHours: run.replicaHours };
  });
}
