import { describe, expect, it } from 'vitest';
import { externalReplicas, HpaPod, resourceReplicas } from '../../../rehearsal/scaling/replica-calculator';

const NOW = 10_000;
const tolerances = { down: 0.1, up: 0.1 };

/** A pod that has run for long, or what `changes` says. */
function pod(usage: number | null, changes: Partial<HpaPod> = {}): HpaPod {
  return {
    phase: 'Running',
    deleting: false,
    ready: true,
    readyTransition: NOW - 5000,
    startTime: NOW - 5000,
    request: 1000,
    usage: usage === null ? null : { value: usage, timestamp: NOW, window: 60 },
    ...changes,
  };
}

function cpu(pods: readonly HpaPod[], targetUtilization: number, current = pods.length, resource: 'cpu' | 'memory' = 'cpu') {
  return resourceReplicas({ pods, current, resource, targetUtilization, tolerances, now: NOW, cpuInitializationPeriod: 120, initialReadinessDelay: 10 });
}

const starting = { startTime: NOW - 30, readyTransition: NOW - 30, ready: false } as const;

describe('replicas for CPU', () => {
  it('is the ratio of use to target times the ready pods, rounded up', () => {
    expect(cpu([pod(300), pod(500), pod(700)], 30)).toEqual({ replicas: 5 });
    expect(cpu([pod(100), pod(300), pod(500), pod(250), pod(250)], 50)).toEqual({ replicas: 3 });
  });

  it('keeps the count while the ratio is within a tenth of 1', () => {
    expect(cpu([pod(1010), pod(1030), pod(1020)], 100)).toEqual({ replicas: 3 });
    expect(cpu([pod(900), pod(900), pod(900)], 100)).toEqual({ replicas: 3 });
    expect(cpu([pod(890), pod(890), pod(890)], 100)).toEqual({ replicas: 3 }); // ceil(0.89 * 3): outside the tolerance, same count
    expect(cpu([pod(1110), pod(1110), pod(1110)], 100)).toEqual({ replicas: 4 });
  });

  it('cuts utilization down to whole percents before it compares', () => {
    // 1109 of 1000 is 110.9 %, which the controller sees as 110 %: within tolerance.
    expect(cpu([pod(1109)], 100)).toEqual({ replicas: 1 });
    expect(cpu([pod(1110)], 100)).toEqual({ replicas: 2 });
  });

  it('counts starting pods as idle on the way up', () => {
    expect(cpu([pod(300, starting), pod(500), pod(700)], 30)).toEqual({ replicas: 4 });
    expect(cpu([pod(null, { phase: 'Pending' }), pod(500), pod(700)], 30)).toEqual({ replicas: 4 });
  });

  it('does nothing when starting pods would turn the direction', () => {
    expect(cpu([pod(400), pod(500, starting), pod(700, starting)], 30)).toEqual({ replicas: 3 });
  });

  it('leaves starting pods out on the way down', () => {
    expect(cpu([pod(200), pod(200), pod(900, starting)], 50)).toEqual({ replicas: 1 });
  });

  it('takes a sample only after a full window since the pod became ready', () => {
    const fresh = (readyFor: number): HpaPod => pod(1000, { startTime: NOW - 100, readyTransition: NOW - readyFor });
    // The fresh pod counts as starting: 900/2 pods = 45 % of 30 %; as ready: 95 %.
    expect(cpu([pod(900), fresh(59)], 30)).toEqual({ replicas: 3 });
    expect(cpu([pod(900), fresh(60)], 30)).toEqual({ replicas: 7 });
  });

  it('trusts an unready pod again after the initialization period, if it has been ready before', () => {
    const lapsed = pod(900, { startTime: NOW - 500, readyTransition: NOW - 100, ready: false });
    const never = pod(900, { startTime: NOW - 500, readyTransition: NOW - 495, ready: false });
    expect(cpu([pod(900), lapsed], 45)).toEqual({ replicas: 4 });
    expect(cpu([pod(900), never], 45)).toEqual({ replicas: 2 }); // 90 % of one, or 45 % of two: direction would not change, nothing to do
  });

  it('assumes pods without metrics idle on the way up and busy on the way down', () => {
    expect(cpu([pod(900), pod(900), pod(null)], 45)).toEqual({ replicas: 4 }); // 60 % of three
    expect(cpu([pod(100), pod(100), pod(null)], 80)).toEqual({ replicas: 2 }); // 40 % of three
    expect(cpu([pod(700), pod(700), pod(null)], 80)).toEqual({ replicas: 3 }); // 80 % of three: no change
  });

  it('ignores pods that are being deleted or have failed', () => {
    expect(cpu([pod(1000), pod(0, { deleting: true }), pod(0, { phase: 'Failed' })], 50, 1)).toEqual({ replicas: 2 });
  });

  it('has no answer without pods, without metrics or without requests', () => {
    expect(cpu([], 50)).toHaveProperty('invalid');
    expect(cpu([pod(null), pod(null)], 50)).toHaveProperty('invalid');
    expect(cpu([pod(300, starting)], 50)).toHaveProperty('invalid');
    expect(cpu([pod(300, { request: 0 })], 50)).toHaveProperty('invalid');
  });

  it('does not apply the start-up rules to memory', () => {
    expect(cpu([pod(1000, starting), pod(1000)], 50, 2, 'memory')).toEqual({ replicas: 4 });
  });
});

describe('replicas for an external metric with a target per replica', () => {
  const external = (values: readonly number[] | null, statusReplicas = 4, averageValue = 10) => externalReplicas({ values, statusReplicas, averageValue, tolerances });

  it('is the sum over the target, rounded up', () => {
    expect(external([81])).toEqual({ replicas: 9 });
    expect(external([40, 41])).toEqual({ replicas: 9 });
    expect(external([1])).toEqual({ replicas: 1 });
  });

  it('keeps the pods that exist while the ratio is within tolerance', () => {
    expect(external([44])).toEqual({ replicas: 4 });
    expect(external([36])).toEqual({ replicas: 4 });
    expect(external([44.1])).toEqual({ replicas: 5 });
  });

  it('counts in thousandths, rounded up, as quantities are', () => {
    expect(externalReplicas({ values: [36.75 * 3 + 0.0001], statusReplicas: 1, averageValue: 36.75, tolerances })).toEqual({ replicas: 4 });
    expect(externalReplicas({ values: [36.75 * 3], statusReplicas: 1, averageValue: 36.75, tolerances })).toEqual({ replicas: 3 });
  });

  it('works from no pods', () => {
    expect(external([25], 0)).toEqual({ replicas: 3 });
    expect(external([0], 0)).toEqual({ replicas: 0 });
  });

  it('has no answer where the metric has none', () => {
    for (const values of [null, [], [NaN], [Infinity], [1, NaN]]) expect(external(values)).toHaveProperty('invalid');
  });
});
