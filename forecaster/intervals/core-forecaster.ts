import type { Skill } from '../evaluation/skill';
import type { ReasonCode } from '../reasons';

/** Point and quantiles for steps 1, 2, ... */
export interface Prediction {
  readonly point: number[];
  /** [level][step], levels in the order they were asked for. */
  readonly quantiles: number[][];
}

/** One candidate's standing half-way to the longest horizon. */
export interface Standing {
  readonly model: string;
  /** Share in the combination, 0 to 1. */
  readonly weight: number;
  /** Rolling mean absolute error over that of naive; null before both are known. */
  readonly relativeError: number | null;
}

/** Forecasts one series on consecutive slots, with bands. */
export interface CoreForecaster {
  /** @param slot greater than before, at least 0 */
  update(slot: number, value: number): void;
  /** @param steps at most the longest horizon */
  predict(steps: number, levels: readonly number[]): Prediction;
  /** Alias of the model with most weight half-way to the longest horizon. */
  leader(): string;
  standings(): Standing[];
  skill(): Skill;
  reasons(): ReasonCode[];
  /** 0 to 1. */
  confidence(): number;
}
