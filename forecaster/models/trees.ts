/** Boosted regression trees as flat lists. Children of 0 and above are splits, below are leaves (-1 is the first); so are roots. */
export interface PackedTrees {
  readonly roots: ArrayLike<number>;
  readonly feature: ArrayLike<number>;
  readonly threshold: ArrayLike<number>;
  /** Where `value <= threshold` goes, and where the rest does. */
  readonly left: ArrayLike<number>;
  readonly right: ArrayLike<number>;
  /** 1 = an unknown value goes left. */
  readonly missingLeft: ArrayLike<number>;
  readonly leaf: ArrayLike<number>;
}

/** Sums of regression trees: Friedman (2001), Greedy function approximation: a gradient boosting machine, Annals of Statistics 29(5). */
export class BoostedTrees {
  readonly trees: number;
  private readonly roots: Int32Array;
  private readonly feature: Uint8Array;
  private readonly threshold: Float64Array;
  private readonly left: Int32Array;
  private readonly right: Int32Array;
  private readonly missingLeft: Uint8Array;
  private readonly leaf: Float64Array;

  constructor(packed: PackedTrees) {
    this.trees = packed.roots.length;
    this.roots = Int32Array.from(packed.roots);
    this.feature = Uint8Array.from(packed.feature);
    this.threshold = Float64Array.from(packed.threshold);
    this.left = Int32Array.from(packed.left);
    this.right = Int32Array.from(packed.right);
    this.missingLeft = Uint8Array.from(packed.missingLeft);
    this.leaf = Float64Array.from(packed.leaf);
  }

  /** @param features NaN = not known */
  sum(features: Float64Array): number {
    this.sumRows(features, features.length, single);
    return single[0]!;
  }

  /**
   * Sums for several feature vectors.
   *
   * @param rows one after the other, each `width` long; NaN = not known
   * @param out receives one sum per row; its length is the number of rows
   * @param from first tree. @default 0
   * @param to the tree after the last. @default - all of them
   */
  sumRows(rows: Float64Array, width: number, out: Float64Array, from = 0, to = this.trees): void {
    const { roots, feature, threshold, left, right, missingLeft, leaf } = this;
    out.fill(0);
    for (let tree = from; tree < to; tree++) {
      const root = roots[tree]!;
      // One tree for all rows before the next: its nodes stay in the nearest cache.
      for (let row = 0, at = 0; row < out.length; row++, at += width) {
        let node = root;
        while (node >= 0) {
          const value = rows[at + feature[node]!]!;
          const goesLeft = Number.isNaN(value) ? missingLeft[node] === 1 : value <= threshold[node]!;
          node = goesLeft ? left[node]! : right[node]!;
        }
        out[row]! += leaf[-node - 1]!;
      }
    }
  }
}

const single = new Float64Array(1);
