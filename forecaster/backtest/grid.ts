import { FaultError } from '../../base/faults';
import type { SeriesSamples } from './csv';

/** A series on an even grid. */
export interface Grid {
  readonly stepSeconds: number;
  /** Unix seconds at which bin 0 starts, a multiple of the step. */
  readonly start: number;
  /** Mean of the samples of each bin; a bin without any holds the last value before it. */
  readonly values: Float64Array;
  /** 1 where the bin had a sample of its own; only those are shown to the forecaster and scored. */
  readonly observed: Uint8Array;
}

/** Ten years of 5 minutes: a longer series is a stray timestamp, not history. */
const LONGEST = 1_051_200;

/**
 * Averages samples onto bins `[k * step, (k + 1) * step)` from the first sample's to the last's.
 *
 * @param samples at least one, in time order
 * @throws FaultError when the samples span more than about a million bins
 */
export function toGrid(samples: SeriesSamples, stepSeconds: number, where: string): Grid {
  const { times, values } = samples;
  const first = Math.floor(times[0]! / stepSeconds);
  const length = Math.floor(times.at(-1)! / stepSeconds) - first + 1;
  if (length > LONGEST) {
    throw new FaultError('a series is not usable', [{
      where, got: `${length} bins of ${stepSeconds} s between ${times[0]} and ${times.at(-1)}`, allowed: `at most ${LONGEST}`, do: 'remove the stray timestamp at one of the ends',
    }]);
  }
  const sums = new Float64Array(length);
  const counts = new Uint32Array(length);
  times.forEach((time, index) => {
    const bin = Math.floor(time / stepSeconds) - first;
    sums[bin]! += values[index]!;
    counts[bin]! += 1;
  });
  let last = NaN; // bin 0 has a sample, so no bin keeps this
  const filled = sums.map((sum, bin) => (last = counts[bin] ? sum / counts[bin]! : last));
  return { stepSeconds, start: first * stepSeconds, values: filled, observed: Uint8Array.from(counts, (count) => (count ? 1 : 0)) };
}
