import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FaultError } from '../../../base/faults';
import { oomReasonCodes } from '../../../forecaster/oom/oom-reasons';
import { OomWatch, type OomOutlook, type UsageSample } from '../../../forecaster/oom/oom-watch';
import { LIMIT, START } from './shapes';

const usage = fc.oneof(
  { weight: 8, arbitrary: fc.double({ min: 0, max: 1.1 * LIMIT, noNaN: true }) },
  { weight: 1, arbitrary: fc.constantFrom(NaN, Infinity, -Infinity, -1, 0, -0, 1e15, 1e18, 1e19, 1e308, Number.MIN_VALUE) },
  { weight: 1, arbitrary: fc.double() },
);
const advance = fc.oneof(
  { weight: 12, arbitrary: fc.constant(60) },
  { weight: 2, arbitrary: fc.integer({ min: -900, max: 9000 }) },
  { weight: 1, arbitrary: fc.constantFrom(0, -86_401, 86_400, 86_400 * 3, 86_400 * 40, -86_400 * 4000, NaN, Infinity, 1e18) },
);
const limit = fc.oneof(
  { weight: 12, arbitrary: fc.constant<number | undefined>(LIMIT) },
  { weight: 1, arbitrary: fc.constantFrom<number | undefined>(undefined, 0, NaN, -1, Infinity, Number.MIN_VALUE, 1e-300, 2 * LIMIT, 9.2e18) },
);
const restarts = fc.oneof({ weight: 10, arbitrary: fc.constant<number | undefined>(undefined) }, { weight: 1, arbitrary: fc.constantFrom<number | undefined>(0, 1, 2, NaN) });
const stream = fc.array(fc.record({ advance, usage, limit, restarts }), { minLength: 1, maxLength: 300 }).map((steps): UsageSample[] => {
  let time = START;
  return steps.map((step) => {
    const at = time + step.advance;
    if (Number.isFinite(at) && Math.abs(step.advance) < 1e9) time = at;
    return { time: at, usage: step.usage, limit: step.limit, restarts: step.restarts };
  });
});
/** A series as containers have it, for properties that need more than noise. */
const calm = fc.record({
  base: fc.double({ min: 100, max: 800, noNaN: true }),
  slope: fc.double({ min: -0.3, max: 2, noNaN: true }),
  steps: fc.array(fc.double({ min: -5, max: 5, noNaN: true }), { minLength: 30, maxLength: 250 }),
}).map(({ base, slope, steps }) => steps.map((noise, minute): UsageSample => ({ time: START + 60 * minute, usage: Math.max(0, base + slope * minute + noise), limit: LIMIT })));

function expectSound(outlook: OomOutlook): void {
  for (const value of [outlook.within30, outlook.within60]) {
    expect(value).toBeGreaterThanOrEqual(0);
    expect(value).toBeLessThanOrEqual(1);
  }
  expect(outlook.within30).toBeLessThanOrEqual(outlook.within60);
  for (const value of [outlook.minutesToLimit, outlook.usage, outlook.limit, outlook.time]) expect(value === null || Number.isFinite(value)).toBe(true);
  expect(outlook.minutesToLimit ?? 0).toBeGreaterThanOrEqual(0);
  for (const reason of outlook.reasons) expect(Object.keys(oomReasonCodes)).toContain(reason);
}

describe('whatever comes in', () => {
  it('no NaN comes out, probabilities stay within bounds and grow with the horizon', () => {
    fc.assert(fc.property(stream, (samples) => {
      const watch = new OomWatch();
      for (const sample of samples) expectSound(watch.observe(sample));
      expectSound(watch.outlook(NaN));
      expectSound(watch.outlook(START + 1e9));
    }), { numRuns: 60 });
  });

  it('a median within a horizon and its probability agree', () => {
    fc.assert(fc.property(calm, (samples) => {
      const watch = new OomWatch();
      for (const sample of samples) {
        const { within30, within60, minutesToLimit } = watch.observe(sample);
        expect(within60 >= 0.5).toBe(minutesToLimit !== null && (minutesToLimit < 60 || (minutesToLimit === 60 && within60 >= 0.5)));
        if (within30 >= 0.5) expect(minutesToLimit).toBeLessThanOrEqual(30);
      }
    }), { numRuns: 30 });
  });

  it('the unit does not matter', () => {
    fc.assert(fc.property(calm, fc.constantFrom(2 ** -10, 2 ** 20, 2 ** 30), (samples, factor) => {
      const small = new OomWatch();
      const large = new OomWatch();
      for (const sample of samples) {
        const one = small.observe(sample);
        const other = large.observe({ ...sample, usage: sample.usage * factor, limit: sample.limit! * factor });
        expect({ ...other, usage: null, limit: null }).toEqual({ ...one, usage: null, limit: null });
      }
    }), { numRuns: 30 });
  });

  it('what comes later changes nothing that was told before', () => {
    fc.assert(fc.property(stream, stream, (samples, others) => {
      const short = new OomWatch();
      const long = new OomWatch();
      const told = [...samples, ...others].map((sample) => long.observe(sample));
      expect(told.slice(0, samples.length)).toEqual(samples.map((sample) => short.observe(sample)));
    }), { numRuns: 30 });
  });

  it('goes on from a snapshot as if nothing had happened', () => {
    fc.assert(fc.property(stream, stream, (before, after) => {
      const watch = new OomWatch();
      for (const sample of before) watch.observe(sample);
      const bytes = watch.snapshot();
      const restored = OomWatch.restore(bytes);
      expect(bytes.length).toBeLessThanOrEqual(8192);
      expect(restored.outlook()).toEqual(watch.outlook());
      expect(after.map((sample) => restored.observe(sample))).toEqual(after.map((sample) => watch.observe(sample)));
      expect(restored.snapshot()).toEqual(watch.snapshot());
    }), { numRuns: 40 });
  });

  it('damaged bytes are refused with a message', () => {
    const watch = new OomWatch();
    watch.observe({ time: START, usage: 5, limit: 10 });
    const bytes = watch.snapshot();
    fc.assert(fc.property(fc.nat(bytes.length - 1), fc.integer({ min: 1, max: 255 }), (at, change) => {
      const damaged = bytes.slice();
      damaged[at] = (damaged[at]! + change) % 256;
      expect(() => OomWatch.restore(damaged)).toThrow(FaultError);
    }), { numRuns: 100 });
    for (const size of [0, 11, bytes.length - 1]) expect(() => OomWatch.restore(bytes.slice(0, size))).toThrow(FaultError);
    expect(OomWatch.restore(bytes).outlook()).toEqual(watch.outlook());
  });
});

describe('bad input, case by case', () => {
  const fed = (): OomWatch => {
    const watch = new OomWatch();
    for (let minute = 0; minute < 100; minute++) watch.observe({ time: START + 60 * minute, usage: 500 + (minute % 7), limit: LIMIT });
    return watch;
  };
  const next = START + 6000;

  it.each([NaN, Infinity, -Infinity, -1, 1e19])('a usage of %s is dropped and told', (bad) => {
    const watch = fed();
    const before = watch.outlook();
    const after = watch.observe({ time: next, usage: bad, limit: LIMIT });
    expect(after).toEqual({ ...before, reasons: [...before.reasons, 'bad_values_dropped'] });
  });

  it('one absurd value is dropped, a second one believed', () => {
    const watch = fed();
    expect(watch.observe({ time: next, usage: 1e15, limit: LIMIT }).usage).not.toBe(1e15);
    expect(watch.observe({ time: next + 60, usage: 2 ** 50, limit: LIMIT })).toMatchObject({ usage: 2 ** 50, within60: 1, alarm: true, minutesToLimit: 0 });
  });

  it('duplicates and late values change nothing', () => {
    const watch = fed();
    const before = watch.outlook();
    expect(watch.observe({ time: next - 60, usage: 990, limit: LIMIT })).toEqual(before);
    expect(watch.observe({ time: next - 600, usage: 990, limit: LIMIT })).toMatchObject({ usage: before.usage, within60: before.within60 });
    expect(watch.outlook().reasons).toContain('late_values_dropped');
  });

  it('one leap of the clock is doubted, three in a row are believed', () => {
    const watch = fed();
    const far = next + 86_400 * 400;
    expect(watch.observe({ time: far, usage: 1, limit: LIMIT }).time).toBe(next - 60);
    watch.observe({ time: far + 60, usage: 1, limit: LIMIT });
    const believed = watch.observe({ time: far + 120, usage: 7, limit: LIMIT });
    expect(believed.usage).toBe(7);
    expect(believed.reasons).toContain('clock_jump');
  });

  it('without a limit there is nothing to run into', () => {
    for (const none of [0, Infinity, 9.2e18, undefined, NaN]) {
      const outlook = new OomWatch().observe({ time: START, usage: 5, limit: none });
      expect(outlook).toMatchObject({ within60: 0, minutesToLimit: null, alarm: false, limit: null });
      expect(outlook.reasons).toContain('no_limit');
    }
    expect(new OomWatch().observe({ time: START, usage: 5, limit: 10 }).reasons).not.toContain('no_limit');
  });

  it('says that it has seen nothing', () => {
    expect(new OomWatch().outlook()).toEqual({ time: null, usage: null, limit: null, within30: 0, within60: 0, minutesToLimit: null, alarm: false, reasons: ['no_data'] });
  });
});
