import { createForecaster } from '../engine';
import { AnomalyDetector } from './anomaly-detector';
import { ForecastMemory } from './forecast-memory';

/** A series with its labelled windows, as the Numenta Anomaly Benchmark has them. */
export interface LabelledSeries {
  readonly name: string;
  /** Usual distance of two values, seconds. */
  readonly stepSeconds: number;
  readonly times: readonly number[];
  readonly values: readonly number[];
  /** First and last second of every window. */
  readonly windows: readonly (readonly [from: number, to: number])[];
}

/** How well detections meet labelled windows. */
export interface DetectionScores {
  /** The benchmark's own score under its standard profile: 0 = never detects, 100 = at the beginning of every window and nowhere else. */
  readonly nab: number;
  readonly windows: number;
  readonly found: number;
  readonly falseAlarms: number;
  /** Windows found over detections that count: those found and false alarms. */
  readonly precision: number;
  readonly recall: number;
}

const FALSE_ALARM = 0.11;
/** The first part of a series, at most as much as that of 5000 values, is for learning. */
const LEARNING_SHARE = 0.15;
const LONGEST_LEARNING = 750;

/**
 * Scores detections as Lavin and Ahmad (2015), Evaluating Real-time Anomaly Detection Algorithms, do: early in a window is worth more than late, soon
 * after one costs less than far from any.
 *
 * @param detected for every series, whether each value was called an anomaly: at most the first of a run
 */
export function scoreDetections(series: readonly LabelledSeries[], detected: readonly (readonly boolean[])[]): DetectionScores {
  let raw = 0;
  let windows = 0;
  let found = 0;
  let falseAlarms = 0;
  series.forEach(({ times, windows: labelled }, s) => {
    const learning = Math.min(Math.floor(LEARNING_SHARE * times.length), LONGEST_LEARNING);
    const ranges = labelled.map(([from, to]) => [times.findIndex((time) => time >= from), times.findLastIndex((time) => time <= to)] as const).filter(([, to]) => to >= learning);
    const hits = new Map<number, number>();
    windows += ranges.length;
    detected[s]!.forEach((flag, i) => {
      if (!flag || i < learning) return;
      const inside = ranges.findIndex(([from, to]) => i >= from && i <= to);
      if (inside >= 0) {
        if (!hits.has(inside)) hits.set(inside, i);
        return;
      }
      falseAlarms += 1;
      const before = ranges.filter(([, to]) => to < i).at(-1);
      raw += FALSE_ALARM * (before ? worth((i - before[1]) / Math.max(1, before[1] - before[0])) : -1);
    });
    ranges.forEach(([from, to], window) => {
      const hit = hits.get(window);
      raw += hit === undefined ? -1 : worth(-(to - hit + 1) / (to - from + 1)) / worth(-1);
    });
    found += hits.size;
  });
  const precision = found + falseAlarms === 0 ? 0 : found / (found + falseAlarms);
  return { nab: windows === 0 ? 0 : (100 * (raw + windows)) / (2 * windows), windows, found, falseAlarms, precision, recall: windows === 0 ? 0 : found / windows };
}

/** Of a detection at a place relative to its window: -1 = where it begins, 0 = where it ends, above = after it. */
function worth(place: number): number {
  return place > 3 ? -1 : 2 / (1 + Math.exp(5 * place)) - 1;
}

/** Calls anomalies as the incident engine does: every value against the forecast that was made for it an hour before. At most one call a day. */
export function departures(series: LabelledSeries): boolean[] {
  const forecaster = createForecaster({ stepSeconds: series.stepSeconds, nonNegative: series.values.every((value) => value >= 0) });
  const memory = new ForecastMemory();
  const detector = new AnomalyDetector();
  return once(series, series.times.map((time, i) => {
    forecaster.observe(time, series.values[i]!);
    const score = memory.score(forecaster.lastTime, series.values[i]!);
    memory.issue(forecaster.forecast({ horizonSeconds: 3600 }));
    return score !== undefined && detector.update(score).anomalous;
  }));
}

/** Calls a value an anomaly when it is so many deviations from the mean of the last day: what a dashboard's alert does. At most one call a day. */
export function rollingDeviation(series: LabelledSeries, deviations: number): boolean[] {
  const day = Math.round(86_400 / series.stepSeconds);
  return once(series, series.values.map((value, i) => {
    const past = series.values.slice(Math.max(0, i - day), i);
    if (past.length < 10) return false;
    const mean = past.reduce((sum, each) => sum + each, 0) / past.length;
    const deviation = Math.sqrt(past.reduce((sum, each) => sum + (each - mean) ** 2, 0) / past.length);
    return deviation > 0 && Math.abs(value - mean) >= deviations * deviation;
  }));
}

/** Keeps the first call of a day: nobody wants to be called every minute. */
export function once(series: Pick<LabelledSeries, 'times'>, calls: readonly boolean[]): boolean[] {
  let last = -Infinity;
  return calls.map((call, i) => {
    if (!call || series.times[i]! - last <= 86_400) return false;
    last = series.times[i]!;
    return true;
  });
}
