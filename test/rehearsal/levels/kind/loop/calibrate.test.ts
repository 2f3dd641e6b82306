import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { calibrate, CalibrationInput, withFigures } from '../../../../../rehearsal/levels/kind/loop/calibrate';
import { catalogWorkload as assumed, step, Workload } from '../../../../../rehearsal/plant';

const MIB = 1024 * 1024;

/** What pods of such a service would show: loads between a fifth and four fifths of what a replica can do, replicas that change now and then. */
function observe(truth: Workload, o: { readonly minutes?: number; readonly noise?: (index: number) => number } = {}): CalibrationInput {
  const { minutes = 40, noise = () => 0 } = o;
  const ready = Array.from({ length: minutes }, (_, index) => 2 + (Math.floor(index / 8) % 3));
  const most = (truth.cpuRequestMillicores - truth.idleCpuMillicores) / 1000 / truth.cpuSecondsPerRequest;
  const requestsPerSecond = ready.map((replicas, index) => replicas * most * (0.5 + 0.3 * Math.sin(index * 0.9)));
  const states = requestsPerSecond.map((demand, index) => step(truth, { demand, ready: ready[index]!, backlog: 0 }, 10));
  return {
    requestsPerSecond,
    ready,
    cpuMillicoresPerReplica: states.map((state, index) => state.cpuMillicoresPerReplica * (1 + noise(index))),
    latencyP95: states.map((state, index) => state.latencyP95 * (1 + noise(index + minutes))),
    memoryBytesPerReplica: states.map((_, index) => truth.idleMemoryMiB * MIB * (1 + noise(index + 2 * minutes))),
    startupSeconds: truth.startupSeconds,
    assumed,
  };
}

/** Evenly spread, unlike fc.double, whose numbers are mostly next to 0. */
const between = (min: number, max: number) => fc.integer({ min: 0, max: 10_000 }).map((part) => min + ((max - min) * part) / 10_000);
const truths = fc.record({
  cpuSecondsPerRequest: between(0.001, 0.03),
  idleCpuMillicores: between(0, 60),
  latencyFloorSeconds: between(0, 0.2),
  idleMemoryMiB: between(30, 200),
  startupSeconds: between(0.5, 90),
}).map((figures): Workload & { readonly latencyFloorSeconds: number } => ({ ...assumed, ...figures }));
const shares = (size: number) => fc.array(between(-0.03, 0.03), { minLength: size, maxLength: size });
const errors = ({ requestsPerSecond, ready, cpuMillicoresPerReplica }: CalibrationInput, by: Workload): number =>
  requestsPerSecond.reduce((sum, demand, index) => {
    const real = cpuMillicoresPerReplica[index];
    return real === null ? sum : sum + (step(by, { demand, ready: ready[index]!, backlog: 0 }, 1).cpuMillicoresPerReplica - real!) ** 2;
  }, 0);

describe('calibration', () => {
  it('finds the figures of a service exactly where nothing is measured wrongly', () => {
    fc.assert(fc.property(truths, (truth) => {
      const { measured, rSquared, fittedMinutes } = calibrate(observe(truth));
      expect(measured.cpuSecondsPerRequest!).toBeCloseTo(truth.cpuSecondsPerRequest, 9);
      expect(measured.idleCpuMillicores!).toBeCloseTo(truth.idleCpuMillicores, 6);
      expect(measured.latencyFloorSeconds!).toBeCloseTo(truth.latencyFloorSeconds, 6);
      expect(measured.idleMemoryMiB!).toBeCloseTo(truth.idleMemoryMiB, 6);
      expect(measured.startupSeconds).toBe(truth.startupSeconds);
      expect(rSquared!).toBeCloseTo(1, 9);
      expect(fittedMinutes).toBe(32); // 40 without the two beside each of 4 changes
    }));
  });

  it('finds them within tolerance under noise of 3 %', () => {
    fc.assert(fc.property(truths, shares(120), (truth, noise) => {
      const { measured, rSquared } = calibrate(observe(truth, { noise: (index) => noise[index]! }));
      // Errors of y are at most 3 % of 500 millicores; a line through 32 points between 20 % and 80 % of them is off by less than that in its ends.
      expect(Math.abs(measured.cpuSecondsPerRequest! / truth.cpuSecondsPerRequest - 1)).toBeLessThan(0.1);
      expect(Math.abs(measured.idleCpuMillicores! - truth.idleCpuMillicores)).toBeLessThan(25);
      expect(Math.abs(measured.idleMemoryMiB! / truth.idleMemoryMiB - 1)).toBeLessThanOrEqual(0.03 + 1e-9);
      const quiet = step(truth, { demand: 0, ready: 1, backlog: 0 }, 1).latencyP95;
      expect(Math.abs(measured.latencyFloorSeconds! - truth.latencyFloorSeconds)).toBeLessThan(0.035 * truth.latencyFloorSeconds + 0.2 * quiet);
      expect(rSquared!).toBeGreaterThan(0.9);
    }));
  });

  it('takes minutes in which nothing was measured for nothing', () => {
    fc.assert(fc.property(truths, fc.array(fc.boolean(), { minLength: 40, maxLength: 40 }), (truth, missing) => {
      const all = observe(truth);
      // One in eight minutes at least is left, whatever the draw.
      const gone = (index: number): boolean => missing[index]! && index % 4 !== 2;
      const holed: CalibrationInput = {
        ...all,
        cpuMillicoresPerReplica: all.cpuMillicoresPerReplica.map((value, index) => (gone(index) ? null : value)),
        memoryBytesPerReplica: all.memoryBytesPerReplica.map((value, index) => (gone(index) ? null : value)),
        latencyP95: all.latencyP95.map((value, index) => (gone(index) ? 0 : value)),
      };
      const { measured } = calibrate(holed);
      expect(measured.cpuSecondsPerRequest!).toBeCloseTo(truth.cpuSecondsPerRequest, 9);
      expect(measured.idleCpuMillicores!).toBeCloseTo(truth.idleCpuMillicores, 6);
      expect(measured.latencyFloorSeconds!).toBeCloseTo(truth.latencyFloorSeconds, 6);
      expect(measured.idleMemoryMiB!).toBeCloseTo(truth.idleMemoryMiB, 6);
    }));
  });

  it('describes CPU no worse than the contract does, whatever was measured', () => {
    const anything = fc.array(fc.tuple(between(0, 30), between(0, 400)), { minLength: 5, maxLength: 60 });
    let fitted = 0;
    fc.assert(fc.property(anything, (points) => {
      const input: CalibrationInput = {
        ...observe(assumed, { minutes: points.length }),
        ready: points.map(() => 1),
        requestsPerSecond: points.map(([load]) => load),
        cpuMillicoresPerReplica: points.map(([, millicores]) => millicores),
      };
      const found = calibrate(input);
      if (found.fittedMinutes !== points.length) return; // no line, or outliers that were left out
      fitted += 1;
      expect(found.measured.idleCpuMillicores!).toBeGreaterThanOrEqual(0);
      expect(found.measured.cpuSecondsPerRequest!).toBeGreaterThan(0);
      expect(found.rSquared!).toBeGreaterThanOrEqual(0);
      expect(found.rSquared!).toBeLessThanOrEqual(1);
      expect(errors(input, withFigures(assumed, found.measured))).toBeLessThanOrEqual(errors(input, assumed) * (1 + 1e-9));
    }), { numRuns: 300 });
    expect(fitted).toBeGreaterThan(20);
  });

  it('says nothing of CPU and latency where the load is flat, yet of memory and start-up', () => {
    const flat = observe(assumed);
    const { measured, fittedMinutes, rSquared } = calibrate({ ...flat, requestsPerSecond: flat.ready.map((replicas, index) => replicas * (20 + (index % 3))) });
    expect(measured).toEqual({
      cpuSecondsPerRequest: null, idleCpuMillicores: null, latencyFloorSeconds: null, startupSeconds: assumed.startupSeconds, idleMemoryMiB: assumed.idleMemoryMiB,
    });
    expect([fittedMinutes, rSquared]).toEqual([0, null]);
  });

  it.each([
    ['four minutes', { minutes: 4 }, {}],
    ['no minutes', { minutes: 0 }, {}],
    ['no load', {}, { requestsPerSecond: Array(40).fill(0) as number[] }],
    ['replicas that change every minute', {}, { ready: Array.from({ length: 40 }, (_, index) => 2 + (index % 2)) }],
    ['no ready replica', {}, { ready: Array(40).fill(0) as number[] }],
    ['failures in every minute', {}, { failedShare: Array(40).fill(0.02) as number[] }],
    ['CPU that falls with load', {}, { cpuMillicoresPerReplica: observe(assumed).cpuMillicoresPerReplica.map((value) => 500 - value!) }],
    ['CPU that never changes', {}, { cpuMillicoresPerReplica: Array(40).fill(100) as number[] }],
    ['replicas at their limit', {}, { cpuMillicoresPerReplica: Array(40).fill(499) as number[] }],
    ['nothing measured', {}, { cpuMillicoresPerReplica: Array(40).fill(null) as null[] }],
  ])('gives no line for %s', (_, shape, changes) => {
    const { measured, fittedMinutes, rSquared } = calibrate({ ...observe(assumed, shape), ...changes });
    expect([measured.cpuSecondsPerRequest, measured.idleCpuMillicores, measured.latencyFloorSeconds, fittedMinutes, rSquared]).toEqual([null, null, null, 0, null]);
  });

  it('is not led astray by a few minutes that cost several times as much', () => {
    const all = observe(assumed, { noise: (index) => 0.01 * Math.sin(7 * index) });
    const cpu = all.cpuMillicoresPerReplica.map((value, index) => (index === 1 || index === 20 ? Math.min(470, value! * 2.5) : value));
    const { measured, fittedMinutes } = calibrate({ ...all, cpuMillicoresPerReplica: cpu });
    expect(fittedMinutes).toBe(30);
    expect(measured.cpuSecondsPerRequest! / assumed.cpuSecondsPerRequest).toBeCloseTo(1, 1);
  });

  it('leaves minutes out in which replicas came or went, were held back by their limit, or failed', () => {
    const all = observe(assumed);
    const wrong = (index: number): boolean => index % 8 === 0 || index % 8 === 7; // beside the changes, and at the ends
    const cpu = all.cpuMillicoresPerReplica.map((value, index) => (index > 0 && index < 39 && wrong(index) ? 5 : index === 12 ? 498 : index === 20 ? 1 : value));
    const { measured, fittedMinutes } = calibrate({ ...all, cpuMillicoresPerReplica: cpu, failedShare: cpu.map((_, index) => (index === 20 ? 0.5 : 0)) });
    expect(fittedMinutes).toBe(30);
    expect(measured.cpuSecondsPerRequest!).toBeCloseTo(assumed.cpuSecondsPerRequest, 9);
  });

  it('has no floor below 0: a service that is faster than the model has none', () => {
    const all = observe(assumed);
    expect(calibrate({ ...all, latencyP95: all.latencyP95.map((value) => value / 3) }).measured.latencyFloorSeconds).toBe(0);
  });

  it('has no idle CPU below 0: the line then goes through the origin', () => {
    const all = observe(assumed);
    const { measured, rSquared } = calibrate({ ...all, cpuMillicoresPerReplica: all.cpuMillicoresPerReplica.map((value) => Math.max(0, value! - 60)) });
    expect(measured.idleCpuMillicores).toBe(0);
    expect(measured.cpuSecondsPerRequest!).toBeGreaterThan(0.007);
    expect(measured.cpuSecondsPerRequest!).toBeLessThan(assumed.cpuSecondsPerRequest);
    expect(rSquared!).toBeLessThan(1);
  });
});

describe('a workload with measured figures', () => {
  it('keeps what could not be measured', () => {
    const nothing = { cpuSecondsPerRequest: null, idleCpuMillicores: null, startupSeconds: null, latencyFloorSeconds: null, idleMemoryMiB: null };
    expect(withFigures(assumed, nothing)).toEqual(assumed);
    expect(withFigures(assumed, { ...nothing, idleCpuMillicores: 0, latencyFloorSeconds: 0.003 })).toEqual({ ...assumed, idleCpuMillicores: 0, latencyFloorSeconds: 0.003 });
  });
});

describe('a load that hardly changes', () => {
  const flat = (idleCpuMillicores: number, cpuSecondsPerRequest: number) => {
    const truth: Workload = { ...assumed, idleCpuMillicores, cpuSecondsPerRequest };
    const requestsPerSecond = Array.from({ length: 20 }, (_, minute) => 60 + (minute % 2));
    const ready = requestsPerSecond.map(() => 4);
    const states = requestsPerSecond.map((demand) => step(truth, { demand, ready: 4, backlog: 0 }, 10));
    return {
      requestsPerSecond, ready, cpuMillicoresPerReplica: states.map((state) => state.cpuMillicoresPerReplica), latencyP95: states.map((state) => state.latencyP95),
      memoryBytesPerReplica: ready.map(() => null), startupSeconds: null, assumed,
    };
  };

  it('tells nothing by itself', () => expect(calibrate(flat(8, 0.0015))).toMatchObject({ fittedMinutes: 0, measured: { cpuSecondsPerRequest: null } }));

  it('tells the cost of a request where the CPU of an idle replica was measured', () => {
    fc.assert(fc.property(between(0, 60), between(0.0005, 0.02), (idle, cost) => {
      const { measured, rSquared } = calibrate({ ...flat(idle, cost), idleCpuMillicores: idle });
      expect(measured.cpuSecondsPerRequest!).toBeCloseTo(cost, 9);
      expect(measured.idleCpuMillicores).toBe(idle);
      expect(rSquared!).toBeGreaterThan(0.99);
    }));
  });

  it('tells nothing where a loaded replica used less than an idle one', () => {
    expect(calibrate({ ...flat(8, 0.0015), idleCpuMillicores: 400 }).measured.cpuSecondsPerRequest).toBeNull();
  });
});
