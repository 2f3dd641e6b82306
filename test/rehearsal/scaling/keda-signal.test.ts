import { describe, expect, it } from 'vitest';
import { KedaSignal } from '../../../rehearsal/scaling/keda-signal';

describe('a prometheus trigger', () => {
  it('passes values on, with three decimals, and never a negative one', () => {
    const signal = new KedaSignal(36.75);
    expect(signal.query(100.12345)).toEqual([100.123]);
    expect(signal.query(0)).toEqual([0]);
    expect(signal.query(-3)).toEqual([0]);
  });

  it('passes failures on until there were more in a row than the threshold, then stands for the fallback', () => {
    const signal = new KedaSignal(36.75, { failureThreshold: 3, replicas: 2 });
    expect([null, NaN, Infinity].map((value) => signal.query(value))).toEqual([null, null, null]);
    expect(signal.fallingBack).toBe(false);
    expect(signal.query(null)).toEqual([73.5]);
    expect(signal.fallingBack).toBe(true);
  });

  it('begins to count anew after a value', () => {
    const signal = new KedaSignal(10, { failureThreshold: 1, replicas: 2 });
    expect([null, 5, null, null].map((value) => signal.query(value))).toEqual([null, [5], null, [20]]);
  });

  it('passes every failure on where there is no fallback', () => {
    const signal = new KedaSignal(10);
    expect(Array.from({ length: 9 }, () => signal.query(null))).toEqual(Array(9).fill(null));
  });
});
