import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ReplicaDemand } from '../../../forecaster/policy';

const TARGET = 40;
const options = { limitPerReplica: 42, targetPerReplica: TARGET };

/** What an autoscaler with the usual tolerance makes of a published value. */
function follow(current: number, published: number, tolerance = 0.1): number {
  const ratio = published / (TARGET * current);
  return ratio >= 1 - tolerance && ratio <= 1 + tolerance ? current : Math.ceil(published / TARGET);
}

/** Anything that metrics have been seen to hold. */
const anything = fc.oneof(
  { weight: 6, arbitrary: fc.double({ min: 0, max: 2000, noNaN: true }) },
  { weight: 1, arbitrary: fc.constantFrom(NaN, Infinity, -Infinity, -5, 0, 1e15, 1e300) },
  { weight: 1, arbitrary: fc.double() },
);

describe('demand in whole replicas', () => {
  it('is followed exactly where plain demand would be swallowed by the tolerance', () => {
    const publisher = new ReplicaDemand({ ...options, holdSteps: 1 });
    let replicas = 2;
    const needed = [100, 300, 410, 450, 450, 330, 330, 90];
    const seen = needed.map((demand) => (replicas = follow(replicas, publisher.publish(demand, 0))));
    expect(seen).toEqual([3, 8, 10, 12, 11, 8, 8, 3]);
    // The same demand published as it is: eleven replicas are never asked for from ten.
    expect(follow(10, 435)).toBe(10);
  });

  it('keeps what was needed for as long as it is to be held', () => {
    const publisher = new ReplicaDemand({ ...options, holdSteps: 4 });
    publisher.publish(420, 0);
    const after = [80, 80, 80, 80].map((demand) => {
      publisher.publish(demand, 0);
      return publisher.replicas;
    });
    expect(after).toEqual([10, 10, 10, 2]);
  });

  it('whatever comes in, is finite, above 0, and asks for no less than a plain trigger on the same metric', () => {
    fc.assert(fc.property(fc.array(fc.record({ demand: anything, present: anything, replicas: fc.integer({ min: 1, max: 60 }) }), { minLength: 1, maxLength: 60 }), (steps) => {
      const publisher = new ReplicaDemand(options);
      for (const { demand, present, replicas } of steps) {
        const published = publisher.publish(demand, present);
        expect(Number.isFinite(published) && published > 0).toBe(true);
        if (Number.isFinite(present) && present <= 1e15) expect(follow(replicas, published)).toBeGreaterThanOrEqual(follow(replicas, Math.max(0, present)));
      }
    }));
  });

  it('whatever comes in, nothing goes down before it has been held', () => {
    fc.assert(fc.property(fc.array(anything, { minLength: 30, maxLength: 120 }), fc.integer({ min: 2, max: 10 }), (demands, holdSteps) => {
      const publisher = new ReplicaDemand({ ...options, holdSteps });
      const counts = demands.map((demand) => {
        publisher.publish(demand, 0);
        return publisher.replicas;
      });
      // Up and down again within the hold would be a flap.
      counts.forEach((count, index) => {
        const rose = index > 0 && count > counts[index - 1]!;
        if (rose) expect(Math.min(...counts.slice(index, index + holdSteps))).toBeGreaterThanOrEqual(count);
      });
    }));
  });

  it('refuses limits that make no sense', () => {
    expect(() => new ReplicaDemand({ limitPerReplica: 0, targetPerReplica: 1 })).toThrow('limitPerReplica is 0');
    expect(() => new ReplicaDemand({ limitPerReplica: 1, targetPerReplica: NaN })).toThrow('targetPerReplica is NaN');
  });
});
