import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DemandPath, MARGINS, pathDemand, SteeredMargin } from '../../../forecaster/policy';

const reach = { fromStep: 2, toStep: 5 };
const flat = (median: number, upper: number): DemandPath => ({ median: Array<number>(5).fill(median), upper: Array<number>(5).fill(upper) });

/** Numbers from 0 to 1, the same every time. */
function uniform(): () => number {
  let state = 1;
  return () => (state = (state * 48_271) % 2_147_483_647) / 2_147_483_647;
}

describe('demand of a path', () => {
  it('is the peak of median and margin over the steps that can still be served', () => {
    const path = { median: [100, 10, 20, 30, 25, 90], upper: [100, 12, 24, 31, 29, 99] };
    expect(pathDemand(path, 0, reach)).toBe(30);
    expect(pathDemand(path, 1, reach)).toBe(31);
    expect(pathDemand(path, 3, reach)).toBe(37); // 25 + 3 * 4: a wider band, not the highest median
  });

  it('is never negative nor anything but a number', () => {
    const numbers = fc.array(fc.double(), { maxLength: 8 });
    fc.assert(fc.property(numbers, numbers, fc.double({ min: 0, max: 10, noNaN: true }), (median, upper, margin) => {
      const demand = pathDemand({ median, upper }, margin, reach);
      expect(Number.isFinite(demand) && demand >= 0).toBe(true);
    }));
  });
});

describe('a steered margin', () => {
  /** Exponential noise above the median, whose 97.5 % quantile the forecast says is `claimed`. */
  function play(claimed: number, targetShare: number): { margin: SteeredMargin; shortShare: number } {
    const random = uniform();
    const margin = new SteeredMargin({ targetShare, reach, holdSteps: 1, halfLifeSteps: 20_000 });
    let short = 0;
    const ordered: number[] = [];
    for (let step = 0; step < 30_000; step += 1) {
      const value = 100 - 10 * Math.log(1 - random());
      if (step > 10_000 && value > ordered[step - 2]!) short += 1;
      margin.observe(value, flat(107, 107 + claimed));
      ordered.push(pathDemand(flat(107, 107 + claimed), margin.margin, reach));
    }
    return { margin, shortShare: short / 19_999 };
  }

  it.each([[30, 0.01], [15, 0.01], [60, 0.01], [30, 0.05]])('keeps the share it was asked for, also when bands are wrong (width %d, share %d)', (claimed, share) => {
    const { shortShare } = play(claimed, share);
    expect(shortShare).toBeLessThanOrEqual(1.2 * share);
    // Not by waste: one margin less would not have kept it.
    expect(shortShare).toBeGreaterThan(share / 6);
  });

  it('says what each margin buys and costs', () => {
    const steps = play(30, 0.01).margin.steps();
    expect(steps.map((each) => each.margin)).toEqual(MARGINS);
    steps.slice(1).forEach((each, index) => {
      expect(each.shortShare).toBeLessThanOrEqual(steps[index]!.shortShare);
      expect(each.provisioned).toBeGreaterThan(steps[index]!.provisioned);
    });
  });

  it('begins where it is told to and passes over values that are none', () => {
    const margin = new SteeredMargin({ reach, start: 2 });
    expect(margin.margin).toBe(2);
    for (let step = 0; step < 50; step += 1) margin.observe(NaN, flat(10, 20));
    expect(margin.steps().every((each) => each.shortShare === 0)).toBe(true);
    expect(margin.margin).toBe(2);
  });

  it('goes up at once when it falls short early', () => {
    const margin = new SteeredMargin({ reach, start: 0, holdSteps: 1 });
    for (let step = 0; step < 5; step += 1) margin.observe(10, flat(10, 20));
    margin.observe(24, flat(10, 20));
    expect(margin.margin).toBe(1.5);
  });

  it('refuses shares and margins that make no sense', () => {
    expect(() => new SteeredMargin({ reach, targetShare: 0 })).toThrow('targetShare is 0');
    expect(() => new SteeredMargin({ reach, margins: [1, 1] })).toThrow('rising');
    expect(() => new SteeredMargin({ reach, margins: [] })).toThrow('rising');
  });
});
