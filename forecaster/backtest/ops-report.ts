import { aggregate, datasetTable, methodTables } from './aggregate';
import { BASELINES } from './baselines';
import { OURS, type Scored } from './evaluate';
import { HORIZON, LEVELS } from './scores';
import type { FanPlot, Plot, ScoreTable } from './track';
import { STEP_SECONDS } from './protocol';

/** The forecaster and every baseline that was run, in the order of the tables. */
export function methodsOf(scored: readonly Scored[]): string[] {
  return [OURS, ...Object.keys(BASELINES)].filter((name) => scored.some((one) => one.methods[name]));
}

/** The tables of a track of operational series. */
export function tablesOf(scored: readonly Scored[], methods: readonly string[]): ScoreTable[] {
  return [
    ...methodTables(scored, methods),
    datasetTable(scored, methods),
    {
      title: `${OURS} by dataset, steps 1 to 12`,
      caption: 'cov80 0.80, cov95 0.95 and under 0.05 are exact.',
      rows: datasetsOf(scored).map((name) => {
        const { series, relMAE, relPL, cov80, cov95, under, over, over5, win } = aggregate(scored.filter((one) => one.dataset === name), OURS, 'path60') as Record<string, number>;
        return { name, scores: { series: series!, relMAE: relMAE!, relPL: relPL!, cov80: cov80!, cov95: cov95!, under: under!, over: over!, over5: over5!, win: win! } };
      }),
    },
    {
      title: 'CPU',
      caption: 'CPU time of one forecast (12 steps, 6 quantiles, history already learnt; median of each series) and of one update, mean over the series. '
        + 'The only numbers here that differ from run to run.',
      rows: [{
        name: OURS,
        scores: { 'ms per forecast': mean(scored.map((one) => one.cpu.forecastMilliseconds)), 'us per update': mean(scored.map((one) => one.cpu.updateMicroseconds)) },
      }],
    },
  ];
}

/** The plots of a track of operational series. */
export function plotsOf(scored: readonly Scored[], methods: readonly string[]): Plot[] {
  const datasets = datasetsOf(scored);
  const shown = methods.filter((name) => [OURS, 'mean_1h', 'snaive_1d', 'prom_des_level'].includes(name));
  return [
    {
      kind: 'bars', title: 'Error relative to naive, by dataset', caption: 'relMAE of the whole hour ahead; below the line is better than assuming that nothing changes.', reference: 1,
      groups: datasets,
      methods: shown.map((name) => ({ name, values: datasets.map((dataset) => aggregate(scored.filter((one) => one.dataset === dataset), name, 'path60').relMAE ?? null) })),
    },
    {
      kind: 'calibration', title: 'Are the quantiles what they say?', caption: 'Share of values below each quantile (equal ones count half), mean over the series; on the diagonal is exact.', levels: LEVELS,
      methods: [OURS, 'naive'].map((name) => ({ name, shares: LEVELS.map((_, level) => mean(scored.map((one) => one.reliability[name]![level]!)) ?? 0) })),
    },
    {
      kind: 'histogram', title: 'Error relative to naive, by series', caption: 'How many series have which relMAE over the whole hour; those left of the line are better than naive.', reference: 1,
      values: scored.map((one) => one.methods[OURS]!.path60.MAE / Math.max(1e-12, one.methods.naive!.path60.MAE)),
    },
    ...datasets.map((dataset) => fanOf(median(scored.filter((one) => one.dataset === dataset)))),
  ];
}

/** The series in the middle by its error: neither the prettiest nor the worst. */
function median(scored: readonly Scored[]): Scored {
  const ratio = (one: Scored) => one.methods[OURS]!.path60.MAE / one.methods.naive!.path60.MAE;
  return [...scored].sort((a, b) => ratio(a) - ratio(b))[Math.floor((scored.length - 1) / 2)]!;
}

function fanOf(one: Scored): FanPlot {
  const scores = one.methods[OURS]!.path60;
  const lines = one.lines.slice(-Math.ceil(one.lastDay.actual.length / HORIZON));
  return {
    kind: 'fan',
    title: one.id,
    caption: `Up to a day at the end, forecast anew every hour for the next hour: median, 80 % and 95 % bands. Over all its origins: relMAE ${(scores.MAE / one.methods.naive!.path60.MAE).toFixed(2)}, `
      + `cov80 ${scores.cov80.toFixed(2)}, cov95 ${scores.cov95.toFixed(2)}. The median series of ${one.dataset} by relMAE.`,
    start: one.lastDay.start, step_s: STEP_SECONDS, every: HORIZON,
    actual: one.lastDay.actual,
    q: Object.fromEntries(LEVELS.map((level) => [String(level), lines.flatMap((line) => line.q[String(level)]!)])),
  };
}

function datasetsOf(scored: readonly Scored[]): string[] {
  return [...new Set(scored.map((one) => one.dataset))].sort();
}

function mean(values: readonly number[]): number | null {
  return values.length === 0 ? null : values.reduce((sum, value) => sum + value, 0) / values.length;
}
