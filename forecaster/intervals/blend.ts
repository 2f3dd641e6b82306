import { type Skill, SkillTracker } from '../evaluation/skill';
import { pinballOf } from '../evaluation/scores';
import { Calibration } from './calibration';
import { normalQuantile } from './normal';

/** Levels that are learned; others lie between and beyond them. */
export const LEVELS = [0.025, 0.1, 0.5, 0.9, 0.95, 0.975] as const;
export const MEDIAN = 2;
/** Levels by whose loss two forecasts are weighed. */
const WEIGHED = [2, 3, 4] as const;
const NORMAL = LEVELS.map(normalQuantile);
/** Horizons are weighed in so many groups of equal length: what is better a minute ahead may be worse in an hour. */
const GROUPS = 3;
/** Bands are at least this share of the median wide to each side: a series that repeats to the last digit is known no better than it is stored. */
const ROUNDING = 1e-6;
/** Power that losses are compared by: high enough to come close to choosing the better, low enough to average where both are equal. */
const SHARPNESS = 24;

/** What a {@link Blend} is built for. */
export interface BlendOptions {
  /** Steps ahead. */
  readonly steps: number;
  /** Verdicts of one horizon group after which an old one counts 1/e. */
  readonly memory: number;
  /** What is believed of the second forecast's loss against the first's before anything is known, and how many verdicts that is worth. */
  readonly prior: { readonly ratio: number; readonly verdicts: number };
  /** Values are never negative. */
  readonly nonNegative: boolean;
}

/**
 * Two quantile forecasts of one series made into one: weighed by their own rolling pinball loss, then calibrated by what came.
 *
 * Every so often a forecast is put aside and judged value by value as its time passes; nothing is judged on what it has learned from.
 * Averaging quantiles: Lichtendahl, Grushka-Cockayne and Winkler (2013), Is It Better to Average Probabilities or Quantiles?, Management Science 59(7).
 */
export class Blend {
  /** The blended forecast: [level * steps + step]. */
  readonly latest: Float64Array;
  private readonly calibration = new Calibration(LEVELS);
  private readonly tracker: SkillTracker;
  private readonly aside: { readonly blended: Float32Array; readonly first: Float32Array; readonly second: Float32Array };
  private asideAt = NaN;
  private asideLast = NaN;
  private readonly decay: number;
  private readonly losses: { readonly first: Float64Array; readonly second: Float64Array };
  private readonly sizes = new Float64Array(GROUPS).fill(NaN);
  private readonly column = new Float64Array(LEVELS.length);

  constructor(private readonly options: BlendOptions) {
    const { steps, memory, prior } = options;
    const width = LEVELS.length * steps;
    this.latest = new Float64Array(width);
    this.aside = { blended: new Float32Array(width), first: new Float32Array(width), second: new Float32Array(width) };
    this.decay = Math.exp(-1 / memory);
    this.tracker = new SkillTracker(memory); // a third of the time that weights remember: trust must follow the present
    this.losses = { first: new Float64Array(GROUPS).fill(prior.verdicts), second: new Float64Array(GROUPS).fill(prior.verdicts * prior.ratio) };
  }

  get skill(): Skill {
    return this.tracker.skill;
  }

  /** Weight of the second forecast half-way to the longest horizon, 0 to 1. */
  get share(): number {
    return this.shareOf(Math.floor(GROUPS / 2));
  }

  /** True when the last forecast put aside has been judged to its end, or there is none. */
  due(slot: number): boolean {
    return !(slot - this.asideAt < this.options.steps);
  }

  /**
   * Blends into {@link latest}.
   *
   * @param first [level][step], never crossing
   * @param second the same, or nothing where it has nothing to say: then the first stands as it is, with its own bands
   */
  combine(first: readonly ArrayLike<number>[], second: readonly ArrayLike<number>[] | undefined): void {
    const { steps } = this.options;
    for (let h = 0; h < steps; h++) {
      const share = second ? this.shareOf(this.groupOf(h)) : 0;
      const mix = (level: number) => (second ? share * second[level]![h]! + (1 - share) * first[level]![h]! : first[level]![h]!);
      const median = mix(MEDIAN);
      let floor = -Infinity;
      for (let level = 0; level < LEVELS.length; level++) {
        const quantile = mix(level);
        const edge = second ? this.calibration.apply(level, quantile, median) + Math.sign(level - MEDIAN) * ROUNDING * Math.abs(median) : quantile;
        // Stretching moves levels on their own, so they are kept in order here.
        floor = Math.max(floor, this.bounded(edge));
        this.latest[level * steps + h] = floor;
      }
    }
  }

  /**
   * Puts the blended forecast and its parts aside until their values come.
   *
   * @param last the newest value
   */
  putAside(slot: number, first: readonly ArrayLike<number>[], second: readonly ArrayLike<number>[], last: number): void {
    const { steps } = this.options;
    this.aside.blended.set(this.latest);
    first.forEach((row, level) => this.aside.first.set(row, level * steps));
    second.forEach((row, level) => this.aside.second.set(row, level * steps));
    this.asideAt = slot;
    this.asideLast = last;
  }

  /** Scores the forecast put aside for this slot. */
  judge(slot: number, value: number): void {
    const { steps } = this.options;
    const h = slot - this.asideAt - 1;
    if (!(h >= 0 && h < steps)) return;
    const actual = Math.fround(value); // what was put aside is as precise, and equal values must be equal
    for (let level = 0; level < LEVELS.length; level++) this.column[level] = this.aside.blended[level * steps + h]!;
    this.calibration.judge(actual, this.column);
    this.tracker.judge({ actual, quantiles: this.column, naive: this.asideLast, ahead: h + 1 });
    let first = 0;
    let second = 0;
    for (const level of WEIGHED) {
      first += pinballOf(value, this.aside.first[level * steps + h]!, LEVELS[level]);
      second += pinballOf(value, this.aside.second[level * steps + h]!, LEVELS[level]);
    }
    const group = this.groupOf(h);
    const size = (first + second) / 2;
    // Losses count relative to their own running mean, so that the prior weighs the same for every series and one wild value does not decide.
    const usual = this.sizes[group]!;
    this.sizes[group] = Number.isNaN(usual) ? size : usual + (Math.min(size, 10 * usual + 1e-9) - usual) / 100;
    const scale = Math.max(this.sizes[group], size / 10, 1e-12);
    this.losses.first[group] = this.decay * this.losses.first[group]! + first / scale;
    this.losses.second[group] = this.decay * this.losses.second[group]! + second / scale;
  }

  /** One level of the blended forecast, for levels that are not learned as well. */
  quantile(level: number, steps: number): number[] {
    const at = (index: number, h: number) => this.latest[index * this.options.steps + h]!;
    const exact = LEVELS.findIndex((known) => known === level);
    if (exact >= 0) return Array.from({ length: steps }, (_, h) => at(exact, h));
    // Between and beyond the learned levels quantiles are straight lines on the normal scale.
    const z = normalQuantile(level);
    const above = NORMAL.findIndex((known) => known > z);
    const right = above === -1 ? LEVELS.length - 1 : Math.max(1, above);
    const share = (z - NORMAL[right - 1]!) / (NORMAL[right]! - NORMAL[right - 1]!);
    return Array.from({ length: steps }, (_, h) => this.bounded(at(right - 1, h) + share * (at(right, h) - at(right - 1, h))));
  }

  private groupOf(h: number): number {
    return Math.floor((h * GROUPS) / this.options.steps);
  }

  private shareOf(group: number): number {
    const odds = (this.losses.first[group]! / (this.losses.second[group]! + 1e-12)) ** SHARPNESS;
    return odds === Infinity ? 1 : odds / (1 + odds);
  }

  private bounded(value: number): number {
    return this.options.nonNegative && !(value > 0) ? 0 : value;
  }
}
