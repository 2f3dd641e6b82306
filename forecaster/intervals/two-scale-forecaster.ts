import type { Skill } from '../evaluation/skill';
import { HORIZON } from '../models/global/features';
import type { ReasonCode } from '../reasons';
import { BandedForecaster } from './banded-forecaster';
import { Blend, LEVELS, MEDIAN } from './blend';
import type { CoreForecaster, Prediction, Standing } from './core-forecaster';
import { LOCAL_WINDOW, REFINED_STEP_SECONDS, RefinedForecaster } from './refined-forecaster';

/** What a {@link TwoScaleForecaster} is built for. */
export interface TwoScaleForecasterOptions {
  /** A part of five minutes, seconds. */
  readonly stepSeconds: number;
  /** The longest horizon, steps; an hour at most. */
  readonly maxSteps: number;
  /** Values are never negative. */
  readonly nonNegative: boolean;
}

/** Three hours in which both were equally good. */
const PRIOR_SECONDS = 3 * 3600;
const MEMORY_SECONDS = 3 * 86_400;
const GROUPS = 3;

/** A series has two forecasters when its step is a whole part of five minutes and no horizon is beyond an hour. */
export function hasTwoScales(stepSeconds: number, maxSteps: number): boolean {
  return stepSeconds < REFINED_STEP_SECONDS && REFINED_STEP_SECONDS % stepSeconds === 0 && maxSteps * stepSeconds <= HORIZON * REFINED_STEP_SECONDS;
}

/**
 * A series of short steps, seen twice: step by step, which knows the last minute, and in means of five minutes, which the global model
 * knows; blended at every horizon by which of them has been right.
 *
 * Temporal aggregation: Athanasopoulos, Hyndman, Kourentzes and Petropoulos (2017), Forecasting with temporal hierarchies, EJOR 262(1).
 */
export class TwoScaleForecaster implements CoreForecaster {
  private readonly fine: BandedForecaster;
  private readonly coarse: RefinedForecaster;
  private readonly blend: Blend;
  /** Steps in five minutes. */
  private readonly ratio: number;
  private readonly maxSteps: number;
  /** The five minutes under way. */
  private bin = NaN;
  private sum = 0;
  private count = 0;
  private closed = NaN;
  private slot = NaN;
  private last = NaN;
  private madeAt = NaN;

  constructor(options: TwoScaleForecasterOptions) {
    const { stepSeconds, maxSteps, nonNegative } = options;
    this.maxSteps = maxSteps;
    this.ratio = REFINED_STEP_SECONDS / stepSeconds;
    this.fine = new BandedForecaster({ stepSeconds, maxSteps, nonNegative, window: LOCAL_WINDOW });
    this.coarse = new RefinedForecaster({ nonNegative });
    const verdicts = (seconds: number) => Math.max(1, Math.round(seconds / stepSeconds / GROUPS));
    this.blend = new Blend({ steps: maxSteps, memory: verdicts(MEMORY_SECONDS), prior: { ratio: 1, verdicts: verdicts(PRIOR_SECONDS) }, nonNegative });
  }

  update(slot: number, value: number): void {
    this.blend.judge(slot, value);
    this.fine.update(slot, value);
    this.gather(slot, value);
    this.slot = slot;
    this.last = value;
    if (this.blend.due(slot)) this.make(true);
  }

  predict(steps: number, levels: readonly number[]): Prediction {
    if (this.madeAt !== this.slot) this.make(false);
    return { point: this.blend.quantile(LEVELS[MEDIAN], steps), quantiles: levels.map((level) => this.blend.quantile(level, steps)) };
  }

  leader(): string {
    return this.share >= 0.5 ? this.coarse.leader() : this.fine.leader();
  }

  standings(): Standing[] {
    const { share } = this;
    const both = [
      ...this.coarse.standings().map((standing) => ({ ...standing, model: `${standing.model} (5 min)`, weight: share * standing.weight })),
      ...this.fine.standings().map((standing) => ({ ...standing, weight: (1 - share) * standing.weight })),
    ];
    return both;
  }

  skill(): Skill {
    return this.blend.skill;
  }

  reasons(): ReasonCode[] {
    return this.fine.reasons();
  }

  confidence(): number {
    return this.fine.confidence();
  }

  /** An hour of five-minute means is known, and something moves, but not so much that only the last minutes count. */
  private get coarseSpeaks(): boolean {
    return this.coarse.corrected && !this.fine.constant && !this.fine.regimeChanged;
  }

  private get share(): number {
    return this.coarseSpeaks ? this.blend.share : 0;
  }

  private gather(slot: number, value: number): void {
    const bin = Math.floor(slot / this.ratio);
    if (bin !== this.bin) {
      if (this.count > 0) {
        this.coarse.update(this.bin, this.sum / this.count);
        this.closed = this.bin;
      }
      this.bin = bin;
      this.sum = 0;
      this.count = 0;
    }
    this.sum += value;
    this.count += 1;
  }

  private make(aside: boolean): void {
    const fine = this.fine.predict(this.maxSteps, LEVELS).quantiles;
    const coarse = this.coarseSpeaks ? this.spread(fine) : undefined;
    this.blend.combine(fine, coarse);
    this.madeAt = this.slot;
    if (aside) this.blend.putAside(this.slot, fine, coarse ?? fine, this.last);
  }

  /**
   * What the means of five minutes say about single steps: the line through their centres, with the noise of a single step added to the
   * bands as what is independent adds up.
   */
  private spread(fine: readonly number[][]): number[][] {
    const { quantiles } = this.coarse.predict(HORIZON, LEVELS);
    const noise = LEVELS.map((_, level) => fine[level]![0]! - fine[MEDIAN]![0]!);
    return LEVELS.map((_, level) => Array.from({ length: this.maxSteps }, (__, h) => {
      const position = Math.min(HORIZON, Math.max(1, (this.slot + h + 1.5) / this.ratio - 0.5 - this.closed));
      const left = Math.floor(position);
      const at = (row: readonly number[]) => row[left - 1]! + (position - left) * ((row[left] ?? row[left - 1]!) - row[left - 1]!);
      const median = at(quantiles[MEDIAN]!);
      const offset = at(quantiles[level]!) - median;
      return median + Math.sign(level - MEDIAN) * Math.hypot(offset, noise[level]!);
    }));
  }
}
