import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { agreement, compress, compressedTiming, initialReplicas, perMinute, reactivePolicy, readPolicy, realTiming, runLoop, simulateLike } from '../../../rehearsal/levels';
import { catalogWorkload as workload } from '../../../rehearsal/plant';
import { TARGETS, tuneReactive, WINDOWS } from '../../../rehearsal/scaling/tune';
import { catalogObjects } from './support';

const predictive = readPolicy(catalogObjects(), { service: 'catalog' });
const reactive = reactivePolicy(predictive, { targetPercent: 75, stabilizationSeconds: 120 });
const timing = realTiming(workload);
const START = 6000;

/** `minutes` of load: a wave with half an hour in every four that is suddenly far above it. */
function wave(minutes: number, low = 80, high = 450): number[] {
  return Array.from({ length: minutes }, (_, index) => {
    const smooth = low + ((high - low) * (1 - Math.cos((2 * Math.PI * index) / 240))) / 2;
    return index % 240 >= 200 && index % 240 < 230 ? smooth + 200 : smooth;
  });
}
const demand = wave(480);
const ahead = demand.map((_, index) => Math.max(...demand.slice(index, index + 5)));
const price = (): number => 0;
const series = (policy: typeof predictive, published?: readonly (number | null)[], load: readonly number[] = demand) =>
  runLoop({ policy, workload, demand: load, start: START, timing, signal: published && perMinute(published, START) });
const total = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0);

describe('the loop', () => {
  it('gives one record per minute, the same every time', () => {
    const [one, other] = [series(predictive, ahead).records(), series(predictive, ahead).records()];
    expect(one).toHaveLength(demand.length);
    expect(one.map((each) => each.time)).toEqual(demand.map((_, index) => START + index * 60));
    expect(other).toEqual(one);
  });

  it('starts with what the CPU target asks for, and stays there under a constant load', () => {
    expect([10, 300, 5000].map((load) => initialReplicas(predictive, workload, load))).toEqual([2, 9, 20]);
    const steady = series(reactive, undefined, Array(120).fill(300)).records();
    expect(steady.every((each) => each.replicas === 9 && !each.violation)).toBe(true);
  });

  it('brings pods that are asked for into service after their start-up and no sooner', () => {
    const records = series(reactive, undefined, [...Array(3).fill(100), ...Array(7).fill(250)]).records();
    const asked = records.findIndex((each) => each.replicas > records[0]!.replicas);
    expect(asked).toBe(3);
    expect(records.map((each) => each.ready).slice(0, 5)).toEqual(Array(5).fill(records[0]!.replicas));
    expect(records.at(-1)!.ready).toBe(records.at(-1)!.replicas);
    expect(records[3]!.violation).toBe(true);
  });

  it('with demand known ahead has fewer violations than on CPU alone', () => {
    expect(series(predictive, ahead).violationMinutes).toBeLessThan(series(reactive).violationMinutes);
  });
});

describe('a forecast that is wrong, absent or worthless', () => {
  const garbage: Record<string, (number | null)[]> = {
    missing: demand.map(() => null),
    NaN: demand.map(() => NaN),
    infinite: demand.map(() => Infinity),
    negative: demand.map(() => -1000),
    zero: demand.map(() => 0),
    'a constant from long ago': demand.map(() => 80),
  };

  it.each(Object.keys(garbage))('%s: never leaves fewer replicas than CPU alone, minute by minute', (name) => {
    const [without, garbled] = [series(reactive).records(), series(predictive, garbage[name]).records()];
    garbled.forEach((each, index) => expect(each.replicas).toBeGreaterThanOrEqual(without[index]!.replicas));
  });

  it('that goes away for a while: scaling goes on reactively and the minutes are counted', () => {
    const gone = ahead.map((value, index) => (index >= 60 && index < 180 ? null : value));
    const run = series(predictive, gone);
    expect(run.fallbackMinutes).toBe(121); // the signal's delay makes the first and the last minute partly without
    const reacted = run.records().slice(70, 120);
    expect(Math.max(...reacted.map((each) => each.replicas))).toBeGreaterThan(reacted[0]!.replicas);
    expect(run.violationMinutes).toBeLessThanOrEqual(series(reactive).violationMinutes);
  });

  it('far too high: costs up to the maximum and no more', () => {
    const run = series(predictive, demand.map(() => 1e9));
    expect(Math.max(...run.records().map((each) => each.replicas))).toBe(20);
  });

  it('random at every minute: demand is served no worse than on CPU alone', () => {
    const streams = fc.array(fc.oneof(fc.constant(null), fc.constantFrom(NaN, Infinity, -1, 0), fc.double({ min: 0, max: 1000, noNaN: true })), { minLength: 120, maxLength: 120 });
    const load = wave(120);
    const lost = (records: ReturnType<ReturnType<typeof series>['records']>): number => total(records.map((each) => Math.max(0, each.demand - each.capacity)));
    const without = lost(series(reactive, undefined, load).records());
    fc.assert(fc.property(streams, (published) => {
      expect(lost(series(predictive, published, load).records())).toBeLessThanOrEqual(without + 1e-9);
    }), { seed: 17, numRuns: 60 });
  });
});

describe('tuning', () => {
  it('finds the cheapest of the settings that come within a minute of the fewest violations', () => {
    const history = wave(2880);
    const tuned = tuneReactive({ policy: predictive, workload, history });
    const all = TARGETS.flatMap((targetPercent) => WINDOWS.map((stabilizationSeconds) => {
      const run = series(reactivePolicy(predictive, { targetPercent, stabilizationSeconds }), undefined, history);
      return { targetPercent, stabilizationSeconds, violationMinutes: run.violationMinutes, replicaHours: run.replicaHours };
    }));
    const fewest = Math.min(...all.map((each) => each.violationMinutes));
    const [best] = all.filter((each) => each.violationMinutes <= fewest + 1).sort((a, b) => a.replicaHours - b.replicaHours);
    expect(tuned).toEqual({ ...best, tried: 55, hours: 48 });
  });

  it('looks at the last hours only', () => {
    const tuned = tuneReactive({ policy: predictive, workload, history: [...Array(600).fill(1e6), ...Array(120).fill(100)], hours: 2 });
    expect(tuned).toMatchObject({ violationMinutes: 0, hours: 2 });
  });
});

describe('a compressed run', () => {
  const speed = 60;
  const compression = { speed, hpaSyncPeriodMs: 250, hpaDownscaleStabilizationMs: 5000, hpaCpuInitializationPeriodMs: 5000, hpaInitialReadinessDelayMs: 500, hpaTolerance: 0.1 };
  const policy = readPolicy(compress(catalogObjects(), speed).objects, { service: 'catalog' });
  const like = (changes: Partial<Parameters<typeof compressedTiming>[0]> = {}) => simulateLike({
    policy,
    demand,
    start: START,
    price,
    initialReplicas: 4,
    signal: perMinute(ahead, START),
    timing: compressedTiming({ compression, startupSeconds: 60, schedulingSeconds: 0, ...changes }),
  });
  const real = simulateLike({ policy: predictive, demand, start: START, price, initialReplicas: 4, signal: perMinute(ahead, START), timing });

  it('of the simulator is close to the uncompressed one', () => {
    const close = agreement(real, like());
    expect(close).toMatchObject({ policy: 'predictive', minutes: demand.length });
    expect(close.equalShare).toBeGreaterThan(0.9);
    expect(close.meanAbsoluteDifference).toBeLessThan(0.2);
    expect(close.simulatedReplicas).toEqual(like().series.replicas);
  });

  it('agrees with itself wholly, and less with one whose pods start later', () => {
    expect(agreement(like(), like())).toMatchObject({ equalShare: 1, meanAbsoluteDifference: 0 });
    expect(like({ schedulingSeconds: 4 }).violationMinutes).toBeGreaterThan(like().violationMinutes);
  });
});

describe('agreement', () => {
  it('compares as many minutes as both have', () => {
    const one = { ...simulateLike({ policy: reactive, demand: [100, 100], start: 0, price, initialReplicas: 3, timing }) };
    const withReplicas = (replicas: number[]) => ({ ...one, series: { ...one.series, replicas } });
    expect(agreement(withReplicas([1, 2, 3, 4]), withReplicas([1, 4, 3]))).toEqual({
      policy: 'reactive', minutes: 3, equalShare: 2 / 3, meanAbsoluteDifference: 2 / 3, simulatedReplicas: [1, 4, 3],
    });
    expect(agreement(withReplicas([]), withReplicas([1]))).toMatchObject({ minutes: 0, equalShare: 0 });
  });
});
