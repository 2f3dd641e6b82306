import type { PolicyResult, Report } from '../../../rehearsal/report';
import { kindParts } from './sample-kind';

/** What a sample differs in. */
export interface SampleOptions {
  /** @default 24 */
  readonly hours?: number;
  /** @default 1 */
  readonly seed?: number;
  /** @default 'control-plane' */
  readonly level?: Report['level'];
}

const CAPACITY = 49;
const FROM = Date.UTC(2026, 2, 3) / 1000;

/** Uniform numbers from 0 to 1 that are the same for the same seed (Park and Miller's minimal standard generator). */
export function generator(seed: number): () => number {
  let state = (seed % 2_147_483_646) + 1;
  return () => {
    state = (state * 48_271) % 2_147_483_647;
    return state / 2_147_483_647;
  };
}

/** A report as a day of a busy service gives it: demand that follows the day, with noise and two sudden rises, under both policies. Same seed, same report. */
export function sampleReport({ hours = 24, seed = 1, level = 'control-plane' }: SampleOptions = {}): Report {
  const random = generator(seed);
  const minutes = hours * 60;
  const normal = () => random() + random() + random() - 1.5;
  let drift = 0;
  const demand = Array.from({ length: minutes }, (_, minute) => {
    const hour = (minute / 60) % 24;
    drift = 0.97 * drift + 2.2 * normal();
    const rise = (at: number, height: number) => (hour > at ? height * Math.exp(-(hour - at) / 0.9) * Math.min(1, (hour - at) * 10) : 0);
    const daily = 265 - 155 * Math.cos(((hour - 4) / 24) * 2 * Math.PI);
    return Math.max(10, daily + rise(8, 240) + rise(18.5, 190) + 3 * drift + 9 * normal());
  });
  const reactive = play('reactive', level, demand, (minute) => demand[Math.max(0, minute - 4)]! / (CAPACITY * 0.85));
  const predictive = play('predictive', level, demand, (minute) => Math.max(...demand.slice(Math.max(0, minute - 1), minute + 5)) * 1.03 / 36.75);
  const jitter = (values: readonly number[]) => values.map((value) => (random() < 0.03 ? value + 1 : value));
  const times = demand.map((_, minute) => FROM + minute * 60).slice(30);
  const actual = demand.slice(30);
  const point = actual.map((value, index) => 0.7 * value + 0.3 * demand[index + 15]! + 7 * normal());
  const around = (width: number) => point.map((value) => Math.max(0, value + width * (0.6 + value / 600)));
  const real = level !== 'simulate';
  const report: Report = {
    version: 1, level, environment: 'dev', seed, startedAt: '2026-03-04T09:30:00.000Z',
    trace: {
      name: 'sample-shop', source: 'generated', licence: 'Apache-2.0', samples: minutes * 9, stepSeconds: 60, replayedFrom: FROM, replayedTo: FROM + minutes * 60, hours, speed: real ? 120 : 1, scale: 1.25,
    },
    stages: [
      { name: 'synthesize', seconds: 4.7, status: 'passed' },
      { name: 'check', seconds: 0.02, status: 'passed', detail: '4 checks' },
      { name: 'price', seconds: 0.01, status: 'passed', detail: '239 USD a month' },
      { name: 'simulate', seconds: 1.9, status: 'passed' },
      real ? { name: 'control plane', seconds: 214.2, status: 'passed', detail: 'replayed whole' } : { name: 'control plane', seconds: 0, status: 'skipped', detail: 'not asked for' },
    ],
    synth: { stacks: 9, applications: 7, objects: 54, seconds: 4.7 },
    checks: [
      { id: 'ordering', title: 'everything comes after what it needs', status: 'pass', applied: 108, findings: [] },
      { id: 'single-writer', title: 'each workload has one writer of its replicas', status: 'pass', applied: 15, findings: [] },
      {
        id: 'images', title: 'every image is pinned by digest', status: 'open', applied: 9, findings: [
          { where: 'Deployment catalog/catalog', got: 'tag 1.0.0, digest not known', allowed: 'a digest', do: 'pin it where the registry can be reached' },
        ],
      },
      { id: 'hooks', title: 'a webhook comes after its Service', status: 'not-applicable', applied: 0, findings: [] },
    ],
    price: {
      monthlyUsd: 239.22, minimumMonthlyUsd: 210.81, maximumMonthlyUsd: 352.84, budgetMonthlyUsd: 600, coverage: 0.75, lines: [
        line('Amazon Elastic Kubernetes Service', 'control plane, standard support', 'control plane', 730, 0.1),
        line('Amazon Elastic Compute Cloud', '2 × t4g.large, on-demand', 'node pool system', 1460, 0.0672),
        line('Amazon Elastic Compute Cloud', '3 × m7g.large, spot', 'node pool workload', 1854.85, 0.03672),
        line('Amazon Virtual Private Cloud', 'data processed by the NAT gateway', 'nat', null, 0.045, 'GB'),
      ],
    },
    demand,
    policies: [reactive, predictive],
    simulated: [play('reactive', 'simulate', demand, (minute) => demand[Math.max(0, minute - 4)]! / (CAPACITY * 0.85)), play('predictive', 'simulate', demand, (minute) => Math.max(...demand.slice(minute, minute + 5)) / 36.75)],
    forecast: {
      mase: 0.62, coverage80: 0.81, coverage95: 0.957, horizonMinutes: 30, model: 'direct-regression',
      series: { time: times, actual, point, lower80: around(-22), upper80: around(22), lower95: around(-44), upper95: around(44) },
    },
    agreement: {
      simulatorVsHpa: real ? [reactive, predictive].map((policy) => {
        const simulatedReplicas = jitter(policy.series.replicas);
        const equal = simulatedReplicas.filter((value, minute) => value === policy.series.replicas[minute]).length;
        return { policy: policy.name, minutes, equalShare: equal / minutes, meanAbsoluteDifference: (minutes - equal) / minutes, simulatedReplicas };
      }) : null,
    },
    substitutions: real ? [
      { object: 'ScaledObject catalog/catalog', path: '$.spec.triggers[1].metadata.serverAddress', from: 'http://prometheus.observability.svc:9090', to: 'http://127.0.0.1:40001/wall', why: 'the plant answers for Prometheus' },
      { object: 'ScaledObject catalog/catalog', path: '$.spec.advanced.horizontalPodAutoscalerConfig.behavior.scaleDown.stabilizationWindowSeconds', from: '120', to: '1', why: 'time runs 120 times as fast' },
    ] : [],
    programs: real ? [{ name: 'kube-apiserver', version: 'v1.36.3', provenance: 'built from tools/go.mod' }, { name: 'keda', version: 'v2.21.0', provenance: 'built from tools/go.mod' }] : [],
    events: [],
    teardown: { leftovers: [] },
  };
  return level === 'kind' ? kindParts(report) : report;
}

function play(name: PolicyResult['name'], level: Report['level'], demand: readonly number[], wanted: (minute: number) => number): PolicyResult {
  const replicas: number[] = [];
  const recent: number[] = [];
  demand.forEach((_, minute) => {
    recent.push(Math.min(20, Math.max(2, Math.ceil(wanted(minute)))));
    replicas.push(Math.max(...recent.slice(-5)));
  });
  const ready = replicas.map((count, minute) => Math.min(count, replicas[Math.max(0, minute - 2)]!));
  const capacity = ready.map((count) => count * CAPACITY);
  const violations = demand.map((value, minute): 0 | 1 => (value > capacity[minute]! * 0.98 ? 1 : 0));
  const replicaHours = replicas.reduce((a, b) => a + b, 0) / 60;
  return {
    name, level,
    parameters: name === 'reactive'
      ? { cpuTargetPercent: 75, scaleDownStabilizationSeconds: 300, minReplicas: 2, maxReplicas: 20, tuned: 'best of 55 settings on the 48 h before the replay' }
      : { cpuTargetPercent: 75, scaleDownStabilizationSeconds: 120, minReplicas: 2, maxReplicas: 20, requestsPerSecondPerReplica: 36.75, demandQuantile: 0.975 },
    violationMinutes: violations.filter(Boolean).length,
    replicaHours,
    costUsd: replicaHours * 0.013,
    scaleEvents: replicas.filter((count, minute) => minute > 0 && count !== replicas[minute - 1]).length,
    fallbackMinutes: 0,
    series: {
      replicas, ready, capacity, violations,
      latencyP95: demand.map((value, minute) => (value < capacity[minute]! ? Math.min(3, 3 / (capacity[minute]! / ready[minute]! - value / ready[minute]!)) : 3)),
      demandForecast: demand.map((value) => (name === 'predictive' ? value * 1.03 : null)),
    },
  };
}

function line(ServiceName: string, ChargeDescription: string, ResourceName: string, PricingQuantity: number | null, ListUnitPrice: number, PricingUnit = 'Hours'): Report['price']['lines'][number] {
  return {
    ServiceName, ChargeDescription, ResourceName, RegionId: 'us-east-1', PricingQuantity, PricingUnit, ListUnitPrice,
    ListCost: PricingQuantity === null ? null : PricingQuantity * ListUnitPrice, x_PriceCertainty: 'checked', x_PriceDate: '2026-01-19', x_PriceSource: 'price list',
  };
}
