import { normalQuantile } from '../intervals/normal';
import type { QuantileForecast } from './incident';
import { normalCumulative } from './normal-cumulative';

/** How likely a limit is crossed, and when. */
export interface Breach {
  /** That at least one step of the horizon lies above the threshold, 0 to 1, under the stated dependence. */
  readonly probability: number;
  /** Holds for every dependence: the riskiest single step. */
  readonly lower: number;
  /** Holds for every dependence: the sum over the steps, at most 1. */
  readonly upper: number;
  /** Seconds after the origin at which half of the breaches have happened; null when none is to be expected. */
  readonly expectedSeconds: number | null;
  /** Probability that it has happened by each step. */
  readonly cumulative: readonly number[];
}

/** What is asked. */
export interface BreachQuestion {
  readonly forecast: QuantileForecast;
  /** A breach is a value above it. */
  readonly threshold: number;
  /** Steps that end within so many seconds of the origin count. */
  readonly horizonSeconds: number;
  /** Steps before this are over already. @default - the origin */
  readonly from?: number;
  /** Correlation of the normal scores of two steps that follow each other, 0 to 1: see the readme. @default 0.95 */
  readonly persistence?: number;
}

/** Beyond this normal score nothing can be told from a few hundred errors. */
const FAR = 6;
const CELLS = 61;
const REACH = 5;
const DEFAULT_PERSISTENCE = 0.95;
/** Below this sum of risks it does not matter how the steps depend on each other: the sum itself is given. */
const NEGLIGIBLE = 0.02;
/** Moves less likely than this are left out of the chain. */
const UNLIKELY = 1e-9;

/**
 * Probability that a forecast quantity crosses a threshold within a horizon.
 *
 * Each step's distribution is interpolated between its quantiles on the scale of normal scores (exact for a normal law; the outermost slope is
 * continued beyond the outermost quantile). Quantiles say nothing about how steps depend on each other, so two bounds are given that hold whatever the
 * dependence, and between them one value under a stated assumption: normal scores form a first-order chain with correlation `persistence`
 * (0 = independent steps, towards 1 = one error shifts the whole path).
 */
export function breachProbability({ forecast, threshold, horizonSeconds, from, persistence = DEFAULT_PERSISTENCE }: BreachQuestion): Breach {
  const scores = Number.isNaN(threshold) ? [] : stepScores(forecast, threshold);
  const skipped = from === undefined ? 0 : Math.max(0, Math.floor((from - forecast.origin) / forecast.stepSeconds));
  const steps = Math.min(scores.length, Math.floor(horizonSeconds / forecast.stepSeconds));
  if (!(steps > skipped)) return { probability: 0, lower: 0, upper: 0, expectedSeconds: null, cumulative: [] };
  const used = scores.slice(skipped, steps);
  const risks = used.map((score) => 1 - normalCumulative(score));
  const lower = Math.max(...risks);
  const upper = Math.max(lower, Math.min(1, risks.reduce((sum, risk) => sum + risk, 0)));
  const chain = upper <= NEGLIGIBLE ? sums(risks) : firstPassage(used, persistence);
  const cumulative = chain.map((value) => Math.min(upper, value));
  const probability = Math.min(upper, Math.max(lower, cumulative.at(-1)!));
  return { probability, lower, upper, expectedSeconds: halfway(cumulative, skipped, forecast.stepSeconds), cumulative: [...new Array<number>(skipped).fill(0), ...cumulative] };
}

/** The normal score of the threshold at every step; steps whose quantiles are not usable are left out from there on. */
export function stepScores(forecast: QuantileForecast, threshold: number): number[] {
  const levels = Object.keys(forecast.quantiles).map(Number).filter((level) => level > 0 && level < 1).sort((a, b) => a - b);
  const curves = levels.map((level) => forecast.quantiles[String(level)]!);
  const normals = levels.map(normalQuantile);
  const length = curves.length === 0 ? 0 : Math.min(...curves.map((curve) => curve.length));
  const scores: number[] = [];
  for (let h = 0; h < length; h++) {
    const values = curves.map((curve) => curve[h]!);
    if (!values.every(Number.isFinite)) break;
    scores.push(scoreOf(threshold, values, normals));
  }
  return scores;
}

/**
 * Where a value lies among quantiles, as a normal score.
 *
 * @param values never decreasing
 * @param normals normal scores of their levels, ascending
 * @param far scores end here on either side
 */
export function scoreOf(value: number, values: readonly number[], normals: readonly number[], far = FAR): number {
  const last = values.length - 1;
  if (last === 0) return value >= values[0]! ? far : -far;
  if (value >= values[last]!) return beyond(value - values[last]!, normals[last]!, slope(values, normals, last, -1), far);
  if (value < values[0]!) return -beyond(values[0]! - value, -normals[0]!, slope(values, normals, 0, 1), far);
  let right = 1;
  while (value >= values[right]!) right += 1;
  const left = right - 1;
  return normals[left]! + ((value - values[left]!) / (values[right]! - values[left]!)) * (normals[right]! - normals[left]!);
}

/** Value per normal score next to an end; 0 when all quantiles are the same. Ties next to the end are passed over. */
function slope(values: readonly number[], normals: readonly number[], end: number, inward: 1 | -1): number {
  for (let other = end + inward; other >= 0 && other < values.length; other += inward) {
    const rise = (values[end]! - values[other]!) / (normals[end]! - normals[other]!);
    if (rise > 0) return rise;
  }
  return 0;
}

/** The score of what lies outside by a distance; without a slope, all that is known says that nothing lies there. */
function beyond(distance: number, normal: number, rise: number, far: number): number {
  return rise === 0 ? far : Math.min(far, normal + distance / rise);
}

function sums(risks: readonly number[]): number[] {
  let total = 0;
  return risks.map((risk) => (total += risk));
}

/** Probability that a stationary normal chain has exceeded a moving boundary by each step, on a grid of cells whose mass is what has not yet. */
function firstPassage(boundary: readonly number[], persistence: number): number[] {
  const moves = transition(persistence);
  let mass = Float64Array.from(START);
  const cumulative: number[] = [];
  for (let h = 0; h < boundary.length; h++) {
    if (h > 0) mass = advance(mass, moves);
    cumulative.push(Math.max(cumulative[h - 1] ?? 0, 1 - cut(mass, boundary[h]!)));
  }
  return cumulative;
}

const WIDTH = (2 * REACH) / CELLS;
const EDGES = Float64Array.from({ length: CELLS + 1 }, (_, i) => -REACH + i * WIDTH);
/** Mass of the standard normal law in each cell; the outermost hold the tails. */
const START = Float64Array.from({ length: CELLS }, (_, i) => cell(i, 0, 1));
const transitions = new Map<number, Moves>();

/** What happens in one step: the probabilities of going from each cell to those from `first` to `last`. */
interface Moves {
  readonly matrix: Float64Array;
  readonly first: Int32Array;
  readonly last: Int32Array;
}

function cell(i: number, mean: number, deviation: number): number {
  const upper = i === CELLS - 1 ? 1 : normalCumulative((EDGES[i + 1]! - mean) / deviation);
  const lower = i === 0 ? 0 : normalCumulative((EDGES[i]! - mean) / deviation);
  return upper - lower;
}

/** [from][to]; kept for each hundredth of persistence up to 0.98, where a cell is as wide as what happens in a step. */
function transition(persistence: number): Moves {
  const hundredths = Math.round(100 * Math.max(0, Math.min(0.98, Number.isFinite(persistence) ? persistence : DEFAULT_PERSISTENCE)));
  const known = transitions.get(hundredths);
  if (known) return known;
  const rho = hundredths / 100;
  const deviation = Math.sqrt(1 - rho * rho);
  const made: Moves = { matrix: new Float64Array(CELLS * CELLS), first: new Int32Array(CELLS).fill(CELLS), last: new Int32Array(CELLS) };
  for (let from = 0; from < CELLS; from++) {
    const mean = rho * (EDGES[from]! + WIDTH / 2);
    for (let to = 0; to < CELLS; to++) {
      const share = cell(to, mean, deviation);
      if (share < UNLIKELY) continue;
      made.matrix[from * CELLS + to] = share;
      made.first[from] = Math.min(made.first[from]!, to);
      made.last[from] = to;
    }
  }
  transitions.set(hundredths, made);
  return made;
}

function advance(mass: Float64Array, { matrix, first, last }: Moves): Float64Array<ArrayBuffer> {
  const next = new Float64Array(CELLS);
  for (let from = 0; from < CELLS; from++) {
    const held = mass[from]!;
    if (held < 1e-15) continue;
    const row = from * CELLS;
    for (let to = first[from]!; to <= last[from]!; to++) next[to]! += held * matrix[row + to]!;
  }
  return next;
}

/** Takes away what lies above the boundary and returns what is left; the cell it runs through keeps the normal law's share below it. */
function cut(mass: Float64Array, limit: number): number {
  let left = 0;
  for (let i = 0; i < CELLS; i++) {
    const lower = i === 0 ? -Infinity : EDGES[i]!;
    if (lower >= limit) mass[i] = 0;
    else if (i === CELLS - 1 || EDGES[i + 1]! > limit) mass[i]! *= Math.min(1, (normalCumulative(limit) - (i === 0 ? 0 : normalCumulative(lower))) / START[i]!);
    left += mass[i]!;
  }
  return left;
}

/** Seconds at which half of the probability has come; between steps it is spread evenly. */
function halfway(cumulative: readonly number[], skipped: number, stepSeconds: number): number | null {
  const total = cumulative.at(-1) ?? 0;
  if (!(total > 0)) return null;
  const half = total / 2;
  const at = cumulative.findIndex((value) => value >= half);
  const before = at === 0 ? 0 : cumulative[at - 1]!;
  const share = (half - before) / (cumulative[at]! - before);
  return (skipped + at + (Number.isFinite(share) ? share : 1)) * stepSeconds;
}
