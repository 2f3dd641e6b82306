/** Quantiles that are scored, in this order everywhere. */
export const LEVELS = [0.025, 0.1, 0.5, 0.9, 0.95, 0.975] as const;
/** Steps of a forecast that is scored. */
export const HORIZON = 12;

/** Which steps are pooled: 30 min ahead, 60 min ahead, the whole path of an hour. */
export const POOLS = { h30: [5], h60: [11], path60: [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11] } as const;
export type Pool = keyof typeof POOLS;
export const POOL_NAMES = Object.keys(POOLS) as Pool[];

/** Scores of one series and one way of pooling. */
export interface PoolScores {
  readonly MAE: number;
  readonly RMSE: number;
  /** MAE over the in-sample MAE of seasonal naive. */
  readonly MASE: number;
  /** 0 to 200. */
  readonly sMAPE: number;
  /** Mean of twice the pinball loss at 0.5, 0.9 and 0.95 over mean |y|. */
  readonly wQL: number;
  /** The same over the scale of MASE. */
  readonly sPL: number;
  readonly cov80: number;
  readonly cov95: number;
  /** Share of values above the 0.95 quantile, which is what would have been provisioned. */
  readonly under: number;
  /** Provisioned above need, over mean |y|. */
  readonly over: number;
  /** `over` once the upper quantile is rescaled, in hindsight, to be exceeded exactly 5 % of the time. */
  readonly over5: number;
  readonly points: number;
}

/** Scores of one series. */
export type SeriesScores = Readonly<Record<Pool, PoolScores>>;

/** The forecasts of one method for one series, `[origin][step][level]`. */
export type Quantiles = readonly (readonly (readonly number[])[])[];

/** What the forecasts of a series are held against. */
export interface Truth {
  /** `[origin][step]`. */
  readonly actual: readonly (readonly number[])[];
  /** `[origin][step]`; only observed values are scored. */
  readonly observed: readonly (readonly boolean[])[];
  /** In-sample MAE of seasonal naive. */
  readonly scale: number;
  /** Mean |y| of the whole series. */
  readonly meanAbsolute: number;
}

/** Scores a series; null when no value of a pool was observed. */
export function scoreSeries(truth: Truth, forecasts: Quantiles): SeriesScores | null {
  const scores: Partial<Record<Pool, PoolScores>> = {};
  for (const pool of POOL_NAMES) {
    const score = scorePool(truth, forecasts, POOLS[pool]);
    if (!score) return null;
    scores[pool] = score;
  }
  return scores as SeriesScores;
}

function scorePool(truth: Truth, forecasts: Quantiles, steps: readonly number[]): PoolScores | null {
  const actual: number[] = [];
  const bands: (readonly number[])[] = [];
  truth.actual.forEach((row, origin) => {
    for (const step of steps) {
      if (!truth.observed[origin]![step]) continue;
      actual.push(row[step]!);
      bands.push(forecasts[origin]![step]!);
    }
  });
  if (actual.length === 0) return null;
  const { scale, meanAbsolute } = truth;
  const mean = (of: (y: number, band: readonly number[]) => number) => actual.reduce((sum, y, i) => sum + of(y, bands[i]!), 0) / actual.length;
  const loss = (level: number) => mean((y, band) => pinball(y, band[level]!, LEVELS[level]!));
  const quantileLoss = (loss(2) + loss(3) + loss(4)) / 3;
  const mae = mean((y, band) => Math.abs(y - band[2]!));
  const spread = (band: readonly number[]) => Math.max(band[4]! - band[2]!, 1e-6 * scale);
  const stretch = quantile(actual.map((y, i) => (y - bands[i]![2]!) / spread(bands[i]!)), 0.95);
  return {
    MAE: mae,
    RMSE: Math.sqrt(mean((y, band) => (y - band[2]!) ** 2)),
    MASE: mae / scale,
    sMAPE: mean((y, band) => {
      const size = Math.abs(y) + Math.abs(band[2]!);
      return size > 0 ? (200 * Math.abs(y - band[2]!)) / size : 0;
    }),
    wQL: (2 * quantileLoss) / meanAbsolute,
    sPL: (2 * quantileLoss) / scale,
    cov80: mean((y, band) => (y >= band[1]! && y <= band[3]! ? 1 : 0)),
    cov95: mean((y, band) => (y >= band[0]! && y <= band[5]! ? 1 : 0)),
    under: mean((y, band) => (y > Math.max(band[4]!, 0) ? 1 : 0)),
    over: mean((y, band) => Math.max(0, Math.max(band[4]!, 0) - y)) / meanAbsolute,
    over5: mean((y, band) => Math.max(0, band[2]! + stretch * spread(band) - y)) / meanAbsolute,
    points: actual.length,
  };
}

/** Share of observed values below each quantile, those equal to it counted half (series of many zeros have many); exact quantiles give their levels. */
export function reliabilityOf(truth: Truth, forecasts: Quantiles): number[] {
  const below = LEVELS.map(() => 0);
  let count = 0;
  truth.actual.forEach((row, origin) => row.forEach((value, step) => {
    if (!truth.observed[origin]![step]) return;
    count++;
    forecasts[origin]![step]!.forEach((bound, level) => {
      below[level]! += value < bound ? 1 : value === bound ? 0.5 : 0;
    });
  }));
  return below.map((number) => number / count);
}

function pinball(actual: number, forecast: number, level: number): number {
  return Math.max(level * (actual - forecast), (level - 1) * (actual - forecast));
}

/** Quantile with linear interpolation between order statistics (Hyndman and Fan's type 7). */
export function quantile(values: readonly number[], level: number): number {
  return sortedQuantile(Float64Array.from(values).sort(), level);
}

/** The same of values that are sorted already; NaN of none. */
export function sortedQuantile(sorted: Float64Array, level: number): number {
  if (sorted.length === 0) return NaN;
  const at = (sorted.length - 1) * level;
  const below = Math.floor(at);
  const low = sorted[below]!;
  return low + (at - below) * (sorted[Math.min(below + 1, sorted.length - 1)]! - low);
}
