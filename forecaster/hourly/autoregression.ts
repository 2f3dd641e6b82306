import { DAY, fallback, HourlyModel, WEEK } from './hourly-model';
import { ridge } from './ridge';
import { limitsOf, Scale, scaleOf } from './scale';

/** Shape of an {@link Autoregression}. */
export interface AutoregressionOptions {
  /** Name of this shape. */
  readonly alias: string;
  /** Earlier values a value is explained by, in steps, each at least 1. */
  readonly lags: readonly number[];
  /** Season over which the series is differenced first; 0 = not. @default 0 */
  readonly difference?: number;
  /** Pairs of sines and cosines of the day and of the week among the regressors. @default 0 */
  readonly harmonics?: number;
  /** Ridge penalty per row, of standardised values. @default 0.001 */
  readonly penalty?: number;
}

/**
 * Autoregression over chosen lags of the logarithm, by ridge regression, iterated to the horizon.
 *
 * Box and Jenkins (1970), Time Series Analysis: Forecasting and Control (seasonal differences, lags around the seasons); the subset of
 * lags around one day and one week as in Taylor, de Menezes and McSharry (2006), A Comparison of Univariate Methods for Forecasting
 * Electricity Demand Up to a Day Ahead, International Journal of Forecasting 22(1).
 */
export class Autoregression implements HourlyModel {
  readonly alias: string;
  readonly needs: number;
  private readonly lags: readonly number[];
  private readonly difference: number;
  /** A week of every wave: pairs of the day, then pairs of the week. */
  private readonly waves: readonly Float64Array[];
  private readonly penalty: number;
  private values: Float64Array = new Float64Array(0);
  private scale: Scale = scaleOf(this.values);
  private scaled: Float64Array = this.values;
  private standard: Float64Array = this.values;
  private mean = 0;
  private deviation = 0;
  private weights: Float64Array = this.values;

  constructor(options: AutoregressionOptions) {
    this.alias = options.alias;
    this.lags = options.lags;
    this.difference = options.difference ?? 0;
    this.waves = [DAY, WEEK].flatMap(season => wavesOf(season, options.harmonics ?? 0));
    this.penalty = options.penalty ?? 0.001;
    // Two rows for every coefficient, at least.
    this.needs = this.difference + Math.max(...this.lags) + 2 * (this.lags.length + this.waves.length + 1);
  }

  fit(values: Float64Array): this {
    this.values = values;
    this.deviation = 0;
    if (values.length < this.needs) return this;
    this.scale = scaleOf(values);
    this.scaled = values.map(value => this.scale.to(value));
    const season = this.difference;
    const changes = season === 0 ? this.scaled : this.scaled.subarray(season).map((value, i) => value - this.scaled[i]!);
    this.mean = changes.reduce((sum, value) => sum + value / changes.length, 0);
    this.deviation = Math.sqrt(changes.reduce((sum, value) => sum + (value - this.mean) ** 2 / changes.length, 0));
    if (!(this.deviation > 1e-12)) {
      this.deviation = 0;
      return this;
    }
    this.standard = changes.map(value => (value - this.mean) / this.deviation);
    this.regress();
    return this;
  }

  predict(h: number): Float64Array {
    // Nothing varies, or too little was seen: the season repeats itself.
    if (this.deviation === 0) return fallback(this.values, h, this.difference || DAY);
    const n = this.standard.length;
    const path = new Float64Array(n + h);
    path.set(this.standard);
    const { low, high } = limitsOf(this.standard);
    for (let i = n; i < n + h; i++) {
      const value = this.lags.reduce((sum, lag, k) => sum + this.weights[k]! * path[i - lag]!, this.fixedPart(i));
      path[i] = Math.min(high, Math.max(low, value));
    }
    return this.undo(path.subarray(n));
  }

  /** Least squares of every standardised value on its lags, the harmonics and a constant. */
  private regress(): void {
    const first = Math.max(...this.lags);
    const rows = this.standard.length - first;
    const columns = this.lags.map(lag => this.standard.subarray(first - lag, first - lag + rows));
    this.waves.forEach(wave => columns.push(new Float64Array(rows).map((_, r) => wave[(first + r) % WEEK]!)));
    columns.push(new Float64Array(rows).fill(1));
    const penalties = columns.map((_, k) => k === columns.length - 1 ? 1e-9 : this.penalty * rows);
    this.weights = ridge(columns, this.standard.subarray(first), penalties);
  }

  /** What does not depend on earlier values. */
  private fixedPart(position: number): number {
    const start = this.lags.length;
    const constant = this.weights[start + this.waves.length]!;
    return this.waves.reduce((sum, wave, k) => sum + this.weights[start + k]! * wave[position % WEEK]!, constant);
  }

  /** From standardised differences back to values. */
  private undo(standard: Float64Array): Float64Array {
    const season = this.difference;
    const path = new Float64Array(season + standard.length);
    if (season > 0) path.set(this.scaled.subarray(this.scaled.length - season));
    standard.forEach((value, i) => { path[season + i] = value * this.deviation + this.mean + (season > 0 ? path[i]! : 0); });
    const { low, high } = limitsOf(this.scaled);
    return path.subarray(season).map(value => this.scale.from(Math.min(high, Math.max(low, value))));
  }
}

/** Sines and cosines of a season and its overtones, over one week. */
function wavesOf(season: number, pairs: number): Float64Array[] {
  const angles = (overtone: number): Float64Array => new Float64Array(WEEK).map((_, i) => 2 * Math.PI * overtone * (i % season) / season);
  return Array.from({ length: pairs }, (_, k) => [angles(k + 1).map(Math.cos), angles(k + 1).map(Math.sin)]).flat();
}
