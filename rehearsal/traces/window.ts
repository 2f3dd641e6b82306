import { FaultError } from '../../base/faults';
import type { Trace } from './trace';

/** The part of a trace that is replayed, and what lies before it. Times are unix seconds. */
export interface TraceWindow {
  readonly trace: Trace;
  /** First second replayed. */
  readonly from: number;
  /** First second after the replay. */
  readonly to: number;
  readonly hours: number;
  /** Every minute before `from`, in the trace's unit. */
  readonly history: readonly number[];
  /** Every minute of the replay, in the trace's unit. */
  readonly replay: readonly number[];
}

const DAY = 24 * 60;
/** What must lie before the window: the forecaster needs a season, and the reactive policy is tuned on it. */
const LEAST_HISTORY_MINUTES = 6 * 60;

/** Width of the mean that a rise is measured on, minutes: a single high minute is not a ramp. */
const SMOOTH = 15;

/**
 * Which end of the trace to stop at. Windows of a day or more: the end of the trace. Shorter ones: of all windows that lie within the last three
 * days and end on a quarter of an hour, the one with the largest climb (highest 15-minute mean minus the lowest one before it), the later
 * one if two are equal. So a short replay shows a ramp and its peak, and the choice follows from the trace alone.
 */
function liveliestEnd(values: readonly number[], minutes: number): number {
  if (minutes >= DAY) return values.length;
  const means = new Float64Array(values.length);
  let sum = 0;
  for (let index = 0; index < values.length; index += 1) {
    sum += values[index]! - (index >= SMOOTH ? values[index - SMOOTH]! : 0);
    means[index] = sum / Math.min(index + 1, SMOOTH);
  }
  let best = values.length;
  let largest = -Infinity;
  for (let end = values.length; end >= Math.max(minutes + LEAST_HISTORY_MINUTES, values.length - 3 * DAY + minutes); end -= 15) {
    let lowest = Infinity;
    let climb = 0;
    for (let index = end - minutes + SMOOTH - 1; index < end; index += 1) {
      lowest = Math.min(lowest, means[index]!);
      climb = Math.max(climb, means[index]! - lowest);
    }
    if (climb > largest) [largest, best] = [climb, end];
  }
  return best;
}

/**
 * Cuts a trace into history and replay.
 *
 * @param hours length of the replay, above 0; rounded to whole minutes
 * @param options `end`: unix second at which the replay stops
 * @throws FaultError if the trace is too short for that much replay after at least 6 hours of history
 */
export function window(trace: Trace, hours: number, options: { /** @default - see liveliestEnd */ readonly end?: number } = {}): TraceWindow {
  const minutes = Math.round(hours * 60);
  const needed = minutes + LEAST_HISTORY_MINUTES;
  const total = trace.values.length;
  if (minutes < 1 || total < needed) {
    throw new FaultError(`the trace ${trace.name} cannot be replayed for ${hours} hours`, [{
      where: trace.source,
      got: `${(total / 60).toFixed(1)} hours`,
      allowed: `at least ${(needed / 60).toFixed(1)} hours: ${hours} to replay after 6 of history`,
      do: 'give a longer trace or fewer --hours',
    }]);
  }
  const end = options.end === undefined ? liveliestEnd(trace.values, minutes) : Math.floor((options.end - trace.start) / 60);
  if (end < needed || end > total) {
    throw new FaultError(`the trace ${trace.name} cannot be replayed up to that time`, [{
      where: trace.source, got: `end ${options.end}`, allowed: `${trace.start + needed * 60} to ${trace.start + total * 60}`, do: 'choose an end within the trace',
    }]);
  }
  const from = end - minutes;
  return {
    trace,
    from: trace.start + from * 60,
    to: trace.start + end * 60,
    hours: minutes / 60,
    history: trace.values.slice(0, from),
    replay: trace.values.slice(from, end),
  };
}

/** Share of the most replicas that the busiest percent of the history is made to need. */
const PEAK_SHARE = 0.7;

/**
 * What to multiply a trace's values with so that they become requests per second of the rehearsed service: the 99th percentile of the history
 * then needs 70 % of the most replicas. Only history is looked at, as a planner could only.
 *
 * @param options `requestsPerReplica`: requests per second one replica is meant to take
 * @throws FaultError if the history holds no load
 */
export function requestsScale(options: { readonly history: readonly number[]; readonly maxReplicas: number; readonly requestsPerReplica: number }): number {
  const sorted = Float64Array.from(options.history).sort();
  const p99 = sorted[Math.min(sorted.length - 1, Math.floor(0.99 * sorted.length))] ?? 0;
  if (!(p99 > 0)) {
    throw new FaultError('the trace cannot be scaled', [{ where: 'history', got: 'no load in 99 % of its minutes', allowed: 'a trace with load', do: 'choose another trace' }]);
  }
  return (PEAK_SHARE * options.maxReplicas * options.requestsPerReplica) / p99;
}
