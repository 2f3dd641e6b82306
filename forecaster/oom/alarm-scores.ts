/** A series with the alarm of every minute, in order. */
export interface AlarmTrace {
  readonly id: string;
  readonly kind: string;
  /** Per minute: truthy while the alarm is on. */
  readonly alarm: ArrayLike<number | boolean>;
  /** Minute index of the kill (the series ends there); null = no kill in the trace. */
  readonly oomMinute: number | null;
}

/** What one series contributes; sums of these make a table row. */
export interface AlarmCounts {
  readonly id: string;
  readonly kind: string;
  readonly leak: boolean;
  readonly truePositive: number;
  readonly falsePositive: number;
  readonly falseNegative: number;
  /** Minutes from the start of the alarm run that stands at the kill; null = missed, or nothing to miss. */
  readonly leadMinutes: number | null;
  /** Alarm episodes that lie outside of the positive minutes. */
  readonly falseAlarms: number;
  readonly days: number;
}

/** A row of the table; null = not measurable (no kill, no alarm, no control among the series). */
export interface AlarmScores {
  readonly series: number;
  readonly precision: number | null;
  readonly recall: number | null;
  readonly f1: number | null;
  /** Minutes, over the leaks that were not missed; a missed leak counts as 0. */
  readonly leadMedian: number | null;
  readonly leadP10: number | null;
  readonly leadP90: number | null;
  readonly leaks: number;
  readonly missed: number;
  /** False alarm episodes per day on series without a kill. */
  readonly falseAlarmsPerDayControls: number | null;
  readonly controlsWithFalseAlarm: number;
  /** Early episodes per day on series with a kill. */
  readonly falseAlarmsPerDayLeaks: number | null;
}

/** Minutes before a kill in which an alarm is right. */
export const POSITIVE_MINUTES = 60;
/** Silences up to this long do not end an episode. */
const MERGED_GAP_MINUTES = 10;
const MINUTES_PER_DAY = 1440;

/** Counts hits, misses and false episodes of one series, minute by minute. */
export function countAlarms(trace: AlarmTrace): AlarmCounts {
  const n = trace.alarm.length;
  const firstPositive = trace.oomMinute === null ? n : Math.max(0, trace.oomMinute - POSITIVE_MINUTES);
  let truePositive = 0;
  let falsePositive = 0;
  for (let minute = 0; minute < n; minute++) {
    if (!trace.alarm[minute]) continue;
    if (minute >= firstPositive) truePositive += 1;
    else falsePositive += 1;
  }
  return {
    id: trace.id,
    kind: trace.kind,
    leak: trace.oomMinute !== null,
    truePositive,
    falsePositive,
    falseNegative: n - firstPositive - truePositive,
    leadMinutes: leadOf(trace),
    falseAlarms: episodes(trace.alarm, firstPositive),
    days: (trace.oomMinute === null ? n : firstPositive) / MINUTES_PER_DAY,
  };
}

/** Pools counts over minutes. */
export function poolCounts(counts: readonly AlarmCounts[]): AlarmScores {
  const total = (pick: (c: AlarmCounts) => number): number => counts.reduce((sum, c) => sum + pick(c), 0);
  const leaks = counts.filter((c) => c.leak);
  const controls = counts.filter((c) => !c.leak);
  const hits = total((c) => c.truePositive);
  const precision = ratio(hits, hits + total((c) => c.falsePositive));
  const recall = ratio(hits, hits + total((c) => c.falseNegative));
  const leads = leaks.map((c) => c.leadMinutes ?? 0).sort((a, b) => a - b);
  return {
    series: counts.length,
    precision,
    recall,
    f1: precision === null || recall === null ? null : ratio(2 * precision * recall, precision + recall) ?? 0,
    leadMedian: quantile(leads, 0.5),
    leadP10: quantile(leads, 0.1),
    leadP90: quantile(leads, 0.9),
    leaks: leaks.length,
    missed: leaks.filter((c) => c.leadMinutes === null).length,
    falseAlarmsPerDayControls: perDay(controls),
    controlsWithFalseAlarm: controls.filter((c) => c.falseAlarms > 0).length,
    falseAlarmsPerDayLeaks: perDay(leaks),
  };
}

/** Start of the run that stands at the kill; a last silence of up to the merged gap does not end it. */
function leadOf({ alarm, oomMinute }: AlarmTrace): number | null {
  if (oomMinute === null) return null;
  let start: number | null = null;
  let silent = 0;
  for (let minute = Math.min(alarm.length, oomMinute) - 1; minute >= 0 && silent <= MERGED_GAP_MINUTES; minute--) {
    if (alarm[minute]) {
      start = minute;
      silent = 0;
    } else {
      silent += 1;
    }
  }
  return start === null ? null : oomMinute - start;
}

/** Episodes among the minutes before `end`, silences up to the merged gap bridged. */
function episodes(alarm: ArrayLike<number | boolean>, end: number): number {
  let count = 0;
  let last = -Infinity;
  for (let minute = 0; minute < Math.min(end, alarm.length); minute++) {
    if (!alarm[minute]) continue;
    if (minute - last - 1 > MERGED_GAP_MINUTES) count += 1;
    last = minute;
  }
  return count;
}

function perDay(counts: readonly AlarmCounts[]): number | null {
  return ratio(counts.reduce((sum, c) => sum + c.falseAlarms, 0), counts.reduce((sum, c) => sum + c.days, 0));
}

function ratio(part: number, whole: number): number | null {
  return whole > 0 ? part / whole : null;
}

/** Linear interpolation between order statistics. */
function quantile(sorted: readonly number[], level: number): number | null {
  if (sorted.length === 0) return null;
  const at = level * (sorted.length - 1);
  const low = Math.floor(at);
  const high = Math.min(sorted.length - 1, low + 1);
  return sorted[low]! + (at - low) * (sorted[high]! - sorted[low]!);
}
