import { SeasonalMemory } from '../series/seasonal-memory';
import { OnlineModel, smoothingFactor } from './model';

/** What a {@link DirectRegression} is built for. */
export interface DirectRegressionOptions {
  /** Seconds. */
  readonly stepSeconds: number;
  /** Steps ahead, ascending: one regression each; `predict` accepts exactly these. */
  readonly horizons: readonly number[];
  /** Steps after which an old observation counts 1/e. @default 10 days */
  readonly memorySteps?: number;
  /** A memory that somebody else keeps up to date before this model is. @default - one of its own */
  readonly shared?: SeasonalMemory;
}

/** Features that are the same for every horizon. */
const SHARED = 6;
/** Features that depend on the hour aimed at. */
const SEASONAL = 6;
const WIDTH = SHARED + SEASONAL;
/** Penalty on each coefficient, as a share of its feature's energy. */
const RIDGE = 0.02;
/** Errors below this share of the usual one count as equal: where least absolute deviations turn into least squares. */
const ERROR_FLOOR = 0.7;

/**
 * Direct multi-step regression on level-relative features, learned recursively: how much of the present deviation from each of several
 * moving levels survives h steps, and how far the shapes of the usual day, yesterday and last week can be trusted.
 *
 * One regression per horizon (direct strategy: Ben Taieb and Hyndman (2014), A gradient boosting approach to the Kaggle load forecasting
 * competition, International Journal of Forecasting 30(2)). Normal equations with exponential forgetting; each observation is weighted by
 * the inverse of its absolute error, which turns least squares into least absolute deviations (iteratively reweighted least squares,
 * Schlossmacher (1973), JASA 68), so that spikes do not bend the fit. Everything is relative to the present level, so nothing has to be
 * relearned when the load doubles.
 */
export class DirectRegression extends OnlineModel {
  readonly alias = 'direct-regression';
  private readonly memory: SeasonalMemory;
  private readonly own: boolean;
  private readonly horizons: readonly number[];
  private readonly forgetting: number;
  private readonly timeConstants: Float64Array;
  private readonly levels: Float64Array;
  private readonly ring: Float64Array;
  private readonly ringSlots: Float64Array;
  private readonly stride: number;
  /** Symmetric, so only the lower triangle is kept, row after row. */
  private readonly gram: Float64Array[];
  private readonly moment: Float64Array[];
  private readonly weights: Float64Array[];
  private readonly errors: Float64Array;
  private readonly seen: Float64Array;
  private readonly solver = new Float64Array(WIDTH * WIDTH);
  private readonly scratch = new Float64Array(WIDTH);
  private sinceSolved = 0;
  private slot = NaN;

  constructor(options: DirectRegressionOptions) {
    super();
    const { stepSeconds, horizons } = options;
    const longest = horizons[horizons.length - 1]!;
    const day = Math.max(1, Math.round(86_400 / stepSeconds));
    this.horizons = horizons;
    this.own = options.shared === undefined;
    this.memory = options.shared ?? new SeasonalMemory({ stepSeconds });
    this.forgetting = Math.exp(-1 / (options.memorySteps ?? 10 * day));
    this.timeConstants = Float64Array.of(1.5, longest / 6, longest / 2, longest * 2, day / 2);
    this.levels = new Float64Array(this.timeConstants.length).fill(NaN);
    this.stride = 1 + SHARED + SEASONAL * horizons.length;
    this.ring = new Float64Array(this.stride * (longest + 1));
    this.ringSlots = new Float64Array(longest + 1).fill(NaN);
    this.gram = horizons.map(() => new Float64Array(triangle(WIDTH)));
    this.moment = horizons.map(() => new Float64Array(WIDTH));
    this.weights = horizons.map(() => new Float64Array(WIDTH));
    this.errors = new Float64Array(horizons.length);
    this.seen = new Float64Array(horizons.length);
  }

  update(slot: number, value: number): void {
    this.learn(slot, value);
    if (this.own) this.memory.update(slot, value);
    for (let i = 0; i < this.levels.length; i++) {
      const level = this.levels[i]!;
      this.levels[i] = Number.isNaN(level) ? value : level + smoothingFactor(this.timeConstants[i]!, slot - this.slot) * (value - level);
    }
    this.slot = slot;
    this.describe(slot, value);
    this.sinceSolved += 1;
    if (this.sinceSolved >= Math.max(1, this.horizons[this.horizons.length - 1]! / 12)) {
      this.sinceSolved = 0;
      for (let k = 0; k < this.horizons.length; k++) this.solve(k);
    }
  }

  predict(steps: ArrayLike<number>, out: Float64Array): void {
    const at = (this.slot % this.ringSlots.length) * this.stride;
    for (let k = 0; k < steps.length; k++) {
      out[k] = this.seen[k]! < 3 * WIDTH ? NaN : this.ring[at]! + this.dot(at, k);
    }
  }

  /** Writes the features of the present origin into the ring. */
  private describe(slot: number, value: number): void {
    const index = slot % this.ringSlots.length;
    const at = index * this.stride;
    const { ring, levels, memory } = this;
    this.ringSlots[index] = slot;
    const base = levels[0]!;
    ring[at] = base;
    ring[at + 1] = value - base;
    for (let i = 1; i < levels.length; i++) ring[at + 1 + i] = levels[i - 1]! - levels[i]!;
    ring[at + SHARED] = levels[levels.length - 1]!; // how strongly the series returns to its mean of the day
    const usualNow = memory.usual(slot);
    const yesterdayNow = memory.daysBefore(slot, 1);
    const weekNow = memory.daysBefore(slot, 7);
    for (let k = 0; k < this.horizons.length; k++) {
      const ahead = slot + this.horizons[k]!;
      const usual = memory.usual(ahead);
      const yesterday = memory.daysBefore(ahead, 1);
      const week = memory.daysBefore(ahead, 7);
      const to = at + 1 + SHARED + k * SEASONAL;
      ring[to] = known(usual - usualNow);
      ring[to + 1] = known(usual - base);
      ring[to + 2] = known(yesterday - yesterdayNow);
      ring[to + 3] = known(yesterday - base);
      ring[to + 4] = known(week - weekNow);
      ring[to + 5] = known(week - base);
    }
  }

  private learn(slot: number, value: number): void {
    const row = this.scratch;
    for (let k = 0; k < this.horizons.length; k++) {
      const origin = slot - this.horizons[k]!;
      const index = origin % this.ringSlots.length;
      if (this.ringSlots[index] !== origin) continue;
      const at = index * this.stride;
      const target = value - this.ring[at]!;
      const error = Math.abs(target - this.dot(at, k));
      const usual = this.errors[k]!;
      this.errors[k] = this.seen[k] === 0 ? error : usual + 0.01 * (Math.min(error, 10 * usual + 1e-12) - usual);
      this.seen[k]! += 1;
      const weight = 1 / (Math.max(error, ERROR_FLOOR * this.errors[k]!) + 1e-12);
      this.row(at, k, row);
      const gram = this.gram[k]!;
      const moment = this.moment[k]!;
      for (let i = 0; i < WIDTH; i++) {
        const scaled = weight * row[i]!;
        moment[i] = this.forgetting * moment[i]! + scaled * target;
        for (let j = 0, to = triangle(i); j <= i; j++, to++) gram[to] = this.forgetting * gram[to]! + scaled * row[j]!;
      }
    }
  }

  private row(at: number, k: number, out: Float64Array): void {
    for (let i = 0; i < SHARED; i++) out[i] = this.ring[at + 1 + i]!;
    const from = at + 1 + SHARED + k * SEASONAL;
    for (let i = 0; i < SEASONAL; i++) out[SHARED + i] = this.ring[from + i]!;
  }

  private dot(at: number, k: number): number {
    const weights = this.weights[k]!;
    let sum = 0;
    for (let i = 0; i < SHARED; i++) sum += weights[i]! * this.ring[at + 1 + i]!;
    const from = at + 1 + SHARED + k * SEASONAL;
    for (let i = 0; i < SEASONAL; i++) sum += weights[SHARED + i]! * this.ring[from + i]!;
    return sum;
  }

  /** Ridge solution by Cholesky; the penalty is relative to each feature's own energy, so units do not matter. */
  private solve(k: number): void {
    const gram = this.gram[k]!;
    const moment = this.moment[k]!;
    const l = this.solver;
    let energy = 0;
    for (let i = 0; i < WIDTH; i++) energy = Math.max(energy, gram[triangle(i) + i]!);
    if (!(energy > 0)) return;
    for (let i = 0; i < WIDTH; i++) {
      for (let j = 0; j <= i; j++) {
        let sum = gram[triangle(i) + j]!;
        if (i === j) sum += RIDGE * sum + 1e-6 * energy;
        for (let m = 0; m < j; m++) sum -= l[i * WIDTH + m]! * l[j * WIDTH + m]!;
        if (i === j) {
          if (!(sum > 0)) return;
          l[i * WIDTH + i] = Math.sqrt(sum);
        } else {l[i * WIDTH + j] = sum / l[j * WIDTH + j]!;}
      }
    }
    const weights = this.weights[k]!;
    for (let i = 0; i < WIDTH; i++) {
      let sum = moment[i]!;
      for (let m = 0; m < i; m++) sum -= l[i * WIDTH + m]! * weights[m]!;
      weights[i] = sum / l[i * WIDTH + i]!;
    }
    for (let i = WIDTH - 1; i >= 0; i--) {
      let sum = weights[i]!;
      for (let m = i + 1; m < WIDTH; m++) sum -= l[m * WIDTH + i]! * weights[m]!;
      weights[i] = sum / l[i * WIDTH + i]!;
    }
  }
}

/** Where row i of a lower triangle begins. */
function triangle(i: number): number {
  return (i * (i + 1)) / 2;
}

function known(value: number): number {
  return Number.isNaN(value) ? 0 : value;
}
