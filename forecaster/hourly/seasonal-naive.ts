import { DAY, fallback, HourlyModel } from './hourly-model';

/** Every hour as it was one season ago: Hyndman and Athanasopoulos, Forecasting: Principles and Practice (3rd ed.), section 5.2. */
export class SeasonalNaive implements HourlyModel {
  readonly alias: string;
  readonly needs: number;
  private values: Float64Array = new Float64Array(0);

  constructor(private readonly season: number = DAY) {
    this.needs = season;
    this.alias = `seasonal-naive-${season}`;
  }

  fit(values: Float64Array): this {
    this.values = values;
    return this;
  }

  predict(h: number): Float64Array {
    return this.values.length >= this.season ? fallback(this.values, h, this.season) : fallback(this.values, h);
  }
}
