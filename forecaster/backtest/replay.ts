import { createForecaster } from '../engine';
import type { Grid } from './grid';
import { HORIZON, LEVELS } from './scores';

/** A forecast as it is written, one JSON line each. */
export interface ForecastLine {
  readonly id: string;
  /** Unix seconds of the last observation that could be used: the start of the grid bin just before the first step forecast. */
  readonly origin: number;
  readonly step_s: number;
  /** Level as text to the 12 values ahead; index h is for the bin that starts at `origin + (h + 1) * step_s`. */
  readonly q: Readonly<Record<string, readonly number[]>>;
  /** CPU time of this one forecast, milliseconds, history already learnt. */
  readonly cpu_ms: number;
}

/** A series shown to the forecaster from first value to last. */
export interface Replay {
  readonly lines: readonly ForecastLine[];
  /** CPU time of learning one value, microseconds, mean over the values between the first and the last origin. */
  readonly updateMicroseconds: number;
}

/** CPU time of this process so far, microseconds. */
export type CpuClock = () => number;

/**
 * Shows a series to one forecaster, value by value, and forecasts at every origin before anything of its future is shown.
 *
 * Only observed bins are shown: what is missing stays missing. When the newest value is older than the bin before the origin, steps are
 * counted from the origin all the same, as the protocol's forward fill does; steps beyond the forecaster's longest horizon repeat its last.
 *
 * @param origins indices of the first step forecast, rising, each above 0
 */
export function replaySeries(id: string, grid: Grid, origins: readonly number[], cpu: CpuClock): Replay {
  const { stepSeconds, start, values, observed } = grid;
  // A series that was negative before the first origin is not a rate; a later one is not looked at.
  const nonNegative = !values.subarray(0, origins[0]).some((value) => value < 0);
  const forecaster = createForecaster({ stepSeconds, maxHorizonSeconds: HORIZON * stepSeconds, quantiles: LEVELS, nonNegative });
  const lines: ForecastLine[] = [];
  let newest = -1;
  let shown = 0;
  let learnt = 0;
  let learning = 0;
  const showUntil = (end: number) => {
    for (; shown < end; shown++) {
      if (!observed[shown]) continue;
      forecaster.observe(start + shown * stepSeconds, values[shown]!);
      newest = shown;
      learnt++;
    }
  };
  for (const origin of origins) {
    const before = cpu();
    if (lines.length === 0) {
      showUntil(origin);
      learnt = 0;
    } else {
      showUntil(origin);
      learning += cpu() - before;
    }
    const late = origin - 1 - newest;
    const asked = cpu();
    const { quantiles } = forecaster.forecast({ horizonSeconds: HORIZON * stepSeconds, quantiles: LEVELS, now: start + origin * stepSeconds });
    const spent = cpu() - asked;
    lines.push({
      id,
      origin: start + (origin - 1) * stepSeconds,
      step_s: stepSeconds,
      q: Object.fromEntries(LEVELS.map((level) => {
        const ahead = quantiles[String(level)]!;
        return [String(level), Array.from({ length: HORIZON }, (_, step) => Number(ahead[Math.min(HORIZON - 1, step + late)]!.toPrecision(9)))];
      })),
      cpu_ms: Math.round(spent) / 1000,
    });
  }
  return { lines, updateMicroseconds: learnt > 0 ? learning / learnt : 0 };
}
