/** Boosted trees as flat lists: children >= 0 are splits, below are leaves (-1 is the first). */
export interface PackedTrees {
  readonly roots: readonly number[];
  readonly feature: readonly number[];
  readonly threshold: readonly number[];
  readonly left: readonly number[];
  readonly right: readonly number[];
  /** 1 = an unknown value goes left. */
  readonly missingLeft: readonly number[];
  readonly leaf: readonly number[];
}

/** Sums of regression trees (Friedman 2001, Greedy function approximation: a gradient boosting machine, Annals of Statistics 29). */
export class BoostedTrees {
  private readonly roots: Int16Array;
  private readonly feature: Uint8Array;
  private readonly threshold: Float64Array;
  private readonly left: Int16Array;
  private readonly right: Int16Array;
  private readonly missingLeft: Uint8Array;
  private readonly leaf: Float64Array;

  constructor(trees: PackedTrees) {
    this.roots = Int16Array.from(trees.roots);
    this.feature = Uint8Array.from(trees.feature);
    this.threshold = Float64Array.from(trees.threshold);
    this.left = Int16Array.from(trees.left);
    this.right = Int16Array.from(trees.right);
    this.missingLeft = Uint8Array.from(trees.missingLeft);
    this.leaf = Float64Array.from(trees.leaf);
  }

  /** @param features NaN = not known */
  sum(features: Float64Array): number {
    const { feature, threshold, left, right, missingLeft, leaf, roots } = this;
    let total = 0;
    for (let tree = 0; tree < roots.length; tree++) {
      let node = roots[tree]!;
      while (node >= 0) {
        const value = features[feature[node]!]!;
        const goesLeft = Number.isNaN(value) ? missingLeft[node] === 1 : value <= threshold[node]!;
        node = goesLeft ? left[node]! : right[node]!;
      }
      total += leaf[-node - 1]!;
    }
    return total;
  }
}

/** The inverse of the logit. */
export function logistic(score: number): number {
  return 1 / (1 + Math.exp(-score));
}
