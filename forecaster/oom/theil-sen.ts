/** A straight line through points, hardly moved by outliers. */
export interface RobustLine {
  /** Per unit of x. */
  readonly slope: number;
  /** Height at x = 0. */
  readonly level: number;
  /** Mann-Kendall statistic over its standard deviation without trend: above 2 the rise is hardly chance. */
  readonly trend: number;
  /** Median absolute distance from the line, times 1.4826 (standard deviation of a normal). */
  readonly spread: number;
}

/** Most points of a fit: pairs grow with the square. */
export const MOST_POINTS = 24;

const slopes = new Float64Array((MOST_POINTS * (MOST_POINTS - 1)) / 2);
const rests = new Float64Array(MOST_POINTS);

/**
 * Median of the slopes between all pairs, median of the rests as level; the signs of the pairs are the Mann-Kendall statistic, which comes for nothing.
 *
 * Theil (1950), A rank-invariant method of linear and polynomial regression analysis; Sen (1968), Estimates of the regression coefficient based on
 * Kendall's tau, JASA 63; Mann (1945), Nonparametric tests against trend, Econometrica 13.
 *
 * @param n points to use, at most {@link MOST_POINTS}; fewer than 3 give undefined
 */
export function theilSen(x: Float64Array, y: Float64Array, n: number): RobustLine | undefined {
  if (n < 3 || n > MOST_POINTS) return undefined;
  let pairs = 0;
  let signs = 0;
  for (let i = 1; i < n; i++) {
    for (let j = 0; j < i; j++) {
      const steepness = (y[i]! - y[j]!) / (x[i]! - x[j]!);
      signs += Math.sign(steepness) || 0; // two points at one x, or values without end, say nothing
      slopes[pairs++] = steepness;
    }
  }
  const slope = medianOf(slopes, pairs);
  for (let i = 0; i < n; i++) rests[i] = y[i]! - slope * x[i]!;
  const level = medianOf(rests, n);
  for (let i = 0; i < n; i++) rests[i] = Math.abs(y[i]! - slope * x[i]! - level);
  return { slope, level, trend: signs / Math.sqrt((n * (n - 1) * (2 * n + 5)) / 18), spread: 1.4826 * medianOf(rests, n) };
}

/** Median of the first n; sorts them in place. Even counts give the mean of the middle two. */
export function medianOf(values: Float64Array, n: number): number {
  const part = values.subarray(0, n).sort();
  const half = Math.floor(n / 2);
  return n % 2 === 1 ? part[half]! : (part[half - 1]! + part[half]!) / 2;
}
