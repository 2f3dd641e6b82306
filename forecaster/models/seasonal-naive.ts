import { modulo } from '../series/slots';
import { OnlineModel } from './model';

/**
 * The value one season ago.
 *
 * Hyndman and Athanasopoulos, Forecasting: Principles and Practice (3rd ed., 2021), section 5.2.
 */
export class SeasonalNaive extends OnlineModel {
  readonly alias = 'seasonal-naive';
  private readonly values: Float64Array;
  /** Which season each value is of. */
  private readonly seasons: Float32Array;
  private slot = NaN;

  /** @param seasonLength steps in a season; horizons up to one season */
  constructor(private readonly seasonLength: number) {
    super();
    this.values = new Float64Array(seasonLength);
    this.seasons = new Float32Array(seasonLength).fill(NaN);
  }

  update(slot: number, value: number): void {
    const index = modulo(slot, this.seasonLength);
    this.values[index] = value;
    this.seasons[index] = Math.floor(slot / this.seasonLength);
    this.slot = slot;
  }

  predict(steps: ArrayLike<number>, out: Float64Array): void {
    for (let i = 0; i < steps.length; i++) {
      const wanted = this.slot + steps[i]! - this.seasonLength;
      const index = modulo(wanted, this.seasonLength);
      out[i] = this.seasons[index] === Math.floor(wanted / this.seasonLength) ? this.values[index]! : NaN;
    }
  }
}
