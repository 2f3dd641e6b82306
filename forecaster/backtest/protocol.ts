import type { Grid } from './grid';
import { HORIZON, type Truth } from './scores';

/** Length of a step, seconds. */
export const STEP_SECONDS = 300;

/** The tracks that replay a series by rolling origin. */
export type OpsTrack = 'ops5m' | 'short';

const DAY = 288;

/** What both differ in: `short` has a day or two of history, so no season to lean on and less to calibrate with. */
const RULES = {
  ops5m: { firstCalibration: 2 * DAY + 12, calibrationEvery: 12, calibrationWindow: 168, season: DAY, shortest: 3 * DAY },
  short: { firstCalibration: 36, calibrationEvery: 3, calibrationWindow: 56, season: 1, shortest: 160 },
} as const;
const TRAINING_SHARE = 0.7;
const FEWEST_ORIGINS = 4;

/** When a series is forecast and what the forecasts are held against. */
export interface Plan {
  /** Indices of the first step forecast, one an hour, rising; everything before is context. */
  readonly origins: readonly number[];
  readonly truth: Truth;
  /** Origins at which baselines are replayed for their bands, and how many of the newest are used. */
  readonly calibration: { readonly origins: readonly number[]; readonly window: number };
}

/** Origins per series at which slow methods are compared. */
const SAMPLED = 3;

/** Which of a number of origins are sampled: spread evenly, neither the first nor the last. */
export function sampleOrigins(count: number): number[] {
  const positions = Array.from({ length: SAMPLED }, (_, index) => roundHalfEven(((index + 1) * (count - 1)) / (SAMPLED + 1)));
  return [...new Set(positions)];
}

/** As the reference rounds. */
function roundHalfEven(value: number): number {
  const below = Math.floor(value);
  if (value - below !== 0.5) return Math.round(value);
  return below % 2 === 0 ? below : below + 1;
}

/** Lays out the evaluation of a series, or says why it cannot be scored. */
export function planSeries(grid: Grid, track: OpsTrack): Plan | { readonly reason: string } {
  const rules = RULES[track];
  const { values, observed } = grid;
  const length = values.length;
  const first = Math.ceil(TRAINING_SHARE * length);
  const origins = range(first, length - HORIZON, 12);
  if (length < rules.shortest) return { reason: `${length} steps of ${STEP_SECONDS} s; the track needs ${rules.shortest}` };
  if (origins.length < FEWEST_ORIGINS) return { reason: `${origins.length} origins in the last 30 % of the series; ${FEWEST_ORIGINS} are needed` };
  const season = first > 2 * DAY ? rules.season : 1;
  const scale = meanAbsolute(values.subarray(0, first).map((value, index, all) => (index < season ? 0 : value - all[index - season]!)), season);
  if (scale <= 1e-12) return { reason: 'constant before the first origin: there is no error to compare with' };
  const offset = (first - rules.firstCalibration) % rules.calibrationEvery;
  return {
    origins,
    truth: {
      actual: origins.map((origin) => [...values.subarray(origin, origin + HORIZON)]),
      observed: origins.map((origin) => [...observed.subarray(origin, origin + HORIZON)].map(Boolean)),
      scale,
      meanAbsolute: Math.max(meanAbsolute(values, 0), 1e-12),
    },
    calibration: { origins: range(rules.firstCalibration + Math.max(0, offset), length - HORIZON, rules.calibrationEvery), window: rules.calibrationWindow },
  };
}

/** The same truth, of some of its origins. */
export function truthAt(truth: Truth, indices: readonly number[]): Truth {
  return { ...truth, actual: indices.map((index) => truth.actual[index]!), observed: indices.map((index) => truth.observed[index]!) };
}

/** `from`, `from + by`, ... up to and with `to`. */
function range(from: number, to: number, by: number): number[] {
  return Array.from({ length: Math.max(0, Math.floor((to - from) / by) + 1) }, (_, index) => from + index * by);
}

/** Mean |value| from index `from` on. */
function meanAbsolute(values: Float64Array, from: number): number {
  return values.reduce((total, value, index) => (index < from ? total : total + Math.abs(value)), 0) / (values.length - from);
}
