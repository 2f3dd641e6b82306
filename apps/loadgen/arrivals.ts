import { Segment, segmentsOf, Shape } from './shape';

/** How requests lie within a rate. `even`: at equal distances. `poisson`: as independent users would send them. */
export type Spacing = 'even' | 'poisson';

/**
 * When each request is to be sent, seconds from the start, ascending. Fixed before the first one is: how fast the target answers changes nothing of it.
 *
 * @param uniform numbers from 0 to below 1, for `poisson`
 */
export function* arrivals(shape: Shape, spacing: Spacing, uniform: () => number): Generator<number> {
  const next = () => (spacing === 'even' ? 1 : -Math.log(1 - uniform()));
  let start = 0;
  let due = spacing === 'even' ? 0.5 : next(); // requests until the next is sent, counted along the integral of the rate
  for (const segment of segmentsOf(shape)) {
    const total = segment.seconds * (segment.fromPerSecond + segment.toPerSecond) / 2;
    while (due < total) {
      yield start + secondsUntil(segment, due);
      due += next();
    }
    due -= total;
    start += segment.seconds;
  }
}

/** Seconds into a segment at which this many requests have been sent. */
function secondsUntil({ seconds, fromPerSecond: from, toPerSecond: to }: Segment, requests: number): number {
  if (from === to) return requests / from;
  const slope = (to - from) / seconds;
  // The root of slope t² / 2 + from t = requests, in the form that loses no digits where the slope is small.
  return Math.min(seconds, (2 * requests) / (from + Math.sqrt(Math.max(0, from * from + 2 * slope * requests))));
}
