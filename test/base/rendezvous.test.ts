import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { rendezvous } from '../../base/rendezvous';

const keys = Array.from({ length: 20_000 }, (_, i) => `namespace-${i % 7}/service-${i}`);

describe('rendezvous', () => {
  it('gives every key to one holder, the same every time', () => {
    fc.assert(fc.property(fc.string(), fc.integer({ min: 1, max: 64 }), (key, holders) => {
      const owner = rendezvous(key, holders);
      expect(Number.isInteger(owner) && owner >= 0 && owner < holders).toBe(true);
      expect(rendezvous(key, holders)).toBe(owner);
    }));
  });

  it('does not change between versions: these owners are what running shards agreed on', () => {
    expect(['', 'a', 'catalog', 'täglich', '["shop","cost"]'].map((key) => [2, 3, 16].map((holders) => rendezvous(key, holders)))).toMatchInlineSnapshot(`
      [
        [
          0,
          2,
          10,
        ],
        [
          0,
          2,
          13,
        ],
        [
          0,
          2,
          14,
        ],
        [
          1,
          1,
          5,
        ],
        [
          0,
          0,
          12,
        ],
      ]
    `);
  });

  it('moves nothing but what the new holder takes', () => {
    fc.assert(fc.property(fc.string(), fc.integer({ min: 1, max: 32 }), (key, holders) => {
      const after = rendezvous(key, holders + 1);
      expect([rendezvous(key, holders), holders]).toContain(after);
    }));
  });

  it.each([2, 3, 5, 8, 16])('spreads evenly over %i', (holders) => {
    const counts = new Array<number>(holders).fill(0);
    for (const key of keys) counts[rendezvous(key, holders)]! += 1;
    const expected = keys.length / holders;
    // Chi-squared with holders - 1 degrees of freedom: mean holders - 1, deviation sqrt(2 (holders - 1)).
    const chiSquared = counts.reduce((sum, count) => sum + (count - expected) ** 2 / expected, 0);
    expect(chiSquared).toBeLessThan(holders - 1 + 4 * Math.sqrt(2 * (holders - 1)));
  });

  it.each([0, -1, 1.5, NaN])('cannot have %d holders', (holders) => {
    expect(() => rendezvous('a', holders)).toThrow(RangeError);
  });
});
