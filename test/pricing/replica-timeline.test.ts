import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { priceBook } from '../../pricing/price-book';
import { priceReplicaTimeline, ReplicaTimeline } from '../../pricing/replica-timeline';
import { smallModel, workload } from './models';

const model = smallModel();
const price = (changes: Partial<ReplicaTimeline> & object = {}) => priceReplicaTimeline({ model, workload: 'catalog/catalog', replicasPerMinute: [3, 3, 3], ...changes } as ReplicaTimeline, priceBook);

describe('priceReplicaTimeline', () => {
  it('prices a replica-hour at a share of the node that would be bought for it', () => {
    // spot m7g.large 0.03672 an hour and 50 GiB of gp3 at 0.08 / 730, of which three replicas of 500m fit on one node
    const hour = price({ replicasPerMinute: Array<number>(60).fill(1) });
    expect(hour.usdPerReplicaHour).toBeCloseTo((0.03672 + (50 * 0.08) / 730) / 3, 6);
    expect(hour).toMatchObject({ usd: hour.usdPerReplicaHour, replicaHours: 1, method: 'slot', unknown: [] });
  });

  it('adds up steps as it adds up minutes', () => {
    const minutes = [2, 2, 5, 5, 5, 1];
    const steps = [{ second: 600, replicas: 2 }, { second: 720, replicas: 5 }, { second: 900, replicas: 1 }];
    const stepped = priceReplicaTimeline({ model, workload: 'catalog/catalog', steps, endSecond: 960 }, priceBook);
    expect(stepped).toEqual(price({ replicasPerMinute: minutes }));
    expect(stepped.replicaHours).toBeCloseTo(20 / 60, 12);
  });

  it('costs nothing at the margin while replicas fit on nodes that run anyway, and a node more when they do not', () => {
    const margin = (replicas: number) => price({ replicasPerMinute: Array<number>(60).fill(replicas), method: 'marginal-nodes' } as Partial<ReplicaTimeline>).usd;
    expect(margin(1)).toBe(0);
    expect(margin(20)).toBeCloseTo(5 * (0.03672 + (50 * 0.08) / 730), 4);
  });

  it('costs nothing without replicas, and then has no price per hour', () => {
    expect(price({ replicasPerMinute: [0, 0] })).toMatchObject({ usd: 0, replicaHours: 0 });
    expect(price({ replicasPerMinute: [], method: 'marginal-nodes' })).toMatchObject({ usd: 0, usdPerReplicaHour: null });
  });

  it.each(['slot', 'marginal-nodes'] as const)('knows no cost (%s) where the region has no prices', (method) => {
    const elsewhere = price({ model: smallModel({ region: 'mars-1' }), method });
    expect(elsewhere).toMatchObject({ usd: null, usdPerReplicaHour: null });
    expect(elsewhere.unknown).toHaveLength(1);
  });

  it.each(['slot', 'marginal-nodes'] as const)('knows no cost (%s) of a replica that fits nowhere', (method) => {
    const giant = smallModel({ workloads: [workload({ name: 'giant', cpuMillicores: 5000 })] });
    const result = price({ model: giant, workload: 'shop/giant', method });
    expect(result).toMatchObject({ usd: null, usdPerReplicaHour: null });
    expect(result.unknown).toHaveLength(1);
  });

  it('knows no marginal cost of more replicas than the pools can hold', () => {
    expect(price({ replicasPerMinute: [100], method: 'marginal-nodes' }).unknown[0]?.got).toMatch(/^\d+ of 100 pods fit on no node$/);
  });

  it('refuses an unknown workload, naming those there are', () => {
    expect(() => price({ workload: 'catalog/catalogue' })).toThrow('allowed: kube-system/ebs-csi-controller, kube-system/coredns, catalog/catalog, cost/cost, forecaster/forecaster');
  });

  it.each([
    ['a negative count', { replicasPerMinute: [1, -1] }, 'replicasPerMinute[1]'],
    ['a fraction', { replicasPerMinute: [1.5] }, 'got: 1.5'],
    ['no number', { replicasPerMinute: [NaN] }, 'got: NaN'],
  ])('refuses %s', (_, changes, expected) => {
    expect(() => price(changes)).toThrow(expected);
  });

  it('refuses steps out of order', () => {
    const steps = [{ second: 100, replicas: 1 }, { second: 50, replicas: 1 }];
    expect(() => priceReplicaTimeline({ model, workload: 'catalog/catalog', steps, endSecond: 40 }, priceBook)).toThrow(/steps\[0\][^]*steps\[1\]/);
  });

  it.each(['slot', 'marginal-nodes'] as const)('never costs less (%s) with a replica more in some minute, and never less than nothing', (method) => {
    fc.assert(fc.property(fc.array(fc.integer({ min: 0, max: 17 }), { minLength: 1, maxLength: 40 }), fc.nat(39), (replicas, at) => {
      const more = replicas.map((count, minute) => (minute === at % replicas.length ? count + 1 : count));
      const [less, greater] = [replicas, more].map((replicasPerMinute) => price({ replicasPerMinute, method }).usd ?? NaN);
      expect(less).toBeGreaterThanOrEqual(0);
      expect(greater).toBeGreaterThanOrEqual(less as number);
    }));
  });

  it('is linear in replica-hours by slot', () => {
    fc.assert(fc.property(fc.array(fc.integer({ min: 0, max: 100 }), { minLength: 1, maxLength: 100 }), (replicasPerMinute) => {
      const result = price({ replicasPerMinute });
      expect(result.usd).toBeCloseTo(result.replicaHours * ((0.03672 + 0.005479452) / 3), 5);
    }));
  });
});
