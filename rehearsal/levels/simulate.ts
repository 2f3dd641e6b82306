import type { Workload } from '../plant/workload-model';
import { catalogWorkload } from '../plant/workload-model';
import type { PolicyResult, Report } from '../report/schema';
import { reactiveFrontier, Tuned, tuneReactive } from '../scaling/tune';
import type { TraceWindow } from '../traces';
import { Absence, runForecaster, SimulatedForecaster } from './forecast-run';
import { LoopTiming, perMinute, realTiming, runLoop } from './loop';
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

/** The predictive policy against every reactive setting on the very same load: fairer to the reactive side than any real operation can be. */
export interface Hindsight {
  /** Fewest violation minutes of the settings that need no more replica-hours than the predictive policy; null if none needs so few. */
  readonly violationMinutesAtThisCost: number | null;
  /** Fewest replica-hours of the settings that have no more violation minutes than the predictive policy; null if none has so few. */
  readonly replicaHoursAtThisService: number | null;
  /** True if some setting needs no more replica-hours and has no more violation minutes, and is better in one of the two. */
  readonly dominated: boolean;
}

function hindsight(predictive: PolicyResult, settings: ReturnType<typeof reactiveFrontier>): Hindsight {
  const { violationMinutes, replicaHours } = predictive;
  const least = (values: readonly number[]): number | null => (values.length === 0 ? null : Math.min(...values));
  return {
    violationMinutesAtThisCost: least(settings.filter((each) => each.replicaHours <= replicaHours).map((each) => each.violationMinutes)),
    replicaHoursAtThisService: least(settings.filter((each) => each.violationMinutes <= violationMinutes).map((each) => each.replicaHours)),
    dominated: settings.some((each) => each.replicaHours <= replicaHours && each.violationMinutes <= violationMinutes
      && (each.replicaHours < replicaHours || each.violationMinutes < violationMinutes)),
  };
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
  /** What the reactive policy could have reached had its settings been chosen knowing the replay. */
  readonly hindsight: Hindsight;
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
    forecaster: options.forecaster(),
    history,
    replay: demand,
    start,
    leadTimeSeconds: options.leadTimeSeconds,
    demandQuantile: options.demandQuantile,
    absences: options.absences,
  });

  const run = (policy: ScalingPolicy, extra: Readonly<Record<string, number | string>>): PolicyResult => {
    options.onProgress?.(policy.name);
    const recorder = runLoop({ policy, workload, demand, start, timing, signal: policy.signal && perMinute(published, start), initialReplicas: options.initialReplicas });
    return recorder.result({ name: policy.name, level: 'simulate', parameters: policyParameters(policy, extra), price: options.price });
  };
  const reactive = run(reactivePolicy(options.policy, tuned), tunedParameters(tuned));
  const predictive = run(options.policy, { demandQuantile: options.demandQuantile, leadTimeSeconds: options.leadTimeSeconds });
  const settings = reactiveFrontier({ policy: options.policy, workload, demand, timing, initialReplicas: options.initialReplicas });

  const events = (options.absences ?? []).flatMap(({ fromMinute, toMinute }) => [
    { second: (fromMinute * 60) / timing.speed, what: 'the forecaster went away: scaling goes on reactively' },
    ...(toMinute + 1 < demand.length ? [{ second: ((toMinute + 1) * 60) / timing.speed, what: 'the forecaster came back' }] : []),
  ]);
  return { policies: [reactive, predictive], forecast, demand, events, tuned, published, hindsight: hindsight(predictive, settings) };
}
