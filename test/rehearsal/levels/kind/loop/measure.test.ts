import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { KubeApi, KubeObject } from '../../../../../rehearsal/control-plane';
import { loadgenReport, LoadgenReport, LoadgenSummary, measuredResult, onGrid } from '../../../../../rehearsal/levels/kind/loop/measure';
import { PodWatch } from '../../../../../rehearsal/levels/kind/loop/samples';
import { kindScale } from '../../../../../rehearsal/levels/kind/loop/scale';
import { traceBody } from '../../../../../rehearsal/levels/kind/loop/trace';
import { catalogWorkload } from '../../../../../rehearsal/plant';
import { MinuteRecorder } from '../../../../../rehearsal/plant/minutes';
import { loadTrace, window } from '../../../../../rehearsal/traces';

const START = 6000;
const SLO = catalogWorkload.sloLatencyP95Seconds;

function interval(ok: number, p95: number | null, failures: Partial<LoadgenSummary['outcomes']> = {}): LoadgenSummary {
  return { outcomes: { ok, status: 0, timeout: 0, connection: 0, 'not-sent': 0, ...failures }, latency: { p95 } };
}

function reportOf(intervals: readonly LoadgenSummary[]): LoadgenReport {
  const outcomes = { ok: 0, status: 0, timeout: 0, connection: 0, 'not-sent': 0 };
  for (const each of intervals) for (const [key, count] of Object.entries(each.outcomes)) outcomes[key as 'ok'] += count;
  return {
    state: 'finished', elapsedSeconds: 60, totalSeconds: 60, requests: 1, latestSendSeconds: 0.004, summary: { outcomes, latency: { p95: null } },
    intervals: intervals.map((each, index) => ({ ...each, fromSeconds: index * 10 })),
  };
}

function result(intervals: readonly LoadgenSummary[], minutes = intervals.length) {
  const recorder = new MinuteRecorder({ start: START, sloLatencyP95Seconds: SLO, expectsSignal: true });
  for (let minute = 0; minute < minutes; minute += 1) {
    const from = START + minute * 60;
    recorder.add(from, from + 60, { demand: 1e9, replicas: 2 + minute, ready: 2, capacity: 98, latencyP95: 0, demandForecast: minute === 1 ? null : 5 });
  }
  return measuredResult({
    recorder, report: reportOf(intervals),
    metrics: { cpuMillicoresPerReplica: [100], memoryBytesPerReplica: [] }, startupSeconds: 8,
    workload: catalogWorkload, minutes, speed: 6, parameters: {}, price: (replicas) => replicas.reduce((a, b) => a + b, 0),
  });
}

describe('what was measured', () => {
  it('violates where latency exceeded its objective, or a request failed or was not sent, whatever the model would say', () => {
    const { series, violationMinutes, measured, level } = result([
      interval(100, SLO), interval(100, SLO + 0.001), interval(99, 0.01, { status: 1 }), interval(90, 0.01, { 'not-sent': 10 }), interval(0, null), interval(0, null, { connection: 7 }),
    ]);
    expect(series.violations).toEqual([0, 1, 1, 1, 0, 1]);
    expect([violationMinutes, level]).toEqual([4, 'kind']);
    expect(series.latencyP95).toEqual([SLO, SLO + 0.001, 0.01, 0.01, 0, catalogWorkload.timeoutSeconds]);
    expect(measured).toMatchObject({ requests: 407, failed: 8, notSent: 10, startupSeconds: 8 });
    expect(measured.series.requestsPerSecond).toEqual([10, 10, 10, 10, 0, 0.7]);
    expect(measured.series.failed).toEqual([0, 0, 1, 10, 0, 7]);
  });

  it('has an element for every minute, null where nothing was measured', () => {
    const { series, measured, fallbackMinutes } = result([interval(1, 0.1), interval(1, 0.1)], 4);
    for (const values of [...Object.values(series), ...Object.values(measured.series)]) expect(values).toHaveLength(4);
    expect(measured.series.cpuMillicoresPerReplica).toEqual([100, null, null, null]);
    expect(measured.series.memoryBytesPerReplica).toEqual([null, null, null, null]);
    expect([series.replicas, fallbackMinutes]).toEqual([[2, 3, 4, 5], 1]);
  });

  it('is refused where the generator answers something else', () => {
    for (const value of [null, 7, {}, { state: 'running' }, { state: 'running', intervals: [] }]) expect(() => loadgenReport(value)).toThrow(/answers something else/);
    expect(loadgenReport(reportOf([]))).toMatchObject({ state: 'finished' });
  });

  it('is read from Prometheus by its times', () => {
    const answer = [{ metric: {}, values: [[10.001, '1.5'], [30, 'NaN'], [40.4, '7']] }];
    expect(onGrid(answer, [10, 20, 30, 40], 0.5)).toEqual([1.5, null, null, 7]);
    expect(onGrid([], [10], 1)).toEqual([null]);
    expect(onGrid(undefined, [10], 1)).toEqual([null]);
  });
});

describe('pods', () => {
  const pod = (name: string, o: { ready?: string; deleted?: boolean; restarts?: number } = {}): KubeObject => ({
    apiVersion: 'v1', kind: 'Pod', metadata: { name, creationTimestamp: '2026-01-01T00:00:00Z', ...(o.deleted ? { deletionTimestamp: '2026-01-01T00:01:00Z' } : {}) },
    status: { conditions: o.ready ? [{ type: 'Ready', status: 'True', lastTransitionTime: o.ready }] : [{ type: 'Ready', status: 'False' }], containerStatuses: [{ restartCount: o.restarts ?? 0 }] },
  });
  const watch = (all: { pods: KubeObject[] }) => new PodWatch({
    get: async () => ({ apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: 'catalog' }, spec: { replicas: 4 } }), list: async () => all.pods,
  } as unknown as KubeApi, { namespace: 'catalog', name: 'catalog' });

  it('are ready if they say so and are not about to go; what takes long counts by its median', async () => {
    const all = { pods: [pod('a', { ready: '2026-01-01T00:00:05Z' }), pod('b'), pod('c', { ready: '2026-01-01T00:00:09Z', deleted: true }), pod('d', { ready: '2026-01-01T00:10:00Z', restarts: 2 })] };
    const pods = watch(all);
    expect(await pods.look()).toEqual({ desired: 4, ready: 2, restarts: { a: 0, b: 0, c: 0, d: 2 } });
    expect(pods.startupSeconds).toBe(7);
  });

  it('that were there before tell nothing of how pods start under load', async () => {
    const all = { pods: [pod('a', { ready: '2026-01-01T00:00:05Z' })] };
    const pods = watch(all);
    await pods.look();
    pods.forget();
    await pods.look();
    expect(pods.startupSeconds).toBeNull();
    all.pods.push(pod('b', { ready: '2026-01-01T00:00:11Z' }));
    await pods.look();
    expect(pods.startupSeconds).toBe(11);
  });
});

describe('the scale of the load', () => {
  const replayed = window(loadTrace(undefined), 0.5);
  const peak = Math.max(...replayed.replay);

  it('is never more than the cores bear, nor more than at the other levels', () => {
    fc.assert(fc.property(fc.double({ min: 0.5, max: 512, noNaN: true }), fc.integer({ min: 1, max: 50 }), (cores, maxReplicas) => {
      const scale = kindScale({ window: replayed, requestsPerReplica: 39.2, cores, maxReplicas });
      const more = kindScale({ window: replayed, requestsPerReplica: 39.2, cores: 2 * cores, maxReplicas });
      expect(scale * peak).toBeLessThanOrEqual(cores * 100 + 1e-6);
      expect(more).toBeGreaterThanOrEqual(scale);
    }), { numRuns: 30 });
    const onCores = (cores: number) => kindScale({ window: replayed, requestsPerReplica: 39.2, cores, maxReplicas: 20 });
    expect(onCores(1e6)).toBe(onCores(1e7));
  });

  it('is that of the history the timekeeper is given, whose last minute ends where the replay begins', () => {
    const { history: [series], traceStart } = traceBody({ window: replayed, scale: 2, speed: 6 });
    expect(traceStart).toBe(replayed.from);
    expect(series!.start + (series!.values.length - 1) * series!.stepSeconds).toBe(replayed.from);
    expect(series!.values.at(-1)).toBe(replayed.history.at(-1)! * 2);
  });
});
