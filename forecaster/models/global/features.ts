/** Steps of a day and of a week on the grid of the global model, five minutes a step. */
const HOUR = 12;
const DAY = 24 * HOUR;
const WEEK = 7 * DAY;
/** Values that features look back over: a week, the hour before it and the hour aimed at. */
export const HISTORY = WEEK + DAY;
/** Steps ahead, at most. */
export const HORIZON = HOUR;

/** What the local forecaster says; the global model corrects it. In the unit of the series, one value per step 1..HORIZON. */
export interface LocalForecast {
  readonly point: ArrayLike<number>;
  /** The strongest single model; NaN where it has not seen enough. */
  readonly regression: ArrayLike<number>;
  /** [level][step], levels as in {@link LOCAL_LEVELS}. */
  readonly quantiles: readonly ArrayLike<number>[];
}

/** Levels of the local quantiles that are features. */
export const LOCAL_LEVELS = [0.025, 0.1, 0.5, 0.9, 0.95, 0.975] as const;

const LAGS = [1, 2, 3, 4, 5, 6, 8, 11, 17, 23, 35, 71] as const;
const MEANS = [2, 3, 6, 12, 24, 48, 72, 144, DAY, WEEK] as const;
const WINDOWS = [6, 12, 36] as const;

const SHARED = [
  ...LAGS.map((lag) => `lag_${lag}`),
  ...MEANS.map((window) => `mean_${window}`),
  ...WINDOWS.flatMap((window) => [`deviation_${window}`, `highest_${window}`, `lowest_${window}`, `median_${window}`]),
  'change_1_hour', 'change_1_day', 'change_6_day', 'change_6_hours', 'change_day', 'change_week', 'reversion_1', 'reversion_12', 'level', 'relative_level',
  'age', 'zeros', 'repeats',
] as const;
const AHEAD = [
  'day_ago', 'day_ago_rise', 'day_ago_rise_smooth', 'day_ago_exact', 'week_ago', 'week_ago_rise', 'week_ago_rise_smooth', 'week_ago_exact',
  'days_mean', 'days_rise_mean', 'days_rise_median', 'days_deviation', 'days_highest', 'days_second', 'days_lowest',
  'hour_ago', 'hours_mean_6', 'hours_median_6', 'hours_highest_6', 'hours_mean_24', 'hours_highest_24', 'half_hours_mean', 'quarter_hours_mean',
  'regression', 'local', ...LOCAL_LEVELS.map((level) => `local_${level}`), 'horizon',
] as const;

/** Names of the features, in order. */
export const FEATURES: readonly string[] = [...SHARED, ...AHEAD];

/**
 * Describes the origin of a forecast by level-relative numbers, so that one model fits series of any size: differences to the newest value
 * in units of how much the series usually moves within half an hour. Unknown is NaN.
 */
export class FeatureExtractor {
  /** The newest value and the unit: a target is `base + unit * z`. */
  base = 0;
  unit = 1;
  /** [step - 1][feature] */
  readonly rows = new Float64Array(HORIZON * FEATURES.length);
  private readonly sums = new Float64Array(HISTORY + 1);
  private readonly scratch = new Float64Array(WINDOWS[WINDOWS.length - 1]!);
  private readonly days = new Float64Array(7);
  private readonly rises = new Float64Array(7);
  private readonly peaks = new Float64Array(7);
  private y: Float64Array = new Float64Array(0);
  private n = 0;

  /**
   * Fills {@link base}, {@link unit} and {@link rows}.
   *
   * @param values oldest first, finite, gaps filled
   * @param length how many of them count, at least 1
   */
  describe(values: Float64Array, length: number, local: LocalForecast): void {
    this.y = values;
    this.n = length;
    for (let i = 0; i < length; i++) this.sums[i + 1] = this.sums[i]! + values[i]!;
    this.shared();
    for (let h = 1; h <= HORIZON; h++) this.ahead(h, local);
  }

  private shared(): void {
    const { y, n } = this;
    const base = y[n - 1]!;
    this.base = base;
    let size = 0;
    let zeros = 0;
    let repeats = 0;
    let product1 = 0;
    let product12 = 0;
    let squares = 0;
    const day = Math.max(1, n - DAY);
    for (let i = day; i < n; i++) {
      const step = y[i]! - y[i - 1]!;
      size += Math.abs(y[i]!);
      if (y[i] === 0) zeros += 1;
      if (step === 0) repeats += 1;
      squares += step * step;
      if (i >= 2) product1 += step * (y[i - 1]! - y[i - 2]!);
      if (i >= 13) product12 += step * (y[i - 1]! - y[i - 13]!);
    }
    const counted = Math.max(1, n - day);
    const level = n === 1 ? Math.abs(base) : size / counted;
    const halfHourDay = this.change(6, DAY);
    const halfHourWeek = this.change(6, WEEK);
    const moves = Number.isNaN(halfHourDay) ? this.change(1, DAY) : (halfHourDay + halfHourWeek) / 2;
    this.unit = Math.max(Number.isNaN(moves) ? 0 : moves, 1e-3 * level) + 1e-9;
    const row = this.rows;
    let at = 0;
    for (const lag of LAGS) row[at++] = n > lag ? this.relative(y[n - 1 - lag]!) : NaN;
    for (const window of MEANS) row[at++] = n >= window ? this.relative(this.mean(n - window, n)) : NaN;
    for (const window of WINDOWS) {
      this.window(window, at);
      at += 4;
    }
    row[at++] = this.change(1, HOUR) / this.unit;
    row[at++] = this.change(1, DAY) / this.unit;
    row[at++] = halfHourDay / this.unit;
    row[at++] = this.change(6, 3 * HOUR) / this.unit;
    row[at++] = n >= 2 * DAY ? this.change(DAY, DAY) / this.unit : NaN;
    row[at++] = n >= WEEK + DAY ? this.change(WEEK, DAY) / this.unit : NaN;
    row[at++] = squares > 0 ? product1 / squares : 0;
    row[at++] = squares > 0 ? product12 / squares : 0;
    row[at++] = level / this.unit;
    row[at++] = level > 0 ? base / level : 1;
    row[at++] = Math.min(n, WEEK) / WEEK;
    row[at++] = zeros / counted;
    row[at++] = repeats / counted;
    for (let h = 1; h < HORIZON; h++) row.copyWithin(h * FEATURES.length, 0, SHARED.length);
  }

  private ahead(h: number, local: LocalForecast): void {
    const { n, rows, days, rises, peaks } = this;
    const target = n - 1 + h;
    let at = (h - 1) * FEATURES.length + SHARED.length;
    let known = 0;
    let lowest = Infinity;
    for (let k = 1; k <= 7; k++) {
      const then = this.around(target - k * DAY, 1);
      const rise = then - this.around(n - 1 - k * DAY, 1);
      if (k === 1 || k === 7) {
        rows[at++] = this.relative(then);
        rows[at++] = rise / this.unit;
        rows[at++] = (then - this.around(n - 2 - k * DAY, 5)) / this.unit;
        rows[at++] = this.relative(this.value(target - k * DAY));
      }
      if (Number.isNaN(rise)) continue;
      days[known] = then;
      rises[known] = rise;
      peaks[known] = -Infinity;
      for (let j = -1; j <= 1; j++) {
        const value = this.value(target - k * DAY + j);
        peaks[known] = Math.max(peaks[known]!, value);
        lowest = Math.min(lowest, value);
      }
      known += 1;
    }
    const mean = average(days, known);
    rows[at++] = this.relative(mean);
    rows[at++] = average(rises, known) / this.unit;
    rows[at++] = median(rises, known) / this.unit;
    rows[at++] = deviation(days, known, mean) / this.unit;
    peaks.subarray(0, known).sort();
    rows[at++] = known > 0 ? this.relative(peaks[known - 1]!) : NaN;
    rows[at++] = known > 1 ? this.relative(peaks[known - 2]!) : NaN;
    rows[at++] = known > 0 ? this.relative(lowest) : NaN;
    at = this.hours(target, at);
    rows[at++] = this.every(6, h, 6);
    rows[at++] = this.every(3, h, 8);
    rows[at++] = this.relative(local.regression[h - 1]!);
    rows[at++] = this.relative(local.point[h - 1]!);
    for (const quantile of local.quantiles) rows[at++] = this.relative(quantile[h - 1]!);
    rows[at] = h;
  }

  /** The same minute of the hours before: what runs every hour shows here. */
  private hours(target: number, from: number): number {
    const { rows, scratch } = this;
    let at = from;
    let sum = 0;
    let highest = -Infinity;
    let known = 0;
    rows[at++] = this.relative(this.value(target - HOUR));
    for (let k = 1; k <= 24; k++) {
      const value = this.value(target - k * HOUR);
      if (Number.isNaN(value)) break;
      if (k <= 6) scratch[k - 1] = value;
      known = k;
      sum += value;
      highest = Math.max(highest, value);
      if (k === 6) {
        rows[at++] = this.relative(sum / 6);
        rows[at++] = this.relative(median(scratch, 6));
        rows[at++] = this.relative(highest);
      }
    }
    while (at < from + 4) rows[at++] = NaN;
    rows[at++] = known === 24 ? this.relative(sum / 24) : NaN;
    rows[at++] = known === 24 ? this.relative(highest) : NaN;
    return at;
  }

  /** Mean of the last `count` known values that lie a multiple of `period` before the step aimed at, relative. */
  private every(period: number, h: number, count: number): number {
    const first = Math.ceil(h / period);
    let sum = 0;
    for (let k = first; k < first + count; k++) sum += this.value(this.n - 1 + h - k * period);
    return this.relative(sum / count);
  }

  private window(length: number, at: number): void {
    const { y, n, rows, scratch } = this;
    if (n < length) {
      rows.fill(NaN, at, at + 4);
      return;
    }
    const part = scratch.subarray(0, length);
    part.set(y.subarray(n - length, n));
    part.sort();
    const mean = this.mean(n - length, n);
    rows[at] = deviation(part, length, mean) / this.unit;
    rows[at + 1] = this.relative(part[length - 1]!);
    rows[at + 2] = this.relative(part[0]!);
    rows[at + 3] = this.relative(middle(part));
  }

  private relative(value: number): number {
    return (value - this.base) / this.unit;
  }

  private value(index: number): number {
    return index >= 0 && index < this.n ? this.y[index]! : NaN;
  }

  private mean(from: number, to: number): number {
    return (this.sums[to]! - this.sums[from]!) / (to - from);
  }

  /** Mean of the values within `width` of a place; NaN when it is not wholly known. */
  private around(index: number, width: number): number {
    const from = index - width;
    const to = index + width + 1;
    return from >= 0 && to <= this.n ? this.mean(from, to) : NaN;
  }

  /** Mean absolute difference to the value `lag` steps before, over the last `window` steps or what there is of them; NaN if nothing is. */
  private change(lag: number, window: number): number {
    const { y, n } = this;
    const from = Math.max(lag, n - window);
    if (from >= n) return NaN;
    let sum = 0;
    for (let i = from; i < n; i++) sum += Math.abs(y[i]! - y[i - lag]!);
    return sum / (n - from);
  }
}

function average(values: Float64Array, count: number): number {
  let sum = 0;
  for (let i = 0; i < count; i++) sum += values[i]!;
  return count === 0 ? NaN : sum / count;
}

function deviation(values: Float64Array, count: number, mean: number): number {
  let sum = 0;
  for (let i = 0; i < count; i++) sum += (values[i]! - mean) ** 2;
  return count === 0 ? NaN : Math.sqrt(sum / count);
}

/** Sorts the first `count` values in place. */
function median(values: Float64Array, count: number): number {
  if (count === 0) return NaN;
  const part = values.subarray(0, count);
  part.sort();
  return middle(part);
}

/** Median of sorted values, at least one. */
function middle(sorted: Float64Array): number {
  const right = Math.floor(sorted.length / 2);
  return (sorted[sorted.length - 1 - right]! + sorted[right]!) / 2;
}
