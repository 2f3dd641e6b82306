import { HORIZON, LEVELS } from './scores';
import type { TrackResult } from './track';

/** Grows when a reader of the file would be misled by the old reading. */
export const FORMAT_VERSION = 1;

/** The file that a backtest writes. */
export interface BacktestDocument extends TrackResult {
  readonly meta: {
    readonly format: typeof FORMAT_VERSION;
    readonly description: string;
    /** The rules the numbers were made by, in a sentence. */
    readonly protocol: string;
    /** Length of a step, seconds, and steps of a forecast. */
    readonly step_s: number;
    readonly horizon: number;
    readonly levels: readonly number[];
  };
}

const PROTOCOLS: Record<string, { readonly protocol: string; readonly step_s: number; readonly horizon: number }> = {
  ops5m: {
    protocol: 'means on a 300 s grid; the first 70 % of each series is history, then one origin an hour, 12 steps each; only observed values are scored; '
      + 'at most 16 series of a dataset; baselines carry bands of their own last 168 hourly errors',
    step_s: 300, horizon: HORIZON,
  },
  short: {
    protocol: 'means on a 300 s grid; the first 70 % of each series is history, then one origin an hour, 12 steps each; only observed values are scored; '
      + 'at most 16 series of a dataset and kind; baselines carry bands of their own last 56 errors, one every 15 min',
    step_s: 300, horizon: HORIZON,
  },
  m4: { protocol: 'M4 Hourly: the hours after the end of each series are forecast; scores are of hours held back from the end', step_s: 3600, horizon: 48 },
  oom: { protocol: 'an alarm is judged every minute; the 60 min before the kill are positive', step_s: 60, horizon: 60 },
};

/** The result with what a reader needs to understand it; nothing in it tells of the machine. */
export function documentOf(result: TrackResult, description: string): BacktestDocument {
  const rules = PROTOCOLS[result.track] ?? { protocol: description, step_s: 0, horizon: 0 };
  return { meta: { format: FORMAT_VERSION, description, ...rules, levels: LEVELS }, ...result };
}
