import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { perMinute, readPolicy, runLoop } from '../../../../../rehearsal/levels';
import { comparePlant, ComparePlantOptions } from '../../../../../rehearsal/levels/kind/loop/compare';
import { catalogWorkload as workload, step, Workload } from '../../../../../rehearsal/plant';
import { catalogObjects } from '../../support';

const policy = readPolicy(catalogObjects(), { service: 'catalog' });
const START = 6000;
const SPEED = 6;
const timing = { speed: SPEED, syncSeconds: 2.5, timestampSeconds: 1, controller: { cpuInitializationPeriodSeconds: 50, downscaleStabilizationSeconds: 50 } };
const demandOf = (minutes: number, most = 300): number[] => Array.from({ length: minutes }, (_, index) => 80 + ((most - 80) * (1 - Math.cos(index / 9))) / 2);

/** A run on pods that are exactly as the model says, with the figures of `truth`. */
function runOf(truth: Workload, demand: readonly number[] = demandOf(60), initialReplicas = 4): ComparePlantOptions {
  const publishedDemand = perMinute(demand.map((_, index) => Math.max(...demand.slice(index, index + 5))), START);
  const recorder = runLoop({
    policy, workload: truth, demand, start: START, timing: { ...timing, startupSeconds: truth.startupSeconds }, signal: publishedDemand, initialReplicas,
  });
  const base = recorder.result({ name: 'predictive', level: 'kind', parameters: {}, price: () => 0 });
  let backlog = 0;
  const states = demand.map((each, minute) => {
    const state = step(truth, { demand: each, ready: base.series.ready[minute]!, backlog }, 60 / SPEED);
    backlog = state.backlog;
    return state;
  });
  return {
    result: {
      ...base,
      series: { ...base.series, latencyP95: states.map((state) => state.latencyP95) },
      measured: {
        requests: 0, failed: 0, notSent: 0, latestSendSeconds: 0, startupSeconds: truth.startupSeconds,
        series: {
          requestsPerSecond: demand,
          failed: demand.map(() => 0),
          cpuMillicoresPerReplica: states.map((state) => state.cpuMillicoresPerReplica),
          memoryBytesPerReplica: states.map(() => truth.idleMemoryMiB * 1024 * 1024),
        },
      },
    },
    policy, start: START, timing, publishedDemand, initialReplicas,
  };
}

/** The same run, with other measured series. */
function changed(options: ComparePlantOptions, o: {
  readonly measured?: Partial<ComparePlantOptions['result']['measured']>;
  readonly measuredSeries?: Partial<ComparePlantOptions['result']['measured']['series']>;
  readonly series?: Partial<ComparePlantOptions['result']['series']>;
}): ComparePlantOptions {
  const { result } = options;
  const measured = { ...result.measured, ...o.measured, series: { ...result.measured.series, ...o.measuredSeries } };
  return { ...options, result: { ...result, measured, series: { ...result.series, ...o.series } } };
}

const quick: Workload = { ...workload, cpuSecondsPerRequest: 0.004, idleCpuMillicores: 15, startupSeconds: 4, latencyFloorSeconds: 0.01, idleMemoryMiB: 70 };
const NOWHERE = { meanAbsolute: 0, meanRelative: 0 };
const NOTHING = { meanAbsolute: null, meanRelative: null };

describe('the plant beside real pods', () => {
  it('is nowhere apart from pods that are as the contract says', () => {
    const found = comparePlant(runOf(workload));
    expect(found).toMatchObject({ policy: 'predictive', minutes: 60, contract: { latencyP95: NOWHERE, cpuMillicoresPerReplica: NOWHERE, replicas: NOWHERE } });
    expect(found.contract.series.replicas.some((each) => each !== found.contract.series.replicas[0])).toBe(true);
    expect(found.assumed).toEqual({ cpuSecondsPerRequest: 0.01, idleCpuMillicores: 10, startupSeconds: 60, latencyFloorSeconds: 0, idleMemoryMiB: 96 });
    expect(found.measured.cpuSecondsPerRequest!).toBeCloseTo(0.01, 9);
  });

  it('is nowhere apart once calibrated, if pods differ from the contract in the figures alone', () => {
    const found = comparePlant(runOf(quick));
    expect(found.contract.cpuMillicoresPerReplica.meanRelative!).toBeGreaterThan(1);
    expect(found.contract.latencyP95.meanRelative!).toBeGreaterThan(1);
    expect(found.calibrated.cpuMillicoresPerReplica.meanRelative!).toBeLessThan(1e-9);
    expect(found.calibrated.latencyP95.meanRelative!).toBeLessThan(1e-9);
    expect(found.calibrated.replicas).toEqual(NOWHERE);
    expect(found.measured.startupSeconds).toBe(4);
    expect(found.measured.latencyFloorSeconds!).toBeCloseTo(0.01, 9);
  });

  it('is never further apart in CPU once calibrated, on the minutes of the line', () => {
    const demand = demandOf(40);
    const base = runOf(workload, demand);
    fc.assert(fc.property(
      fc.integer({ min: 20, max: 90 }).map((each) => each / 10_000), fc.integer({ min: 0, max: 60 }), fc.integer({ min: 5, max: 30 }).map((each) => each / 10),
      (cpuSecondsPerRequest, idleCpuMillicores, pace) => {
        const cpu = demand.map((each, index) => (idleCpuMillicores + (each / 8) * cpuSecondsPerRequest * 1000) * (1 + 0.03 * Math.sin(pace * index)));
        // Replicas stand still and no minute is an outlier: every one is of the line.
        const found = comparePlant(changed(base, { measuredSeries: { cpuMillicoresPerReplica: cpu }, series: { ready: demand.map(() => 8) } }));
        expect(found.fittedMinutes).toBe(40);
        const squares = (values: readonly number[]): number => values.reduce((sum, value, index) => sum + (value - cpu[index]!) ** 2, 0);
        expect(squares(found.calibrated.series.cpuMillicoresPerReplica)).toBeLessThanOrEqual(squares(found.contract.series.cpuMillicoresPerReplica) * (1 + 1e-9));
      },
    ), { numRuns: 30 });
  });

  it('does not take an error of the autoscaler for one of the service', () => {
    const exact = runOf(workload);
    const others = exact.result.series.replicas.map((replicas) => replicas + 2);
    const { contract } = comparePlant(changed(exact, { series: { replicas: others } }));
    expect(contract).toMatchObject({ latencyP95: NOWHERE, cpuMillicoresPerReplica: NOWHERE, replicas: { meanAbsolute: 2 } });
    expect(contract.replicas.meanRelative!).toBeCloseTo(2 / (others.reduce((a, b) => a + b) / 60), 9);
  });

  it('compares minutes in which something was measured', () => {
    const exact = runOf(workload);
    const { cpuMillicoresPerReplica: cpu } = exact.result.measured.series;
    const found = comparePlant(changed(exact, {
      measuredSeries: { cpuMillicoresPerReplica: cpu.map((value, index) => (index === 0 ? value! + 30 : index < 3 ? value : null)) },
      series: { latencyP95: exact.result.series.latencyP95.map((value, index) => (index === 5 ? 0 : value)) },
    }));
    expect(found.contract.cpuMillicoresPerReplica.meanAbsolute!).toBeCloseTo(10, 9);
    expect(found.contract.latencyP95).toEqual(NOWHERE);
    expect(found.contract.series.cpuMillicoresPerReplica).toHaveLength(60);
    expect([found.fittedMinutes, found.measured.cpuSecondsPerRequest]).toEqual([0, null]);
  });

  it('is calibrated with what could be measured and the contract’s figures for the rest', () => {
    const exact = runOf(quick);
    const found = comparePlant(changed(exact, { measured: { startupSeconds: null }, measuredSeries: { cpuMillicoresPerReplica: Array(60).fill(null) as null[] } }));
    expect(found.measured).toMatchObject({ cpuSecondsPerRequest: null, idleCpuMillicores: null, latencyFloorSeconds: null, startupSeconds: null, idleMemoryMiB: 70 });
    expect(found.calibrated).toEqual(found.contract);
    expect(found.contract.cpuMillicoresPerReplica).toEqual(NOTHING);
  });

  it('tells an overload in seconds of the wall clock, in which the pods met it', () => {
    // 20 requests per second too many for a minute of the trace, then 8 less than two replicas can do.
    const overload = changed(runOf(workload, [40, 40, 40, 98 + 20, 98 - 8, 10], 2), { series: { ready: Array(6).fill(2) as number[] } });
    const latency = (speed: number): readonly number[] => comparePlant({ ...overload, timing: { ...timing, speed } }).contract.series.latencyP95;
    expect(latency(6)[3]).toBe(workload.timeoutSeconds);
    expect(latency(6)[4]).toBeCloseTo(Math.log(20) / 4 + (20 * 10 - 8 * 10) / 98, 9);
    // In real time callers give up before as many wait.
    expect(latency(1)[4]).toBeCloseTo(Math.log(20) / 4 + (98 * 10 - 8 * 60) / 98, 9);
    expect(latency(6)[5]).toBeCloseTo(Math.log(20) / 44, 9);
  });

  it('leaves minutes in which requests failed out of the line', () => {
    const exact = runOf(workload);
    const { cpuMillicoresPerReplica: cpu } = exact.result.measured.series;
    const full = comparePlant(exact);
    const bad = [10, 11, 30, 31];
    const failing = comparePlant(changed(exact, {
      measuredSeries: { failed: cpu.map((_, index) => (bad.includes(index) ? 500 : 0)), cpuMillicoresPerReplica: cpu.map((value, index) => (bad.includes(index) ? 20 : value)) },
    }));
    expect(failing.measured.cpuSecondsPerRequest!).toBeCloseTo(full.measured.cpuSecondsPerRequest!, 9);
    expect(failing.fittedMinutes).toBeLessThan(full.fittedMinutes);
  });

  it.each([0, 1, 4])('has something to say after %i minutes', (minutes) => {
    const found = comparePlant(runOf(workload, demandOf(minutes)));
    expect(found).toMatchObject({ minutes, fittedMinutes: 0, rSquared: null, measured: { cpuSecondsPerRequest: null, idleMemoryMiB: null } });
    for (const run of [found.contract, found.calibrated]) {
      expect(Object.values(run.series).map((values) => values.length)).toEqual([minutes, minutes, minutes]);
      expect(run.latencyP95.meanAbsolute === null).toBe(minutes === 0);
    }
  });

  it('compares as many minutes as every series has', () => {
    const exact = runOf(workload);
    const found = comparePlant(changed(exact, { series: { replicas: exact.result.series.replicas.slice(0, 50) } }));
    expect(found.minutes).toBe(50);
    expect(found.calibrated.series.replicas).toHaveLength(50);
  });
});
