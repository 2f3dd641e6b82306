import { pinballOf } from './scores';

/** How good the forecasts of a series have lately been, from rolling-origin evaluation; null where nothing can be said yet. */
export interface Skill {
  /** Forecasts whose values have come. */
  readonly judged: number;
  /** Pinball loss over that of naive, at the levels 0.5, 0.9 and 0.95 together. */
  readonly relativePinball: number | null;
  /** Mean absolute error over that of naive. */
  readonly relativeError: number | null;
  /** Shares of values inside the central 80 % and 95 % bands. */
  readonly coverage80: number | null;
  readonly coverage95: number | null;
}

/** A forecast whose value has come, in the unit of the series. */
export interface Verdict {
  readonly actual: number;
  /** Quantiles at 0.025, 0.1, 0.5, 0.9, 0.95 and 0.975. */
  readonly quantiles: ArrayLike<number>;
  /** The newest value at the origin. */
  readonly naive: number;
  /** Steps from the origin to the value. */
  readonly ahead: number;
}

/** Forecasts that must have come due before a share is worth telling. */
const MINIMUM = 30;
/** Weight of one error in naive's bands. */
const RATE = 0.02;
/** An error counts as at most this many times the usual one: a single absurd value must not decide for days. */
const LARGEST_RATIO = 30;
const UPPER = [[0.9, 3], [0.95, 4]] as const;

/**
 * Rolling comparison with naive. Naive has no bands, so it is given the best that can be had without a model: the running quantiles of its
 * own errors.
 */
export class SkillTracker {
  private judged = 0;
  private weight = 0;
  private readonly decay: number;
  private loss = 0;
  private naiveLoss = 0;
  private error = 0;
  private naiveError = 0;
  private within80 = 0;
  private within95 = 0;
  private spread = NaN;
  /** Running upper quantiles of naive's error over its mean size at that distance, as of a random walk; at first those of normal errors. */
  private readonly edges = Float64Array.of(1.6, 2.06);

  /** @param memory verdicts after which an old one counts 1/e */
  constructor(memory: number) {
    this.decay = Math.exp(-1 / memory);
  }

  judge({ actual, quantiles, naive, ahead }: Verdict): void {
    const unit = Math.sqrt(ahead) * (Number.isNaN(this.spread) ? 0 : this.spread);
    const off = Math.abs(actual - naive);
    const cap = this.weight < MINIMUM ? Infinity : LARGEST_RATIO * (this.naiveError / this.weight + 1e-12 * Math.abs(actual));
    const median = quantiles[2]!;
    let loss = Math.min(cap, Math.abs(actual - median)) / 2;
    let naiveLoss = Math.min(cap, off) / 2;
    UPPER.forEach(([level, at], i) => {
      loss += Math.min(cap, pinballOf(actual, quantiles[at]!, level));
      naiveLoss += Math.min(cap, pinballOf(actual, naive + this.edges[i]! * unit, level));
    });
    this.judged += 1;
    this.weight = this.decay * this.weight + 1;
    this.loss = this.decay * this.loss + loss;
    this.naiveLoss = this.decay * this.naiveLoss + naiveLoss;
    this.error = this.decay * this.error + Math.min(cap, Math.abs(actual - median));
    this.naiveError = this.decay * this.naiveError + Math.min(cap, off);
    this.within80 = this.decay * this.within80 + (actual >= quantiles[1]! && actual <= quantiles[3]! ? 1 : 0);
    this.within95 = this.decay * this.within95 + (actual >= quantiles[0]! && actual <= quantiles[5]! ? 1 : 0);
    this.widen((actual - naive) / Math.sqrt(ahead));
  }

  get skill(): Skill {
    const known = this.weight >= MINIMUM;
    // Where naive is never wrong, being right as well is as good as it gets.
    const ratio = (ours: number, theirs: number) => (known ? (theirs > 0 ? ours / theirs : ours > 0 ? LARGEST_RATIO : 1) : null);
    return {
      judged: this.judged,
      relativePinball: ratio(this.loss, this.naiveLoss),
      relativeError: ratio(this.error, this.naiveError),
      coverage80: known ? this.within80 / this.weight : null,
      coverage95: known ? this.within95 / this.weight : null,
    };
  }

  /** Moves the edges a little towards the error: the gradient step of the pinball loss. */
  private widen(error: number): void {
    const size = Math.abs(error);
    const before = this.spread;
    this.spread = Number.isNaN(before) ? size : before + RATE * (Math.min(size, LARGEST_RATIO * before + 1e-12) - before);
    UPPER.forEach(([level], i) => { this.edges[i]! += 4 * RATE * (level - (error <= this.edges[i]! * before ? 1 : 0)); });
  }
}
