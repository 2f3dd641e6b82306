import { DAY, fallback, HourlyModel, WEEK } from './hourly-model';
import { ridge } from './ridge';
import { limitsOf, Scale, scaleOf } from './scale';

/** Pairs of waves of the day. */
const DAY_PAIRS = 8;
/** Waves of the week up to this many per week; every seventh is one of the day. */
const WEEK_WAVES = 41;
/** A value this many steps old weighs half. */
const HALF_LIFE = 2 * WEEK;
/** Ridge penalty of a coefficient, per unit of weight, and that of the level. */
const PENALTY = 0.001;
const LEVEL_PENALTY = 1e-9;
/** Lags of the autoregression of what the waves leave over. */
const RESIDUAL_LAGS = [1, 2, DAY, WEEK] as const;

/**
 * Waves of the day and of the week, recent weeks weighing more, with autoregressive errors.
 *
 * Dynamic harmonic regression: Young, Pedregal and Tych (1999), Dynamic Harmonic Regression, Journal of Forecasting 18(6); Hyndman and
 * Athanasopoulos, Forecasting: Principles and Practice (3rd ed.), section 10.5.
 */
export class HarmonicRegression implements HourlyModel {
  readonly alias = 'harmonic-regression';
  readonly needs = 2 * WEEK + DAY;
  private values: Float64Array = new Float64Array(0);
  private scale: Scale = scaleOf(this.values);
  private scaled: Float64Array = this.values;
  private coefficients: Float64Array = this.values;
  private residuals: Float64Array = this.values;
  private weights: Float64Array = this.values;
  private readonly table: Float64Array[];

  constructor() {
    // All waves repeat after a week: one table serves every position.
    const waves: Float64Array[] = [new Float64Array(WEEK).fill(1)];
    const add = (perWeek: number): void => {
      const angle = (i: number): number => 2 * Math.PI * ((perWeek * i) % WEEK) / WEEK;
      waves.push(new Float64Array(WEEK).map((_, i) => Math.cos(angle(i))), new Float64Array(WEEK).map((_, i) => Math.sin(angle(i))));
    };
    for (let k = 1; k <= DAY_PAIRS; k++) add(k * WEEK / DAY);
    for (let k = 1; k <= WEEK_WAVES; k++) if (k % (WEEK / DAY) !== 0) add(k);
    this.table = waves;
  }

  fit(values: Float64Array): this {
    this.values = values;
    if (values.length < this.needs) return this;
    this.scale = scaleOf(values);
    this.scaled = values.map(value => this.scale.to(value));
    this.regress();
    this.residuals = this.scaled.map((value, i) => value - this.seasonAt(i));
    const rows = values.length - WEEK;
    const columns = RESIDUAL_LAGS.map(lag => this.residuals.subarray(WEEK - lag, WEEK - lag + rows));
    this.weights = ridge(columns, this.residuals.subarray(WEEK), RESIDUAL_LAGS.map(() => PENALTY));
    return this;
  }

  predict(h: number): Float64Array {
    const n = this.values.length;
    if (n < this.needs) return fallback(this.values, h);
    const path = new Float64Array(n + h);
    path.set(this.residuals);
    const errors = limitsOf(this.residuals);
    const { low, high } = limitsOf(this.scaled);
    const out = new Float64Array(h);
    for (let i = n; i < n + h; i++) {
      const error = RESIDUAL_LAGS.reduce((sum, lag, k) => sum + this.weights[k]! * path[i - lag]!, 0);
      path[i] = Math.min(errors.high, Math.max(errors.low, error));
      out[i - n] = this.scale.from(Math.min(high, Math.max(low, this.seasonAt(i) + path[i]!)));
    }
    return out;
  }

  /** Weighted least squares; values of the same hour of the week share their row, so the work does not grow with the series. */
  private regress(): void {
    const n = this.scaled.length;
    const weights = new Float64Array(WEEK);
    const sums = new Float64Array(WEEK);
    let total = 0;
    for (let i = 0; i < n; i++) {
      const weight = 0.5 ** ((n - 1 - i) / HALF_LIFE);
      weights[i % WEEK]! += weight;
      sums[i % WEEK]! += weight * this.scaled[i]!;
      total += weight;
    }
    const means = sums.map((sum, i) => sum / weights[i]!);
    const penalties = this.table.map((_, k) => (k === 0 ? LEVEL_PENALTY : PENALTY) * total);
    this.coefficients = ridge(this.table, means, penalties, weights);
  }

  private seasonAt(position: number): number {
    const row = position % WEEK;
    let sum = 0;
    for (let k = 0; k < this.table.length; k++) sum += this.coefficients[k]! * this.table[k]![row]!;
    return sum;
  }
}
