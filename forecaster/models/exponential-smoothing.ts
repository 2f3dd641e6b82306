import { OnlineModel, smoothingFactor } from './model';

/**
 * Simple exponential smoothing: a level that forgets, forecast flat. On noisy load it beats the last value because it averages the noise away.
 *
 * Brown (1956), Exponential Smoothing for Predicting Demand; irregular spacing as in Wright (1986), Management Science 32(4).
 */
export class ExponentialSmoothing extends OnlineModel {
  readonly alias: string;
  private level = NaN;
  private slot = NaN;

  /** @param timeConstantSteps steps after which an old value counts 1/e */
  constructor(private readonly timeConstantSteps: number) {
    super();
    this.alias = `exponential-smoothing-${timeConstantSteps}`;
  }

  update(slot: number, value: number): void {
    if (Number.isNaN(this.level)) this.level = value;
    else this.level += smoothingFactor(this.timeConstantSteps, slot - this.slot) * (value - this.level);
    this.slot = slot;
  }

  predict(steps: ArrayLike<number>, out: Float64Array): void {
    for (let i = 0; i < steps.length; i++) out[i] = this.level;
  }
}
