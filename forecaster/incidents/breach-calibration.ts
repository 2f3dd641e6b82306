/** A probability whose outcome is not known yet. */
interface Told {
  readonly time: number;
  readonly odds: number;
  readonly threshold: number;
  readonly values: number;
  readonly crossed: boolean;
}

/** As plain JSON. */
export interface BreachCalibrationSnapshot {
  readonly slope: number;
  readonly shift: number;
  readonly told: readonly Told[];
  readonly newest: number | null;
}

/** Outcomes are awaited for so long, and probabilities kept at this distance, seconds. */
const AWAITED = 1800;
const CADENCE = 300;
/** Values without which nothing can be said about a half hour. */
const LEAST_VALUES = 3;
const RATE = 0.05;
/** The slope learns more slowly: log-odds reach from -6 to 6. */
const SLOPE_RATE = 0.3 * RATE;
const SLOPES = [0.2, 1.5] as const;
const SHIFTS = [-4, 2] as const;
/** Probabilities nearer to 0 and 1 are taken as this near. */
const NEAREST = 0.002;

/**
 * Learns from what came of past probabilities how far new ones are to be believed: two numbers on the scale of log-odds, moved a little by every
 * outcome (logistic regression by gradient steps). Forecast bands that are too wide in the tail, as those of on-and-off series, show here and nowhere else.
 * Bounded: at most 7 outcomes are awaited.
 */
export class BreachCalibration {
  private slope = 1;
  private shift = 0;
  private told: Told[] = [];
  private newest = NaN;

  /** What a probability comes to; keeps their order. */
  adjust(probability: number): number {
    return logistic(this.slope * oddsOf(probability) + this.shift);
  }

  /** Keeps a raw probability, that the threshold is crossed within half an hour of a time, until its outcome is known. */
  tell(time: number, probability: number, threshold: number): void {
    const last = this.told.at(-1);
    if (last !== undefined && time < last.time) this.told = []; // another clock
    if (last !== undefined && time >= last.time && time < last.time + CADENCE) return;
    this.told.push({ time, odds: oddsOf(probability), threshold, values: 0, crossed: false });
    this.told = this.told.slice(-AWAITED / CADENCE - 1);
  }

  /** Takes a value, in the order of time; the same one again is left out. */
  value(time: number, value: number): void {
    if (time === this.newest) return;
    this.newest = time;
    const open: Told[] = [];
    for (const each of this.told) {
      const due = each.time + AWAITED;
      const within = time > each.time && time <= due;
      const seen = within ? { ...each, values: each.values + 1, crossed: each.crossed || value > each.threshold } : each;
      if (time < due) open.push(seen);
      else if (seen.crossed || seen.values >= LEAST_VALUES) this.learn(seen);
    }
    this.told = open;
  }

  snapshot(): BreachCalibrationSnapshot {
    return { slope: this.slope, shift: this.shift, told: this.told, newest: Number.isFinite(this.newest) ? this.newest : null };
  }

  static restore({ slope, shift, told, newest }: BreachCalibrationSnapshot): BreachCalibration {
    return Object.assign(new BreachCalibration(), { slope, shift, told: [...told], newest: newest ?? NaN });
  }

  private learn({ odds, crossed }: Told): void {
    const miss = (crossed ? 1 : 0) - logistic(this.slope * odds + this.shift);
    this.shift = Math.max(SHIFTS[0], Math.min(SHIFTS[1], this.shift + RATE * miss));
    this.slope = Math.max(SLOPES[0], Math.min(SLOPES[1], this.slope + SLOPE_RATE * miss * odds));
  }
}

function oddsOf(probability: number): number {
  const p = Math.max(NEAREST, Math.min(1 - NEAREST, probability));
  return Math.log(p / (1 - p));
}

function logistic(odds: number): number {
  return 1 / (1 + Math.exp(-odds));
}
