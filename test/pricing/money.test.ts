import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Money } from '../../pricing/money';

describe('Money', () => {
  it('keeps every amount of six decimals exactly', () => {
    fc.assert(fc.property(fc.integer({ min: -1_000_000_000_000, max: 1_000_000_000_000 }), (micro) => {
      expect(Money.usd(micro / 1e6).micro).toBe(micro === 0 ? 0 : micro);
    }));
  });

  it('sums to the same in any order', () => {
    fc.assert(fc.property(fc.array(fc.integer({ min: 0, max: 10_000_000 }), { maxLength: 50 }), (micros) => {
      const amounts = micros.map((micro) => Money.usd(micro / 1e6));
      expect(Money.sum(amounts).micro).toBe(Money.sum([...amounts].reverse()).micro);
      expect(Money.sum(amounts).micro).toBe(micros.reduce((sum, micro) => sum + micro, 0));
    }));
  });

  it('refuses a price that would be rounded on the way in', () => {
    expect(() => Money.usd(0.0816001)).toThrow('0.0816001 dollars cannot be kept in millionths');
    expect(() => Money.usd(NaN)).toThrow(RangeError);
    expect(() => Money.usd(Infinity)).toThrow(RangeError);
  });

  it('refuses what is too large to keep exactly', () => {
    expect(() => Money.usd(9_000_000_000).times(10)).toThrow('too many to keep exactly');
  });

  it('rounds a product to the nearest millionth', () => {
    expect(Money.usd(0.0816).times(730).toUsd()).toBe(59.568);
    expect(Money.usd(0.000001).times(0.4).micro).toBe(0);
    expect(Money.usd(0.000001).times(0.6).micro).toBe(1);
  });
});
