import type { Report } from '../report/schema';

/** What the simulator needs of a forecaster: `createTrustedForecaster` of forecaster/ladder gives one. Times in seconds of the trace. */
export interface SimulatedForecaster {
  /** `value`: mean of the minute that ends at `time`. */
  observe(time: number, value: number): void;
  forecast(options: { readonly horizonSeconds: number; readonly quantiles?: readonly number[]; readonly now?: number }): {
    readonly point: readonly number[];
    /** By level as text, e.g. `0.9`; index h - 1 is h steps ahead. */
    readonly quantiles: Readonly<Record<string, readonly number[]>>;
    readonly model: string;
  };
  demand(options: { readonly leadTimeSeconds: number; readonly quantile: number; readonly now?: number }): { readonly value: number };
  readonly ready: boolean;
  /** Its demand may be used: a forecaster in shadow publishes none. @default true */
  readonly mayScale?: boolean;
}

/** An interval of minutes of the replay, both ends included, in which the forecaster is away. */
export interface Absence {
  readonly fromMinute: number;
  readonly toMinute: number;
}

/** What the forecaster said, minute by minute. */
export interface ForecastRun {
  /** Published demand for each minute of the replay, made from the minutes before it; null while the forecaster was away, had no data or was in shadow. */
  readonly published: readonly (number | null)[];
  readonly forecast: Report['forecast'];
}

const BANDS = [0.025, 0.1, 0.5, 0.9, 0.975] as const;
const DAY_MINUTES = 1440;
/** How far ahead the report shows forecasts; scaling uses the lead time. */
export const FORECAST_HORIZON_MINUTES = 30;

function mean(values: readonly number[]): number | null {
  return values.length === 0 ? null : values.reduce((sum, value) => sum + value, 0) / values.length;
}

/** In-sample mean absolute error of "the same minute yesterday", the scale of MASE; null if the history is shorter than a day or flat. */
export function seasonalNaiveError(history: readonly number[], season = DAY_MINUTES): number | null {
  const errors: number[] = [];
  for (let index = season; index < history.length; index += 1) errors.push(Math.abs(history[index]! - history[index - season]!));
  const scale = mean(errors);
  return scale === null || scale === 0 ? null : scale;
}

/**
 * Scores forecasts whose targets were observed: mean absolute scaled error against the history's seasonal naive, and the share inside each band.
 * Null where nothing can be said.
 *
 * @param history one value per minute, in the unit of the series
 */
export function scoreForecast(history: readonly number[], series: Report['forecast']['series']): Pick<Report['forecast'], 'mase' | 'coverage80' | 'coverage95'> {
  const scale = seasonalNaiveError(history);
  const error = mean(series.actual.map((actual, index) => Math.abs(actual - series.point[index]!)));
  const covered = (lower: readonly number[], upper: readonly number[]): number | null =>
    mean(series.actual.map((actual, index) => (actual >= lower[index]! && actual <= upper[index]! ? 1 : 0)));
  return {
    mase: scale === null || error === null ? null : error / scale,
    coverage80: covered(series.lower80, series.upper80),
    coverage95: covered(series.lower95, series.upper95),
  };
}

/**
 * Plays the replay past a forecaster: warms it on the history, then for each minute asks for a forecast and for demand, and only then
 * shows it that minute's value. Requests do not depend on replicas, so one run serves every policy.
 *
 * A forecaster that was away reads what it missed when it comes back, as the real one does from Prometheus.
 *
 * @param o `history`, `replay`: requests per second, one per minute; `start`: trace time of the first replayed minute
 */
export function runForecaster(o: {
  readonly forecaster: SimulatedForecaster;
  readonly history: readonly number[];
  readonly replay: readonly number[];
  readonly start: number;
  readonly leadTimeSeconds: number;
  readonly demandQuantile: number;
  /** @default - the forecaster is never away */
  readonly absences?: readonly Absence[];
}): ForecastRun {
  const { forecaster, history, replay, start } = o;
  const horizon = FORECAST_HORIZON_MINUTES;
  // As a recording rule stamps them: a minute's mean has the time of the minute's end.
  history.forEach((value, index) => forecaster.observe(start + (index + 1 - history.length) * 60, value));

  const published: (number | null)[] = [];
  const series: { [K in keyof Report['forecast']['series']]: number[] } = { time: [], actual: [], point: [], lower80: [], upper80: [], lower95: [], upper95: [] };
  let model = 'none';
  let missed = 0;
  for (let minute = 0; minute < replay.length; minute += 1) {
    const away = o.absences?.some((each) => minute >= each.fromMinute && minute <= each.toMinute) === true;
    if (away) {
      published.push(null);
    } else {
      for (; missed < minute; missed += 1) forecaster.observe(start + (missed + 1) * 60, replay[missed]!);
      const now = start + minute * 60;
      published.push(forecaster.ready && forecaster.mayScale !== false ? forecaster.demand({ leadTimeSeconds: o.leadTimeSeconds, quantile: o.demandQuantile, now }).value : null);
      // The newest observation is of the minute before: h steps ahead of it is minute - 1 + h.
      const target = minute - 1 + horizon;
      if (forecaster.ready && target < replay.length) {
        const answer = forecaster.forecast({ horizonSeconds: horizon * 60, quantiles: BANDS, now });
        model = answer.model;
        const at = (level: number): number => answer.quantiles[String(level)]?.[horizon - 1] ?? NaN;
        series.time.push(start + target * 60);
        series.actual.push(replay[target]!);
        series.point.push(answer.point[horizon - 1] ?? NaN);
        series.lower80.push(at(0.1));
        series.upper80.push(at(0.9));
        series.lower95.push(at(0.025));
        series.upper95.push(at(0.975));
      }
    }
  }
  return { published, forecast: { ...scoreForecast(history, series), horizonMinutes: horizon, model, series } };
}
