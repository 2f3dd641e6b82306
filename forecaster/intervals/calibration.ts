/** Share of a forecast's own width by which one miss moves an edge. */
const RATE = 0.01;
/** The same while few values are known: early bands are guesses, so they may learn faster. */
const EARLY_RATE = 0.1;
const EARLY = 480;
/** Misses aimed at, of those a level allows: learning follows the series, so what it aims at exactly it misses a little. */
const AIM = 0.97;
const NARROWEST = -0.9;
const WIDEST = 8;

/** Weight of one error in the usual one. */
const USUAL_RATE = 0.01;
/** Share of the usual error that counts as width besides a forecast's own: one that is sure of itself without reason can still be widened. */
const DOUBT = 0.25;

/**
 * Keeps every quantile at its level by widening or narrowing it, in shares of its own distance from the median, after each value that came.
 *
 * Online gradient steps on the pinball loss: Gibbs and Candes (2021), Adaptive Conformal Inference Under Distribution Shift; the step in
 * units of the score as in Angelopoulos, Candes and Tibshirani (2023), Conformal PID Control for Time Series Prediction. Long-run coverage
 * follows whatever the series does.
 */
export class Calibration {
  private readonly stretch: Float64Array;
  private judged = 0;
  /** Mean absolute error of the median. */
  private usual = 0;

  /** @param levels ascending, with 0.5 among them */
  constructor(private readonly levels: readonly number[]) {
    this.stretch = new Float64Array(levels.length);
  }

  /**
   * The calibrated quantile, on the side of the median where its level is.
   *
   * @param level index of the level
   */
  apply(level: number, quantile: number, median: number): number {
    const above = this.levels[level]! > 0.5;
    const width = Math.abs(quantile - median) + DOUBT * this.usual;
    const moved = quantile + (above ? 1 : -1) * this.stretch[level]! * width;
    if (this.levels[level] === 0.5) return quantile;
    return above ? Math.max(median, moved) : Math.min(median, moved);
  }

  /**
   * Learns of one value.
   *
   * @param issued the calibrated quantiles it was given, one per level
   */
  judge(actual: number, issued: ArrayLike<number>): void {
    this.judged += 1;
    const error = Math.abs(actual - issued[this.levels.indexOf(0.5)]!);
    this.usual += Math.max(USUAL_RATE, 1 / this.judged) * (Math.min(error, this.judged === 1 ? error : 10 * this.usual + 1e-12) - this.usual);
    const rate = Math.max(RATE, EARLY_RATE * (1 - this.judged / EARLY));
    for (let i = 0; i < this.levels.length; i++) {
      const level = this.levels[i]!;
      if (level === 0.5) continue;
      const step = level > 0.5 ? (actual > issued[i]! ? 1 : 0) - AIM * (1 - level) : (actual < issued[i]! ? 1 : 0) - AIM * level;
      this.stretch[i] = Math.min(WIDEST, Math.max(NARROWEST, this.stretch[i]! + rate * step));
    }
  }
}
