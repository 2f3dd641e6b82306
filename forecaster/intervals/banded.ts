import { Combination } from '../models/combination';
import { DirectRegression } from '../models/direct-regression';
import { ExponentialSmoothing } from '../models/exponential-smoothing';
import { HoltWinters } from '../models/holt-winters';
import { Model, smoothingFactor } from '../models/model';
import { Naive } from '../models/naive';
import { SeasonalNaive } from '../models/seasonal-naive';
import { SeasonalProfile } from '../models/seasonal-profile';
import { ReasonCode } from '../reasons';
import { ConformalBands } from './conformal';
import { normalQuantile } from './normal';

export interface BandedOptions {
  readonly stepSeconds: number;
  readonly maxSteps: number;
  readonly nonNegative: boolean;
}

export interface Prediction {
  readonly point: number[];
  /** [level][step] in the order of the levels asked for. */
  readonly quantiles: number[][];
}

export const TUNE = { sqrt: true, learning: 0.005, window: 400, spanDays: 7, fast: 20, mix: 0.5, sharp: 8, memDays: 2, only: '' };

const STEERED = [0.025, 0.1, 0.5, 0.9, 0.95, 0.975];

export class BandedForecaster {
  readonly horizons: readonly number[];
  private readonly day: number;
  readonly combination: Combination;
  private readonly bands: ConformalBands;
  private readonly issued: Float64Array;
  private readonly issuedAt: Float64Array;
  private readonly latest: Float64Array;
  private readonly errors: Float64Array;
  private readonly errorCounts: Float64Array;
  private readonly middle: number;
  private readonly rim: Float64Array;
  private fast = NaN;
  private slow = NaN;
  private magnitude = 0;
  private first = NaN;
  private slot = NaN;
  private seen = 0;
  private last = NaN;
  private unchanged = 0;
  private filled = 1;
  private covered80 = 0;
  private covered95 = 0;
  private judged = 0;

  constructor(private readonly options: BandedOptions) {
    const { stepSeconds, maxSteps } = options;
    this.day = Math.max(1, Math.round(86_400 / stepSeconds));
    this.horizons = anchors(maxSteps);
    this.middle = this.horizons.findIndex((h) => h >= maxSteps / 2);
    const longest = maxSteps;
    let members: Model[] = [
      new Naive(),
      new ExponentialSmoothing(Math.max(2, Math.round(longest / 10))),
      new ExponentialSmoothing(Math.max(4, Math.round(longest / 2))),
      new HoltWinters(),
      new HoltWinters({ seasonLength: this.day, bucketSteps: Math.max(1, Math.round(300 / stepSeconds)), phi: 0.9, alpha: 0.15 }),
      new SeasonalNaive(this.day),
      new SeasonalProfile(stepSeconds, Math.max(1.5, longest / 12)),
      new DirectRegression({ stepSeconds, horizons: this.horizons }),
    ];
    if (TUNE.only) members = members.filter((m, i) => i === 0 || TUNE.only.split(',').includes(m.alias));
    this.combination = new Combination(members, { horizons: this.horizons, memorySteps: TUNE.memDays * this.day, sharpness: TUNE.sharp });
    const stride = Math.max(1, Math.round((TUNE.spanDays * this.day) / TUNE.window));
    this.bands = new ConformalBands({ horizons: this.horizons.length, levels: STEERED, stride, window: TUNE.window, learning: TUNE.learning });
    this.issued = new Float64Array((maxSteps + 1) * (this.horizons.length + 1));
    this.issuedAt = new Float64Array(maxSteps + 1).fill(NaN);
    this.latest = new Float64Array(this.horizons.length);
    this.errors = new Float64Array(this.horizons.length);
    this.errorCounts = new Float64Array(this.horizons.length);
    this.rim = new Float64Array((maxSteps + 1) * 4).fill(NaN);
  }

  update(slot: number, value: number): void {
    const z = this.forward(value);
    this.judge(slot, z);
    this.track(slot, z);
    this.combination.update(slot, z);
    this.combination.predict(this.horizons, this.latest);
    this.slot = slot;
    const ring = slot % this.issuedAt.length;
    const width = this.horizons.length + 1;
    this.issuedAt[ring] = slot;
    this.issued.set(this.latest, ring * width);
    this.issued[ring * width + width - 1] = this.scale();
    for (let i = 0; i < 4; i++) this.rim[ring * 4 + i] = this.latest[this.middle]! + this.offset(this.middle, [0.025, 0.1, 0.9, 0.975][i]!);
  }

  predict(steps: number, levels: readonly number[]): Prediction {
    const order = levels.map((_, i) => i).sort((a, b) => levels[a]! - levels[b]!);
    const offsets = order.map((i) => this.horizons.map((_, k) => this.latest[k]! + this.offset(k, levels[i]!)));
    const point: number[] = new Array(steps);
    const quantiles: number[][] = levels.map(() => new Array(steps));
    let right = 0;
    for (let h = 1; h <= steps; h++) {
      while (this.horizons[right]! < h) right += 1;
      const left = Math.max(0, right - 1);
      const weight = right === left ? 1 : (h - this.horizons[left]!) / (this.horizons[right]! - this.horizons[left]!);
      point[h - 1] = this.backward(this.latest[left]! + weight * (this.latest[right]! - this.latest[left]!));
      let floor = -Infinity;
      for (let i = 0; i < order.length; i++) {
        const value = offsets[i]![left]! + weight * (offsets[i]![right]! - offsets[i]![left]!);
        floor = Math.max(floor, value);
        quantiles[order[i]!]![h - 1] = this.backward(floor);
      }
    }
    return { point, quantiles };
  }

  leader(): string {
    let best = 0;
    for (let m = 1; m < this.combination.members.length; m++) {
      if (this.combination.weightOf(m, this.middle) > this.combination.weightOf(best, this.middle)) best = m;
    }
    return this.combination.members[best]!.alias;
  }

  members() {
    return this.combination.members.map((member, m) => {
      const r = this.combination.errorOf(m, this.middle) / this.combination.errorOf(0, this.middle);
      return { model: member.alias, weight: this.combination.weightOf(m, this.middle), relativeError: Number.isFinite(r) ? r : null };
    });
  }

  coverage(percent: 80 | 95): number | null {
    if (this.judged < 30) return null;
    return (percent === 80 ? this.covered80 : this.covered95) / this.judged;
  }

  reasons(): ReasonCode[] {
    return [];
  }

  confidence(): number {
    return 1;
  }

  private judge(slot: number, z: number): void {
    const width = this.horizons.length + 1;
    for (let k = 0; k < this.horizons.length; k++) {
      const origin = slot - this.horizons[k]!;
      const ring = origin % this.issuedAt.length;
      if (this.issuedAt[ring] !== origin) continue;
      const error = z - this.issued[ring * width + k]!;
      this.bands.add(k, error / this.issued[ring * width + width - 1]!, slot);
      if (k === this.middle) {
        const d = 1 - 1 / this.day;
        this.judged = d * this.judged + 1;
        this.covered80 = d * this.covered80 + (z >= this.rim[ring * 4 + 1]! && z <= this.rim[ring * 4 + 2]! ? 1 : 0);
        this.covered95 = d * this.covered95 + (z >= this.rim[ring * 4]! && z <= this.rim[ring * 4 + 3]! ? 1 : 0);
      }
      this.errors[k]! += Math.abs(error);
      this.errorCounts[k]! += 1;
    }
  }

  private track(slot: number, z: number): void {
    const gap = Number.isNaN(this.slot) ? 1 : slot - this.slot;
    if (!Number.isNaN(this.slot)) {
      const error = Math.abs(z - this.latest[0]!);
      if (Number.isNaN(this.fast)) this.fast = this.slow = error;
      else {
        this.fast += smoothingFactor(TUNE.fast, gap) * (Math.min(error, 20 * (this.fast + this.slow)) - this.fast);
        this.slow += smoothingFactor(this.day, gap) * (Math.min(error, 20 * (this.fast + this.slow)) - this.slow);
      }
    } else this.first = slot;
    this.magnitude += smoothingFactor(this.day, gap) * (Math.abs(z) - this.magnitude);
    this.seen += 1;
  }

  private scale(): number {
    const rough = Number.isNaN(this.fast) ? 0.25 * Math.abs(this.magnitude) : TUNE.mix * this.fast + (1 - TUNE.mix) * this.slow;
    return Math.max(rough, 1e-3 * this.magnitude, 1e-9);
  }

  private offset(k: number, level: number): number {
    const size = this.bands.size(k);
    const q = this.bands.quantile(k, level);
    if (size >= 30) return q * this.scale();
    const gauss = 2 * normalQuantile(level) * Math.sqrt(this.horizons[k]!) * this.scale();
    if (size === 0) return gauss;
    const e = q * this.scale();
    return level < 0.5 ? Math.min(e, gauss) : level > 0.5 ? Math.max(e, gauss) : e;
  }

  private forward(value: number): number {
    return this.options.nonNegative && TUNE.sqrt ? Math.sqrt(value) : value;
  }

  private backward(z: number): number {
    if (!this.options.nonNegative) return z;
    return TUNE.sqrt ? Math.max(0, z) ** 2 : Math.max(0, z);
  }
}

export function anchors(longest: number): number[] {
  const result: number[] = [];
  for (let h = 1; h < longest; h = Math.max(h + 1, Math.round(h * 1.4))) result.push(h);
  result.push(longest);
  return result;
}
