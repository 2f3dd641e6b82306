import { modulo } from '../series/slots';
import { OnlineModel, smoothingFactor } from './model';

/** Smoothing of {@link HoltWinters}. */
export interface HoltWintersOptions {
  /** Weight of a new value in the level, 0 to 1. @default 0.2 */
  readonly alpha?: number;
  /** Weight of a new slope in the trend, 0 to 1. @default 0.05 */
  readonly beta?: number;
  /** Weight of a new deviation in the season, 0 to 1. @default 0.3 */
  readonly gamma?: number;
  /** Damping of the trend per step, 0 to 1. @default 0.95 */
  readonly phi?: number;
  /** Steps in a season. @default - no season */
  readonly seasonLength?: number;
  /** Steps that share one seasonal index; a season of single noisy minutes would learn the noise. @default 1 */
  readonly bucketSteps?: number;
}

/**
 * Holt-Winters with a damped trend and, optionally, an additive season.
 *
 * Gardner and McKenzie (1985), Forecasting Trends in Time Series, Management Science 31(10); Winters (1960), Management Science 6(3).
 * The season is initialised from the first full one, as in Hyndman and Athanasopoulos (3rd ed., section 8.3).
 */
export class HoltWinters extends OnlineModel {
  readonly alias: string;
  private readonly alpha: number;
  private readonly beta: number;
  private readonly gamma: number;
  private readonly phi: number;
  private readonly seasonLength: number;
  private readonly bucketSteps: number;
  private readonly season: Float64Array;
  private readonly counts: Uint16Array;
  private level = NaN;
  private trend = 0;
  private first = NaN;
  private slot = NaN;
  private seasonal = false;

  constructor(options: HoltWintersOptions = {}) {
    super();
    this.alpha = options.alpha ?? 0.2;
    this.beta = options.beta ?? 0.05;
    this.gamma = options.gamma ?? 0.3;
    this.phi = options.phi ?? 0.95;
    this.seasonLength = options.seasonLength ?? 0;
    this.bucketSteps = options.bucketSteps ?? 1;
    this.season = new Float64Array(Math.ceil(this.seasonLength / this.bucketSteps));
    this.counts = new Uint16Array(this.season.length);
    this.alias = this.seasonLength > 0 ? 'holt-winters' : 'damped-holt';
  }

  update(slot: number, value: number): void {
    if (this.seasonLength > 0 && !this.seasonal) this.collect(slot, value);
    else if (Number.isNaN(this.level)) this.level = value;
    else this.smooth(slot, value);
    this.slot = slot;
  }

  predict(steps: ArrayLike<number>, out: Float64Array): void {
    const known = this.seasonLength === 0 || this.seasonal;
    for (let i = 0; i < steps.length; i++) {
      out[i] = known ? this.level + this.trend * this.damping(steps[i]!) + this.seasonAt(this.slot + steps[i]!) : NaN;
    }
  }

  private smooth(slot: number, value: number): void {
    const gap = slot - this.slot;
    const before = this.level;
    const expected = this.level + this.trend * this.damping(gap);
    const season = this.seasonAt(slot);
    // Over a gap the weight of the new value grows as if the steps between had agreed with it.
    const alpha = gap === 1 ? this.alpha : 1 - (1 - this.alpha) ** Math.min(gap, 1000);
    this.level = expected + alpha * (value - season - expected);
    this.trend = this.beta * ((this.level - before) / gap) + (1 - this.beta) * this.trend * this.phi ** Math.min(gap, 1000);
    if (!this.seasonal) return;
    const index = this.indexOf(slot);
    this.season[index] = season + (this.gamma / this.bucketSteps) * (value - this.level - season);
  }

  /** Gathers the first season, then turns it into a level and deviations from it. */
  private collect(slot: number, value: number): void {
    if (Number.isNaN(this.first)) this.first = slot;
    const index = this.indexOf(slot);
    this.counts[index]! += 1;
    this.season[index]! += (value - this.season[index]!) / this.counts[index]!;
    if (Number.isNaN(this.level)) this.level = value;
    else this.level += smoothingFactor(1 / this.alpha, slot - this.slot) * (value - this.level);
    if (slot - this.first + 1 < this.seasonLength) return;
    let sum = 0;
    let known = 0;
    this.season.forEach((mean, bucket) => {
      if (this.counts[bucket]! === 0) return;
      sum += mean;
      known += 1;
    });
    const mean = sum / known;
    this.season.forEach((value_, bucket) => { this.season[bucket] = this.counts[bucket]! === 0 ? 0 : value_ - mean; });
    this.level -= this.season[index]!;
    this.seasonal = true;
  }

  private indexOf(slot: number): number {
    return Math.floor(modulo(slot, this.seasonLength) / this.bucketSteps);
  }

  private seasonAt(slot: number): number {
    return this.seasonal ? this.season[this.indexOf(slot)]! : 0;
  }

  /** phi + phi^2 + ... + phi^h */
  private damping(h: number): number {
    return this.phi === 1 ? h : (this.phi * (1 - this.phi ** h)) / (1 - this.phi);
  }
}
