import type { ScoreRow, ScoreTable } from './track';
import { type Pool, type PoolScores, type SeriesScores } from './scores';

/** What is known of one series: the scores of every method. */
export interface ScoredSeries {
  readonly id: string;
  readonly dataset: string;
  readonly kind: string;
  readonly methods: Readonly<Record<string, SeriesScores>>;
}

/** The method that ratios are taken to. */
export const REFERENCE = 'naive';

/** Per-series caps before averaging: bands that explode on a near-constant series say nothing about the others. */
const CAPS: Partial<Record<keyof PoolScores, number>> = { wQL: 10, over: 10, over5: 10, sPL: 100 };
const MEANS = ['MASE', 'sMAPE', 'wQL', 'cov80', 'cov95', 'under', 'over', 'over5'] as const;

/** Means over the series, and geometric means of the ratio to naive. */
export function aggregate(series: readonly ScoredSeries[], method: string, pool: Pool): Record<string, number | null> {
  const scored = series.filter((one) => one.methods[method]);
  if (scored.length === 0) return {};
  const of = (one: ScoredSeries, name = method) => one.methods[name]![pool];
  const mean = (value: (one: ScoredSeries) => number) => scored.reduce((sum, one) => sum + value(one), 0) / scored.length;
  const averages = Object.fromEntries(MEANS.map((key) => [key, mean((one) => Math.min(of(one)[key], CAPS[key] ?? Infinity))]));
  const compared = scored.filter((one) => one.methods[REFERENCE]);
  return {
    series: scored.length,
    MASE: averages.MASE!,
    relMAE: geometricMean(compared.map((one) => [of(one).MAE, of(one, REFERENCE).MAE])),
    relPL: geometricMean(compared.map((one) => [of(one).sPL, of(one, REFERENCE).sPL])),
    sMAPE: averages.sMAPE!,
    wQL: averages.wQL!,
    cov80: averages.cov80!,
    cov95: averages.cov95!,
    under: averages.under!,
    over: averages.over!,
    over5: averages.over5!,
    win: compared.length === 0 ? null : compared.filter((one) => of(one).MAE < of(one, REFERENCE).MAE).length / compared.length,
  };
}

/** Geometric mean of ratios, each cut to [0.001, 1000]; pairs whose reference is perfect say nothing and are left out. */
function geometricMean(pairs: readonly (readonly [number, number])[]): number | null {
  const logs = pairs
    .filter(([, reference]) => reference > 1e-9)
    .map(([value, reference]) => Math.log(Math.min(1e3, Math.max(1e-3, (value + 1e-12) / (reference + 1e-12)))));
  return logs.length === 0 ? null : Math.exp(logs.reduce((sum, log) => sum + log, 0) / logs.length);
}

const TITLES: Record<Pool, string> = {
  path60: 'The whole hour ahead, steps 1 to 12',
  h30: 'Exactly 30 min ahead',
  h60: 'Exactly 60 min ahead',
};
export const CAPTION = 'relMAE, relPL: error and pinball loss over those of naive, geometric mean over the series, lower is better; cov80 and cov95: share of values '
  + 'within the bands, 0.80 and 0.95 are exact; under: share of values above the 0.95 quantile; over: provisioned above need; over5: the same at exactly 5 % '
  + 'under; win: share of series with less error than naive.';

/** One table per pool, all methods in the given order. */
export function methodTables(series: readonly ScoredSeries[], methods: readonly string[]): ScoreTable[] {
  return (Object.keys(TITLES) as Pool[]).map((pool) => ({
    title: TITLES[pool],
    caption: CAPTION,
    rows: methods.map((name): ScoreRow => ({ name, scores: aggregate(series, name, pool) })),
  }));
}

/** relMAE of every method in every dataset, the whole hour. */
export function datasetTable(series: readonly ScoredSeries[], methods: readonly string[]): ScoreTable {
  const datasets = [...new Set(series.map((one) => one.dataset))].sort();
  return {
    title: 'relMAE by dataset, steps 1 to 12',
    caption: 'Geometric mean of the error over that of naive; below 1 is better than naive.',
    rows: datasets.map((dataset): ScoreRow => {
      const own = series.filter((one) => one.dataset === dataset);
      return {
        name: dataset,
        scores: { series: own.length, ...Object.fromEntries(methods.map((name) => [name, aggregate(own, name, 'path60').relMAE ?? null])) },
      };
    }),
  };
}
