import { DAY, fallback, HourlyModel } from './hourly-model';
import { isSeasonal, seasonalIndices } from './seasonal-indices';

/** Smoothing weights that are tried. */
const ALPHAS = [0.02, 0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.99] as const;

/**
 * The theta method: exponential smoothing plus half the slope of the seasonally adjusted series.
 *
 * Assimakopoulos and Nikolopoulos (2000), The Theta Model, International Journal of Forecasting 16(4), in the form of Hyndman and Billah
 * (2003), Unmasking the Theta Method, International Journal of Forecasting 19(2).
 */
export class Theta implements HourlyModel {
  readonly alias = 'theta';
  readonly needs = 3;
  private values: Float64Array = new Float64Array(0);
  private indices: Float64Array | undefined;
  private level = 0;
  private slope = 0;
  private alpha = 0;

  constructor(private readonly season: number = DAY) {}

  fit(values: Float64Array): this {
    this.values = values;
    const n = values.length;
    if (n < this.needs) return this;
    const indices = isSeasonal(values, this.season) ? seasonalIndices(values, this.season) : undefined;
    this.indices = indices;
    const adjusted = indices ? values.map((value, i) => value / indices[i % this.season]!) : values;
    this.slope = slopeOf(adjusted) / 2;
    let least = Infinity;
    for (const alpha of ALPHAS) {
      let level = adjusted[0]!;
      let squares = 0;
      for (let i = 1; i < n; i++) {
        const error = adjusted[i]! - level;
        squares += error * error;
        level += alpha * error;
      }
      if (squares < least || alpha === ALPHAS[0]) {
        least = squares;
        this.level = level;
        this.alpha = alpha;
      }
    }
    return this;
  }

  predict(h: number): Float64Array {
    const n = this.values.length;
    if (n < this.needs) return fallback(this.values, h);
    // Hyndman and Billah, equation 8: the smoothed line lags behind the trend by 1/alpha steps.
    const lag = (1 - (1 - this.alpha) ** n) / this.alpha;
    return new Float64Array(h).map((_, i) => {
      const adjusted = this.level + this.slope * (i + lag);
      return adjusted * (this.indices ? this.indices[(n + i) % this.season]! : 1);
    });
  }
}

/** Slope of the least squares line per step. */
function slopeOf(values: Float64Array): number {
  const n = values.length;
  const middle = (n - 1) / 2;
  let covariance = 0;
  let variance = 0;
  for (let i = 0; i < n; i++) {
    covariance += (i - middle) * values[i]!;
    variance += (i - middle) ** 2;
  }
  return covariance / variance;
}
