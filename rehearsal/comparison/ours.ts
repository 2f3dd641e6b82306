import { DemandPath, pathDemand, Reach, ReplicaDemand, SteeredMargin, UPPER_LEVEL } from '../../forecaster/policy';
import type { SimulatedForecaster } from '../levels/forecast-run';
import type { ScalingPolicy, Tuning } from '../levels/policy';
import { replicaCapacity, Workload } from '../plant/workload-model';
import { once, Published, Setting, settingPolicy, Timeline } from './setting';

const MINUTE = 60;
/** Minutes before the tuning hours in which the margin is already steered, as it would have been in operation. */
const STEERED_MINUTES = 5 * 24 * 60;
/** From a published forecast to a ready pod: what comes before the second minute cannot be served by pods ordered now. */
const REACH: Reach = { fromStep: 2, toStep: 5 };

const MARGINS = [3, 2.5, 2, 1.5, 1.25, 1, 0.5] as const;
const TARGET_SHARES = [0.001] as const;
/** Percent above the tuned reactive target: with a forecast the floor below may be lower. */
const CPU_ABOVE = [0, 2, 4, 7, 10, 15, 20, 30] as const;
const MOST_CPU = 90;
const STABILIZATION = [60] as const;
const HOLD_MINUTES = 5;
/** What a replica may take of what it can, when demand is as high as provided for: above, the 95th percentile of latency leaves the objective. */
const HEADROOM = 0.99;

/** Requests per second at which one replica just keeps the objective for the 95th percentile, by the model of the service. */
export function replicaLimit(workload: Workload): number {
  return replicaCapacity(workload) - Math.log(20) / workload.sloLatencyP95Seconds;
}

/**
 * Forecasts for every minute, each made from the minutes before it.
 *
 * @param from first minute that a path is wanted for
 */
export function forecastPaths(forecaster: SimulatedForecaster, { demand, start }: Timeline, from: number): readonly (DemandPath | null)[] {
  const paths: (DemandPath | null)[] = [];
  for (let index = 0; index < demand.length; index += 1) {
    if (index >= from) {
      const answer = forecaster.ready
        ? forecaster.forecast({ horizonSeconds: REACH.toStep * MINUTE, quantiles: [0.5, UPPER_LEVEL], now: start + index * MINUTE })
        : null;
      paths.push(answer && { median: answer.quantiles['0.5']!, upper: answer.quantiles[String(UPPER_LEVEL)]! });
    }
    forecaster.observe(start + (index + 1) * MINUTE, demand[index]!);
  }
  return paths;
}

/**
 * Forecast demand beside CPU: the margin above the median is fixed, or steered so that a share of minutes is short; the CPU target is the floor that holds
 * whatever the forecast says. The tuned reactive setting is one of them: with nothing published.
 */
export function ourSettings(base: ScalingPolicy, workload: Workload, line: Timeline, o: { readonly forecaster: () => SimulatedForecaster; readonly reactive: Tuning }): Setting[] {
  const first = Math.max(1, line.tuneFrom - STEERED_MINUTES);
  const paths = once(() => forecastPaths(o.forecaster(), line, first));
  const target = base.signal?.threshold ?? replicaCapacity(workload) * 0.8;
  const replicas = (demands: readonly number[]): Published => {
    const publisher = new ReplicaDemand({
      limitPerReplica: HEADROOM * replicaLimit(workload), targetPerReplica: target, holdSteps: HOLD_MINUTES, minReplicas: base.hpa.minReplicas,
    });
    return demands.map((demand, index) => publisher.publish(demand, line.demand[line.tuneFrom + index - 1]!));
  };
  const fixed = (margin: number) => once(() => replicas(paths().slice(line.tuneFrom - first).map((path) => (path ? pathDemand(path, margin, REACH) : 0))));
  const steered = (targetShare: number) => once(() => {
    const margin = new SteeredMargin({ targetShare, reach: REACH, holdSteps: HOLD_MINUTES });
    const demands = paths().map((path, index) => {
      if (!path) return 0;
      margin.observe(line.demand[first + index - 1]!, path);
      return pathDemand(path, margin.margin, REACH);
    });
    return replicas(demands.slice(line.tuneFrom - first));
  });
  const signals = [
    ...MARGINS.map((margin) => ({ named: { margin }, published: fixed(margin) })),
    ...TARGET_SHARES.map((share) => ({ named: { shareOfMinutesShort: share }, published: steered(share) })),
  ];
  const targets = [...new Set(CPU_ABOVE.map((above) => Math.min(Math.max(MOST_CPU, o.reactive.targetPercent), o.reactive.targetPercent + above)))];
  const windows = [...new Set<number>([...STABILIZATION, o.reactive.stabilizationSeconds])];
  return [
    {
      parameters: { cpuTargetPercent: o.reactive.targetPercent, scaleDownStabilizationSeconds: o.reactive.stabilizationSeconds, forecast: 'not used' },
      policy: settingPolicy(base, { cpuPercent: o.reactive.targetPercent, stabilizationSeconds: o.reactive.stabilizationSeconds }),
    },
    ...signals.flatMap(({ named, published }) => targets.flatMap((cpuPercent) => windows.map((stabilizationSeconds): Setting => ({
      parameters: { ...named, cpuTargetPercent: cpuPercent, scaleDownStabilizationSeconds: stabilizationSeconds },
      policy: settingPolicy(base, { cpuPercent, threshold: target, stabilizationSeconds }),
      published,
    })))),
  ];
}
