import { createForecaster } from '../forecaster/engine';
import { DEMAND_METRIC, ScalingPolicy, simulate } from '../rehearsal/levels';
import { catalogWorkload } from '../rehearsal/plant';
import { tuneReactive } from '../rehearsal/scaling/tune';
import { catalogue, loadTrace, requestsScale, TraceWindow, window } from '../rehearsal/traces';
import type { BenchRow } from './forecast.bench';

export const name = 'simulate';
export const description = 'The simulated loop on the shipped traces: seconds for a day, and the predictive policy against reactive ones';

/** The budget that a simulated day has, seconds. */
const BUDGET_SECONDS = 2;
const REQUESTS_PER_REPLICA = 36.75;

/** The development environment's scaling of the catalog. */
const policy: ScalingPolicy = {
  name: 'predictive',
  namespace: 'catalog',
  service: 'catalog',
  hpa: {
    minReplicas: 2,
    maxReplicas: 20,
    metrics: [{ type: 'Resource', resource: 'cpu', averageUtilization: 75 }, { type: 'External', name: DEMAND_METRIC, averageValue: REQUESTS_PER_REPLICA }],
    behavior: { scaleDown: { stabilizationWindowSeconds: 120 } },
  },
  signal: { query: '', threshold: REQUESTS_PER_REPLICA, fallback: { failureThreshold: 3, replicas: 2 } },
};

function play(part: TraceWindow, demandQuantile: number) {
  const scale = requestsScale({ history: part.history, maxReplicas: policy.hpa.maxReplicas, requestsPerReplica: REQUESTS_PER_REPLICA });
  return simulate({
    policy, window: part, scale, leadTimeSeconds: 300, demandQuantile, forecaster: () => createForecaster(), price: () => 0,
  });
}

/** Violations and replica-hours are deterministic; seconds are this machine's. */
export async function run(): Promise<{ rows: BenchRow[] }> {
  return { rows: [...speed(), ...catalogue.flatMap((each) => [24, 6].flatMap((hours) => policies(each.name, hours)))] };
}

function speed(): BenchRow[] {
  const trace = loadTrace();
  const part = window(trace, 24);
  const seconds = (work: () => unknown): number => {
    const start = process.hrtime.bigint();
    work();
    return Number(process.hrtime.bigint() - start) / 1e9;
  };
  return [
    { what: 'a simulated day from cold: tuning, forecasts every minute, both policies, every reactive setting', value: seconds(() => play(part, 0.9)), unit: 's', baseline: `budget = ${BUDGET_SECONDS} s` },
    { what: 'tuning the reactive policy on two days (55 settings)', value: seconds(() => tuneReactive({ policy, workload: catalogWorkload, history: part.history })), unit: 's' },
  ];
}

function policies(trace: string, hours: number): BenchRow[] {
  const { policies: [reactive, predictive], hindsight } = play(window(loadTrace(trace), hours), 0.9);
  const what = (figure: string): string => `${trace}, ${hours} h: ${figure}`;
  return [
    { what: what('violation minutes, predictive'), value: predictive.violationMinutes, unit: 'min', baseline: `reactive tuned on history = ${reactive.violationMinutes}` },
    {
      what: what('replica-hours, predictive over tuned reactive'), value: predictive.replicaHours / reactive.replicaHours, unit: 'ratio', baseline: `reactive tuned on history = 1 (${reactive.replicaHours.toFixed(1)})`,
    },
    {
      what: what('violation minutes of the best reactive setting that costs no more, with hindsight'), value: hindsight.violationMinutesAtThisCost ?? NaN, unit: 'min', baseline: `predictive = ${predictive.violationMinutes}`,
    },
    {
      what: what('replica-hours of the cheapest reactive setting that serves as well, with hindsight, over predictive'),
      value: (hindsight.replicaHoursAtThisService ?? NaN) / predictive.replicaHours, unit: 'ratio', baseline: `predictive = 1 (${predictive.replicaHours.toFixed(1)})`,
    },
  ];
}
