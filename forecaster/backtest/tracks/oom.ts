import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Fault, refuse, show } from '../../../base/faults';
import { type AlarmCounts, type AlarmTrace, countAlarms, poolCounts, POSITIVE_MINUTES } from '../../oom/alarm-scores';
import { OomWatch } from '../../oom/oom-watch';
import { predictLinearAlarms } from '../../oom/predict-linear';
import { readSeriesFile } from '../csv';
import type { ScoreRow, ScoreTable, Track, TrackOptions, TrackResult } from '../track';

/** A row of `oom_manifest.json`. */
interface OomEntry {
  readonly id: string;
  readonly kind: string;
  readonly file: string;
  readonly limit_mib: number;
  /** Minute of the kill; null = none. */
  readonly oom_min: number | null;
  readonly minutes: number;
}

/** One series as replayed. */
interface Replay {
  readonly entry: OomEntry;
  readonly ours: AlarmCounts;
  readonly baseline: AlarmCounts;
  readonly reliability: readonly Bin[];
}

/** Minutes whose probability fell into a tenth. */
interface Bin {
  minutes: number;
  told: number;
  happened: number;
}

const STEP_SECONDS = 60;
const TENTHS = 10;
/** The baseline is silent until there are as many minutes of history. */
const BASELINE_MINUTES = 10;

/** Out-of-memory alarms, minute by minute, beside what Prometheus offers for it. */
export const oomTrack: Track = {
  name: 'oom',
  description: 'probability of and time to out-of-memory, every minute; alarms scored against the hour before the kill',
  run: async (options) => runOom(options),
};

function runOom(options: TrackOptions): TrackResult {
  const wanted = options.only && new Set(options.only);
  const entries = readManifest(join(options.dataDir, 'oom_manifest.json')).filter(({ id }) => !wanted || wanted.has(id));
  const replays = entries.map((entry, index) => {
    options.onProgress?.(index, entries.length, entry.id);
    return replay(entry, options);
  });
  replays.sort((a, b) => (a.entry.id < b.entry.id ? -1 : 1));
  return { track: 'oom', tables: tablesOf(replays), series: replays.map(seriesScores), skipped: [] };
}

function readManifest(path: string): OomEntry[] {
  const { series } = JSON.parse(readFileSync(path, 'utf8')) as { series: OomEntry[] };
  const faults = series.flatMap((entry): Fault[] => {
    const well = entry.limit_mib > 0 && Number.isSafeInteger(entry.minutes) && (entry.oom_min === null || Number.isSafeInteger(entry.oom_min));
    return well ? [] : [{ where: `${path}: ${show(entry.id)}`, got: show(entry), allowed: 'limit_mib above 0, minutes and oom_min whole (oom_min may be null)', do: 'correct the manifest' }];
  });
  refuse('the out-of-memory manifest cannot be used', faults);
  return series;
}

function replay(entry: OomEntry, { dataDir, onForecast }: TrackOptions): Replay {
  const { times, values } = readSeriesFile(join(dataDir, entry.file));
  const start = times[0] ?? 0;
  const usage = new Float64Array(entry.minutes).fill(NaN);
  const alarm = new Uint8Array(entry.minutes);
  const reliability = Array.from({ length: TENTHS }, (): Bin => ({ minutes: 0, told: 0, happened: 0 }));
  const watch = new OomWatch();
  let sample = 0;
  for (let minute = 0; minute < entry.minutes && sample < times.length; minute++) {
    const end = start + (minute + 1) * STEP_SECONDS;
    let t = start + minute * STEP_SECONDS;
    for (; sample < times.length && times[sample]! < end; sample++) {
      usage[minute] = values[sample]!;
      t = times[sample]!;
      watch.observe({ time: t, usage: values[sample]!, limit: entry.limit_mib });
    }
    // A minute without a sample is judged by what is known then.
    const outlook = watch.outlook(t);
    alarm[minute] = outlook.alarm ? 1 : 0;
    note(reliability, outlook.within60, entry.oom_min !== null && entry.oom_min - minute <= POSITIVE_MINUTES);
    onForecast?.({ id: entry.id, t, p_oom_60: outlook.within60, minutes_to_oom: outlook.minutesToLimit, alarm: outlook.alarm });
  }
  const trace = (of: Uint8Array): AlarmTrace => ({ id: entry.id, kind: entry.kind, oomMinute: entry.oom_min, alarm: of });
  const baseline = predictLinearAlarms(usage, entry.limit_mib).fill(0, 0, BASELINE_MINUTES);
  return { entry, ours: countAlarms(trace(alarm)), baseline: countAlarms(trace(baseline)), reliability };
}

function note(bins: readonly Bin[], probability: number, positive: boolean): void {
  const bin = bins[Math.min(TENTHS - 1, Math.floor(probability * TENTHS))]!;
  bin.minutes += 1;
  bin.told += probability;
  bin.happened += positive ? 1 : 0;
}

function tablesOf(replays: readonly Replay[]): ScoreTable[] {
  const kinds = [...new Set(replays.map(({ entry }) => entry.kind))].sort();
  const half = (rest: number): Replay[] => replays.filter(({ entry }) => Number(/\d+$/.exec(entry.id)?.[0] ?? 0) % 2 === rest);
  return [
    {
      title: 'Out-of-memory alarms',
      caption: `Pooled over minutes; right = within ${POSITIVE_MINUTES} min of the kill. Higher is better for precision, recall and f1; missed and false alarms: lower. Lead in minutes.`,
      rows: [row('tideline', replays, 'ours'), row('tideline, even ids', half(0), 'ours'), row('tideline, odd ids', half(1), 'ours'), row('predict_linear_1h', replays, 'baseline')],
    },
    {
      title: 'Out-of-memory alarms per kind',
      caption: 'As above; without a leak there is nothing to find and every alarm is false.',
      rows: kinds.flatMap((kind) => {
        const some = replays.filter(({ entry }) => entry.kind === kind);
        return [row(`${kind}: tideline`, some, 'ours'), row(`${kind}: predict_linear_1h`, some, 'baseline')];
      }),
    },
    { title: 'Reliability of p_oom_60', caption: 'Minutes by the probability told: its mean beside the share of minutes that a kill followed within 60 min. They should agree.', rows: reliabilityRows(replays) },
  ];
}

function row(name: string, replays: readonly Replay[], whose: 'ours' | 'baseline'): ScoreRow {
  const scores = poolCounts(replays.map((one) => one[whose]));
  return {
    name,
    scores: {
      series: scores.series,
      precision: scores.precision,
      recall: scores.recall,
      f1: scores.f1,
      lead_median: scores.leadMedian,
      lead_p10: scores.leadP10,
      lead_p90: scores.leadP90,
      leaks: scores.leaks,
      missed: scores.missed,
      fa_per_day_controls: scores.falseAlarmsPerDayControls,
      controls_with_fa: scores.controlsWithFalseAlarm,
      fa_per_day_leaks: scores.falseAlarmsPerDayLeaks,
    },
  };
}

function reliabilityRows(replays: readonly Replay[]): ScoreRow[] {
  return Array.from({ length: TENTHS }, (_, tenth) => {
    const total = (pick: (bin: Bin) => number): number => replays.reduce((sum, { reliability }) => sum + pick(reliability[tenth]!), 0);
    const minutes = total((bin) => bin.minutes);
    const mean = (sum: number): number | null => (minutes > 0 ? sum / minutes : null);
    return { name: `${tenth / TENTHS} to ${(tenth + 1) / TENTHS}`, scores: { minutes, told: mean(total((bin) => bin.told)), happened: mean(total((bin) => bin.happened)) } };
  });
}

function seriesScores({ entry, ours, baseline }: Replay): TrackResult['series'][number] {
  return {
    id: entry.id,
    kind: entry.kind,
    leak: ours.leak,
    hit_minutes: ours.truePositive,
    false_minutes: ours.falsePositive,
    silent_minutes: ours.falseNegative,
    lead_minutes: ours.leadMinutes,
    missed: ours.leak && ours.leadMinutes === null,
    false_alarms: ours.falseAlarms,
    baseline_lead_minutes: baseline.leadMinutes,
    baseline_false_alarms: baseline.falseAlarms,
  };
}
