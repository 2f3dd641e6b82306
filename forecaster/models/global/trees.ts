/** Gradient-boosted regression trees as they are shipped: flat arrays, one entry per inner node. */
export interface TreeTable {
  /** First inner node and first leaf of every tree. A tree without inner nodes has a leaf alone. */
  readonly nodeStart: Int32Array;
  readonly leafStart: Int32Array;
  readonly feature: Uint8Array;
  readonly threshold: Float32Array;
  /** Child to the left (`value <= threshold`) and to the right: an inner node of the tree, or `-1 - leaf`. */
  readonly left: Int16Array;
  readonly right: Int16Array;
  /** Where a missing value goes: 1 = left, 0 = right. */
  readonly missingLeft: Uint8Array;
  readonly leaf: Float32Array;
}

/**
 * Adds up one tree after the other.
 *
 * Friedman (2001), Greedy function approximation: a gradient boosting machine, Annals of Statistics 29(5).
 *
 * @param rows feature vectors one after the other, `width` long; NaN = missing
 * @param out receives one sum per row
 */
export function sumTrees(table: TreeTable, from: number, to: number, rows: Float64Array, width: number, count: number, out: Float64Array): void {
  const { nodeStart, leafStart, feature, threshold, left, right, missingLeft, leaf } = table;
  out.fill(0, 0, count);
  for (let tree = from; tree < to; tree++) {
    const nodes = nodeStart[tree]!;
    const leaves = leafStart[tree]!;
    const empty = nodeStart[tree + 1] === nodes;
    // One tree for all rows before the next: its nodes stay in the nearest cache.
    for (let row = 0; row < count; row++) {
      let node = empty ? -1 : 0;
      const at = row * width;
      while (node >= 0) {
        const i = nodes + node;
        const value = rows[at + feature[i]!]!;
        // A comparison with NaN is false either way.
        node = value <= threshold[i]! || (value !== value && missingLeft[i] === 1) ? left[i]! : right[i]!;
      }
      out[row]! += leaf[leaves - 1 - node]!;
    }
  }
}
