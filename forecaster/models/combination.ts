import { Model, OnlineModel } from './model';

/** How a {@link Combination} judges its members. */
export interface CombinationOptions {
  /** Steps ahead, ascending; `predict` accepts exactly these. */
  readonly horizons: readonly number[];
  /** Steps after which an old error counts 1/e. */
  readonly memorySteps: number;
}

/**
 * Members weighted by their own rolling-origin absolute error at each horizon, kept up to date with every observation.
 *
 * Inverse-error weights as in Bates and Granger (1969), The Combination of Forecasts; raised to the twelfth power they are close to choosing
 * the best, and still average where members are equal. From the 8th to the 16th power accuracy is the same within half a percent.
 */
export class Combination extends OnlineModel {
  readonly alias = 'combination';
  readonly horizons: readonly number[];
  private readonly decay: number;
  /** [member][horizon] */
  private readonly losses: Float64Array[];
  private readonly counts: Float64Array[];
  private readonly weights: Float64Array[];
  /** [ring slot][member][horizon] */
  private readonly issued: Float32Array;
  private readonly issuedAt: Float64Array;
  private readonly latest: Float64Array[];

  constructor(readonly members: readonly Model[], options: CombinationOptions) {
    super();
    this.horizons = options.horizons;
    this.decay = Math.exp(-1 / options.memorySteps);
    const width = options.horizons.length;
    const longest = options.horizons[width - 1]!;
    this.losses = members.map(() => new Float64Array(width));
    this.counts = members.map(() => new Float64Array(width));
    this.weights = members.map(() => new Float64Array(width));
    this.latest = members.map(() => new Float64Array(width).fill(NaN));
    this.issued = new Float32Array((longest + 1) * members.length * width).fill(NaN);
    this.issuedAt = new Float64Array(longest + 1).fill(NaN);
  }

  update(slot: number, value: number): void {
    this.judge(slot, value);
    const width = this.horizons.length;
    const ring = slot % this.issuedAt.length;
    this.issuedAt[ring] = slot;
    this.members.forEach((member, m) => {
      member.update(slot, value);
      const latest = this.latest[m]!;
      member.predict(this.horizons, latest);
      this.issued.set(latest, (ring * this.members.length + m) * width);
    });
    this.weigh();
  }

  predict(steps: ArrayLike<number>, out: Float64Array): void {
    for (let k = 0; k < steps.length; k++) {
      let sum = 0;
      let total = 0;
      for (let m = 0; m < this.members.length; m++) {
        const weight = this.weights[m]![k]!;
        if (weight === 0) continue;
        sum += weight * this.latest[m]![k]!;
        total += weight;
      }
      out[k] = sum / total;
    }
  }

  /** What a member forecasts now, one value per horizon; NaN where it has not seen enough. */
  latestOf(member: number): Readonly<Float64Array> {
    return this.latest[member]!;
  }

  /** Share of a member at a horizon, 0 to 1. */
  weightOf(member: number, horizon: number): number {
    const total = this.weights.reduce((sum, weights) => sum + weights[horizon]!, 0);
    return total === 0 ? 0 : this.weights[member]![horizon]! / total;
  }

  /** Rolling mean absolute error of a member at a horizon, in the unit it was given; NaN before the first. */
  errorOf(member: number, horizon: number): number {
    const count = this.counts[member]![horizon]!;
    return count === 0 ? NaN : this.losses[member]![horizon]! / count;
  }

  private judge(slot: number, value: number): void {
    const width = this.horizons.length;
    for (let k = 0; k < width; k++) {
      const origin = slot - this.horizons[k]!;
      const ring = origin % this.issuedAt.length;
      if (this.issuedAt[ring] !== origin) continue;
      // One absurd value would otherwise decide for weeks which member is trusted.
      const best = this.bestError(k);
      const cap = best === Infinity ? Infinity : LARGEST_RATIO * best + 1e-9 * Math.abs(value);
      for (let m = 0; m < this.members.length; m++) {
        const forecast = this.issued[(ring * this.members.length + m) * width + k]!;
        if (Number.isNaN(forecast)) continue;
        this.losses[m]![k] = this.decay * this.losses[m]![k]! + Math.min(cap, Math.abs(value - forecast));
        this.counts[m]![k] = this.decay * this.counts[m]![k]! + 1;
      }
    }
  }

  private weigh(): void {
    for (let k = 0; k < this.horizons.length; k++) {
      const best = this.bestError(k);
      for (let m = 0; m < this.members.length; m++) {
        const error = this.usableError(m, k);
        let weight = 0;
        if (!Number.isNaN(this.latest[m]![k]!)) {
          if (best === Infinity) weight = m === 0 ? 1 : 0; // nothing is judged yet: the first member is the yardstick
          else if (error === best) weight = 1;
          else if (error < 1.5 * best) weight = twelfthPower(best / error);
        }
        this.weights[m]![k] = weight;
      }
    }
  }

  private bestError(k: number): number {
    let best = Infinity;
    for (let m = 0; m < this.members.length; m++) best = Math.min(best, this.usableError(m, k));
    return best;
  }

  private usableError(m: number, k: number): number {
    if (Number.isNaN(this.latest[m]![k]!) || this.counts[m]![k]! < MINIMUM_ERRORS) return Infinity;
    return this.losses[m]![k]! / this.counts[m]![k]!;
  }
}

/** Errors a member must have shown at a horizon before it may be preferred to the yardstick. */
const MINIMUM_ERRORS = 20;
/** An error counts as at most this many times the usual error of the best member. */
const LARGEST_RATIO = 30;

/** Multiplications only: this runs for every member, horizon and observation. */
function twelfthPower(ratio: number): number {
  const fourth = ratio * ratio * ratio * ratio;
  return fourth * fourth * fourth;
}
