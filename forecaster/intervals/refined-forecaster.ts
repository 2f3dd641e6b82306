import { type Skill, SkillTracker } from '../evaluation/skill';
import { FeatureExtractor, HORIZON, LOCAL_LEVELS } from '../models/global/features';
import { type GlobalModel, globalModel } from '../models/global/global-model';
import { describeOrigin } from '../models/global/origin';
import type { ReasonCode } from '../reasons';
import { BandedForecaster } from './banded-forecaster';
import { Calibration } from './calibration';
import type { CoreForecaster, Prediction, Standing } from './core-forecaster';
import { normalQuantile } from './normal';

/** What a {@link RefinedForecaster} is built for. */
export interface RefinedForecasterOptions {
  /** Values are never negative. */
  readonly nonNegative: boolean;
  /** @default - the shipped one */
  readonly model?: GlobalModel;
}

/** The grid that the global model was trained on, seconds. */
export const REFINED_STEP_SECONDS = 300;
const LEVELS = LOCAL_LEVELS;
const NORMAL = LEVELS.map(normalQuantile);
const MEDIAN = 2;
/** Errors behind the local bands: enough for a correction to start from, and half the memory. */
export const LOCAL_WINDOW = 200;
/** Levels by whose loss the two forecasts are weighed. */
const WEIGHED = [2, 3, 4] as const;
/** Verdicts after which an old one counts 1/e: three days. */
const MEMORY = 864;
/** What is believed before anything is known: as if half a day had shown the global model slightly better. */
const PRIOR = { verdicts: 144, global: 0.95, local: 1 } as const;
/** Before an hour is known there is nothing to correct. */
const ACQUAINTED = HORIZON;

/** Scratch that all series share: both are used up within one call. */
const extractor = new FeatureExtractor();
const heads = LEVELS.map(() => new Float64Array(HORIZON));

/**
 * The local forecaster of a series, corrected by the global model, weighed by their own rolling pinball loss, and calibrated by what came.
 *
 * Once an hour a forecast is put aside and judged value by value as the hour passes; nothing is judged on what it has learned from.
 */
export class RefinedForecaster implements CoreForecaster {
  private readonly local: BandedForecaster;
  private readonly calibration = new Calibration(LEVELS);
  private readonly tracker = new SkillTracker(MEMORY);
  private readonly model: GlobalModel;
  private readonly nonNegative: boolean;
  /** Forecasts put aside, [level][step], and the slot they were made at. */
  private readonly issued = new Float32Array(LEVELS.length * HORIZON);
  private readonly issuedGlobal = new Float32Array(LEVELS.length * HORIZON);
  private readonly issuedLocal = new Float32Array(LEVELS.length * HORIZON);
  private issuedAt = NaN;
  private issuedLast = NaN;
  private issuedUnit = NaN;
  private globalLoss = PRIOR.global * PRIOR.verdicts;
  private localLoss = PRIOR.local * PRIOR.verdicts;
  private lossUnit = NaN;
  private seen = 0;
  private slot = NaN;
  private last = NaN;
  /** The forecast of the newest slot, made when it is first asked for. */
  private readonly latest = new Float64Array(LEVELS.length * HORIZON);
  private latestAt = NaN;
  private readonly column = new Float64Array(LEVELS.length);

  constructor(options: RefinedForecasterOptions) {
    this.nonNegative = options.nonNegative;
    this.model = options.model ?? globalModel();
    this.local = new BandedForecaster({ stepSeconds: REFINED_STEP_SECONDS, maxSteps: HORIZON, nonNegative: options.nonNegative, window: LOCAL_WINDOW });
  }

  update(slot: number, value: number): void {
    this.judge(slot, value);
    this.local.update(slot, value);
    this.seen += 1;
    this.slot = slot;
    this.last = value;
    if (!(slot - this.issuedAt < HORIZON)) this.issue();
  }

  predict(steps: number, levels: readonly number[]): Prediction {
    this.forecast(false);
    const at = (level: number, h: number) => this.latest[level * HORIZON + h]!;
    const point = Array.from({ length: steps }, (_, h) => at(MEDIAN, h));
    const quantiles = levels.map((level) => {
      const exact = LEVELS.indexOf(level as (typeof LEVELS)[number]);
      if (exact >= 0) return Array.from({ length: steps }, (_, h) => at(exact, h));
      // Between and beyond the levels that are learned, quantiles are straight lines on the normal scale.
      const z = normalQuantile(level);
      const right = Math.min(LEVELS.length - 1, Math.max(1, NORMAL.findIndex((known) => known > z) === -1 ? LEVELS.length - 1 : NORMAL.findIndex((known) => known > z)));
      const share = (z - NORMAL[right - 1]!) / (NORMAL[right]! - NORMAL[right - 1]!);
      return Array.from({ length: steps }, (_, h) => this.bounded(at(right - 1, h) + share * (at(right, h) - at(right - 1, h))));
    });
    return { point, quantiles };
  }

  leader(): string {
    return this.share() >= 0.5 ? 'global-boosted-trees' : this.local.leader();
  }

  standings(): Standing[] {
    const share = this.share();
    const { relativeError } = this.skill();
    return [
      { model: 'global-boosted-trees', weight: share, relativeError },
      ...this.local.standings().map((standing) => ({ ...standing, weight: (1 - share) * standing.weight })),
    ];
  }

  skill(): Skill {
    return this.tracker.skill;
  }

  reasons(): ReasonCode[] {
    return this.local.reasons();
  }

  confidence(): number {
    return this.local.confidence();
  }

  /** Weight of the global model, 0 to 1. */
  private share(): number {
    if (this.seen < ACQUAINTED || this.local.constant) return 0;
    const global = (this.localLoss / (this.globalLoss + 1e-12)) ** 12;
    return global / (1 + global);
  }

  /** Makes the forecast of the newest slot, if it is not made yet. @param aside keep what the two parts said */
  private forecast(aside: boolean): void {
    if (this.latestAt === this.slot && !aside) return;
    const local = describeOrigin(this.local, extractor);
    const { base, unit, rows } = extractor;
    const share = this.share();
    if (share > 0 || aside) this.model.predict(rows, heads);
    for (let h = 0; h < HORIZON; h++) {
      for (let level = 0; level < LEVELS.length; level++) this.column[level] = base + unit * heads[level]![h]!;
      this.column.sort(); // heads are trained apart and may cross
      for (let level = 0; level < LEVELS.length; level++) {
        const index = level * HORIZON + h;
        const global = this.column[level]!;
        if (aside) {
          this.issuedGlobal[index] = global;
          this.issuedLocal[index] = local[level]![h]!;
        }
        this.latest[index] = share === 0 ? local[level]![h]! : share * global + (1 - share) * local[level]![h]!;
      }
      this.calibrate(h, share);
    }
    this.latestAt = this.slot;
    this.issuedUnit = aside ? unit : this.issuedUnit;
  }

  private calibrate(h: number, share: number): void {
    const { latest } = this;
    const median = latest[MEDIAN * HORIZON + h]!;
    let floor = -Infinity;
    for (let level = 0; level < LEVELS.length; level++) {
      const index = level * HORIZON + h;
      const raw = latest[index]!;
      // While the local forecaster speaks alone its own bands hold: they know how little is known.
      const value = this.bounded(share === 0 ? raw : this.calibration.apply(level, raw, median));
      floor = Math.max(floor, value); // stretching moves levels on their own, so they are kept in order here
      latest[index] = floor;
    }
  }

  private issue(): void {
    this.forecast(true);
    this.issued.set(this.latest);
    this.issuedAt = this.slot;
    this.issuedLast = this.last;
  }

  /** Scores the forecast put aside for this slot. */
  private judge(slot: number, value: number): void {
    const h = slot - this.issuedAt - 1;
    if (!(h >= 0 && h < HORIZON)) return;
    for (let level = 0; level < LEVELS.length; level++) this.column[level] = this.issued[level * HORIZON + h]!;
    this.calibration.judge(value, this.column);
    this.tracker.judge({ actual: value, quantiles: this.column, naive: this.issuedLast, unit: this.issuedUnit * Math.sqrt(h + 1) });
    let global = 0;
    let local = 0;
    for (const level of WEIGHED) {
      global += pinballOf(value, this.issuedGlobal[level * HORIZON + h]!, LEVELS[level]);
      local += pinballOf(value, this.issuedLocal[level * HORIZON + h]!, LEVELS[level]);
    }
    const size = (global + local) / 2;
    // Losses are kept relative to their own running mean, so that the prior weighs the same for every series.
    this.lossUnit = Number.isNaN(this.lossUnit) ? size : this.lossUnit + (Math.min(size, 10 * this.lossUnit + 1e-9) - this.lossUnit) / 100;
    const scale = Math.max(this.lossUnit, size / 10, 1e-12);
    const decay = Math.exp(-1 / MEMORY);
    this.globalLoss = decay * this.globalLoss + global / scale;
    this.localLoss = decay * this.localLoss + local / scale;
  }

  private bounded(value: number): number {
    return this.nonNegative && !(value > 0) ? 0 : value;
  }
}

function pinballOf(actual: number, quantile: number, level: number): number {
  return actual >= quantile ? level * (actual - quantile) : (1 - level) * (quantile - actual);
}
