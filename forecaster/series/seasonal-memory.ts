import { modulo } from './slots';

/** Mark of a place that was never written. */
const NEVER = 255;

/** What a {@link SeasonalMemory} keeps. */
export interface SeasonalMemoryOptions {
  /** Seconds. */
  readonly stepSeconds: number;
  /** How far back single days can be read. @default 8, so that the same hour of last week is there */
  readonly days?: number;
  /** Values are kept as means over this long. @default 300 */
  readonly bucketSeconds?: number;
  /** Weight of a new day in the profile. @default 0.3 */
  readonly learning?: number;
}

/**
 * The past by time of day, small enough to keep for every series: bucket means of the last days, and an exponentially weighted daily profile.
 *
 * A day enters the profile half a day late. A profile that held the present hour would agree with it by construction, and the
 * difference between now and usual would look smaller than it is.
 */
export class SeasonalMemory {
  /** Steps per bucket. */
  readonly bucketSteps: number;
  private readonly bucketsPerDay: number;
  private readonly learning: number;
  private readonly means: Float32Array;
  /** Which round of the ring a mean was written in, modulo {@link NEVER}: after years of silence alone could an old one pass for new. */
  private readonly rounds: Uint8Array;
  private readonly profile: Float32Array;
  private bucket = NaN;
  private sum = 0;
  private count = 0;
  private folded = NaN;

  constructor(options: SeasonalMemoryOptions) {
    const wanted = Math.max(1, Math.round((options.bucketSeconds ?? 300) / options.stepSeconds));
    const stepsPerDay = Math.max(1, Math.round(86_400 / options.stepSeconds));
    this.bucketSteps = Math.min(wanted, stepsPerDay);
    this.bucketsPerDay = Math.max(1, Math.round(stepsPerDay / this.bucketSteps));
    this.learning = options.learning ?? 0.3;
    const capacity = this.bucketsPerDay * (options.days ?? 8);
    this.means = new Float32Array(capacity);
    this.rounds = new Uint8Array(capacity).fill(NEVER);
    this.profile = new Float32Array(this.bucketsPerDay).fill(NaN);
  }

  update(slot: number, value: number): void {
    const bucket = Math.floor(slot / this.bucketSteps);
    if (bucket !== this.bucket) {
      this.close();
      this.bucket = bucket;
      this.sum = 0;
      this.count = 0;
      this.fold(bucket - Math.floor(this.bucketsPerDay / 2));
    }
    this.sum += value;
    this.count += 1;
  }

  /** The value around a slot `days` earlier; NaN if it is not known. */
  daysBefore(slot: number, days: number): number {
    return this.between(slot, (bucket) => this.meanOf(bucket - days * this.bucketsPerDay));
  }

  /** What is usual at this time of day; NaN before the first day is in. */
  usual(slot: number): number {
    return this.between(slot, (bucket) => this.profile[modulo(bucket, this.bucketsPerDay)]!);
  }

  /** How many buckets are kept. */
  get capacity(): number {
    return this.means.length;
  }

  /**
   * Writes the bucket means that are kept, oldest first and the newest even if it is not full yet; a bucket without values repeats the one before it.
   *
   * @param out at least `capacity` long
   * @returns how many were written
   */
  recent(out: Float64Array): number {
    let length = 0;
    for (let bucket = this.bucket - this.means.length + 1; bucket < this.bucket; bucket++) {
      const mean = this.meanOf(bucket);
      if (!Number.isNaN(mean)) out[length++] = mean;
      else if (length > 0) out[length] = out[length++ - 1]!;
    }
    if (this.count > 0) out[length++] = this.sum / this.count;
    return length;
  }

  private close(): void {
    if (this.count === 0) return;
    const index = modulo(this.bucket, this.means.length);
    this.means[index] = this.sum / this.count;
    this.rounds[index] = this.roundOf(this.bucket);
  }

  /** Lets every closed bucket up to and including `until` into the profile. */
  private fold(until: number): void {
    const from = Math.max(Number.isNaN(this.folded) ? until : this.folded + 1, until - this.means.length + 1);
    for (let bucket = from; bucket <= until; bucket++) {
      const mean = this.meanOf(bucket);
      if (Number.isNaN(mean)) continue;
      const index = modulo(bucket, this.bucketsPerDay);
      const usual = this.profile[index]!;
      this.profile[index] = Number.isNaN(usual) ? mean : usual + this.learning * (mean - usual);
    }
    this.folded = until;
  }

  private roundOf(bucket: number): number {
    return modulo(Math.floor(bucket / this.means.length), NEVER);
  }

  private meanOf(bucket: number): number {
    const index = modulo(bucket, this.means.length);
    return this.rounds[index] === this.roundOf(bucket) ? this.means[index]! : NaN;
  }

  /** Linear interpolation between the centres of the two nearest buckets, or the one that is known. */
  private between(slot: number, read: (bucket: number) => number): number {
    const position = (slot + 0.5) / this.bucketSteps - 0.5;
    const left = Math.floor(position);
    const weight = position - left;
    const a = read(left);
    if (weight === 0) return a;
    const b = read(left + 1);
    if (Number.isNaN(a)) return b;
    if (Number.isNaN(b)) return a;
    return a + weight * (b - a);
  }
}
