import { magnitudes, spectrum, transform } from '../scaling/spectrum';

// The predictor that crane calls DSP (github.com/gocrane/crane, pkg/prediction/dsp), written anew from its behaviour: whether a day or a week repeats is
// decided from the spectrum and the autocorrelation, then the last period is predicted again without its quick and weak frequencies.

/** Steps of 5 minutes. */
const STEP_SECONDS = 300;
export const DAY_STEPS = 288;
const WEEK_STEPS = 7 * DAY_STEPS;
const HISTORY_STEPS = 15 * DAY_STEPS;
/** Every how many steps the period and the estimator are chosen anew: 12 hours. */
const CHOOSE_STEPS = 144;
const PERMUTATIONS = 100;

interface Estimator {
  /** At least so many frequencies are kept. */
  readonly least: number;
  /** Weaker frequencies than this, in the unit of the series, are noise. */
  readonly weakest: number;
  /** Share added to the prediction. */
  readonly marginShare: number;
}

const ESTIMATORS: readonly Estimator[] = [{ least: 3, weakest: 1 }, { least: 50, weakest: 0.05 }]
  .flatMap((each) => [0.01, 0.1, 0.15, 0.2].map((marginShare) => ({ ...each, marginShare })));

/** Predicts a series of 5-minute means, or says that it does not repeat. */
export class DspPredictor {
  private chosenAt = -Infinity;
  private period = 0;
  private estimator: Estimator | undefined;

  /** @param random numbers from 0 to 1, for the permutation test */
  constructor(private readonly random: () => number) {}

  /**
   * @param values every 5-minute mean so far, at least one
   * @param steps how many steps to predict, at most a day
   * @returns one value per step; null if the series has no daily or weekly period
   */
  predict(values: ArrayLike<number>, steps: number): number[] | null {
    const history = prepare(values);
    if (values.length - this.chosenAt >= CHOOSE_STEPS) {
      this.chosenAt = values.length;
      this.choose(history);
    }
    if (this.estimator === undefined) return null;
    const whole = Math.floor(history.length / this.period) * this.period;
    return Array.from(repeat(history.slice(history.length - whole), this.period, this.estimator).slice(0, steps));
  }

  private choose(history: Float64Array): void {
    this.estimator = undefined;
    this.period = findPeriod(history, this.random);
    const periods = this.period === 0 ? 0 : Math.floor(history.length / this.period);
    if (periods < 2) return;
    const part = history.slice(history.length - periods * this.period);
    const [known, last] = [part.slice(0, -this.period), part.slice(-this.period)];
    let least = Infinity;
    for (const estimator of ESTIMATORS) {
      const error = lopsidedError(last, repeat(known, this.period, estimator));
      if (error < least) [least, this.estimator] = [error, estimator];
    }
  }
}

/** The last 15 days in whole hours, outliers replaced by what came before. */
function prepare(values: ArrayLike<number>): Float64Array {
  const all = Array.prototype.slice.call(values, Math.max(0, values.length - HISTORY_STEPS)) as number[];
  const part = Float64Array.from(all.slice(all.length % 12));
  const sorted = part.slice().sort();
  const at = (share: number): number => {
    const place = share * (sorted.length - 1);
    const below = sorted[Math.floor(place)]!;
    return below + (sorted[Math.ceil(place)]! - below) * (place - Math.floor(place));
  };
  const [high, low] = [at(0.999), at(0.001)];
  for (let index = 1; index < part.length; index += 1) if (part[index]! > high || part[index]! < low) part[index] = part[index - 1]!;
  return part;
}

/** A week, a day, or 0. A period is a frequency stronger than chance allows whose lag is a peak of the autocorrelation. */
function findPeriod(history: Float64Array, random: () => number): number {
  for (const period of [WEEK_STEPS, DAY_STEPS]) {
    const periods = Math.floor(history.length / period);
    if (periods < 2) continue;
    const part = history.slice(history.length - periods * period);
    const found = strongestLag(part, random);
    return found === DAY_STEPS || found === WEEK_STEPS ? found : 0;
  }
  return 0;
}

function strongestLag(part: Float64Array, random: () => number): number {
  const n = part.length;
  const half = Math.floor(n / 2);
  const mean = part.reduce((sum, value) => sum + value, 0) / n;
  const deviation = Math.sqrt(part.reduce((sum, value) => sum + (value - mean) ** 2, 0) / n);
  if (deviation === 0) return 0;
  const chance = chanceLevel(part, random);
  const strength = magnitudes(spectrum(part));
  const standard = spectrum(part.map((value) => (value - mean) / deviation));
  const power = { re: standard.re.map((value, index) => value * value + standard.im[index]! ** 2), im: new Float64Array(n) };
  const correlation = transform(power, true).re.map((value) => value / (n * n));
  let best = 0;
  let highest = 0;
  let previous = Infinity;
  for (let frequency = 2; frequency < half; frequency += 1) {
    const lag = Math.floor(n / frequency);
    if (!(strength[frequency]! > chance) || lag >= previous) continue;
    previous = lag;
    const radius = Math.min(48, Math.floor(lag / 2));
    const rises = slope(correlation, Math.max(0, lag - radius), lag) > 0;
    const falls = slope(correlation, lag, Math.min(n - 1, lag + radius)) < 0;
    if (rises && falls && correlation[lag]! > highest) [highest, best] = [correlation[lag]!, lag];
  }
  return best;
}

/** The second highest of the strongest frequencies of shuffled copies. */
function chanceLevel(part: Float64Array, random: () => number): number {
  const half = Math.floor(part.length / 2);
  const peaks = Array.from({ length: PERMUTATIONS }, () => {
    const shuffled = part.slice();
    for (let index = shuffled.length - 1; index > 0; index -= 1) {
      const other = Math.floor(random() * (index + 1));
      [shuffled[index], shuffled[other]] = [shuffled[other]!, shuffled[index]!];
    }
    return magnitudes(spectrum(shuffled)).slice(1, half).reduce((most, value) => Math.max(most, value), 0);
  });
  return peaks.sort((a, b) => a - b)[PERMUTATIONS - 2]!;
}

/** Slope of a straight line through values from one index to another, both included. */
function slope(values: Float64Array, from: number, to: number): number {
  const n = to - from + 1;
  let sums = { x: 0, y: 0, xx: 0, xy: 0 };
  for (let x = 0; x < n; x += 1) {
    const y = values[from + x]!;
    sums = { x: sums.x + x, y: sums.y + y, xx: sums.xx + x * x, xy: sums.xy + x * y };
  }
  const spread = n * sums.xx - sums.x * sums.x;
  return spread === 0 ? 0 : (n * sums.xy - sums.x * sums.y) / spread;
}

/** The last period once more, without frequencies that are both quicker than an hour and weak. */
function repeat(values: Float64Array, period: number, { least, weakest, marginShare }: Estimator): Float64Array {
  const n = values.length;
  const parts = spectrum(values);
  const strength = magnitudes(parts).map((value) => value / n);
  const ordered = strength.slice(1, Math.floor(n / 2)).sort().reverse();
  let limit = Math.max(ordered.length >= 100 ? ordered[99]! : ordered.at(-1)!, weakest);
  if (ordered.length >= least && ordered[least - 1]! < limit) limit = ordered[least - 1]!;
  for (let index = 0; index < n; index += 1) {
    if (strength[index]! < limit && index / (n * STEP_SECONDS) > 1 / 3600) {
      parts.re[index] = 0;
      parts.im[index] = 0;
    }
  }
  return transform(parts, true).re.slice(-period).map((value) => Math.max(0.01, value / n) * (1 + marginShare));
}

/** Mean error that weighs too little more than too much. */
function lopsidedError(actual: Float64Array, predicted: Float64Array): number {
  const small = actual.some((value) => value < 1e-3);
  let sum = 0;
  for (let index = 0; index < actual.length; index += 1) {
    const difference = actual[index]! - predicted[index]!;
    if (small) {
      sum += Math.abs(difference);
    } else {
      const share = difference / actual[index]!;
      sum += share > 0 ? -Math.log(Math.max(1e-12, 1 - share)) / Math.log(1.25) : -share;
    }
  }
  return sum / actual.length;
}
