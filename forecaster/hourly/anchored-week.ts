import { DAY, fallback, HourlyModel, WEEK } from './hourly-model';
import { limitsOf, Scale, scaleOf } from './scale';

/** Weeks that are looked back on. */
const WEEKS = 4;
/** Weight of a week against the week after it. */
const WEEK_WEIGHT = 0.8;

/**
 * The same hours of the last weeks, each relative to the day before them, put on the level of the last day.
 *
 * The similar-day method of load planners with an anchor: Hippert, Pedreira and Souza (2001), Neural Networks for Short-Term Load
 * Forecasting: A Review and Evaluation, IEEE Transactions on Power Systems 16(1), section II.
 */
export class AnchoredWeek implements HourlyModel {
  readonly alias = 'anchored-week';
  readonly needs = WEEK + DAY;
  private values: Float64Array = new Float64Array(0);
  private scale: Scale = scaleOf(this.values);
  private scaled: Float64Array = this.values;

  fit(values: Float64Array): this {
    this.values = values;
    this.scale = scaleOf(values);
    this.scaled = values.map(value => this.scale.to(value));
    return this;
  }

  predict(h: number): Float64Array {
    const n = this.scaled.length;
    if (n < this.needs) return fallback(this.values, h);
    const shape = new Float64Array(WEEK);
    let weights = 0;
    for (let week = 1; week <= WEEKS; week++) {
      const origin = n - WEEK * week;
      if (origin < DAY) break;
      const weight = WEEK_WEIGHT ** week;
      const level = this.dayMean(origin);
      for (let i = 0; i < WEEK; i++) shape[i]! += weight * (this.scaled[origin + i]! - level);
      weights += weight;
    }
    const anchor = this.dayMean(n);
    const { low, high } = limitsOf(this.scaled);
    return new Float64Array(h).map((_, i) => this.scale.from(Math.min(high, Math.max(low, shape[i % WEEK]! / weights + anchor))));
  }

  /** Mean of the day before a position. */
  private dayMean(end: number): number {
    let sum = 0;
    for (let i = end - DAY; i < end; i++) sum += this.scaled[i]!;
    return sum / DAY;
  }
}
