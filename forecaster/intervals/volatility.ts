import { smoothingFactor } from '../models/model';

/** One error may raise the averages by no more than this many times their sum: a single wild value must not widen bands for a day. */
const LARGEST_RATIO = 20;
const FAST_STEPS = 20;
/** Recent errors this many times the usual ones mean that the series behaves differently now. */
const REGIME_RATIO = 3;

/** How rough a series is now and usually, from one-step errors: the unit that bands are measured in. */
export class Volatility {
  private fast = NaN;
  private slow = NaN;
  private magnitude = NaN;

  /** @param dayLength steps in a day */
  constructor(private readonly dayLength: number) {}

  /**
   * @param value the newest value
   * @param error its one-step error, or NaN if there was no forecast of it
   * @param gap steps since the last call
   */
  update(value: number, error: number, gap: number): void {
    const size = Math.abs(value);
    this.magnitude = Number.isNaN(this.magnitude) ? size : this.magnitude + smoothingFactor(this.dayLength, gap) * (size - this.magnitude);
    if (Number.isNaN(error)) return;
    const wild = Math.abs(error);
    if (Number.isNaN(this.fast)) {this.fast = this.slow = wild;}
    else {
      // From silence any error is infinitely many times the usual one; the floor lets it in.
      const bounded = Math.min(wild, LARGEST_RATIO * (this.fast + this.slow) + 0.1 * this.magnitude);
      this.fast += smoothingFactor(FAST_STEPS, gap) * (bounded - this.fast);
      this.slow += smoothingFactor(this.dayLength, gap) * (bounded - this.slow);
    }
  }

  /** The unit of bands, above 0. */
  get scale(): number {
    const rough = Number.isNaN(this.fast) ? 0.25 * this.magnitude : (this.fast + this.slow) / 2;
    return Math.max(rough, 1e-3 * this.magnitude, 1e-9) || 1e-9;
  }

  /** Usual absolute value of the series, on the modelled scale. */
  get size(): number {
    return Number.isNaN(this.magnitude) ? 0 : this.magnitude;
  }

  get regimeChanged(): boolean {
    return this.fast > REGIME_RATIO * this.slow && this.fast > 0.01 * this.magnitude;
  }
}
