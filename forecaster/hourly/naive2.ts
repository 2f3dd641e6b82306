import { DAY, HourlyModel } from './hourly-model';
import { isSeasonal, seasonalIndices } from './seasonal-indices';

/**
 * Naive 2, the yardstick of the M competitions: the last value, seasonally adjusted by classical multiplicative decomposition where
 * the M4 test finds a season.
 *
 * Makridakis, Spiliotis and Assimakopoulos (2020), The M4 Competition, International Journal of Forecasting 36(1).
 */
export class Naive2 implements HourlyModel {
  readonly alias = 'naive2';
  readonly needs = 1;
  private indices: Float64Array | undefined;
  private adjusted = 0;
  private length = 0;

  constructor(private readonly season: number = DAY) {}

  fit(values: Float64Array): this {
    this.length = values.length;
    this.indices = isSeasonal(values, this.season) ? seasonalIndices(values, this.season) : undefined;
    const last = values[values.length - 1] ?? 0;
    this.adjusted = this.indices ? last / this.indices[(this.length - 1) % this.season]! : last;
    return this;
  }

  predict(h: number): Float64Array {
    return new Float64Array(h).map((_, i) => this.adjusted * (this.indices ? this.indices[(this.length + i) % this.season]! : 1));
  }
}
