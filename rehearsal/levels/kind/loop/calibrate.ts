import { step, Workload } from '../../../plant/workload-model';
import type { ModelFigures } from '../../../report/schema-kind';

/** What real pods showed. Arrays have one element per minute. */
export interface CalibrationInput {
  /** Requests per second that were due. */
  readonly requestsPerSecond: readonly number[];
  /** Ready replicas; the fewest of the minute. */
  readonly ready: readonly number[];
  /** Mean of the ready pods; null where nothing was measured. */
  readonly cpuMillicoresPerReplica: readonly (number | null)[];
  /** Seconds; what is not above 0 counts as not measured. */
  readonly latencyP95: readonly number[];
  /** Mean of the ready pods; null where nothing was measured. */
  readonly memoryBytesPerReplica: readonly (number | null)[];
  /** From a pod's creation to ready, seconds of the wall clock; null if no pod started. */
  readonly startupSeconds: number | null;
  /** CPU of a replica before any load, millicores: with it the line needs no spread of loads. @default - not measured: the line's own intercept */
  readonly idleCpuMillicores?: number | null;
  /** Share of the requests that failed or were not sent, 0 to 1. @default - none failed */
  readonly failedShare?: readonly number[];
  /** What the contract says: the CPU limit is always its own, the other figures where nothing could be measured. */
  readonly assumed: Workload;
}

/** What was made of it. */
export interface Calibration {
  readonly measured: ModelFigures;
  /** Minutes that the line of CPU over requests was fitted to; 0 if there is no line. */
  readonly fittedMinutes: number;
  /** Share of the variance of CPU that the line explains, 0 to 1; null if there is no line. */
  readonly rSquared: number | null;
}

/** Fewer minutes say nothing. */
const FEWEST_MINUTES = 5;
/** Loads per replica that are closer together than this share of the largest do not tell slope from intercept. */
const LEAST_SPREAD = 0.2;
/** Above this share of its limit a replica may be held back: CPU then says nothing about what the requests wanted. */
const SATURATED = 0.95;
/** A failed request may have cost anything between nothing and everything: minutes with more of them are left out. */
const MOST_FAILED = 0.01;
/** Residuals beyond this many standard deviations, estimated by the median, are outliers: a pod's first requests cost several times what later ones do. */
const OUTLIER = 4;
const MIB = 1024 * 1024;

interface Minute {
  readonly demand: number;
  readonly ready: number;
  /** Requests per second per replica. */
  readonly load: number;
  readonly millicores: number | null;
  readonly latencyP95: number;
  readonly memoryBytes: number | null;
}

interface Line {
  /** At load 0, at least 0. */
  readonly intercept: number;
  /** Above 0. */
  readonly slope: number;
  readonly rSquared: number;
  readonly minutes: number;
}

interface Point { readonly x: number; readonly y: number }

/** Minutes throughout which the number of replicas was the same, without failures: the others mix loads. */
function steadyMinutes(input: CalibrationInput): Minute[] {
  const { ready } = input;
  return input.requestsPerSecond.flatMap((demand, index): Minute[] => {
    const replicas = ready[index];
    if (replicas === undefined || replicas < 1 || !Number.isFinite(demand)) return [];
    if ((ready[index - 1] ?? replicas) !== replicas || (ready[index + 1] ?? replicas) !== replicas) return [];
    if ((input.failedShare?.[index] ?? 0) > MOST_FAILED) return [];
    return [{
      demand,
      ready: replicas,
      load: demand / replicas,
      millicores: input.cpuMillicoresPerReplica[index] ?? null,
      latencyP95: input.latencyP95[index] ?? NaN,
      memoryBytes: input.memoryBytesPerReplica[index] ?? null,
    }];
  });
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}

const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;

/** The quarter with the least load, where queueing matters least. */
function quietest(minutes: readonly Minute[]): Minute[] {
  return [...minutes].sort((a, b) => a.load - b.load).slice(0, Math.ceil(minutes.length / 4));
}

/** Least squares with a non-negative intercept; undefined where the points do not give a rising line. */
function leastSquares(points: readonly Point[]): Line | undefined {
  if (points.length < FEWEST_MINUTES) return undefined;
  const xs = points.map(({ x }) => x);
  const most = Math.max(...xs);
  if (!(most - Math.min(...xs) >= LEAST_SPREAD * most) || most <= 0) return undefined;
  const [x0, y0] = [mean(xs), mean(points.map(({ y }) => y))];
  const sum = (of: (point: Point) => number): number => points.reduce((total, point) => total + of(point), 0);
  let slope = sum(({ x, y }) => (x - x0) * (y - y0)) / sum(({ x }) => (x - x0) ** 2);
  let intercept = y0 - slope * x0;
  if (intercept < 0) [intercept, slope] = [0, sum(({ x, y }) => x * y) / sum(({ x }) => x * x)];
  const total = sum(({ y }) => (y - y0) ** 2);
  if (!(slope > 0) || total === 0) return undefined;
  const left = sum(({ x, y }) => (y - intercept - slope * x) ** 2);
  return { intercept, slope, rSquared: Math.max(0, 1 - left / total), minutes: points.length };
}

/** Least squares through a given intercept: under a load that hardly changes, which a good autoscaler sees to, nothing else tells slope from intercept. */
function through(intercept: number): (points: readonly Point[]) => Line | undefined {
  return (points) => {
    if (points.length < FEWEST_MINUTES) return undefined;
    const sum = (of: (point: Point) => number): number => points.reduce((total, point) => total + of(point), 0);
    const slope = sum(({ x, y }) => x * (y - intercept)) / sum(({ x }) => x * x);
    if (!(slope > 0) || !Number.isFinite(slope)) return undefined;
    const y0 = mean(points.map(({ y }) => y));
    const [total, left] = [sum(({ y }) => (y - y0) ** 2), sum(({ x, y }) => (y - intercept - slope * x) ** 2)];
    return { intercept, slope, rSquared: total === 0 ? 1 : Math.max(0, 1 - left / total), minutes: points.length };
  };
}

/** Fitted twice: the second time without the outliers of the first. */
function fit(points: readonly Point[], line: (points: readonly Point[]) => Line | undefined): Line | undefined {
  const first = line(points);
  if (first === undefined) return undefined;
  const apart = points.map(({ x, y }) => Math.abs(y - first.intercept - first.slope * x));
  // 1.4826: a normal distribution's standard deviation over its median absolute deviation. Rounding alone makes no outlier.
  const limit = Math.max(OUTLIER * 1.4826 * median(apart), 0.01 * mean(points.map(({ y }) => y)));
  return line(points.filter((_, index) => apart[index]! <= limit));
}

/**
 * The workload with the figures that were measured; what is null stays as it was.
 *
 * @param workload as the contract has it
 */
export function withFigures(workload: Workload, figures: ModelFigures): Workload {
  return {
    ...workload,
    cpuSecondsPerRequest: figures.cpuSecondsPerRequest ?? workload.cpuSecondsPerRequest,
    idleCpuMillicores: figures.idleCpuMillicores ?? workload.idleCpuMillicores,
    startupSeconds: figures.startupSeconds ?? workload.startupSeconds,
    latencyFloorSeconds: figures.latencyFloorSeconds ?? workload.latencyFloorSeconds,
    idleMemoryMiB: figures.idleMemoryMiB ?? workload.idleMemoryMiB,
  };
}

/**
 * The figures of the plant's model, from what real pods showed.
 *
 * CPU of a replica over its requests is a straight line: the slope is the CPU time of a request, the intercept the CPU of an idle replica. What a replica
 * can serve is not fitted: the model has it as (limit - idle) / CPU time of a request, and the limit is what the cgroup was given. Fitting it to latency as
 * well would trade it for the latency floor, of which one p95 a minute cannot tell it apart. So without a line there is no floor either.
 */
export function calibrate(input: CalibrationInput): Calibration {
  const minutes = steadyMinutes(input);
  const unsaturated = SATURATED * input.assumed.cpuRequestMillicores;
  const points = minutes.flatMap(({ load, millicores }) => (millicores !== null && millicores < unsaturated ? [{ x: load, y: millicores }] : []));
  const line = fit(points, typeof input.idleCpuMillicores === 'number' ? through(input.idleCpuMillicores) : leastSquares);
  const cpu = { cpuSecondsPerRequest: line ? line.slope / 1000 : null, idleCpuMillicores: line ? line.intercept : null };

  const inMemory = minutes.flatMap((minute) => (minute.memoryBytes === null ? [] : [minute]));
  const figures: ModelFigures = {
    ...cpu,
    startupSeconds: input.startupSeconds,
    latencyFloorSeconds: null,
    idleMemoryMiB: inMemory.length < FEWEST_MINUTES ? null : median(quietest(inMemory).map(({ memoryBytes }) => memoryBytes! / MIB)),
  };
  return {
    measured: { ...figures, latencyFloorSeconds: line ? latencyFloor(minutes, withFigures(input.assumed, figures)) : null },
    fittedMinutes: line?.minutes ?? 0,
    rSquared: line?.rSquared ?? null,
  };
}

/** What the measured p95 has beyond the model's, in the quietest minutes; at least 0. */
function latencyFloor(minutes: readonly Minute[], workload: Workload): number | null {
  const answered = minutes.filter(({ latencyP95 }) => latencyP95 > 0 && Number.isFinite(latencyP95));
  if (answered.length < FEWEST_MINUTES) return null;
  const beyond = quietest(answered).map(({ demand, ready, latencyP95 }) => latencyP95 - step({ ...workload, latencyFloorSeconds: 0 }, { demand, ready, backlog: 0 }, 1).latencyP95);
  return Math.max(0, median(beyond));
}
