import { DemandPath, pathDemand, Reach } from './demand-path';

/** How a margin is steered. */
export interface SteeredMarginOptions {
  /** Share of steps that may be short of capacity, above 0. @default 0.001 */
  readonly targetShare?: number;
  /** Margins to choose from, rising; see {@link pathDemand}. @default MARGINS */
  readonly margins?: readonly number[];
  /** Used until enough has been seen. @default 1.5 */
  readonly start?: number;
  readonly reach: Reach;
  /** Steps for which capacity stays after it was ordered. @default 5 */
  readonly holdSteps?: number;
  /** Steps after which a shortfall counts half. @default 4320: three days of minutes */
  readonly halfLifeSteps?: number;
}

/** Margins that are followed unless others are given. */
export const MARGINS: readonly number[] = [0, 0.25, 0.5, 0.75, 1, 1.25, 1.5, 1.75, 2, 2.5, 3, 3.5, 4];

/** What one margin would have meant so far. */
export interface MarginStep {
  readonly margin: number;
  /** Share of steps that would have been short of capacity, recent ones counting more. */
  readonly shortShare: number;
  /** Provided over needed, the cost of the margin: 1.3 means that 30 % more was there than was used. */
  readonly provisioned: number;
}

/**
 * Chooses how far above the median to provide, from the shortfalls that each choice would have had: every margin is followed in the shadow, and the smallest
 * one that would have kept its promise is used. So the share of minutes under capacity is held where it was asked for, whatever the true
 * distribution: a band that is too narrow for this service gets a larger margin, one that is too wide a smaller one.
 */
export class SteeredMargin {
  readonly margins: readonly number[];
  private readonly target: number;
  private readonly start: number;
  private readonly reach: Reach;
  private readonly hold: number;
  private readonly decay: number;
  private readonly short: Float64Array;
  private readonly provided: Float64Array;
  /** Demand that each margin ordered, newest last; one row per step. */
  private readonly ordered: Float64Array[] = [];
  private needed = 0;
  private seen = 0;

  constructor(options: SteeredMarginOptions) {
    this.margins = options.margins ?? MARGINS;
    this.target = options.targetShare ?? 0.001;
    if (!(this.target > 0 && this.target < 1)) throw new RangeError(`targetShare is ${this.target}; it must be above 0 and below 1`);
    if (this.margins.length === 0 || this.margins.some((each, index) => !(each >= 0) || each <= (this.margins[index - 1] ?? -1))) throw new RangeError('margins must be rising, from 0');
    this.start = options.start ?? 1.5;
    this.reach = options.reach;
    this.hold = Math.max(1, Math.round(options.holdSteps ?? 5));
    this.decay = 0.5 ** (1 / (options.halfLifeSteps ?? 4320));
    this.short = new Float64Array(this.margins.length);
    this.provided = new Float64Array(this.margins.length);
  }

  /**
   * The value of the step that just ended, then the forecast made after it.
   *
   * @param value anything but a finite number is passed over
   */
  observe(value: number, path: DemandPath): void {
    if (Number.isFinite(value)) this.settle(value);
    this.ordered.push(Float64Array.from(this.margins, (margin) => pathDemand(path, margin, this.reach)));
    if (this.ordered.length > this.reach.fromStep + this.hold) this.ordered.shift();
  }

  private settle(value: number): void {
    // Orders are there from `fromStep` steps after they were made; as in pathDemand the newest one has had one step already.
    const last = this.ordered.length - this.reach.fromStep;
    if (last < 0) return;
    this.needed = this.needed * this.decay + Math.max(0, value);
    this.seen = this.seen * this.decay + 1;
    for (let index = 0; index < this.margins.length; index += 1) {
      let capacity = 0;
      for (let row = Math.max(0, last - this.hold + 1); row <= last; row += 1) capacity = Math.max(capacity, this.ordered[row]![index]!);
      this.short[index] = this.short[index]! * this.decay + (value > capacity ? 1 : 0);
      this.provided[index] = this.provided[index]! * this.decay + capacity;
    }
  }

  /** The margin to use now. */
  get margin(): number {
    const allowed = this.target * this.seen;
    const index = this.margins.findIndex((_, at) => this.short[at]! <= allowed);
    const found = index < 0 ? this.margins.at(-1)! : this.margins[index]!;
    // Too short a time to have seen even one shortfall says nothing in favour of a small margin.
    return this.target * this.seen < 1 ? Math.max(this.start, found) : found;
  }

  /** What each margin would have meant: shortfalls bought down, and at which cost. */
  steps(): readonly MarginStep[] {
    return this.margins.map((margin, index) => ({
      margin,
      shortShare: this.seen === 0 ? 0 : this.short[index]! / this.seen,
      provisioned: this.needed > 0 ? this.provided[index]! / this.needed : 1,
    }));
  }
}
