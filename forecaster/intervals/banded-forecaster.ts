import { anchorHorizons, Candidate, candidates, stepsPerDay } from '../models/candidates';
import { Combination } from '../models/combination';
import type { ReasonCode } from '../reasons';
import { SeasonalMemory } from '../series/seasonal-memory';
import { ConformalBands } from './conformal';
import type { CoreForecaster, Prediction, Standing } from './core-forecaster';
import { type Skill, SkillTracker } from '../evaluation/skill';
import { normalQuantile } from './normal';
import { Volatility } from './volatility';

/** What a {@link BandedForecaster} is built for. */
export interface BandedForecasterOptions {
  readonly stepSeconds: number;
  /** The longest horizon, steps. */
  readonly maxSteps: number;
  /** Errors kept per horizon. @default 400 */
  readonly window?: number;
  /** Values are never negative; they are modelled as square roots, where counts have even noise whatever their level. */
  readonly nonNegative: boolean;
}

/** Levels whose coverage is steered. */
const STEERED = [0.025, 0.1, 0.5, 0.9, 0.95, 0.975];
/** Days that the window of errors spans. */
const WINDOW_DAYS = 7;
/** Days after which an old error of a candidate counts 1/e. */
const JUDGEMENT_DAYS = 2;
/** Below this many errors, bands are at least as wide as those of a random walk twice as rough. */
const CALIBRATED = 60;
/** Before anything is known, a step is assumed to change the modelled value by this share (about twice that of a rate). */
const PRIOR_ROUGHNESS = 0.1;

/**
 * Combined point forecasts with conformal bands around them, for one series on consecutive slots.
 *
 * The bands come from errors that the combination really made, each noted when its value arrived: nothing is refitted and nothing is
 * evaluated on values it has learned from.
 */
export class BandedForecaster implements CoreForecaster {
  private readonly horizons: readonly number[];
  private readonly day: number;
  private readonly hour: number;
  private readonly middle: number;
  private readonly candidates: readonly Candidate[];
  private readonly memory: SeasonalMemory;
  private readonly combination: Combination;
  private readonly bands: ConformalBands;
  private readonly volatility: Volatility;
  private readonly tracker: SkillTracker;
  /** By origin: forecasts per horizon, their unit, the value then, and the quantiles at the middle horizon. */
  private readonly issued: Float64Array;
  private readonly issuedAt: Float64Array;
  private readonly width: number;
  private readonly judged: Float64Array;
  private readonly latest: Float64Array;
  private first = NaN;
  private slot = NaN;
  private lastValue = NaN;
  private last = NaN;
  private unchanged = 0;
  /** Rolling share of slots that had a value. */
  private filled = 1;
  private seen = 0;

  constructor(private readonly options: BandedForecasterOptions) {
    const { stepSeconds, maxSteps } = options;
    this.day = stepsPerDay(stepSeconds);
    this.hour = Math.max(1, Math.round(3600 / stepSeconds));
    this.horizons = anchorHorizons(maxSteps);
    this.middle = this.horizons.findIndex((h) => h >= maxSteps / 2);
    this.memory = new SeasonalMemory({ stepSeconds });
    this.candidates = candidates(stepSeconds, this.horizons, this.memory);
    this.combination = new Combination(this.candidates.map(({ model }) => model), { horizons: this.horizons, memorySteps: JUDGEMENT_DAYS * this.day });
    const window = options.window ?? 400;
    const stride = Math.round((WINDOW_DAYS * this.day) / window);
    this.bands = new ConformalBands({ horizons: this.horizons.length, levels: STEERED, window, stride });
    this.volatility = new Volatility(this.day);
    this.tracker = new SkillTracker(this.day);
    this.width = this.horizons.length + 2 + STEERED.length;
    this.judged = new Float64Array(STEERED.length);
    this.issued = new Float64Array((maxSteps + 1) * this.width);
    this.issuedAt = new Float64Array(maxSteps + 1).fill(NaN);
    this.latest = new Float64Array(this.horizons.length);
  }

  /** @param slot greater than before, at least 0 */
  update(slot: number, value: number): void {
    const z = this.options.nonNegative ? Math.sqrt(value) : value;
    const gap = Number.isNaN(this.slot) ? 1 : slot - this.slot;
    this.judge(slot, z);
    this.volatility.update(z, this.seen === 0 ? NaN : z - this.latest[0]!, gap);
    this.filled += (1 - 1 / this.day) ** Math.min(gap - 1, 10 * this.day) * this.filled - this.filled;
    this.filled += (1 - this.filled) / this.day;
    this.unchanged = value === this.lastValue ? this.unchanged + gap : 0;
    if (this.seen === 0) this.first = slot;
    this.seen += 1;
    this.slot = slot;
    this.last = z;
    this.lastValue = value;
    this.memory.update(slot, z);
    this.combination.update(slot, z);
    this.combination.predict(this.horizons, this.latest);
    if (this.constant) this.latest.fill(z);
    this.note(slot);
  }

  predict(steps: number, levels: readonly number[]): Prediction {
    const order = levels.map((_, i) => i).sort((a, b) => levels[a]! - levels[b]!);
    const curves = order.map((i) => this.horizons.map((_, k) => this.latest[k]! + this.offset(k, levels[i]!)));
    const point: number[] = new Array(steps);
    const quantiles: number[][] = levels.map(() => new Array(steps));
    let right = 0;
    for (let h = 1; h <= steps; h++) {
      while (this.horizons[right]! < h) right += 1;
      const left = this.horizons[right] === h ? right : right - 1;
      const share = left === right ? 0 : (h - this.horizons[left]!) / (this.horizons[right]! - this.horizons[left]!);
      point[h - 1] = this.restore(between(this.latest[left]!, this.latest[right]!, share));
      let floor = -Infinity; // steering moves levels on their own, so they are kept in order here
      for (let i = 0; i < order.length; i++) {
        const curve = curves[i]!;
        floor = Math.max(floor, between(curve[left]!, curve[right]!, share));
        quantiles[order[i]!]![h - 1] = this.restore(floor);
      }
    }
    return { point, quantiles };
  }

  /**
   * Writes the last eight days in means of five minutes, oldest first, gaps filled; the newest is exact where a step is five minutes long.
   *
   * @param out large enough for all of them
   * @returns how many were written
   */
  recent(out: Float64Array): number {
    const length = this.memory.recent(out);
    if (this.options.nonNegative) for (let i = 0; i < length; i++) out[i]! *= out[i]!;
    if (length === 0 || this.memory.bucketSteps > 1) return length;
    // What was stored in single precision must not look like a small move where nothing moved.
    const rounding = 3e-7 * Math.abs(this.lastValue);
    for (let i = 0; i < length; i++) if (Math.abs(out[i]! - this.lastValue) <= rounding) out[i] = this.lastValue;
    return length;
  }

  /** Point forecast of one candidate for steps 1, 2, ...; NaN where it has not seen enough. */
  pointOf(candidate: number, steps: number): number[] {
    const latest = this.combination.latestOf(candidate);
    const point: number[] = new Array(steps);
    for (let h = 1, right = 0; h <= steps; h++) {
      while (this.horizons[right]! < h) right += 1;
      const left = this.horizons[right] === h ? right : right - 1;
      const share = left === right ? 0 : (h - this.horizons[left]!) / (this.horizons[right]! - this.horizons[left]!);
      point[h - 1] = this.restore(between(latest[left]!, latest[right]!, share));
    }
    return point;
  }

  /** Alias of the candidate with most weight half-way to the longest horizon. */
  leader(): string {
    let best = 0;
    this.candidates.forEach((_, m) => {
      if (this.combination.weightOf(m, this.middle) > this.combination.weightOf(best, this.middle)) best = m;
    });
    return this.candidates[best]!.model.alias;
  }

  standings(): Standing[] {
    const yardstick = this.combination.errorOf(0, this.middle);
    return this.candidates.map(({ model }, m) => {
      const relative = this.combination.errorOf(m, this.middle) / yardstick;
      return { model: model.alias, weight: this.combination.weightOf(m, this.middle), relativeError: Number.isFinite(relative) ? relative : null };
    });
  }

  skill(): Skill {
    return this.tracker.skill;
  }

  reasons(): ReasonCode[] {
    const reasons: ReasonCode[] = [];
    const age = this.slot - this.first + 1;
    if (age < this.day) reasons.push('insufficient_history');
    if (this.filled < 0.95) reasons.push('gaps_filled');
    if (this.constant) reasons.push('constant_series');
    else if (this.leader() === 'naive') reasons.push('fell_back_to_naive');
    const seasonal = this.candidates.reduce((sum, candidate, m) => sum + (candidate.seasonal ? this.combination.weightOf(m, this.middle) : 0), 0);
    if (age > this.day && seasonal > 0.5) {
      reasons.push('seasonal_daily');
      if (age > 7 * this.day) reasons.push('seasonal_weekly');
    }
    if (this.regimeChanged) reasons.push('regime_change');
    if (this.bands.size(this.middle) < CALIBRATED) reasons.push('bands_uncalibrated');
    return reasons;
  }

  /** 0 to 1: history (a week is enough) x completeness x calibration (80 % band) x calm. */
  confidence(): number {
    const days = (this.slot - this.first + 1) / this.day;
    const history = Math.min(1, 0.2 + 0.5 * Math.min(1, days) + 0.3 * Math.min(1, days / 7));
    const { coverage80: coverage } = this.skill();
    const calibration = coverage === null ? 0.5 : 1 - Math.min(1, Math.max(0, 0.8 - coverage) / 0.4); // bands that are too wide are safe
    return history * this.filled * calibration * (this.regimeChanged ? 0.5 : 1);
  }

  /** Recent errors are far above usual. */
  get regimeChanged(): boolean {
    return this.volatility.regimeChanged;
  }

  /** Nothing has changed for an hour. */
  get constant(): boolean {
    return this.unchanged >= this.hour;
  }

  /** Scores every forecast that was made for this slot. */
  private judge(slot: number, z: number): void {
    for (let k = 0; k < this.horizons.length; k++) {
      const origin = slot - this.horizons[k]!;
      const ring = origin % this.issuedAt.length;
      if (this.issuedAt[ring] !== origin) continue;
      const at = ring * this.width;
      this.bands.add(k, (z - this.issued[at + k]!) / this.issued[at + this.horizons.length]!, slot);
      if (k !== this.middle) continue;
      const from = at + this.horizons.length + 2;
      for (let i = 0; i < STEERED.length; i++) this.judged[i] = this.issued[from + i]!;
      this.tracker.judge({ actual: z, quantiles: this.judged, naive: this.issued[from - 1]!, ahead: this.horizons[k]! });
    }
  }

  /** Keeps the present forecasts until their values arrive. */
  private note(slot: number): void {
    const ring = slot % this.issuedAt.length;
    const at = ring * this.width;
    this.issuedAt[ring] = slot;
    this.issued.set(this.latest, at);
    this.issued[at + this.horizons.length] = this.volatility.scale;
    this.issued[at + this.horizons.length + 1] = this.last;
    STEERED.forEach((level, i) => { this.issued[at + this.horizons.length + 2 + i] = this.latest[this.middle]! + this.offset(this.middle, level); });
  }

  /** Distance of a quantile from the point, on the modelled scale. */
  private offset(k: number, level: number): number {
    const scale = this.volatility.scale;
    const size = this.bands.size(k);
    const own = size === 0 ? 0 : this.bands.quantile(k, level) * scale;
    if (size >= CALIBRATED) return own;
    // A few equal values say little about the next: ignorance fades with the errors that are known.
    const ignorance = PRIOR_ROUGHNESS * this.volatility.size * (1 - size / CALIBRATED);
    const walk = 2 * normalQuantile(level) * Math.sqrt(this.horizons[k]!) * Math.max(scale, ignorance);
    return level < 0.5 ? Math.min(own, walk) : Math.max(own, walk);
  }

  private restore(z: number): number {
    if (z === this.last) return this.lastValue; // squaring a root does not give back the last bit
    if (!this.options.nonNegative) return z;
    return z > 0 ? z * z : 0;
  }
}

function between(left: number, right: number, share: number): number {
  return left + share * (right - left);
}
