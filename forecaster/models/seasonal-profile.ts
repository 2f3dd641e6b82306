import { SeasonalMemory } from '../series/seasonal-memory';
import { OnlineModel, smoothingFactor } from './model';

/**
 * Today's level moved along the usual daily shape: level + usual(t + h) - usual(t).
 *
 * Re-anchoring is what makes daily seasonality useful minutes ahead: the plain seasonal forecast forgets that today is busier than
 * yesterday and loses to naive. It is the seasonal random walk with drift smoothed on both sides (Hyndman and Athanasopoulos,
 * Forecasting: Principles and Practice, 3rd ed., section 9.9, ARIMA(0,1,1)(0,1,1)m).
 */
export class SeasonalProfile extends OnlineModel {
  readonly alias = 'seasonal-profile';
  private readonly memory: SeasonalMemory;
  private readonly own: boolean;
  private level = NaN;
  private slot = NaN;

  /**
   * @param stepSeconds seconds
   * @param timeConstantSteps steps after which an old level counts 1/e
   * @param shared a memory that somebody else keeps up to date before this model is. @default - one of its own
   */
  constructor(stepSeconds: number, private readonly timeConstantSteps: number, shared?: SeasonalMemory) {
    super();
    this.own = shared === undefined;
    this.memory = shared ?? new SeasonalMemory({ stepSeconds });
  }

  update(slot: number, value: number): void {
    if (this.own) this.memory.update(slot, value);
    if (Number.isNaN(this.level)) {
      this.level = value;
    } else {
      // The level is carried along the usual shape before it meets the new value: averaging over a slope would lag behind it.
      const drift = this.memory.usual(slot) - this.memory.usual(this.slot);
      if (!Number.isNaN(drift)) this.level += drift;
      this.level += smoothingFactor(this.timeConstantSteps, slot - this.slot) * (value - this.level);
    }
    this.slot = slot;
  }

  predict(steps: ArrayLike<number>, out: Float64Array): void {
    const now = this.memory.usual(this.slot);
    for (let i = 0; i < steps.length; i++) out[i] = this.level + this.memory.usual(this.slot + steps[i]!) - now;
  }
}
