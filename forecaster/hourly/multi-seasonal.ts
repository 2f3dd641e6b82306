import { DAY, fallback, HourlyModel, WEEK } from './hourly-model';
import { limitsOf, Scale, scaleOf } from './scale';

/** Passes over the seasons. */
const PASSES = 2;
/** Weight of a season against the season after it. */
const MEMORY = 0.8;
/** Weights of the damped trend that continues what is left. */
const ALPHA = 0.1;
const BETA = 0.05;
const PHI = 0.9;

/**
 * Decomposition into a day, a week and a rest, each season smoothed over its own cycles and continued as it was last; the rest is
 * continued by a damped trend.
 *
 * After MSTL: Bandara, Hyndman and Bergmeir (2021), MSTL: A Seasonal-Trend Decomposition Algorithm for Time Series with Multiple Seasonal
 * Patterns, arXiv:2107.13462, with recency-weighted means in place of loess. Here for comparison.
 */
export class MultiSeasonal implements HourlyModel {
  readonly alias = 'multi-seasonal-decomposition';
  readonly needs = 2 * WEEK;
  private values: Float64Array = new Float64Array(0);
  private scale: Scale = scaleOf(this.values);
  private scaled: Float64Array = this.values;
  private readonly seasons = [new Float64Array(DAY), new Float64Array(WEEK)] as const;
  private level = 0;
  private trend = 0;

  fit(values: Float64Array): this {
    this.values = values;
    const n = values.length;
    if (n < this.needs) return this;
    this.scale = scaleOf(values);
    this.scaled = values.map(value => this.scale.to(value));
    this.seasons.forEach(season => season.fill(0));
    for (let pass = 0; pass < PASSES; pass++) {
      for (const season of this.seasons) {
        season.fill(0);
        season.set(lastSeason(this.rest(), season.length));
      }
    }
    const rest = this.rest();
    this.level = rest[0]!;
    this.trend = 0;
    for (let i = 1; i < n; i++) {
      const error = rest[i]! - this.level - PHI * this.trend;
      this.level += PHI * this.trend + ALPHA * error;
      this.trend = PHI * this.trend + ALPHA * BETA * error;
    }
    return this;
  }

  predict(h: number): Float64Array {
    const n = this.values.length;
    if (n < this.needs) return fallback(this.values, h);
    const { low, high } = limitsOf(this.scaled);
    let damped = 0;
    return new Float64Array(h).map((_, i) => {
      damped += PHI ** (i + 1);
      return this.scale.from(Math.min(high, Math.max(low, this.level + damped * this.trend + this.seasonAt(n + i))));
    });
  }

  private seasonAt(position: number): number {
    return this.seasons.reduce((sum, season) => sum + season[position % season.length]!, 0);
  }

  private rest(): Float64Array {
    return this.scaled.map((value, i) => value - this.seasonAt(i));
  }
}

/** Recency-weighted mean by position around a centred moving average, summing to zero; position 0 is that of the first value. */
function lastSeason(values: Float64Array, length: number): Float64Array {
  const half = length / 2;
  const sums = new Float64Array(length);
  const weights = new Float64Array(length);
  let window = 0;
  for (let i = 0; i < length; i++) window += values[i]!;
  for (let i = half; i < values.length - half; i++) {
    // The window starts at i - half; its two ends count half each.
    const trend = (window + (values[i + half]! - values[i - half]!) / 2) / length;
    const weight = MEMORY ** ((values.length - i) / length);
    sums[i % length]! += weight * (values[i]! - trend);
    weights[i % length]! += weight;
    window += values[i + half]! - values[i - half]!;
  }
  const means = sums.map((sum, position) => sum / weights[position]!);
  const centre = means.reduce((sum, mean) => sum + mean / length, 0);
  return means.map(mean => mean - centre);
}
