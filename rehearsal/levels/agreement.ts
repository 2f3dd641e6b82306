import { catalogWorkload, Workload } from '../plant/workload-model';
import type { Agreement, PolicyResult } from '../report/schema';
import { LoopTiming, runLoop } from './loop';
import type { ScalingPolicy } from './policy';
import { policyParameters } from './simulate';

/**
 * Simulates one policy as a run on a real control plane met it: same load, same compressed windows, same published demand, same start. What then
 * differs is the HPA, its timing, and nothing else.
 *
 * @param o `policy`: read from the objects the control plane was given, its windows in wall seconds; `timing`: see `compressedTiming`;
 *   `signal`: demand that a query found at a time of the trace, e.g. `plant.publishedDemand`
 */
export function simulateLike(o: {
  readonly policy: ScalingPolicy;
  /** @default catalogWorkload */
  readonly workload?: Workload;
  /** Requests per second, one per minute. */
  readonly demand: readonly number[];
  /** Trace time of the first minute. */
  readonly start: number;
  readonly timing: LoopTiming;
  /** @default - none */
  readonly signal?: (traceTime: number) => number | null;
  readonly initialReplicas: number;
  readonly price: (replicas: readonly number[], stepSeconds: number) => number;
}): PolicyResult {
  const recorder = runLoop({ ...o, workload: o.workload ?? catalogWorkload });
  return recorder.result({ name: o.policy.name, level: 'simulate', parameters: policyParameters(o.policy), price: o.price });
}

/** How close two runs were, minute by minute. The shorter one decides how many minutes are compared. */
export function agreement(real: PolicyResult, simulated: PolicyResult): Agreement {
  const minutes = Math.min(real.series.replicas.length, simulated.series.replicas.length);
  let equal = 0;
  let difference = 0;
  for (let minute = 0; minute < minutes; minute += 1) {
    const apart = Math.abs(real.series.replicas[minute]! - simulated.series.replicas[minute]!);
    if (apart === 0) equal += 1;
    difference += apart;
  }
  return {
    policy: real.name,
    minutes,
    equalShare: minutes === 0 ? 0 : equal / minutes,
    meanAbsoluteDifference: minutes === 0 ? 0 : difference / minutes,
    simulatedReplicas: simulated.series.replicas.slice(0, minutes),
  };
}
