import { describe, expect, it } from 'vitest';
import { BoostedTrees } from '../../../forecaster/models/trees';

/** Tree 0: x0 <= 1 ? 10 : (x1 <= 5 ? 20 : 30), unknown x0 right, unknown x1 left. Tree 1: always 1. */
const trees = new BoostedTrees({
  roots: [0, -4], feature: [0, 1], threshold: [1, 5], left: [-1, -2], right: [1, -3], missingLeft: [0, 1], leaf: [10, 20, 30, 1],
});

describe('BoostedTrees', () => {
  it('walks every row through every tree', () => {
    const out = new Float64Array(4);
    trees.sumRows(Float64Array.of(1, 9, 2, 5, 2, 6, NaN, NaN), 2, out);
    expect([...out]).toEqual([11, 21, 31, 21]);
    expect(trees.sum(Float64Array.of(2, 6))).toBe(31);
  });

  it('adds up only the trees it is asked for', () => {
    const out = new Float64Array(1).fill(99);
    trees.sumRows(Float64Array.of(0, 0), 2, out, 1, 2);
    expect([...out]).toEqual([1]);
  });
});
