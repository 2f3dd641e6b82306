import type { SimulatedForecaster } from '../levels/forecast-run';
import { perMinute, realTiming, runLoop } from '../levels/loop';
import type { ScalingPolicy } from '../levels/policy';
import { catalogWorkload, Workload } from '../plant/workload-model';
import type { Comparison, StrategyResult } from '../report/schema';
import { Tuned, tuneReactive } from '../scaling/tune';
import type { TraceWindow } from '../traces';
import { craneSettings, cronSettings, kedaSettings } from './others';
import { ourSettings, replicaLimit } from './ours';
import { Setting, settingPolicy, Timeline } from './setting';

/** What is compared, and on which load. */
export interface CompareOptions {
  /** Limits, scale-up rules and the target per replica come from here. */
  readonly policy: ScalingPolicy;
  /** @default catalogWorkload */
  readonly workload?: Workload;
  readonly window: TraceWindow;
  /** What the trace's values are multiplied with to become requests per second. */
  readonly scale: number;
  /** Makes a fresh forecaster. */
  readonly forecaster: () => SimulatedForecaster;
  /** US dollars for the replicas of each step. */
  readonly price: (replicas: readonly number[], stepSeconds: number) => number;
  /** Seed of the one test by chance that crane's predictor makes. @default 1 */
  readonly seed?: number;
  /** The tuned reactive settings, if they are known already. @default - searched */
  readonly tuned?: Tuned;
}

/** Hours that settings are chosen on; `tuneReactive` uses the same. */
const TUNED_HOURS = 48;
/** Violation minutes above the fewest that a cheaper setting may have; as in `tuneReactive`. */
const MARGIN = 1;
/** Load that no forecast knew of, to see how near to the edge a setting is that happened to have no violation. */
const UNFORESEEN = [1.05, 1.1] as const;
/** Share of the reactive setting's replica-hours that another one may need: what saves less is not worth depending on a forecast. */
const WORTH_IT = 0.98;
/** Share of the budget that a setting may need to have some left for what was not foreseen. */
const CLEARLY_CHEAPER = 0.95;

interface Played { readonly violationMinutes: number; readonly replicaHours: number }

/**
 * Plays every strategy on the same hours. Each gets its settings from the same history and none from the replay: the others as the tuned HPA
 * does (fewest violation minutes; among those within one minute, fewest replica-hours); ours as the setting with the fewest violation minutes, with and without
 * load that was not foreseen, among those that need no more replica-hours on that history than the tuned HPA.
 */
export function compareStrategies(o: CompareOptions): Comparison {
  const workload = o.workload ?? catalogWorkload;
  const timing = realTiming(workload);
  const demand = [...o.window.history, ...o.window.replay].map((value) => value * o.scale);
  const replayFrom = o.window.history.length;
  const tuneFrom = Math.max(1, replayFrom - TUNED_HOURS * 60);
  const line: Timeline = { demand, start: o.window.from - replayFrom * 60, tuneFrom, replayFrom };

  const play = (setting: Setting, from: number, to: number, more: { readonly load?: number; readonly mostViolations?: number } = {}) => {
    const start = line.start + from * 60;
    const published = setting.published?.().slice(from - tuneFrom, to - tuneFrom);
    const part = demand.slice(from, to);
    return runLoop({
      policy: setting.policy, workload, timing, start, demand: more.load ? part.map((value) => value * more.load!) : part, mostViolations: more.mostViolations,
      signal: published && perMinute(published, start),
    });
  };
  const onHistory = (setting: Setting, more: { readonly load?: number; readonly mostViolations?: number } = {}): Played & { readonly whole: boolean } => {
    const run = play(setting, tuneFrom, replayFrom, more);
    return { violationMinutes: run.violationMinutes, replicaHours: run.replicaHours, whole: run.violationMinutes <= (more.mostViolations ?? Infinity) };
  };
  const result = (name: StrategyResult['name'], title: string, chosen: Setting & { readonly played: Played }, tried: number): StrategyResult => {
    const run = play(chosen, replayFrom, demand.length).result({ name: 'predictive', level: 'simulate', parameters: {}, price: o.price });
    return {
      name, title, settings: chosen.parameters, tried, tunedViolationMinutes: chosen.played.violationMinutes, tunedReplicaHours: chosen.played.replicaHours,
      violationMinutes: run.violationMinutes, replicaHours: run.replicaHours, costUsd: run.costUsd, scaleEvents: run.scaleEvents,
    };
  };
  const searched = (name: StrategyResult['name'], title: string, settings: readonly Setting[]): StrategyResult => {
    let fewest = Infinity;
    const kept: (Setting & { readonly played: Played })[] = [];
    for (const setting of settings) {
      const played = onHistory(setting, { mostViolations: fewest + MARGIN });
      if (!played.whole) continue;
      fewest = Math.min(fewest, played.violationMinutes);
      kept.push({ ...setting, played });
    }
    const [best] = kept.filter(({ played }) => played.violationMinutes <= fewest + MARGIN).sort((a, b) => a.played.replicaHours - b.played.replicaHours);
    return result(name, title, best!, settings.length);
  };

  const tuned = o.tuned ?? tuneReactive({ policy: o.policy, workload, history: demand.slice(tuneFrom, replayFrom), hours: TUNED_HOURS });
  const hpa: Setting = {
    parameters: { cpuTargetPercent: tuned.targetPercent, scaleDownStabilizationSeconds: tuned.stabilizationSeconds },
    policy: settingPolicy(o.policy, { cpuPercent: tuned.targetPercent, stabilizationSeconds: tuned.stabilizationSeconds }),
  };
  const reactive = onHistory(hpa);
  const settings = ourSettings(o.policy, workload, line, { forecaster: o.forecaster, reactive: tuned });
  return {
    tunedHours: (replayFrom - tuneFrom) / 60,
    unavoidableMinutes: demand.slice(replayFrom).filter((value) => value > o.policy.hpa.maxReplicas * replicaLimit(workload)).length,
    strategies: [
      result('hpa', 'HPA on CPU', { ...hpa, played: reactive }, tuned.tried),
      searched('keda-requests', 'KEDA on requests', kedaSettings(o.policy, workload, line)),
      searched('cron', 'KEDA cron by hour of day, and CPU', cronSettings(o.policy, workload, line)),
      searched('crane-dsp', 'crane: DSP and CPU', craneSettings(o.policy, workload, line, generator(o.seed ?? 1))),
      result('tideline', 'Tideline', withinBudget(settings, onHistory, reactive), settings.length),
    ],
  };
}

type OnHistory = (setting: Setting, more?: { readonly load?: number; readonly mostViolations?: number }) => Played & { readonly whole: boolean };

interface Best {
  readonly setting: Setting;
  readonly played: Played;
  /** Violation minutes on the load as it was, and with a little more. */
  readonly short: number;
  /** Violation minutes with still more; {@link NEVER} if that was not asked. */
  readonly reserve: number;
}

/** More than any number of minutes. */
const NEVER = Number.MAX_SAFE_INTEGER;

/**
 * The setting with the fewest violation minutes, on the load as it was and a little above what was foreseen, among the reactive one, which is the first, and
 * those that cost less. Of two, the one that is clearly cheaper; of two such, the one that bears more that was not foreseen; then the cheaper one.
 */
function withinBudget(settings: readonly Setting[], onHistory: OnHistory, reactive: Played): Setting & { readonly played: Played } {
  let best: Best | undefined;
  for (const setting of settings) {
    const most = best?.short ?? Infinity;
    const played = onHistory(setting, { mostViolations: most });
    if (!played.whole || (best !== undefined && played.replicaHours > WORTH_IT * reactive.replicaHours)) continue;
    const above = onHistory(setting, { load: UNFORESEEN[0], mostViolations: most - played.violationMinutes });
    if (!above.whole) continue;
    const short = played.violationMinutes + above.violationMinutes;
    const clear = played.replicaHours <= CLEARLY_CHEAPER * reactive.replicaHours;
    // What is only just within the budget has nothing to spend on what was not foreseen.
    const reserve = clear ? onHistory(setting, { load: UNFORESEEN[1], mostViolations: short < most ? Infinity : best!.reserve }) : undefined;
    const next: Best = { setting, played, short, reserve: reserve ? reserve.violationMinutes : NEVER };
    if (best === undefined || better(next, best)) best = next;
  }
  return { ...best!.setting, played: best!.played };
}

function better(a: Best, b: Best): boolean {
  if (a.short !== b.short) return a.short < b.short;
  if (a.reserve !== b.reserve) return a.reserve < b.reserve;
  return a.played.replicaHours < b.played.replicaHours;
}

/** Numbers from 0 to 1 that depend on the seed alone (Park and Miller's minimal standard generator). */
function generator(seed: number): () => number {
  let state = (Math.abs(Math.floor(seed)) % 2_147_483_646) + 1;
  return () => {
    state = (state * 48_271) % 2_147_483_647;
    return state / 2_147_483_647;
  };
}
