import { LoopTiming, realTiming, runLoop } from '../levels/loop';
import { reactivePolicy, ScalingPolicy, Tuning } from '../levels/policy';
import type { Workload } from '../plant/workload-model';

/** CPU targets that are tried, percent. */
export const TARGETS = [40, 45, 50, 55, 60, 65, 70, 75, 80, 85, 90] as const;
/** Scale-down stabilization windows that are tried, seconds. */
export const WINDOWS = [0, 60, 120, 300, 600] as const;

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
  const tried = TARGETS.flatMap((targetPercent) => WINDOWS.map((stabilizationSeconds) => {
    const policy = reactivePolicy(o.policy, { targetPercent, stabilizationSeconds });
    const records = runLoop({ policy, workload: o.workload, demand, start: 0, timing }).records();
    return {
      targetPercent, stabilizationSeconds,
      violationMinutes: records.filter((each) => each.violation).length,
      replicaHours: records.reduce((sum, each) => sum + each.replicaSeconds, 0) / 3600,
    };
  }));
  const fewest = Math.min(...tried.map((each) => each.violationMinutes));
  const [best] = tried.filter((each) => each.violationMinutes <= fewest + 1).sort((a, b) => a.replicaHours - b.replicaHours);
  return { ...best!, tried: tried.length, hours: demand.length / 60 };
}
