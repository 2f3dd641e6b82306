import { DAY, fallback, HourlyModel, WEEK } from './hourly-model';
import { limitsOf, Scale, scaleOf } from './scale';

/** Weeks that are looked back on. */
const WEEKS = 5;
/** Share of the present deviation from the profile that is carried on at all. */
const CARRY = 0.8;
/** What is left of the deviation of the last day after every hour. */
const DAY_MEMORY = 0.97;
/** What is left of the deviation of the last hour, beyond that of the day, after every hour. */
const HOUR_MEMORY = 0.85;

/**
 * Median of the hour of the week around the level of each week, plus what the last day and the last hour deviate from it, fading.
 *
 * Seasonal medians against outliers as in robust STL: Cleveland et al. (1990), STL: A Seasonal-Trend Decomposition Procedure Based on
 * Loess, Journal of Official Statistics 6(1); the fading deviation is the AR(1) adjustment of Taylor (2003), Short-Term Electricity
 * Demand Forecasting Using Double Seasonal Exponential Smoothing, Journal of the Operational Research Society 54(8).
 */
export class WeeklyProfile implements HourlyModel {
  readonly alias = 'weekly-profile';
  readonly needs = 2 * WEEK;
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
    const weeks = Math.min(WEEKS, Math.floor(n / WEEK) - 1);
    const deviations: Float64Array[] = [];
    for (let week = 1; week <= weeks; week++) {
      // Against the week before it: what is known when the profile is used.
      const start = n - WEEK * week;
      const level = this.weekMean(start);
      deviations.push(this.scaled.slice(start, start + WEEK).map(value => value - level));
    }
    const profile = medians(deviations);
    const earlier = weeks > 1 ? medians(deviations.slice(1)) : profile;
    const level = this.weekMean(n);
    // The last week is judged by the profile of the weeks before it; its own hours would hide the deviation.
    const deviation = (i: number): number => this.scaled[n - WEEK + i]! - level - earlier[i]!;
    let day = 0;
    for (let i = WEEK - DAY; i < WEEK; i++) day += deviation(i) / DAY;
    const hour = deviation(WEEK - 1) - day;
    const { low, high } = limitsOf(this.scaled);
    return new Float64Array(h).map((_, i) => {
      const carried = CARRY * (day * DAY_MEMORY ** (i + 1) + hour * HOUR_MEMORY ** (i + 1));
      return this.scale.from(Math.min(high, Math.max(low, level + profile[i % WEEK]! + carried)));
    });
  }

  /** Mean of the week before a position. */
  private weekMean(end: number): number {
    let sum = 0;
    for (let i = end - WEEK; i < end; i++) sum += this.scaled[i]!;
    return sum / WEEK;
  }
}

/** Median of every position. */
function medians(rows: readonly Float64Array[]): Float64Array {
  const half = (rows.length - 1) / 2;
  return new Float64Array(WEEK).map((_, i) => {
    const sorted = rows.map(row => row[i]!).sort((a, b) => a - b);
    return (sorted[Math.floor(half)]! + sorted[Math.ceil(half)]!) / 2;
  });
}
