import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Hpa, HpaObservation } from '../../../rehearsal/scaling/hpa';
import type { HpaControllerOptions, HpaSpec } from '../../../rehearsal/scaling/hpa-spec';
import type { HpaPod } from '../../../rehearsal/scaling/replica-calculator';

const SYNC = 15;

/** `count` pods that have run for long, each using `percent` of its request; null: no metrics. */
function pods(count: number, percent: number | null): HpaPod[] {
  return Array.from({ length: count }, () => ({
    phase: 'Running',
    deleting: false,
    ready: true,
    readyTransition: -1e6,
    startTime: -1e6,
    request: 1000,
    usage: percent === null ? null : { value: Math.round(percent * 10), timestamp: 0, window: SYNC },
  }));
}

function observe(replicas: number, percent: number | null, demand?: number | null): HpaObservation {
  return { specReplicas: replicas, statusReplicas: replicas, pods: pods(replicas, percent), external: demand === undefined ? {} : { demand: demand === null ? null : [demand] } };
}

const CPU = { type: 'Resource', resource: 'cpu', averageUtilization: 50 } as const;
const DEMAND = { type: 'External', name: 'demand', averageValue: 10 } as const;
const spec = (changes: Partial<HpaSpec> = {}): HpaSpec => ({ minReplicas: 1, maxReplicas: 100, metrics: [CPU], behavior: {}, ...changes });

/** Runs syncs on utilizations that do not depend on the replicas; gives the replicas after each. */
function play(hpa: Hpa, start: number, percents: readonly (number | null)[], demands?: readonly (number | null)[]): number[] {
  let replicas = start;
  return percents.map((percent, index) => (replicas = hpa.sync(index * SYNC, observe(replicas, percent, demands?.[index])).desired));
}

describe('limits', () => {
  it('stays within the minimum and maximum', () => {
    expect(play(new Hpa(spec({ maxReplicas: 6 })), 5, [100])).toEqual([6]);
    expect(play(new Hpa(spec({ minReplicas: 3, behavior: { scaleDown: { stabilizationWindowSeconds: 0 } } })), 5, [1])).toEqual([3]);
  });

  it('goes to the limit at once when the workload is outside it, whatever the metrics say', () => {
    expect(play(new Hpa(spec({ maxReplicas: 6 })), 9, [null])).toEqual([6]);
    expect(play(new Hpa(spec({ minReplicas: 3 })), 1, [null])).toEqual([3]);
  });

  it('leaves a workload alone that somebody set to zero', () => {
    expect(play(new Hpa(spec()), 0, [100, 100])).toEqual([0, 0]);
  });
});

describe('speed of scaling up', () => {
  it('is four pods or double per 15 s by default, whichever is more', () => {
    expect(play(new Hpa(spec()), 1, [500, 500, 500, 500])).toEqual([5, 10, 20, 40]);
  });

  it('counts what was added within the period', () => {
    const behavior = { scaleUp: { policies: [{ type: 'Pods', value: 4, periodSeconds: 60 }] } } as const;
    expect(play(new Hpa(spec({ behavior })), 10, Array(6).fill(100))).toEqual([14, 14, 14, 14, 18, 18]);
  });

  it('takes the smallest change for Min and none for Disabled', () => {
    const policies = [{ type: 'Pods', value: 2, periodSeconds: 15 }, { type: 'Percent', value: 100, periodSeconds: 15 }] as const;
    expect(play(new Hpa(spec({ behavior: { scaleUp: { policies, selectPolicy: 'Min' } } })), 10, [100])).toEqual([12]);
    expect(play(new Hpa(spec({ behavior: { scaleUp: { policies, selectPolicy: 'Disabled' } } })), 10, [100])).toEqual([10]);
  });

  it('waits for the lowest wish of its stabilization window', () => {
    const behavior = { scaleUp: { stabilizationWindowSeconds: 30 } };
    expect(play(new Hpa(spec({ behavior })), 10, [50, 75, 100, 75, 75])).toEqual([10, 10, 15, 20, 23]);
  });

  it('without a behavior is at most double, or four', () => {
    expect(play(new Hpa(spec({ behavior: undefined })), 1, [900, 900])).toEqual([4, 8]);
  });
});

describe('speed of scaling down', () => {
  it('holds the highest wish of five minutes by default, with and without a behavior', () => {
    for (const behavior of [{}, undefined]) {
      const replicas = play(new Hpa(spec({ behavior })), 10, [50, ...Array(20).fill(10)]);
      expect(replicas.slice(0, 20)).toEqual(Array(20).fill(10));
      // The first wish was at second 0; with a behavior a wish as old as the window no longer counts, without one it does.
      expect(replicas[20]).toBe(behavior === undefined ? 10 : 2);
    }
  });

  it('follows the policies of the documentation: 10 % or 4 pods per minute', () => {
    const scaleDown = { stabilizationWindowSeconds: 0, policies: [{ type: 'Pods', value: 4, periodSeconds: 60 }, { type: 'Percent', value: 10, periodSeconds: 60 }] } as const;
    const minutes = play(new Hpa(spec({ behavior: { scaleDown } })), 80, Array(17).fill(1)).filter((_, index) => index % 4 === 0);
    expect(minutes).toEqual([72, 64, 57, 51, 45]);
    expect(play(new Hpa(spec({ behavior: { scaleDown } })), 30, [1])).toEqual([26]);
  });

  it('takes the smallest change for Min and none for Disabled', () => {
    const policies = [{ type: 'Pods', value: 5, periodSeconds: 15 }, { type: 'Percent', value: 10, periodSeconds: 15 }] as const;
    const scaleDown = { stabilizationWindowSeconds: 0, policies } as const;
    expect(play(new Hpa(spec({ behavior: { scaleDown: { ...scaleDown, selectPolicy: 'Min' } } })), 20, [1])).toEqual([18]);
    expect(play(new Hpa(spec({ behavior: { scaleDown: { ...scaleDown, selectPolicy: 'Disabled' } } })), 20, [1])).toEqual([20]);
  });
});

describe('several metrics', () => {
  const both = spec({ metrics: [CPU, DEMAND], behavior: { scaleDown: { stabilizationWindowSeconds: 0 } } });

  it('take the largest wish', () => {
    expect(play(new Hpa(both), 10, [50], [120])).toEqual([12]);
    expect(play(new Hpa(both), 10, [75], [120])).toEqual([15]);
  });

  it('do not scale down while one of them has no value', () => {
    const decision = new Hpa(both).sync(0, observe(10, 10, null));
    expect(decision).toEqual({ desired: 10, recommended: null, invalid: ['demand: no external metric'] });
    expect(play(new Hpa(both), 10, [null], [10])).toEqual([10]);
  });

  it('scale up on those that have one', () => {
    expect(play(new Hpa(both), 10, [75], [null])).toEqual([15]);
    expect(play(new Hpa(both), 10, [null], [150])).toEqual([15]);
  });

  it('do nothing when none has one', () => {
    expect(play(new Hpa(both), 10, [null], [null])).toEqual([10]);
  });
});

describe('tolerance', () => {
  it('may differ by direction', () => {
    const behavior = { scaleUp: { tolerance: 0 }, scaleDown: { tolerance: 0.5, stabilizationWindowSeconds: 0 } };
    expect(play(new Hpa(spec({ behavior })), 10, [51])).toEqual([11]);
    expect(play(new Hpa(spec({ behavior })), 10, [26])).toEqual([10]);
  });
});

const options: fc.Arbitrary<HpaControllerOptions> = fc.record({ downscaleStabilizationSeconds: fc.integer({ min: 0, max: 600 }), tolerance: fc.constantFrom(0, 0.1, 0.3) });
const policies = fc.array(fc.record({ type: fc.constantFrom('Pods' as const, 'Percent' as const), value: fc.integer({ min: 1, max: 150 }), periodSeconds: fc.integer({ min: 1, max: 300 }) }), { minLength: 1, maxLength: 3 });
const rules = fc.record({
  stabilizationWindowSeconds: fc.integer({ min: 0, max: 300 }), selectPolicy: fc.constantFrom('Max' as const, 'Min' as const, 'Disabled' as const), policies,
}, { requiredKeys: [] });
const limits = fc.tuple(fc.integer({ min: 1, max: 10 }), fc.integer({ min: 0, max: 40 })).map(([min, more]) => ({ minReplicas: min, maxReplicas: min + more }));
const specs = fc.tuple(limits, fc.option(fc.record({ scaleUp: rules, scaleDown: rules }, { requiredKeys: [] }), { nil: undefined }), fc.integer({ min: 20, max: 120 }))
  .map(([each, behavior, averageUtilization]): HpaSpec => ({ ...each, behavior, metrics: [{ type: 'Resource', resource: 'cpu', averageUtilization }] }));
const percents = fc.array(fc.option(fc.integer({ min: 0, max: 100 }), { nil: null, freq: 6 }), { minLength: 1, maxLength: 40 });
const demands = fc.oneof(fc.constant(null), fc.constantFrom(NaN, Infinity, -Infinity, -5, 0), fc.double({ min: 0, max: 1000, noNaN: true }));
const RUNS = { seed: 20240501, numRuns: 300 };

describe('for every workload and every behavior', () => {
  it('a decision made on metrics is within the limits', () => {
    fc.assert(fc.property(specs, options, percents, (each, option, stream) => {
      for (const replicas of play(new Hpa(each, option), each.minReplicas, stream)) {
        expect(replicas).toBeGreaterThanOrEqual(each.minReplicas);
        expect(replicas).toBeLessThanOrEqual(each.maxReplicas);
      }
    }), RUNS);
  });

  it('what one policy lets through in its period is never exceeded', () => {
    fc.assert(fc.property(fc.integer({ min: 1, max: 6 }), fc.integer({ min: 15, max: 120 }), percents, (value, periodSeconds, stream) => {
      const policy = [{ type: 'Pods' as const, value, periodSeconds }];
      const hpa = new Hpa(spec({ maxReplicas: 60, behavior: { scaleUp: { policies: policy }, scaleDown: { policies: policy, stabilizationWindowSeconds: 0 } } }));
      const replicas = [20, ...play(hpa, 20, stream)];
      stream.forEach((_, sync) => {
        // The policy counts from what there was when its period began: before the first sync less than a period ago.
        const first = Math.max(0, Math.floor(sync - periodSeconds / SYNC) + 1);
        const [atStart, before, after] = [replicas[first]!, replicas[sync]!, replicas[sync + 1]!];
        if (after > before) expect(after).toBeLessThanOrEqual(atStart + value);
        if (after < before) expect(after).toBeGreaterThanOrEqual(atStart - value);
      });
    }), RUNS);
  });

  it('scaling down never goes below the highest wish within the stabilization window', () => {
    fc.assert(fc.property(fc.integer({ min: 0, max: 300 }), percents, (stabilizationWindowSeconds, stream) => {
      const hpa = new Hpa(spec({ behavior: { scaleDown: { stabilizationWindowSeconds } } }));
      const wishes: { time: number; value: number }[] = [{ time: 0, value: 20 }];
      let replicas = 20;
      stream.forEach((percent, index) => {
        const time = index * SYNC;
        const decision = hpa.sync(time, observe(replicas, percent));
        if (decision.recommended !== null) wishes.push({ time, value: decision.recommended });
        const held = Math.max(...wishes.filter((wish) => wish.time > time - stabilizationWindowSeconds).map((wish) => wish.value), 0);
        expect(decision.desired).toBeGreaterThanOrEqual(Math.min(held, replicas));
        replicas = decision.desired;
      });
    }), RUNS);
  });

  it('a metric without a value never scales down', () => {
    fc.assert(fc.property(specs, percents, fc.constantFrom(null, NaN, Infinity, -Infinity), (each, stream, demand) => {
      const both: HpaSpec = { ...each, metrics: [...each.metrics, DEMAND] };
      const hpa = new Hpa(both);
      const before = play(hpa, each.minReplicas, stream, stream.map(() => 100)).at(-1)!;
      for (const percent of [0, 30, null, 100]) {
        expect(hpa.fork().sync(stream.length * SYNC, observe(before, percent, demand)).desired).toBeGreaterThanOrEqual(before);
      }
    }), RUNS);
  });

  it('adding the demand metric never asks for fewer replicas, whatever the demand: missing, NaN, negative, stale or wrong', () => {
    const written = specs.map((each): HpaSpec => ({ ...each, behavior: each.behavior ?? {} })); // the platform writes every behavior out; see the next test
    fc.assert(fc.property(written, percents, fc.array(demands, { minLength: 1, maxLength: 40 }), (each, stream, wished) => {
      const reactive = new Hpa(each);
      let replicas = each.minReplicas;
      stream.forEach((percent, index) => {
        const now = index * SYNC;
        const demand = wished[index % wished.length]!;
        for (const metrics of [[...each.metrics, DEMAND], [DEMAND, ...each.metrics]]) {
          const withDemand = reactive.fork({ ...each, metrics }).sync(now, observe(replicas, percent, demand)).desired;
          const without = reactive.fork().sync(now, observe(replicas, percent)).desired;
          expect(withDemand).toBeGreaterThanOrEqual(without);
        }
        replicas = reactive.sync(now, observe(replicas, percent)).desired;
      });
    }), RUNS);
  });

  it('but without a behavior an unusable metric can stop a scale-up that was under way: one more reason to write it out', () => {
    // 5 replicas were wished for and the rate allowed 4; the stabilized wish completes the scale-up although CPU has fallen.
    const plain = spec({ maxReplicas: 5, behavior: undefined, metrics: [{ ...CPU, averageUtilization: 20 }] });
    const hpa = new Hpa(plain);
    expect(play(hpa, 1, [23, 41])).toEqual([2, 4]);
    expect(hpa.fork().sync(30, observe(4, 0)).desired).toBe(5);
    expect(hpa.fork({ ...plain, metrics: [...plain.metrics, DEMAND] }).sync(30, observe(4, 0, NaN)).desired).toBe(4);
    const written = new Hpa({ ...plain, behavior: {} });
    expect(play(written, 1, [23, 41])).toEqual([2, 5]);
  });
});
