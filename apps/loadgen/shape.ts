import { Fault, show } from '../../base/faults';

/** How many requests a second are sent, over time. */
export type Shape =
  /** The same all the time. */
  | { readonly kind: 'steady'; readonly ratePerSecond: number; readonly seconds: number }
  /** From one rate to another in a straight line. */
  | { readonly kind: 'ramp'; readonly fromPerSecond: number; readonly toPerSecond: number; readonly seconds: number }
  /** A rate, and for a while in the middle another. */
  | {
    readonly kind: 'burst'; readonly ratePerSecond: number; readonly burstPerSecond: number;
    readonly burstAtSeconds: number; readonly burstSeconds: number; readonly seconds: number;
  }
  /** What was recorded: one rate for each step. */
  | {
    readonly kind: 'trace';
    /** Requests per second of each step; null where nothing was recorded, which sends nothing. */
    readonly ratesPerSecond: readonly (number | null)[];
    /** Seconds of the recording that one rate stands for. */
    readonly stepSeconds: number;
    /** Seconds of the recording that pass in one of the replay. @default 1 */
    readonly compression?: number;
    /** What every rate is multiplied by. @default 1 */
    readonly scale?: number;
  };

/** A stretch of time in which the rate goes in a straight line. */
export interface Segment {
  readonly seconds: number;
  readonly fromPerSecond: number;
  readonly toPerSecond: number;
}

/** Limits of one run: what a generator of this size can hold to, and what a mistyped number may not start. */
export const LIMITS = { ratePerSecond: 20_000, seconds: 7 * 86_400, steps: 100_000 } as const;

/** The stretches of a shape, in order. */
export function segmentsOf(shape: Shape): Segment[] {
  const flat = (ratePerSecond: number, seconds: number): Segment => ({ seconds, fromPerSecond: ratePerSecond, toPerSecond: ratePerSecond });
  switch (shape.kind) {
    case 'steady': return [flat(shape.ratePerSecond, shape.seconds)];
    case 'ramp': return [{ seconds: shape.seconds, fromPerSecond: shape.fromPerSecond, toPerSecond: shape.toPerSecond }];
    case 'burst': {
      const after = shape.seconds - shape.burstAtSeconds - shape.burstSeconds;
      return [flat(shape.ratePerSecond, shape.burstAtSeconds), flat(shape.burstPerSecond, shape.burstSeconds), flat(shape.ratePerSecond, after)]
        .filter(({ seconds }) => seconds > 0);
    }
    case 'trace': {
      const { compression = 1, scale = 1, stepSeconds } = shape;
      return shape.ratesPerSecond.map((rate) => flat((rate ?? 0) * scale, stepSeconds / compression));
    }
  }
}

/** Requests that a shape asks for. */
export function requestsOf(shape: Shape): number {
  return segmentsOf(shape).reduce((sum, { seconds, fromPerSecond, toPerSecond }) => sum + seconds * (fromPerSecond + toPerSecond) / 2, 0);
}

/** How long a shape takes to send, seconds. */
export function secondsOf(shape: Shape): number {
  return segmentsOf(shape).reduce((sum, { seconds }) => sum + seconds, 0);
}

/** Every fault of a shape of the right form; empty if it can be sent. */
export function shapeFaults(shape: Shape): Fault[] {
  const faults: Fault[] = [];
  const need = (fits: boolean, where: string, got: unknown, allowed: string, todo: string) => {
    if (!fits) faults.push({ where: `shape.${where}`, got: show(got), allowed, do: todo });
  };
  const rate = (value: number, where: string) => {
    need(value >= 0 && value <= LIMITS.ratePerSecond, where, value, `0 to ${LIMITS.ratePerSecond} requests per second`, 'lower it, or run more generators');
  };
  const positive = (value: number, where: string, unit: string) => need(Number.isFinite(value) && value > 0, where, value, `${unit} above 0`, `set 'shape.${where}'`);
  switch (shape.kind) {
    case 'steady': rate(shape.ratePerSecond, 'ratePerSecond'); break;
    case 'ramp': rate(shape.fromPerSecond, 'fromPerSecond'); rate(shape.toPerSecond, 'toPerSecond'); break;
    case 'burst':
      rate(shape.ratePerSecond, 'ratePerSecond');
      rate(shape.burstPerSecond, 'burstPerSecond');
      need(shape.burstAtSeconds >= 0 && shape.burstSeconds > 0 && shape.burstAtSeconds + shape.burstSeconds <= shape.seconds, 'burstAtSeconds',
        `a burst from ${shape.burstAtSeconds} for ${shape.burstSeconds} s in ${shape.seconds} s`, 'a burst within the run', 'lengthen the run, or start the burst earlier');
      break;
    case 'trace':
      positive(shape.stepSeconds, 'stepSeconds', 'seconds');
      positive(shape.compression ?? 1, 'compression', 'a number');
      need((shape.scale ?? 1) >= 0 && Number.isFinite(shape.scale ?? 1), 'scale', shape.scale, 'a number from 0', "set 'shape.scale'");
      need(shape.ratesPerSecond.length > 0 && shape.ratesPerSecond.length <= LIMITS.steps, 'ratesPerSecond', `${shape.ratesPerSecond.length} steps`, `1 to ${LIMITS.steps} steps`, 'replay a part of the trace');
      shape.ratesPerSecond.forEach((value, index) => value !== null && rate(value * (shape.scale ?? 1), `ratesPerSecond[${index}]`));
  }
  if (faults.length === 0) need(secondsOf(shape) > 0 && secondsOf(shape) <= LIMITS.seconds, 'seconds', secondsOf(shape), `seconds above 0, at most ${LIMITS.seconds}`, 'shorten the run');
  return faults;
}
