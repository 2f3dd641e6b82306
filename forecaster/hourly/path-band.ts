/** Steps to either side over which the spread is averaged. */
const SPAN = 6;
/** Few overlapping origins miss the rare errors, and the weights were chosen on them: variances are widened by this over their number. */
const WIDENING = 2.25;

/**
 * Width of a forecast path, learned from the errors at earlier origins: a spread for every step and one common shape.
 *
 * Split conformal prediction with errors normalised by their spread: Lei et al. (2018), Distribution-Free Predictive Inference for
 * Regression, Journal of the American Statistical Association 113(523), section 5.2. The errors of overlapping paths are not
 * exchangeable, so the coverage is measured, not promised.
 */
export class PathBand {
  private readonly spreads: Float64Array;
  /** Sizes of the errors relative to their spreads, ascending. */
  private readonly sizes: Float64Array;
  private readonly widening: number;

  /** @param errors one path of errors per earlier origin, on the scale the band is asked for on, all of one length */
  constructor(errors: readonly Float64Array[]) {
    const steps = errors[0]?.length ?? 0;
    this.widening = Math.sqrt(1 + WIDENING / errors.length);
    const squares = new Float64Array(steps).map((_, i) => errors.reduce((sum, path) => sum + path[i]! ** 2 / errors.length, 0));
    this.spreads = squares.map((_, i) => {
      const near = squares.subarray(Math.max(0, i - SPAN), i + SPAN + 1);
      return Math.sqrt(near.reduce((sum, value) => sum + value / near.length, 0));
    });
    this.sizes = Float64Array.from(errors.flatMap(path => [...path].map((error, i) => {
      const spread = this.spreads[i]!;
      return spread > 0 ? Math.abs(error) / spread : 0;
    }))).sort();
  }

  /**
   * Distance of a quantile from the centre of the path; 0 for the median and where nothing is known.
   *
   * @param step counted from 0; beyond the learned steps the spread grows with the square root of time
   * @param level between 0 and 1
   */
  offset(step: number, level: number): number {
    const steps = this.spreads.length;
    if (steps === 0) return 0;
    const spread = step < steps ? this.spreads[step]! : this.spreads[steps - 1]! * Math.sqrt((step + 1) / steps);
    return Math.sign(level - 0.5) * this.widening * spread * this.sizeAt(Math.abs(2 * level - 1));
  }

  /** Size below which this share of the errors lies. */
  private sizeAt(share: number): number {
    const position = Math.min(1, Math.max(0, share)) * (this.sizes.length - 1);
    const below = Math.floor(position);
    const above = Math.min(this.sizes.length - 1, below + 1);
    return this.sizes[below]! + (position - below) * (this.sizes[above]! - this.sizes[below]!);
  }
}
