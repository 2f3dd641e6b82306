import type { Workload } from '../plant/workload-model';
import { catalogWorkload } from '../plant/workload-model';
import type { PolicyResult, Report } from '../report/schema';
import { Tuned, tuneReactive } from '../scaling/tune';
import type { TraceWindow } from '../traces';
import { Absence, runForecaster, SimulatedForecaster } from './forecast-run';
import { LoopTiming, realTiming, runLoop } from './loop';
import { cpuTarget, reactivePolicy, ScalingPolicy } from './policy';

/** What a simulation is made of. */
export interface SimulateOptions {
  /** The predictive policy, as dist/ has it; see `readPolicy`. Its windows are in seconds of the trace, unless `timing` says otherwise. */
  readonly policy: ScalingPolicy;
  /** @default catalogWorkload */
  readonly workload?: Workload;
  readonly window: TraceWindow;
  /** What the trace's values are multiplied with to become requests per second. */
  readonly scale: number;
  readonly leadTimeSeconds: number;
  readonly demandQuantile: number;
  /** Makes a fresh forecaster. */
  readonly forecaster: () => SimulatedForecaster;
  /** US dollars for the replicas of each step. */
  readonly price: (replicas: readonly number[], stepSeconds: number) => number;
  /** The reactive policy's settings. @default - searched on the history */
  readonly tuned?: Tuned;
  /** @default - real time */
  readonly timing?: LoopTiming;
  /** Replicas of both policies at the start. @default - what the CPU target asks for at the first minute */
  readonly initialReplicas?: number;
  /** @default - the forecaster is never away */
  readonly absences?: readonly Absence[];
  /** @default - nobody is told */
  readonly onProgress?: (step: 'tune' | 'forecast' | 'reactive' | 'predictive') => void;
}

/** The simulated part of a report. */
export interface Simulation {
  /** Reactive first, then predictive. */
  readonly policies: readonly [PolicyResult, PolicyResult];
  readonly forecast: Report['forecast'];
  /** Requests per second, one per minute. */
  readonly demand: readonly number[];
  readonly events: Report['events'];
  readonly tuned: Tuned;
  /** Demand the forecaster published for each minute; null where it was away. */
  readonly published: readonly (number | null)[];
}

/** The parameters of a policy as the report shows them. Windows as simulated: under compression they are wall seconds. */
export function policyParameters(policy: ScalingPolicy, extra: Readonly<Record<string, number | string>> = {}): Readonly<Record<string, number | string>> {
  return {
    cpuTargetPercent: cpuTarget(policy) ?? 'none',
    scaleDownStabilizationSeconds: policy.hpa.behavior?.scaleDown?.stabilizationWindowSeconds ?? 300,
    minReplicas: policy.hpa.minReplicas,
    maxReplicas: policy.hpa.maxReplicas,
    ...(policy.signal ? { requestsPerSecondPerReplica: policy.signal.threshold } : {}),
    ...extra,
  };
}

/** How the reactive policy came by its settings, for the report. */
export function tunedParameters(tuned: Tuned): Readonly<Record<string, number | string>> {
  return { tuned: `best of ${tuned.tried} settings on the ${tuned.hours} h before the replay: ${tuned.violationMinutes} violation minutes, ${tuned.replicaHours.toFixed(1)} replica-hours` };
}

/**
 * The whole closed loop without a cluster: the tuned reactive policy and the predictive one, on the same trace, with the same service model
 * and HPA algorithm. Deterministic; a day takes well under a second beside the forecaster's own time.
 */
export function simulate(options: SimulateOptions): Simulation {
  const workload = options.workload ?? catalogWorkload;
  const timing = options.timing ?? realTiming(workload);
  const history = options.window.history.map((value) => value * options.scale);
  const demand = options.window.replay.map((value) => value * options.scale);
  const start = options.window.from;

  options.onProgress?.('tune');
  const tuned = options.tuned ?? tuneReactive({ policy: options.policy, workload, history });
  options.onProgress?.('forecast');
  const { published, forecast } = runForecaster({
    forecaster: options.forecaster(), history, replay: demand, start,
    leadTimeSeconds: options.leadTimeSeconds, demandQuantile: options.demandQuantile, absences: options.absences,
  });

  const run = (policy: ScalingPolicy, extra: Readonly<Record<string, number | string>>): PolicyResult => {
    options.onProgress?.(policy.name);
    const recorder = runLoop({ policy, workload, demand, start, timing, published: policy.signal ? published : undefined, initialReplicas: options.initialReplicas });
    return recorder.result({ name: policy.name, level: 'simulate', parameters: policyParameters(policy, extra), price: options.price });
  };
  const reactive = run(reactivePolicy(options.policy, tuned), tunedParameters(tuned));
  const predictive = run(options.policy, { demandQuantile: options.demandQuantile, leadTimeSeconds: options.leadTimeSeconds });

  const events = (options.absences ?? []).flatMap(({ fromMinute, toMinute }) => [
    { second: (fromMinute * 60) / timing.speed, what: 'the forecaster went away: scaling goes on reactively' },
    ...(toMinute + 1 < demand.length ? [{ second: ((toMinute + 1) * 60) / timing.speed, what: 'the forecaster came back' }] : []),
  ]);
  return { policies: [reactive, predictive], forecast, demand, events, tuned, published };
}
