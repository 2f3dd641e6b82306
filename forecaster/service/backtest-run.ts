import { coverage, meanAbsoluteError, pinball } from '../evaluation/scores';
import { createForecaster, type Forecaster } from '../engine';
import { rejectionOf } from '../series/series';

/** A series that is replayed past a new forecaster. */
export interface BacktestSeries {
  readonly stepSeconds: number;
  /** Time of the first value, seconds. */
  readonly start: number;
  /** One per step; null where nothing is known. */
  readonly values: readonly (number | null)[];
}

/** How it is replayed. */
export interface BacktestOptions {
  readonly horizonSteps: number;
  /** At most so many origins, spread evenly over the last part. */
  readonly maxOrigins: number;
  /** Share of the series before the first origin. */
  readonly trainingShare: number;
  /** Milliseconds after which what is there is scored. */
  readonly budgetMs: number;
  /** Milliseconds of a clock that only goes forward. */
  readonly clock: () => number;
  /** Who asked has gone. @default - never */
  readonly signal?: AbortSignal;
}

/** How good forecasts would have been. Null where there was nothing to compare, or naive was exact. */
export interface BacktestScores {
  readonly pinball: number | null;
  readonly relativePinball: number | null;
  readonly relativeError: number | null;
  readonly coverage80: number | null;
  readonly coverage95: number | null;
  /** Share of values above the 0.95 quantile. */
  readonly under95: number | null;
}

/** What came of a backtest. */
export interface BacktestResult {
  readonly origins: number;
  /** Values that were compared with a forecast. */
  readonly judged: number;
  /** False if time ran out first. */
  readonly complete: boolean;
  /** Over all steps of the horizon. */
  readonly path: BacktestScores;
  /** At a few single horizons. */
  readonly horizons: readonly (BacktestScores & { readonly steps: number })[];
}

const LEVELS = [0.025, 0.1, 0.5, 0.9, 0.95, 0.975] as const;
/** Milliseconds of work before others get their turn. */
const SLICE_MS = 10;

interface Column {
  readonly actual: number[];
  readonly naive: number[];
  readonly bands: number[][];
}

/**
 * Rolling-origin evaluation in slices of about 10 ms, so that probes and scrapes are answered meanwhile: the series is shown value by value, and at every
 * origin the future is forecast before it is seen.
 *
 * @throws the signal's reason when aborted
 */
export async function runBacktest({ stepSeconds, start, values }: BacktestSeries, options: BacktestOptions): Promise<BacktestResult> {
  const { horizonSteps, maxOrigins, clock, signal } = options;
  const first = Math.max(1, Math.ceil(options.trainingShare * values.length));
  const last = values.length - horizonSteps; // the last index whose whole future is there
  const every = Math.max(1, Math.ceil((last - first + 1) / maxOrigins));
  const nonNegative = !values.slice(0, first).some((value) => value !== null && value < 0);
  const forecaster = createForecaster({ stepSeconds, maxHorizonSeconds: horizonSteps * stepSeconds, nonNegative });
  const columns: Column[] = Array.from({ length: horizonSteps }, () => ({ actual: [], naive: [], bands: LEVELS.map(() => []) }));
  const began = clock();
  let slice = began;
  let origins = 0;
  let complete = true;
  let newest = NaN;
  let newestIndex = -1;
  for (let index = 0; index <= last; index++) {
    if (index >= first && (index - first) % every === 0 && forecaster.ready) {
      record(forecaster, columns, { horizonSeconds: horizonSteps * stepSeconds, late: index - 1 - newestIndex, naive: newest }, (ahead) => values[index + ahead]);
      origins += 1;
    }
    const value = values[index];
    if (typeof value === 'number' && !rejectionOf(value, nonNegative)) {
      forecaster.observe(start + index * stepSeconds, value);
      newest = value;
      newestIndex = index;
    }
    if (clock() - slice < SLICE_MS) continue;
    await new Promise((done) => setImmediate(done));
    signal?.throwIfAborted();
    slice = clock();
    if (slice - began > options.budgetMs) {
      complete = false;
      break;
    }
  }
  const shown = [...new Set([1, 5, 15, 30, horizonSteps])].filter((steps) => steps <= horizonSteps);
  return {
    origins,
    judged: columns.reduce((sum, { actual }) => sum + actual.length, 0),
    complete,
    path: scoresOf(columns),
    horizons: shown.map((steps) => ({ steps, ...scoresOf([columns[steps - 1]!]) })),
  };
}

function record(
  forecaster: Forecaster, columns: readonly Column[], o: { readonly horizonSeconds: number; readonly late: number; readonly naive: number },
  actualAt: (ahead: number) => number | null | undefined,
): void {
  const { quantiles } = forecaster.forecast({ horizonSeconds: o.horizonSeconds, quantiles: LEVELS });
  columns.forEach(({ actual, naive, bands }, ahead) => {
    const value = actualAt(ahead);
    if (typeof value !== 'number') return;
    // After a gap the forecaster starts from its newest value, and so do its steps.
    const at = Math.min(columns.length - 1, ahead + o.late);
    actual.push(value);
    naive.push(o.naive);
    LEVELS.forEach((level, l) => bands[l]!.push(quantiles[String(level)]![at]!));
  });
}

function scoresOf(columns: readonly Column[]): BacktestScores {
  const actual = columns.flatMap((column) => column.actual);
  const naive = columns.flatMap((column) => column.naive);
  const bands = LEVELS.map((_, l) => columns.flatMap((column) => column.bands[l]!));
  const losses = (of: (l: number) => readonly number[]) => LEVELS.reduce((sum, level, l) => sum + pinball(actual, of(l), level), 0) / LEVELS.length;
  const loss = losses((l) => bands[l]!);
  return {
    pinball: known(loss),
    relativePinball: known(loss / losses(() => naive)),
    relativeError: known(meanAbsoluteError(actual, bands[2]!) / meanAbsoluteError(actual, naive)),
    coverage80: known(coverage(actual, bands[1]!, bands[3]!)),
    coverage95: known(coverage(actual, bands[0]!, bands[5]!)),
    under95: actual.length === 0 ? null : known(actual.filter((value, i) => value > bands[4]![i]!).length / actual.length),
  };
}

/** JSON knows finite numbers only. */
function known(value: number): number | null {
  return Number.isFinite(value) ? value : null;
}
