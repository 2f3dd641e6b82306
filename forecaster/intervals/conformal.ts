/** What {@link ConformalBands} keeps. */
export interface ConformalOptions {
  /** How many horizons, each with errors of its own. */
  readonly horizons: number;
  /** Levels whose coverage is steered, ascending, each in (0, 1). Other levels can be asked for, without steering. */
  readonly levels: readonly number[];
  /** Errors kept per horizon. @default 400 */
  readonly window?: number;
  /** Every how many steps an error is kept once the window is full, so that it comes to span days. @default 1 */
  readonly stride?: number;
  /** Step of the steering. @default 0.005 */
  readonly learning?: number;
}

/**
 * Prediction bands from the forecaster's own out-of-sample errors: rolling conformal quantiles per horizon, in units of a scale that the
 * caller gives with every forecast, so that a calm night and a busy noon share one window.
 *
 * Rolling split conformal: Vovk, Gammerman and Shafer (2005), Algorithmic Learning in a Random World. The level is steered so that long-run
 * coverage holds under drift: Gibbs and Candes (2021), Adaptive Conformal Inference Under Distribution Shift.
 */
export class ConformalBands {
  private readonly window: number;
  private readonly stride: number;
  private readonly learning: number;
  private readonly levels: readonly number[];
  /** Newest errors in order of arrival, and the same ones sorted. */
  private readonly arrived: Float32Array[];
  private readonly sorted: Float32Array[];
  private readonly counts: number[];
  private readonly steered: Float64Array[];

  constructor(options: ConformalOptions) {
    this.window = options.window ?? 400;
    this.stride = Math.max(1, Math.round(options.stride ?? 1));
    this.learning = options.learning ?? 0.005;
    this.levels = options.levels;
    const perHorizon = <T>(make: () => T) => Array.from({ length: options.horizons }, make);
    this.arrived = perHorizon(() => new Float32Array(this.window));
    this.sorted = perHorizon(() => new Float32Array(this.window));
    this.counts = perHorizon(() => 0);
    this.steered = perHorizon(() => Float64Array.from(options.levels));
  }

  /**
   * Learns one error.
   *
   * @param error (actual - forecast) / scale of that forecast, finite
   * @param slot when; only every `stride`-th slot enters a full window, but each one steers
   */
  add(horizon: number, error: number, slot: number): void {
    if (this.counts[horizon]! > 0) this.steer(horizon, error);
    const count = this.counts[horizon]!;
    if (count >= this.window && slot % this.stride !== 0) return;
    const arrived = this.arrived[horizon]!;
    const sorted = this.sorted[horizon]!;
    const kept = Math.fround(Math.max(-LARGEST_ERROR, Math.min(LARGEST_ERROR, error)));
    let size = Math.min(count, this.window);
    if (size === this.window) {
      const oldest = arrived[count % this.window]!;
      const at = lowerBound(sorted, size, oldest);
      sorted.copyWithin(at, at + 1, size);
      size -= 1;
    }
    const at = lowerBound(sorted, size, kept);
    sorted.copyWithin(at + 1, at, size);
    sorted[at] = kept;
    arrived[count % this.window] = kept;
    this.counts[horizon] = count + 1;
  }

  /** How many errors back a band at this horizon. */
  size(horizon: number): number {
    return Math.min(this.counts[horizon]!, this.window);
  }

  /** The error, in units of scale, that is not exceeded with probability `level`; NaN before the first error. */
  quantile(horizon: number, level: number): number {
    return this.empirical(horizon, this.effective(horizon, level));
  }

  private steer(horizon: number, error: number): void {
    const steered = this.steered[horizon]!;
    for (let i = 0; i < this.levels.length; i++) {
      const level = this.levels[i]!;
      const below = error <= this.empirical(horizon, steered[i]!) ? 1 : 0;
      // In the tails a step is scaled down, or a single miss would move 2.5 % by as much as 50 %.
      const step = this.learning * 4 * level * (1 - level);
      steered[i] = Math.min(0.9995, Math.max(0.0005, steered[i]! + step * (level - below)));
    }
  }

  /** The steered level; levels between two steered ones are moved in proportion. */
  private effective(horizon: number, level: number): number {
    const steered = this.steered[horizon]!;
    const { levels } = this;
    let right = 0;
    while (right < levels.length && levels[right]! < level) right += 1;
    if (levels[right] === level) return steered[right]!;
    const x0 = right === 0 ? 0 : levels[right - 1]!;
    const y0 = right === 0 ? 0 : steered[right - 1]!;
    const x1 = right === levels.length ? 1 : levels[right]!;
    const y1 = right === levels.length ? 1 : steered[right]!;
    return y0 + ((level - x0) / (x1 - x0)) * (y1 - y0);
  }

  /** Quantile with the finite-sample correction of split conformal: (n + 1) p, held within the sample. */
  private empirical(horizon: number, level: number): number {
    const size = this.size(horizon);
    if (size === 0) return NaN;
    const sorted = this.sorted[horizon]!;
    const position = Math.min(size - 1, Math.max(0, (size + 1) * level - 1));
    const left = Math.floor(position);
    const right = Math.min(size - 1, left + 1);
    return sorted[left]! + (position - left) * (sorted[right]! - sorted[left]!);
  }
}

/** In units of scale. A series that wakes after days of silence is off by millions of times its scale: that says nothing about tomorrow. */
const LARGEST_ERROR = 100;

function lowerBound(values: Float32Array, size: number, value: number): number {
  let low = 0;
  let high = size;
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    if (values[middle]! < value) low = middle + 1;
    else high = middle;
  }
  return low;
}
