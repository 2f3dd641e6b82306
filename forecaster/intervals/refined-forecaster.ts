import type { Skill } from '../evaluation/skill';
import { FeatureExtractor, HORIZON } from '../models/global/features';
import { type GlobalModel, globalModel } from '../models/global/global-model';
import { describeOrigin } from '../models/global/origin';
import type { ReasonCode } from '../reasons';
import { BandedForecaster } from './banded-forecaster';
import { Blend, LEVELS, MEDIAN } from './blend';
import type { CoreForecaster, Prediction, Standing } from './core-forecaster';

/** What a {@link RefinedForecaster} is built for. */
export interface RefinedForecasterOptions {
  /** Values are never negative. */
  readonly nonNegative: boolean;
  /** @default - the shipped one */
  readonly model?: GlobalModel;
}

/** The grid that the global model was trained on, seconds. */
export const REFINED_STEP_SECONDS = 300;
/** Errors behind the local bands: enough for a correction to start from, and a third of the memory. */
export const LOCAL_WINDOW = 128;
/** Before an hour is known there is nothing to correct. */
const ACQUAINTED = HORIZON;
/** Half a day in which the global model was slightly better, in verdicts of a third of the horizon. */
const PRIOR = { ratio: 0.9, verdicts: 48 };
const MEMORY = 3 * 96;

/** Scratch that all series share: both are used up within one call. */
const extractor = new FeatureExtractor();
const heads = LEVELS.map(() => new Float64Array(HORIZON));
const column = new Float64Array(LEVELS.length);

/** The local forecaster of a series of five-minute steps, up to an hour ahead, blended with what the global model makes of it. */
export class RefinedForecaster implements CoreForecaster {
  private readonly local: BandedForecaster;
  private readonly blend: Blend;
  private readonly model: GlobalModel;
  private seen = 0;
  private slot = NaN;
  private last = NaN;
  /** Slot of the forecast that is kept: it is made when it is first asked for. */
  private madeAt = NaN;

  constructor(options: RefinedForecasterOptions) {
    const { nonNegative } = options;
    this.model = options.model ?? globalModel();
    this.local = new BandedForecaster({ stepSeconds: REFINED_STEP_SECONDS, maxSteps: HORIZON, nonNegative, window: LOCAL_WINDOW });
    this.blend = new Blend({ steps: HORIZON, memory: MEMORY, prior: PRIOR, nonNegative });
  }

  update(slot: number, value: number): void {
    this.blend.judge(slot, value);
    this.local.update(slot, value);
    this.seen += 1;
    this.slot = slot;
    this.last = value;
    if (this.blend.due(slot)) this.make(true);
  }

  predict(steps: number, levels: readonly number[]): Prediction {
    if (this.madeAt !== this.slot) this.make(false);
    return { point: this.blend.quantile(LEVELS[MEDIAN], steps), quantiles: levels.map((level) => this.blend.quantile(level, steps)) };
  }

  leader(): string {
    return this.share >= 0.5 ? this.model.alias : this.local.leader();
  }

  standings(): Standing[] {
    const { share } = this;
    return [
      { model: this.model.alias, weight: share, relativeError: this.skill().relativeError },
      ...this.local.standings().map((standing) => ({ ...standing, weight: (1 - share) * standing.weight })),
    ];
  }

  skill(): Skill {
    return this.blend.skill;
  }

  reasons(): ReasonCode[] {
    return this.local.reasons();
  }

  confidence(): number {
    return this.local.confidence();
  }

  /** The global model has a say. */
  get corrected(): boolean {
    return this.seen >= ACQUAINTED && !this.local.constant;
  }

  private get share(): number {
    return this.corrected ? this.blend.share : 0;
  }

  private make(aside: boolean): void {
    const local = describeOrigin(this.local, extractor);
    const { base, unit, rows } = extractor;
    if (this.corrected || aside) {
      this.model.predict(rows, heads);
      for (let h = 0; h < HORIZON; h++) {
        for (let level = 0; level < LEVELS.length; level++) column[level] = base + unit * heads[level]![h]!;
        column.sort(); // heads are trained apart and may cross
        for (let level = 0; level < LEVELS.length; level++) heads[level]![h] = column[level]!;
      }
    }
    this.blend.combine(local, this.corrected ? heads : undefined);
    this.madeAt = this.slot;
    if (aside) this.blend.putAside(this.slot, local, heads, this.last);
  }
}
