import { MinuteRecorder, minuteOf } from '../plant/minutes';
import { replicaCapacity, step, Workload } from '../plant/workload-model';
import { Hpa } from '../scaling/hpa';
import type { HpaControllerOptions, HpaSpec } from '../scaling/hpa-spec';
import { KedaSignal } from '../scaling/keda-signal';
import type { HpaPod } from '../scaling/replica-calculator';
import { cpuTarget, DEMAND_METRIC, ScalingPolicy } from './policy';

/**
 * How fast things happen, in seconds of the wall clock, which runs `speed` times slower than the trace.
 * At speed 1 the two are the same and nothing is compressed.
 */
export interface LoopTiming {
  /** Trace seconds per wall second. */
  readonly speed: number;
  /** Between two syncs of the HPA controller. */
  readonly syncSeconds: number;
  /** From a pod's creation to ready. */
  readonly startupSeconds: number;
  /** Pod timestamps are cut down to multiples of this; the API has whole seconds. */
  readonly timestampSeconds: number;
  /** Wall time of the first minute; only its fraction matters, to timestamps that are cut. @default 0 */
  readonly wallStart?: number;
  readonly controller: HpaControllerOptions;
}

/** Real time, with kube-controller-manager's defaults. */
export function realTiming(workload: Workload): LoopTiming {
  return { speed: 1, syncSeconds: 15, startupSeconds: workload.startupSeconds, timestampSeconds: 1, controller: {} };
}

/** From the end of a minute to the forecast made from it being visible to queries, trace seconds: rule evaluation, refresh and scrape. */
export const SIGNAL_DELAY_SECONDS = 30;

/**
 * Demand made once a minute, as queries see it. Before the first refresh, what was published last before it is still there.
 *
 * @param published for each minute, made from the minutes before it
 * @param start trace time of the first minute
 */
export function perMinute(published: readonly (number | null)[], start: number, delaySeconds = SIGNAL_DELAY_SECONDS): (traceTime: number) => number | null {
  return (traceTime) => published[Math.min(Math.max(minuteOf(traceTime - delaySeconds, start), 0), published.length - 1)] ?? null;
}

/**
 * The timing of a compressed run on a real control plane.
 *
 * @param o `compression`: what the control plane's windows became; `startupSeconds`: a pod's start-up in trace seconds; `schedulingSeconds`: wall time the
 *   controllers take from a changed scale to a scheduled pod; `syncSeconds`: sync period as measured
 */
export function compressedTiming(o: {
  readonly compression: {
    readonly speed: number;
    readonly hpaSyncPeriodMs: number;
    readonly hpaDownscaleStabilizationMs: number;
    readonly hpaCpuInitializationPeriodMs: number;
    readonly hpaInitialReadinessDelayMs: number;
    readonly hpaTolerance: number;
  };
  readonly startupSeconds: number;
  /** @default 0.04: as seen, with 6 to 20 pods */
  readonly schedulingSeconds?: number;
  /** @default - the period asked for and 7 ms: the controller waits it out after its work on an HPA, and that is how long the work was seen to take */
  readonly syncSeconds?: number;
  /** @default 0 */
  readonly wallStart?: number;
}): LoopTiming {
  const { compression } = o;
  return {
    speed: compression.speed,
    syncSeconds: o.syncSeconds ?? compression.hpaSyncPeriodMs / 1000 + 0.007,
    startupSeconds: o.startupSeconds / compression.speed + (o.schedulingSeconds ?? 0.04),
    timestampSeconds: 1,
    wallStart: o.wallStart,
    controller: {
      tolerance: compression.hpaTolerance,
      cpuInitializationPeriodSeconds: compression.hpaCpuInitializationPeriodMs / 1000,
      initialReadinessDelaySeconds: compression.hpaInitialReadinessDelayMs / 1000,
      downscaleStabilizationSeconds: compression.hpaDownscaleStabilizationMs / 1000,
    },
  };
}

/** Everything one run of the loop needs. */
export interface LoopOptions {
  /** With its windows in wall seconds. */
  readonly policy: ScalingPolicy;
  readonly workload: Workload;
  /** Requests per second, one per minute. */
  readonly demand: readonly number[];
  /** Trace time of the first minute. */
  readonly start: number;
  readonly timing: LoopTiming;
  /** Demand that a query finds at a time of the trace; null where there is none. Required if the policy has a signal. @default - none */
  readonly signal?: (traceTime: number) => number | null;
  /** Replicas, all ready, at the start. @default - see {@link initialReplicas} */
  readonly initialReplicas?: number;
  /** Stop once more minutes than this have violated; the records then end early. @default - play everything */
  readonly mostViolations?: number;
}

/** Replicas that the CPU target asks for at this demand, within the policy's limits. */
export function initialReplicas(policy: ScalingPolicy, workload: Workload, demand: number): number {
  const perReplica = replicaCapacity(workload) * ((cpuTarget(policy) ?? 75) / 100);
  return Math.min(policy.hpa.maxReplicas, Math.max(policy.hpa.minReplicas, Math.ceil(demand / perReplica)));
}

type MutablePod = { -readonly [K in keyof HpaPod]: HpaPod[K] } & { readyAt: number };

/** Longest stretch that is computed as one, trace seconds. */
const LONGEST_STEP = 15;

/**
 * Runs one policy against one trace: service model, pods' start-up, HPA. Deterministic.
 *
 * @returns the recorder with one record per minute of the trace
 */
export function runLoop(options: LoopOptions): MinuteRecorder {
  const { policy, workload, demand, start, timing } = options;
  const { speed, syncSeconds } = timing;
  const recorder = new MinuteRecorder({ start, sloLatencyP95Seconds: workload.sloLatencyP95Seconds, expectsSignal: policy.signal !== undefined });
  const hpa = new Hpa(policy.hpa satisfies HpaSpec, timing.controller);
  const keda = policy.signal && new KedaSignal(policy.signal.threshold, policy.signal.fallback);

  const ticksPerSync = Math.max(1, Math.ceil((syncSeconds * speed) / LONGEST_STEP - 1e-9));
  const tick = syncSeconds / ticksPerSync;
  const end = (demand.length * 60) / speed;
  const { timestampSeconds, wallStart = 0 } = timing;
  const cut = (time: number): number =>
    (timestampSeconds > 0 ? Math.floor((wallStart + time) / timestampSeconds + 1e-9) * timestampSeconds - wallStart : time);
  const signalAt = (wall: number): number | null => options.signal?.(start + wall * speed) ?? null;

  const pods: MutablePod[] = [];
  const add = (at: number, readyAt: number): void => {
    pods.push({
      phase: readyAt <= at ? 'Running' : 'Pending',
      deleting: false,
      ready: readyAt <= at ? true : null,
      readyTransition: cut(readyAt),
      startTime: cut(readyAt),
      request: workload.cpuRequestMillicores,
      usage: null,
      readyAt,
    });
  };
  // Pods of the start are older than any window.
  const count = options.initialReplicas ?? initialReplicas(policy, workload, demand[0] ?? 0);
  for (let index = 0; index < count; index += 1) add(-1e6, -1e6);

  let replicas = count;
  let backlog = 0;
  const observation = { specReplicas: 0, statusReplicas: 0, pods, external: {} as Record<string, readonly number[] | null> };
  for (let index = 0; ; index += 1) {
    const now = index * tick;
    if (now >= end - 1e-9) break;

    let ready = 0;
    for (const pod of pods) {
      if (pod.ready !== true && pod.readyAt <= now + 1e-9) {
        pod.phase = 'Running';
        pod.ready = true;
      }
      if (pod.ready === true) ready += 1;
    }
    const minute = Math.min(demand.length - 1, minuteOf(now * speed, 0));
    const offered = demand[minute]!;
    const state = step(workload, { demand: offered, ready, backlog }, tick * speed);
    backlog = state.backlog;
    const after = Math.min(now + tick, end);
    recorder.add(start + now * speed, start + after * speed, {
      demand: offered, replicas, ready, capacity: state.capacity, latencyP95: state.latencyP95, demandForecast: policy.signal ? signalAt(now) : null,
    });
    if (recorder.violationMinutes > (options.mostViolations ?? Infinity)) break;
    if ((index + 1) % ticksPerSync !== 0) continue;

    const usage = { value: Math.ceil(state.cpuMillicoresPerReplica - 1e-9), timestamp: after, window: tick };
    for (const pod of pods) pod.usage = pod.ready === true ? usage : null;
    observation.specReplicas = replicas;
    observation.statusReplicas = pods.length;
    if (keda) observation.external[DEMAND_METRIC] = keda.query(signalAt(after));
    const { desired } = hpa.sync(after, observation);
    while (pods.length < desired) add(after, after + timing.startupSeconds);
    // The ReplicaSet controller removes pods that are not ready first, then the youngest.
    while (pods.length > desired) pods.pop();
    replicas = desired;
  }
  return recorder;
}
