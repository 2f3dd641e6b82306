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
  private readonly slots: Float64Array;
  private slot = NaN;

  /** @param seasonLength steps in a season; horizons up to one season */
  constructor(private readonly seasonLength: number) {
    super();
    this.values = new Float64Array(seasonLength);
    this.slots = new Float64Array(seasonLength).fill(NaN);
  }

  update(slot: number, value: number): void {
    const index = modulo(slot, this.seasonLength);
    this.values[index] = value;
    this.slots[index] = slot;
    this.slot = slot;
  }

  predict(steps: ArrayLike<number>, out: Float64Array): void {
    for (let i = 0; i < steps.length; i++) {
      const wanted = this.slot + steps[i]! - this.seasonLength;
      const index = modulo(wanted, this.seasonLength);
      out[i] = this.slots[index] === wanted ? this.values[index]! : NaN;
    }
  }
}
