import { DAY, fallback, HourlyModel, tidy } from './hourly-model';
import { hourlyMembers } from './members';
import { PathBand } from './path-band';
import { Scale, scaleOf } from './scale';

/** Settings of an {@link HourlyForecaster}. */
export interface HourlyForecasterOptions {
  /** Steps ahead the members are judged by, in hours. @default 48 */
  readonly horizon?: number;
  /** Earlier origins, one day apart, at which members are judged and the band is learned. @default 7 */
  readonly origins?: number;
  /** Models that are combined; each is refitted again and again, so they must not be shared. @default - {@link hourlyMembers} */
  readonly members?: readonly HourlyModel[];
}

/** How strongly a member's weight falls with its error: the inverse of the error to this power. */
const SHARPNESS = 4;
/** A member takes part if it can be judged at this many origins; one origin says little of weights and less of a band. */
const LEAST_ORIGINS = 4;

interface Trial {
  readonly actual: Float64Array;
  /** One path per member. */
  readonly paths: readonly Float64Array[];
}

/**
 * Forecasts an hourly series two days ahead: a pool of local models, each weighted by its errors at earlier origins of the same series,
 * with a band from the errors the pool made there.
 *
 * Bates and Granger (1969), The Combination of Forecasts, Operational Research Quarterly 20(4), weights by inverse error; rolling origins
 * as in Tashman (2000), Out-of-Sample Tests of Forecasting Accuracy, International Journal of Forecasting 16(4); the weighted pool
 * per series as in Pawlikowski and Chorowska (2020), Weighted Ensemble of Statistical Models, International Journal of Forecasting 36(1).
 */
export class HourlyForecaster {
  readonly alias = 'tideline-hourly';
  private readonly horizon: number;
  private readonly origins: number;
  private readonly members: readonly HourlyModel[];
  private values: Float64Array = new Float64Array(0);
  private scale: Scale = scaleOf(this.values);
  private used: readonly HourlyModel[] = [];
  private weights: readonly number[] = [];
  private band: PathBand = new PathBand([]);

  constructor(options: HourlyForecasterOptions = {}) {
    this.horizon = options.horizon ?? 2 * DAY;
    this.origins = options.origins ?? 7;
    this.members = options.members ?? hourlyMembers();
  }

  /**
   * Learns a series.
   *
   * @param values hourly, oldest first; missing ones as NaN
   */
  fit(values: ArrayLike<number>): this {
    this.values = tidy(values);
    this.scale = scaleOf(this.values);
    const trials = this.judge();
    this.weights = weightsOf(this.used.map((_, member) => errorOf(trials, member)));
    this.band = new PathBand(trials.map(({ actual, paths }) => {
      const pooled = this.pool(paths);
      return actual.map((value, i) => this.scale.to(value) - pooled[i]!);
    }));
    this.used.forEach(member => member.fit(this.values));
    return this;
  }

  /** Share of every member in the forecast, by name; they sum to 1. Empty when the series is too short to judge any. */
  shares(): Readonly<Record<string, number>> {
    return Object.fromEntries(this.used.map((member, i) => [member.alias, this.weights[i]!]));
  }

  /** The median path: `h` finite values, the next hour first. */
  predict(h: number): Float64Array {
    return this.centre(h).map(value => this.scale.from(value));
  }

  /**
   * Quantiles of every step.
   *
   * @param levels between 0 and 1
   * @returns one path of `h` values per level; a higher level is never below a lower one
   */
  quantiles(h: number, levels: readonly number[]): Float64Array[] {
    const centre = this.centre(h);
    return levels.map(level => centre.map((value, i) => this.scale.from(value + this.band.offset(i, level))));
  }

  /** The weighted path on the scale of the series. */
  private centre(h: number): Float64Array {
    if (this.used.length === 0) return fallback(this.values, h).map(value => this.scale.to(value));
    return this.pool(this.used.map(member => member.predict(h)));
  }

  private pool(paths: readonly Float64Array[]): Float64Array {
    return new Float64Array(paths[0]?.length ?? 0).map((_, i) =>
      paths.reduce((sum, path, member) => sum + this.weights[member]! * this.scale.to(path[i]!), 0));
  }

  /** Lets every member that has enough values forecast from earlier origins, the latest first. */
  private judge(): Trial[] {
    const latest = this.values.length - this.horizon;
    const able = (origin: number): HourlyModel[] => this.members.filter(member => member.needs <= origin);
    const often = able(latest - (Math.min(LEAST_ORIGINS, this.origins) - 1) * DAY);
    // A series of few days has no member that can be judged often.
    this.used = often.length > 0 ? often : able(latest);
    const needs = Math.max(0, ...this.used.map(member => member.needs));
    const trials: Trial[] = [];
    for (let i = 0; i < this.origins && latest - i * DAY >= needs && this.used.length > 0; i++) {
      const origin = latest - i * DAY;
      const past = this.values.subarray(0, origin);
      const actual = this.values.subarray(origin, origin + this.horizon);
      trials.push({ actual, paths: this.used.map(member => member.fit(past).predict(this.horizon)) });
    }
    return trials;
  }
}

/** Mean of the relative and the absolute error of a member, each against what the series itself is like. */
function errorOf(trials: readonly Trial[], member: number): number {
  let relative = 0;
  let absolute = 0;
  let count = 0;
  let naiveRelative = 0;
  let naiveAbsolute = 0;
  for (const { actual, paths } of trials) {
    for (let i = 0; i < actual.length; i++) {
      const value = actual[i]!;
      const forecast = paths[member]![i]!;
      const naive = paths[0]![i]!;
      relative += symmetric(value, forecast);
      absolute += Math.abs(value - forecast);
      naiveRelative += symmetric(value, naive);
      naiveAbsolute += Math.abs(value - naive);
      count += 1;
    }
  }
  if (count === 0) return 1;
  return (ratio(relative, naiveRelative) + ratio(absolute, naiveAbsolute)) / 2;
}

function symmetric(a: number, b: number): number {
  const sum = Math.abs(a) + Math.abs(b);
  return sum === 0 ? 0 : Math.abs(a - b) / sum;
}

/** 1 where both are nothing; large, yet finite, where only the yardstick is. */
function ratio(error: number, yardstick: number): number {
  if (error === yardstick) return 1;
  return Math.min(1e6, error / Math.max(yardstick, Number.MIN_VALUE));
}

function weightsOf(errors: readonly number[]): number[] {
  const raw = errors.map(error => Math.max(error, 1e-3) ** -SHARPNESS);
  const sum = raw.reduce((total, weight) => total + weight, 0);
  return raw.map(weight => weight / sum);
}
