import type { ScalingPolicy } from '../levels/policy';
import { replicaCapacity, Workload } from '../plant/workload-model';
import { TARGETS, WINDOWS } from '../scaling/tune';
import { DspPredictor } from './dsp';
import { once, Published, Setting, settingPolicy, Timeline } from './setting';

const HOUR = 60;
const DAY = 24 * HOUR;

/** KEDA with a Prometheus trigger on the requests of the last minute, and nothing else: reactive, but on demand itself rather than CPU. */
export function kedaSettings(base: ScalingPolicy, workload: Workload, line: Timeline): Setting[] {
  const published = once(() => line.demand.slice(line.tuneFrom - 1, -1));
  return TARGETS.flatMap((percent) => WINDOWS.map((stabilizationSeconds): Setting => ({
    parameters: { requestsTargetPercent: percent, scaleDownStabilizationSeconds: stabilizationSeconds },
    policy: settingPolicy(base, { threshold: (replicaCapacity(workload) * percent) / 100, stabilizationSeconds }),
    published,
  })));
}

const CRON_SHARES = [0.5, 0.75, 0.9, 0.99] as const;
const CRON_TARGETS = [50, 60, 70, 80, 85] as const;
const CRON_CPU = [60, 70, 80] as const;
/** A pod is up before the hour it is for. */
const CRON_EARLY = 5;
const CRON_DAYS = 14;

/**
 * KEDA's cron trigger as somebody would set it from a dashboard: for each hour of the day the replicas for what that hour usually held, beside a CPU
 * trigger for what is unusual. The days before each midnight are known then.
 */
export function cronSettings(base: ScalingPolicy, workload: Workload, line: Timeline): Setting[] {
  const perReplica = replicaCapacity(workload);
  return CRON_SHARES.flatMap((share) => {
    const usual = once(() => hourly(line, share));
    return CRON_TARGETS.flatMap((percent) => CRON_CPU.map((cpuPercent): Setting => ({
      parameters: { shareOfPastMinutes: share, requestsTargetPercent: percent, cpuTargetPercent: cpuPercent },
      policy: settingPolicy(base, { cpuPercent, threshold: (perReplica * percent) / 100, stabilizationSeconds: 300 }),
      published: usual,
    })));
  });
}

/** The quantile of each hour of the day over the days before, that of the coming hour from a little before it. */
function hourly({ demand, start, tuneFrom }: Timeline, share: number): Published {
  const minuteOfDay = (index: number): number => Math.floor(start / 60 + index) % DAY;
  const result: number[] = [];
  let profile: number[] = [];
  for (let index = tuneFrom; index < demand.length; index += 1) {
    if (profile.length === 0 || minuteOfDay(index) === 0) {
      const from = Math.max(0, index - CRON_DAYS * DAY);
      const byHour = Array.from({ length: 24 }, (): number[] => []);
      for (let past = from; past < index; past += 1) byHour[Math.floor(minuteOfDay(past) / HOUR)]!.push(demand[past]!);
      profile = byHour.map((values) => values.sort((a, b) => a - b)[Math.floor(share * (values.length - 1))] ?? 0);
    }
    const at = (minute: number): number => profile[Math.floor((minute % DAY) / HOUR)]!;
    result.push(Math.max(at(minuteOfDay(index)), at(minuteOfDay(index) + CRON_EARLY)));
  }
  return result;
}

/** How far ahead crane's EffectiveHorizontalPodAutoscaler takes the highest prediction; an hour is its default. */
const DSP_WINDOWS = [600, 3600] as const;
const DSP_STABILIZATION = [0, 300, 600] as const;
const STEP_MINUTES = 5;

/** crane: an HPA on CPU beside the highest value that DSP predicts; where a series does not repeat it predicts nothing, and CPU alone decides. */
export function craneSettings(base: ScalingPolicy, workload: Workload, line: Timeline, random: () => number): Setting[] {
  const perReplica = replicaCapacity(workload);
  const paths = once(() => dspPaths(line, random));
  return DSP_WINDOWS.flatMap((windowSeconds) => {
    const published = once((): Published => paths().map((path) => (path === null ? 0 : Math.max(...path.slice(0, windowSeconds / 60 / STEP_MINUTES)))));
    return TARGETS.flatMap((percent) => DSP_STABILIZATION.map((stabilizationSeconds): Setting => ({
      parameters: { cpuTargetPercent: percent, predictionWindowSeconds: windowSeconds, scaleDownStabilizationSeconds: stabilizationSeconds },
      policy: settingPolicy(base, { cpuPercent: percent, threshold: (perReplica * percent) / 100, stabilizationSeconds }),
      published,
    })));
  });
}

/** For each minute of the timeline the path predicted from the 5-minute means before it, made anew every 5 minutes. */
function dspPaths({ demand, start, tuneFrom }: Timeline, random: () => number): readonly (readonly number[] | null)[] {
  const predictor = new DspPredictor(random);
  const means: number[] = [];
  const result: (readonly number[] | null)[] = [];
  let path: readonly number[] | null = null;
  let sum = 0;
  let count = 0;
  for (let index = 0; index < demand.length; index += 1) {
    const boundary = Math.floor(start / 60 + index) % STEP_MINUTES === 0;
    if (boundary && count > 0) {
      means.push(sum / count);
      [sum, count] = [0, 0];
    }
    if (index >= tuneFrom) {
      if ((boundary || index === tuneFrom) && means.length > 0) path = predictor.predict(means, 3600 / 60 / STEP_MINUTES);
      result.push(path);
    }
    sum += demand[index]!;
    count += 1;
  }
  return result;
}
