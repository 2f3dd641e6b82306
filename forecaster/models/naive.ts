import { OnlineModel } from './model';

/**
 * The last value, for every step ahead: the yardstick that every other model has to beat.
 *
 * Hyndman and Athanasopoulos, Forecasting: Principles and Practice (3rd ed., 2021), section 5.2.
 */
export class Naive extends OnlineModel {
  readonly alias = 'naive';
  private last = NaN;

  update(_slot: number, value: number): void {
    this.last = value;
  }

  predict(steps: ArrayLike<number>, out: Float64Array): void {
    for (let i = 0; i < steps.length; i++) out[i] = this.last;
  }
}
