import { describe, expect, it } from 'vitest';
import { sumTrees, type TreeTable } from '../../../../forecaster/models/global/trees';

/** Tree 0: x0 <= 1 ? 10 : (x1 <= 5 ? 20 : 30), missing x0 right, missing x1 left. Tree 1: always 1. */
const table: TreeTable = {
  nodeStart: Int32Array.of(0, 2, 2),
  leafStart: Int32Array.of(0, 3, 4),
  feature: Uint8Array.of(0, 1),
  threshold: Float32Array.of(1, 5),
  left: Int16Array.of(-1, -2),
  right: Int16Array.of(1, -3),
  missingLeft: Uint8Array.of(0, 1),
  leaf: Float32Array.of(10, 20, 30, 1),
};

describe('sumTrees', () => {
  it('walks every row through every tree', () => {
    const rows = Float64Array.of(1, 9, 2, 5, 2, 6, NaN, NaN);
    const out = new Float64Array(4);
    sumTrees(table, 0, 2, rows, 2, 4, out);
    expect([...out]).toEqual([11, 21, 31, 21]);
  });

  it('adds up only the trees it is asked for', () => {
    const out = new Float64Array(1).fill(99);
    sumTrees(table, 1, 2, Float64Array.of(0, 0), 2, 1, out);
    expect([...out]).toEqual([1]);
  });
});
