import { Fault, refuse } from '../../base/faults';
import type { Fill, Sample } from './trace';

/** Longest gap that is filled, minutes. Longer ones would be invention. */
export const LONGEST_FILL_MINUTES = 15;

/**
 * Puts samples on a complete grid of one minute: the mean of each minute's samples, gaps filled along a straight line.
 *
 * A file with a coarser step (say one row per 5 minutes) is a file of regular gaps: they are filled as long as its step is at most
 * {@link LONGEST_FILL_MINUTES}.
 *
 * @param samples at least one, in rising time
 * @param file name for faults
 * @throws FaultError naming every gap that is too long
 */
export function regrid(samples: readonly Sample[], file: string): { start: number; values: number[]; fills: Fill[] } {
  const start = Math.floor(samples[0]!.time / 60) * 60;
  const last = Math.floor(samples.at(-1)!.time / 60) * 60;
  const faults: Fault[] = [];
  for (let index = 1; index < samples.length; index += 1) {
    const minutes = Math.floor(samples[index]!.time / 60) - Math.floor(samples[index - 1]!.time / 60) - 1;
    if (minutes > LONGEST_FILL_MINUTES) {
      faults.push({
        where: `${file}:${samples[index]!.line}`,
        got: `a gap of ${minutes} minutes before it`,
        allowed: `gaps of at most ${LONGEST_FILL_MINUTES} minutes`,
        do: 'cut the trace there and use one of the parts',
      });
    }
  }
  const shown = faults.slice(0, 20);
  if (faults.length > 20) shown.push({ where: file, got: `${faults.length - 20} more gaps`, allowed: 'none', do: 'cut the trace' });
  refuse(`the trace ${file} has gaps`, shown);

  const length = (last - start) / 60 + 1;
  const sums = new Float64Array(length);
  const counts = new Uint32Array(length);
  for (const { time, value } of samples) {
    const index = Math.floor((time - start) / 60);
    sums[index]! += value;
    counts[index]! += 1;
  }
  const values = Array.from(sums, (sum, index) => (counts[index]! > 0 ? sum / counts[index]! : NaN));
  const fills: Fill[] = [];
  for (let index = 0; index < length; index += 1) {
    if (counts[index]! > 0) continue;
    let end = index;
    while (counts[end] === 0) end += 1;
    const [before, after] = [values[index - 1]!, values[end]!];
    for (let at = index; at < end; at += 1) values[at] = before + ((after - before) * (at - index + 1)) / (end - index + 1);
    fills.push({ from: start + index * 60, to: start + (end - 1) * 60, minutes: end - index });
    index = end;
  }
  return { start, values, fills };
}
