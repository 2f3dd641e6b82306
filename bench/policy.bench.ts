import { createForecaster } from '../forecaster/engine';
import { compareStrategies, comparisonTable, TraceComparison } from '../rehearsal/comparison';
import { DEMAND_METRIC, ScalingPolicy } from '../rehearsal/levels';
import { catalogue, loadTrace, requestsScale, window } from '../rehearsal/traces';
import type { BenchRow } from './forecast.bench';

export const name = 'policy';
export const description = 'Strategies of scaling on three days of every shipped trace, each with settings from the two days before: violation minutes and replica-hours';

const HOURS = 72;
const REQUESTS_PER_REPLICA = 39.2;
/** Replicas that the busiest percent of the history needs at 70 %: the ceiling of 40 below is then out of reach of anything but bursts. */
const USUAL_MOST = 20;

/** The development environment's scaling of the catalog with a ceiling that decides nothing. */
const policy: ScalingPolicy = {
  name: 'predictive',
  namespace: 'catalog',
  service: 'catalog',
  hpa: {
    minReplicas: 2,
    maxReplicas: 40,
    metrics: [{ type: 'Resource', resource: 'cpu', averageUtilization: 75 }, { type: 'External', name: DEMAND_METRIC, averageValue: REQUESTS_PER_REPLICA }],
    behavior: { scaleDown: { stabilizationWindowSeconds: 240 } },
  },
  signal: { query: '', threshold: REQUESTS_PER_REPLICA, fallback: { failureThreshold: 3, replicas: 2 } },
};

/** Every strategy on the last days of one trace. */
export function playTrace(trace: string): TraceComparison {
  const part = window(loadTrace(trace), HOURS);
  const scale = requestsScale({ history: part.history, maxReplicas: USUAL_MOST, requestsPerReplica: REQUESTS_PER_REPLICA });
  return { trace, hours: HOURS, ...compareStrategies({ policy, window: part, scale, forecaster: () => createForecaster(), price: () => 0 }) };
}

/** Deterministic; no time is measured. */
export async function run(): Promise<{ rows: BenchRow[] }> {
  const comparisons = catalogue.map((each) => playTrace(each.name));
  console.log(`\nviolation minutes · replica-hours · changes of the replica count\n\n${comparisonTable(comparisons)}\n`);
  return { rows: comparisons.flatMap(rowsOf) };
}

/** The figures of one trace. */
export function rowsOf({ trace, hours, strategies, unavoidableMinutes }: TraceComparison): BenchRow[] {
  const hpa = strategies[0]!;
  return strategies.flatMap((each): BenchRow[] => [
    { what: `${trace}, ${hours} h, ${each.title}: violation minutes`, value: each.violationMinutes, unit: 'min', baseline: `tuned HPA = ${hpa.violationMinutes}, beyond any = ${unavoidableMinutes}` },
    { what: `${trace}, ${hours} h, ${each.title}: replica-hours`, value: each.replicaHours, unit: 'h', baseline: `tuned HPA = ${hpa.replicaHours.toFixed(1)}` },
    { what: `${trace}, ${hours} h, ${each.title}: changes of the replica count`, value: each.scaleEvents, unit: 'changes', baseline: JSON.stringify(each.settings).replaceAll('"', '') },
  ]);
}
