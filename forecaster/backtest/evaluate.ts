import { join } from 'node:path';
import { BASELINES, NEEDS_A_DAY, withBands } from './baselines';
import { readSeriesFile } from './csv';
import { toGrid } from './grid';
import type { ManifestSeries } from './manifest';
import { type OpsTrack, planSeries, sampleOrigins, STEP_SECONDS, truthAt } from './protocol';
import { type CpuClock, type ForecastLine, replaySeries } from './replay';
import { HORIZON, LEVELS, type Quantiles, reliabilityOf, scoreSeries, type SeriesScores } from './scores';

/** The name of the forecaster in every table. */
export const OURS = 'tideline';

/** What became of one series. */
export type Evaluation =
  | { readonly id: string; readonly skipped: string }
  | {
    readonly id: string;
    readonly dataset: string;
    readonly kind: string;
    /** Bins of the grid. */
    readonly steps: number;
    readonly methods: Readonly<Record<string, SeriesScores>>;
    readonly lines: readonly ForecastLine[];
    /** Scores at the sampled origins alone; a method is absent when nothing was observed there. */
    readonly sampled: Readonly<Record<string, SeriesScores>>;
    /** Share of values below each quantile, of every method. */
    readonly reliability: Readonly<Record<string, readonly number[]>>;
    /** The last day, as it came. */
    readonly lastDay: { readonly start: number; readonly actual: readonly (number | null)[] };
    /** CPU, median over the forecasts and mean over the updates. */
    readonly cpu: { readonly forecastMilliseconds: number; readonly updateMicroseconds: number };
  };

/** A series that could be scored. */
export type Scored = Extract<Evaluation, { readonly methods: unknown }>;

/**
 * Scores one series: the forecaster and every baseline at the same origins.
 *
 * @throws FaultError when its file cannot be used
 */
export function evaluateSeries(dataDir: string, series: ManifestSeries, track: OpsTrack, cpu: CpuClock): Evaluation {
  const { id, dataset, kind } = series;
  const path = join(dataDir, series.file);
  const grid = toGrid(readSeriesFile(path), STEP_SECONDS, path);
  const plan = planSeries(grid, track);
  if ('reason' in plan) return { id, skipped: plan.reason };
  const replay = replaySeries(id, grid, plan.origins, cpu);
  const methods: Record<string, SeriesScores> = {};
  const sampled: Record<string, SeriesScores> = {};
  const reliability: Record<string, number[]> = {};
  const indices = sampleOrigins(plan.origins.length);
  const sampledTruth = truthAt(plan.truth, indices);
  const score = (name: string, forecasts: Quantiles) => {
    const scores = scoreSeries(plan.truth, forecasts);
    if (!scores) return;
    methods[name] = scores;
    reliability[name] = reliabilityOf(plan.truth, forecasts);
    const few = scoreSeries(sampledTruth, indices.map((index) => forecasts[index]!));
    if (few) sampled[name] = few;
  };
  score(OURS, replay.lines.map((line) => line.q['0.5']!.map((_, step) => LEVELS.map((level) => line.q[String(level)]![step]!))));
  if (!methods[OURS]) return { id, skipped: 'nothing was observed 30 or 60 min after any origin' };
  for (const [name, baseline] of Object.entries(BASELINES)) {
    if (track === 'short' && NEEDS_A_DAY.includes(name)) continue;
    score(name, withBands(baseline, grid.values, grid.observed, plan.origins, plan.calibration));
  }
  const day = Math.max(plan.origins[0]!, plan.origins.at(-1)! - 23 * HORIZON);
  const times = replay.lines.map((line) => line.cpu_ms).sort((a, b) => a - b);
  return {
    id, dataset, kind, steps: grid.values.length, methods, lines: replay.lines, sampled, reliability,
    lastDay: {
      start: grid.start + day * STEP_SECONDS,
      actual: [...grid.values.subarray(day, plan.origins.at(-1)! + HORIZON)].map((value, index) => (grid.observed[day + index] ? value : null)),
    },
    cpu: { forecastMilliseconds: times[Math.floor(times.length / 2)]!, updateMicroseconds: replay.updateMicroseconds },
  };
}
