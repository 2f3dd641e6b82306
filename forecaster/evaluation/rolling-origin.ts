import { createForecaster, type Forecaster, type ForecasterOptions } from '../engine';
import { rejectionOf, type Series, timeAt } from '../series/series';
import { coverage, mase, meanAbsoluteError, pinball, underprovisioned } from './scores';

/** How a series is replayed past a forecaster. */
export interface RollingOriginOptions {
  /** Steps ahead that are forecast and scored. */
  readonly horizonSteps: number;
  /** Steps between two origins. */
  readonly every: number;
  /** Share of the series before the first origin. @default 0.7 */
  readonly trainingShare?: number;
  /** Steps in a season, for MASE. @default - a day */
  readonly seasonLength?: number;
  /** @default - one made for the step and horizon of this evaluation */
  readonly forecaster?: ForecasterOptions;
}

/** How good the forecasts of one series were, h steps ahead. */
export interface HorizonScore {
  readonly steps: number;
  /** Scored forecasts. */
  readonly forecasts: number;
  readonly mase: number;
  /** Mean absolute error of the median over that of naive; below 1 is better. */
  readonly relativeMae: number;
  /** Mean pinball loss at 0.5, 0.9 and 0.95, in the unit of the series. */
  readonly pinball: number;
  readonly coverage80: number;
  readonly coverage95: number;
  /** Share of values above the 0.9 and the 0.95 quantile. */
  readonly under90: number;
  readonly under95: number;
}

const LEVELS = [0.025, 0.1, 0.5, 0.9, 0.95, 0.975] as const;

/**
 * Rolling-origin evaluation: the series is shown value by value, and at every origin the future is forecast before it is seen.
 *
 * Tashman (2000), Out-of-sample tests of forecasting accuracy, International Journal of Forecasting 16(4).
 *
 * @param steps horizons to score, each at most `horizonSteps`
 */
export function rollingOrigin(series: Series, steps: readonly number[], options: RollingOriginOptions): HorizonScore[] {
  const { horizonSteps, every, trainingShare = 0.7, seasonLength = Math.round(86_400 / series.step) } = options;
  const first = Math.ceil(trainingShare * series.values.length);
  const forecaster = createForecaster({ stepSeconds: series.step, maxHorizonSeconds: horizonSteps * series.step, ...options.forecaster });
  const columns = steps.map(() => ({ actual: [] as number[], naive: [] as number[], bands: LEVELS.map(() => [] as number[]) }));
  let last = NaN;
  let lastIndex = -1;
  series.values.forEach((value, index) => {
    if (index >= first && (index - first) % every === 0 && index + horizonSteps <= series.values.length && forecaster.ready) {
      const late = index - 1 - lastIndex; // after a gap the forecaster starts from its newest value, and so do its steps
      record(forecaster, horizonSteps * series.step, horizonSteps, steps, late, columns, (ahead) => series.values[index - 1 + ahead]!, last);
    }
    if (rejectionOf(value, options.forecaster?.nonNegative ?? true)) return;
    forecaster.observe(timeAt(series, index), value);
    last = value;
    lastIndex = index;
  });
  const training = series.values.subarray(0, first);
  return columns.map(({ actual, naive, bands }, i) => {
    const [low95, low80, median, high80, high90, high95] = bands as [number[], number[], number[], number[], number[], number[]];
    return {
      steps: steps[i]!,
      forecasts: actual.filter((value) => !Number.isNaN(value)).length,
      mase: mase(actual, median, training, seasonLength),
      relativeMae: meanAbsoluteError(actual, median) / meanAbsoluteError(actual, naive),
      pinball: (pinball(actual, median, 0.5) + pinball(actual, high80, 0.9) + pinball(actual, high90, 0.95)) / 3,
      coverage80: coverage(actual, low80, high80),
      coverage95: coverage(actual, low95, high95),
      under90: underprovisioned(actual, high80),
      under95: underprovisioned(actual, high90),
    };
  });
}

function record(
  forecaster: Forecaster, horizonSeconds: number, horizonSteps: number, steps: readonly number[], late: number,
  columns: readonly { actual: number[]; naive: number[]; bands: number[][] }[], actualAt: (ahead: number) => number, last: number,
): void {
  const forecast = forecaster.forecast({ horizonSeconds, quantiles: LEVELS });
  steps.forEach((ahead, i) => {
    const column = columns[i]!;
    const at = Math.min(horizonSteps, ahead + late) - 1;
    column.actual.push(actualAt(ahead));
    column.naive.push(last);
    LEVELS.forEach((level, l) => column.bands[l]!.push(forecast.quantiles[String(level)]![at]!));
  });
}
