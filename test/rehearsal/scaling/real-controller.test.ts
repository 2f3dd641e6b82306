import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { Hpa } from '../../../rehearsal/scaling/hpa';
import type { HpaBehavior } from '../../../rehearsal/scaling/hpa-spec';
import { externalReplicas, HpaPod, resourceReplicas } from '../../../rehearsal/scaling/replica-calculator';

/**
 * What the HPA controller of Kubernetes 1.36.3 itself answered to random questions: its ReplicaCalculator and its normalization were called with these
 * inputs (generated with fast-check, seeds 1 to 3; times are seconds before the call), and `replicas` is what came back, -1 for an error.
 */
type Case = { readonly replicas: number } & (
  | {
    readonly kind: 'resource';
    readonly pods: readonly HpaPod[];
    readonly current: number;
    readonly resource: 'cpu' | 'memory';
    readonly target: number;
    readonly tolDown: number;
    readonly tolUp: number;
    readonly cpuInit: number;
    readonly initDelay: number;
  }
  | { readonly kind: 'external'; readonly values: readonly number[]; readonly averageMilli: number; readonly status: number; readonly tolDown: number; readonly tolUp: number }
  | {
    readonly kind: 'normalize';
    readonly min: number;
    readonly max: number;
    readonly current: number;
    readonly desired: number;
    readonly behavior: HpaBehavior | null;
    readonly recs: readonly Event[];
    readonly ups: readonly Event[];
    readonly downs: readonly Event[];
    readonly downscale: number;
  }
);
type Event = readonly [time: number, value: number];

const cases = JSON.parse(gunzipSync(readFileSync(join(__dirname, '../../fixtures/hpa-1.36.3.json.gz'))).toString('utf8')) as Case[];

/** Our answer to the same question. */
function answer(each: Case): number {
  if (each.kind === 'normalize') return normalized(each);
  const tolerances = { down: each.tolDown, up: each.tolUp };
  const proposal = each.kind === 'external'
    ? externalReplicas({ values: each.values.map((value) => value / 1000), statusReplicas: each.status, averageValue: each.averageMilli / 1000, tolerances })
    : resourceReplicas({
      pods: each.pods,
      current: each.current,
      resource: each.resource,
      targetUtilization: each.target,
      tolerances,
      now: 0,
      cpuInitializationPeriod: each.cpuInit,
      initialReadinessDelay: each.initDelay,
    });
  return 'invalid' in proposal ? -1 : proposal.replicas;
}

function normalized(each: Extract<Case, { kind: 'normalize' }>): number {
  const timed = (events: readonly Event[]) => events.map(([time, value]) => ({ time, value }));
  const hpa = Hpa.resume({
    spec: { minReplicas: each.min, maxReplicas: each.max, metrics: [{ type: 'External', name: 'wish', averageValue: 1 }], behavior: each.behavior ?? undefined },
    options: { downscaleStabilizationSeconds: each.downscale, tolerance: 0 },
    recommendations: timed(each.recs),
    ups: timed(each.ups),
    downs: timed(each.downs),
  });
  return hpa.sync(0, { specReplicas: each.current, statusReplicas: each.current, pods: [], external: { wish: [each.desired] } }).desired;
}

describe.each(['resource', 'external', 'normalize'] as const)('like the real controller, for %s', (kind) => {
  const own = cases.filter((each) => each.kind === kind);

  it('there are cases of every outcome', () => {
    const current = (each: Case): number => (each.kind === 'external' ? each.status : each.current);
    expect(own).toHaveLength(200);
    expect(own.filter((each) => each.replicas > current(each)).length).toBeGreaterThan(20);
    expect(own.filter((each) => each.replicas < current(each) && each.replicas >= 0).length).toBeGreaterThan(20);
    expect(own.filter((each) => each.replicas === current(each)).length).toBeGreaterThan(5);
  });

  it('every answer is the same', () => {
    expect(own.map(answer)).toEqual(own.map((each) => each.replicas));
  });
});
