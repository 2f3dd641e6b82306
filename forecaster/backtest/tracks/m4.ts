import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { FaultError, show } from '../../../base/faults';
import { DampedHoltWinters } from '../../hourly/damped-holt-winters';
import { HourlyForecaster } from '../../hourly/hourly-forecaster';
import { DAY, tidy, WEEK } from '../../hourly/hourly-model';
import { MultiSeasonal } from '../../hourly/multi-seasonal';
import { Naive2 } from '../../hourly/naive2';
import { SeasonalNaive } from '../../hourly/seasonal-naive';
import { Theta } from '../../hourly/theta';
import { ScoreRow, ScoreTable, Track, TrackOptions, TrackResult } from '../track';
import { owa, PathScores, Quantiles, scorePath } from './m4-scores';

/** Steps of a forecast. */
const HORIZON = 48;
/** Levels of a forecast line. */
const LEVELS = [0.025, 0.1, 0.5, 0.9, 0.95, 0.975] as const;
/** Fewest values of a series: a week to learn from, and two windows to be judged by. */
const SHORTEST = WEEK + 2 * HORIZON;
/** Naive 2 on the real test part as published with the competition, which others' OWA refer to. */
const PUBLISHED = { smape: 18.383, mase: 2.395 } as const;
const OURS = 'tideline-hourly';

/** Windows at the end of the given series that are held back in turn. */
const WINDOWS = [
  { title: 'M4 Hourly, last 48 hours held back', back: 0 },
  { title: 'M4 Hourly, the 48 hours before those held back', back: HORIZON },
] as const;

interface Named {
  readonly id: string;
  readonly values: Float64Array;
}

interface Contender {
  readonly name: string;
  /** Forecasts the hours after the given ones. */
  readonly run: (past: Float64Array) => { readonly median: Float64Array; readonly band?: Quantiles; readonly shares?: Readonly<Record<string, number>> };
}

interface Judged extends PathScores {
  readonly cpuMs: number;
  readonly shares?: Readonly<Record<string, number>>;
}

/**
 * M4 Hourly: 48 hours after the end of every series, and what the same method would have scored on the hours it does know.
 *
 * Every series is forecast from itself alone; nothing was trained on others.
 */
export const m4Track: Track = {
  name: 'm4',
  description: 'M4 Hourly: hourly series, 48 hours ahead, against the yardsticks of the M4 competition',
  run: runM4,
};

async function runM4(options: TrackOptions): Promise<TrackResult> {
  const all = await readSeries(join(options.dataDir, 'm4_hourly', 'train.csv.gz'));
  const chosen = options.only ? all.filter(series => options.only!.includes(series.id)) : all;
  const skipped: { id: string; reason: string }[] = [];
  const judged: { id: string; windows: Map<string, Judged>[] }[] = [];
  chosen.forEach((series, i) => {
    options.onProgress?.(i, chosen.length, series.id);
    options.onForecast?.({ id: series.id, q: rounded(forecast(series.values).band) });
    const reason = reasonToSkip(series.values);
    if (reason) skipped.push({ id: series.id, reason });
    else judged.push({ id: series.id, windows: WINDOWS.map(window => judge(series.values, window.back)) });
  });
  options.onProgress?.(chosen.length, chosen.length, 'done');
  judged.sort((a, b) => (a.id < b.id ? -1 : 1));
  return {
    track: 'm4',
    tables: WINDOWS.map((window, w) => tableOf(window.title, judged.map(series => series.windows[w]!))),
    series: judged.map(({ id, windows }) => ({ id, windows: WINDOWS.map(({ back }, w) => ({ back, ...flat(windows[w]!) })) })),
    skipped,
  };
}

function contenders(): Contender[] {
  const points = [
    new Naive2(), new SeasonalNaive(DAY), new SeasonalNaive(WEEK), new Theta(), new DampedHoltWinters(), new MultiSeasonal(),
  ];
  return [
    ...points.map(model => ({ name: model.alias, run: (past: Float64Array) => ({ median: model.fit(tidy(past)).predict(HORIZON) }) })),
    { name: OURS, run: forecast },
  ];
}

function forecast(past: Float64Array): { median: Float64Array; band: Record<string, Float64Array>; shares: Readonly<Record<string, number>> } {
  const forecaster = new HourlyForecaster({ horizon: HORIZON }).fit(past);
  const band = forecaster.quantiles(HORIZON, LEVELS);
  return {
    median: band[LEVELS.indexOf(0.5)]!,
    band: Object.fromEntries(LEVELS.map((level, i) => [String(level), band[i]!])),
    shares: forecaster.shares(),
  };
}

/** Forecasts a window from what was before it, by every contender. */
function judge(values: Float64Array, back: number): Map<string, Judged> {
  const end = values.length - back;
  const past = values.slice(0, end - HORIZON);
  const actual = values.slice(end - HORIZON, end);
  return new Map(contenders().map(({ name, run }) => {
    const start = process.cpuUsage();
    const { median, band, shares } = run(past);
    const spent = process.cpuUsage(start);
    return [name, { ...scorePath(actual, median, past, band), cpuMs: (spent.user + spent.system) / 1000, shares }];
  }));
}

function reasonToSkip(values: Float64Array): string | undefined {
  if (values.length < SHORTEST) return `${values.length} values; a window to be judged by takes ${SHORTEST}`;
  if (values.some(value => !Number.isFinite(value))) return 'values are missing; forecast, but not judged';
  const known = values.slice(0, values.length - 2 * HORIZON);
  return known.some((value, i) => i >= DAY && value !== known[i - DAY]) ? undefined : 'every day is alike; MASE has no scale';
}

function tableOf(title: string, series: readonly Map<string, Judged>[]): ScoreTable {
  const means = contenders().map(({ name }) => ({ name, ...meansOf(series.map(scores => scores.get(name)!)) }));
  const yardstick = means[0]!;
  const rows: ScoreRow[] = series.length === 0 ? [] : means.map(({ name, smape, mase, ...rest }) => ({
    name,
    scores: {
      sMAPE: smape,
      MASE: mase,
      OWA: owa({ smape, mase }, yardstick),
      'OWA (published Naive2)': owa({ smape, mase }, PUBLISHED),
      MSIS95: rest.msis,
      coverage80: rest.coverage80,
      coverage95: rest.coverage95,
      'ms CPU': rest.cpuMs,
    },
  }));
  return {
    title,
    caption: `Means over ${series.length} series, 48 steps. sMAPE in per cent, MASE with season 24, OWA against Naive2 on the same window and against `
      + 'Naive2 as published for the test part (18.383, 2.395), MSIS of the central 95 % band, processor milliseconds to fit and forecast one '
      + 'series: lower is better. Coverage: nearest to its nominal value is better. Every series is forecast from itself alone.',
    rows,
  };
}

function meansOf(all: readonly Judged[]): Judged {
  const mean = (of: (scores: Judged) => number | null): number | null =>
    all.some(scores => of(scores) === null) ? null : all.reduce((sum, scores) => sum + of(scores)! / all.length, 0);
  return {
    smape: mean(scores => scores.smape)!,
    mase: mean(scores => scores.mase)!,
    msis: mean(scores => scores.msis),
    coverage80: mean(scores => scores.coverage80),
    coverage95: mean(scores => scores.coverage95),
    cpuMs: mean(scores => scores.cpuMs)!,
  };
}

/** What the report keeps of a series. */
function flat(scores: Map<string, Judged>): Record<string, unknown> {
  const ours = scores.get(OURS)!;
  const yardstick = scores.get('naive2')!;
  return {
    sMAPE: ours.smape,
    MASE: ours.mase,
    MSIS95: ours.msis,
    coverage80: ours.coverage80,
    coverage95: ours.coverage95,
    naive2: { sMAPE: yardstick.smape, MASE: yardstick.mase },
    shares: ours.shares,
  };
}

/** Ten digits are more than any forecast knows, and keep the lines short. */
function rounded(band: Readonly<Record<string, Float64Array>>): Record<string, number[]> {
  return Object.fromEntries(Object.entries(band).map(([level, path]) => [level, [...path].map(value => Number(value.toPrecision(10)))]));
}

/** Reads the competition's layout: a header line, then one series per line: its name and its values, padded with nothing at the end. */
async function readSeries(path: string): Promise<Named[]> {
  const packed = await readFile(path).catch((error: NodeJS.ErrnoException) => {
    throw new FaultError('the M4 Hourly series cannot be read', [{
      where: path, got: error.code ?? error.message, allowed: 'a readable file', do: 'point --data at the folder that holds m4_hourly/train.csv.gz',
    }]);
  });
  const lines = unpacked(path, packed).split('\n').slice(1).filter(line => line.trim() !== '');
  const series = lines.map(line => {
    const [id, ...cells] = line.trim().split(',').map(cell => cell.replaceAll('"', ''));
    while (cells.length > 0 && (cells.at(-1) === '' || cells.at(-1) === 'NA')) cells.pop();
    return { id: id!, values: Float64Array.from(cells, cell => (cell === '' ? NaN : Number(cell))) };
  });
  const empty = series.findIndex(({ id, values }) => id === '' || !values.some(value => Number.isFinite(value)));
  if (series.length === 0 || empty >= 0) {
    throw new FaultError('the M4 Hourly series cannot be read', [{
      where: `${path}:${empty + 2}`, got: empty < 0 ? 'no series' : show(lines[empty]), allowed: 'a name and its values, separated by commas',
      do: 'take the training file of the competition as it is',
    }]);
  }
  return series;
}

function unpacked(path: string, packed: Buffer): string {
  try {
    return gunzipSync(packed).toString('utf8');
  } catch {
    throw new FaultError('the M4 Hourly series cannot be read', [{
      where: path, got: 'not a gzip file, or a damaged one', allowed: 'train.csv.gz', do: 'fetch or pack the file again',
    }]);
  }
}
