import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { contract } from '../../../apps/catalog/contract';
import { catalogWorkload as workload, replicaCapacity, step } from '../../../rehearsal/plant';

const calm = { demand: 100, ready: 4, backlog: 0 };

describe('a replica', () => {
  it('can do what its contract says', () => {
    expect(replicaCapacity(workload)).toBeCloseTo(49, 12);
    expect(workload.sloLatencyP95Seconds).toBe(contract.slo.latencyP95Seconds);
    expect(workload.startupSeconds).toBe(contract.startupSeconds);
  });
});

describe('a service with enough replicas', () => {
  it('serves everything, its CPU in proportion', () => {
    const state = step(workload, calm, 15);
    expect(state).toMatchObject({ servedPerSecond: 100, backlog: 0, dropped: 0, capacity: 196 });
    expect(state.cpuMillicoresPerReplica).toBeCloseTo(10 + 25 * 10, 9);
    expect(state.utilisation).toBeCloseTo(0.52, 9);
  });

  it('answers as an M/M/1 queue does: p95 is ln 20 over the spare rate of a replica', () => {
    expect(step(workload, calm, 15).latencyP95).toBeCloseTo(Math.log(20) / (49 - 25), 9);
  });

  it('answers later by what lies between it and its callers, who still do not wait longer', () => {
    const far = { ...workload, latencyFloorSeconds: 0.03 };
    expect(step(far, calm, 15)).toEqual({ ...step(workload, calm, 15), latencyP95: expect.closeTo(Math.log(20) / (49 - 25) + 0.03, 9), memoryBytesPerReplica: expect.any(Number) });
    expect(step(far, { demand: 250, ready: 4, backlog: 0 }, 15).latencyP95).toBe(workload.timeoutSeconds);
  });

  it('meets its objective up to seven eighths of its capacity', () => {
    const at = (share: number): number => step(workload, { demand: 196 * share, ready: 4, backlog: 0 }, 15).latencyP95;
    expect(at(0.87)).toBeLessThan(0.5);
    expect(at(0.88)).toBeGreaterThan(0.5);
  });

  it('works off what waits, and answers later meanwhile', () => {
    const state = step(workload, { demand: 100, ready: 4, backlog: 1500 }, 15);
    expect(state.backlog).toBeCloseTo(60, 9); // 3000 to serve, 2940 served
    expect(state.latencyP95).toBeCloseTo(Math.log(20) / 24 + 60 / 196, 9);
    expect(state.utilisation).toBe(1);
  });
});

describe('a service with too few replicas', () => {
  it('uses all its CPU, queues, and answers when callers give up', () => {
    const state = step(workload, { demand: 250, ready: 4, backlog: 0 }, 15);
    expect(state).toMatchObject({ servedPerSecond: 196, utilisation: 1, latencyP95: workload.timeoutSeconds, dropped: 0 });
    expect(state.backlog).toBeCloseTo((250 - 196) * 15, 9);
  });

  it('loses those whose callers gave up', () => {
    const state = step(workload, { demand: 500, ready: 1, backlog: 400 }, 15);
    expect(state.backlog).toBeCloseTo(490, 9);
    expect(state.dropped).toBeCloseTo(500 * 15 + 400 - 49 * 15 - 490, 9);
  });

  it('that is none at all serves nobody', () => {
    expect(step(workload, { demand: 10, ready: 0, backlog: 0 }, 15)).toMatchObject(
      { servedPerSecond: 0, capacity: 0, backlog: 0, dropped: 150, latencyP95: 10, utilisation: 0.02 },
    );
  });
});

describe('for every load', () => {
  const load = fc.record({ demand: fc.double({ min: 0, max: 5000, noNaN: true }), ready: fc.integer({ min: 0, max: 50 }), backlog: fc.double({ min: 0, max: 5000, noNaN: true }) });
  const dt = fc.double({ min: 0.1, max: 120, noNaN: true });

  it('requests are served, wait or are lost: none appears or vanishes', () => {
    fc.assert(fc.property(load, dt, (each, seconds) => {
      const state = step(workload, each, seconds);
      expect(state.servedPerSecond * seconds + state.backlog + state.dropped).toBeCloseTo(each.demand * seconds + each.backlog, 4);
      for (const value of Object.values(state)) expect(value).toBeGreaterThanOrEqual(0);
      expect(state.utilisation).toBeLessThanOrEqual(1);
      expect(state.memoryBytesPerReplica).toBeLessThanOrEqual(workload.memoryLimitMiB * 1024 * 1024);
    }), { seed: 3, numRuns: 500 });
  });

  it('one more replica never makes anything worse', () => {
    fc.assert(fc.property(load, dt, (each, seconds) => {
      const [fewer, more] = [step(workload, each, seconds), step(workload, { ...each, ready: each.ready + 1 }, seconds)];
      expect(more.latencyP95).toBeLessThanOrEqual(fewer.latencyP95 + 1e-9);
      expect(more.servedPerSecond).toBeGreaterThanOrEqual(fewer.servedPerSecond);
      expect(more.dropped).toBeLessThanOrEqual(fewer.dropped + 1e-6);
    }), { seed: 4, numRuns: 500 });
  });
});
