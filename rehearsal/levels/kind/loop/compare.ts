import { catalogWorkload, step, Workload } from '../../../plant/workload-model';
import type { PolicyResult } from '../../../report/schema';
import type { Distance, Measured, ModelFigures, ModelRun, PlantVsKind } from '../../../report/schema-kind';
import { simulateLike } from '../../agreement';
import type { LoopTiming } from '../../loop';
import type { ScalingPolicy } from '../../policy';
import { calibrate, withFigures } from './calibrate';

/** A run with real pods, and what the model needs to play it again. */
export interface ComparePlantOptions {
  /** As it was run: its `series` and `measured`. */
  readonly result: PolicyResult & { readonly measured: Measured };
  /**
   * How it was scaled: its windows in wall seconds, its CPU target in percent of the contract's CPU request. Where requests were made smaller to fit the
   * machine and the target larger by as much, that is the target of dist/.
   */
  readonly policy: ScalingPolicy;
  /** By the service's contract. @default catalogWorkload */
  readonly workload?: Workload;
  /** Trace time of the first minute. */
  readonly start: number;
  /** How the cluster's clock and controllers ran. The start-up is not asked for: a pod takes the workload's, on the wall clock, whatever the speed of the trace. */
  readonly timing: Omit<LoopTiming, 'startupSeconds'>;
  /** Demand that a query found at a time of the trace; null where there was none. @default - the policy has no signal */
  readonly publishedDemand?: (traceTime: number) => number | null;
  /** CPU of a replica before any load, millicores. @default - not measured */
  readonly idleCpuMillicores?: number | null;
  /** Replicas when the first minute began. @default - the fewest that were ready in it */
  readonly initialReplicas?: number;
}

/**
 * How far the plant's model is from real pods, with the contract's figures and with those that the run itself gives. The model's replicas are as many as were
 * really ready, its requests those that were really due, so that an error of the autoscaler is none of the service; the autoscaler is compared on its own.
 * Pure: the same input gives the same output.
 */
export function comparePlant(options: ComparePlantOptions): PlantVsKind {
  const { result, timing } = options;
  const { series, measured } = result;
  const workload = options.workload ?? catalogWorkload;
  const requests = measured.series.requestsPerSecond;
  const minutes = Math.min(requests.length, series.ready.length, series.replicas.length, series.latencyP95.length);
  const minuteSeconds = 60 / timing.speed;

  const { measured: figures, fittedMinutes, rSquared } = calibrate({
    requestsPerSecond: requests.slice(0, minutes),
    ready: series.ready.slice(0, minutes),
    cpuMillicoresPerReplica: measured.series.cpuMillicoresPerReplica,
    latencyP95: series.latencyP95,
    memoryBytesPerReplica: measured.series.memoryBytesPerReplica,
    startupSeconds: measured.startupSeconds,
    idleCpuMillicores: options.idleCpuMillicores,
    failedShare: measured.series.failed.map((failed, minute) => failed / Math.max(1, requests[minute]! * minuteSeconds)),
    assumed: workload,
  });
  const run = (by: Workload): ModelRun => modelRun({ ...options, workload: by }, minutes);
  return {
    policy: result.name,
    minutes,
    assumed: figuresOf(workload),
    measured: figures,
    fittedMinutes,
    rSquared,
    contract: run(workload),
    calibrated: run(withFigures(workload, figures)),
  };
}

function figuresOf(workload: Workload): ModelFigures {
  const { cpuSecondsPerRequest, idleCpuMillicores, startupSeconds, latencyFloorSeconds = 0, idleMemoryMiB } = workload;
  return { cpuSecondsPerRequest, idleCpuMillicores, startupSeconds, latencyFloorSeconds, idleMemoryMiB };
}

function modelRun(o: ComparePlantOptions & { readonly workload: Workload }, minutes: number): ModelRun {
  const { policy, workload, timing, result: { series, measured } } = o;
  const demand = measured.series.requestsPerSecond.slice(0, minutes);

  let backlog = 0;
  const service = demand.map((each, minute) => {
    // Requests come at the trace's rate but for as long as the wall clock says: in an overload fewer of them pile up than in a minute of the trace.
    const state = step(workload, { demand: each, ready: series.ready[minute]!, backlog }, 60 / timing.speed);
    backlog = state.backlog;
    return state;
  });
  const latencyP95 = service.map((state) => state.latencyP95);
  const cpuMillicoresPerReplica = service.map((state) => state.cpuMillicoresPerReplica);
  const { replicas } = simulateLike({
    policy,
    workload,
    demand,
    start: o.start,
    timing: { ...timing, startupSeconds: workload.startupSeconds },
    signal: o.publishedDemand,
    // An HPA never wakes a workload at 0.
    initialReplicas: o.initialReplicas ?? Math.max(1, policy.hpa.minReplicas, series.ready[0] ?? 0),
    price: () => 0,
  }).series;
  return {
    latencyP95: distance(latencyP95, series.latencyP95.map((value) => (value > 0 && Number.isFinite(value) ? value : null))),
    cpuMillicoresPerReplica: distance(cpuMillicoresPerReplica, measured.series.cpuMillicoresPerReplica),
    replicas: distance(replicas, series.replicas),
    series: { latencyP95, cpuMillicoresPerReplica, replicas },
  };
}

/** @param real null where nothing was measured: such minutes are not compared */
function distance(model: readonly number[], real: readonly (number | null)[]): Distance {
  let [compared, apart, total] = [0, 0, 0];
  model.forEach((value, minute) => {
    const found = real[minute] ?? null;
    if (found === null) return;
    compared += 1;
    apart += Math.abs(value - found);
    total += found;
  });
  if (compared === 0) return { meanAbsolute: null, meanRelative: null };
  return { meanAbsolute: apart / compared, meanRelative: total === 0 ? null : apart / total };
}
