import { OomWatch, type OomOptions, type OomOutlook } from '../../../forecaster/oom/oom-watch';
import { gaussian, seeded } from '../support/random';

export const START = 1_700_000_400; // the first second of a ten-minute bin
export const LIMIT = 1000;

/** Usage by the minute. */
export type Shape = (minute: number) => number;

/** Adds normal noise; the same noise for the same seed. */
export function noisy(shape: Shape, deviation: number, seed = 1): Shape {
  const random = seeded(seed);
  return (minute) => shape(minute) + deviation * gaussian(random);
}

/** A saw that gains `rise` a minute and collects once in `period` minutes, on a floor that gains `leak` a minute. */
export function saw(floor: number, amplitude: number, period: number, leak: number): Shape {
  return (minute) => floor + leak * minute + amplitude * ((minute % period) / period);
}

/** What is told after every minute until the shape meets the limit or time is up. */
export interface Replayed {
  readonly outlooks: readonly OomOutlook[];
  /** Minute at which the limit was met; null = never. */
  readonly kill: number | null;
  readonly watch: OomWatch;
}

/** Runs a shape against a limit as the kernel would: the series ends when it is met. */
export function replay(shape: Shape, minutes: number, { limit = LIMIT, options }: { limit?: number; options?: OomOptions } = {}): Replayed {
  const watch = new OomWatch(options);
  const outlooks: OomOutlook[] = [];
  const step = options?.stepSeconds ?? 60;
  for (let minute = 0; minute < minutes; minute++) {
    const usage = Math.max(0, shape(minute));
    if (usage >= limit) return { outlooks, kill: minute, watch };
    outlooks.push(watch.observe({ time: START + minute * step, usage, limit }));
  }
  return { outlooks, kill: null, watch };
}

/** Minutes the alarm had been on without a break when the limit was met; 0 = not on. */
export function lead({ outlooks, kill }: Replayed): number {
  if (kill === null) throw new Error('the shape never meets the limit');
  let on = 0;
  while (on < outlooks.length && outlooks[outlooks.length - 1 - on]!.alarm) on += 1;
  return on;
}

/** Minutes with the alarm on. */
export function alarmed({ outlooks }: Replayed): number {
  return outlooks.filter(({ alarm }) => alarm).length;
}
