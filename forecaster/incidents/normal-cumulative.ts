/**
 * Cumulative distribution of the standard normal law, to 1.2e-7 of the smaller tail.
 *
 * Press et al. (1992), Numerical Recipes, the Chebyshev fit of the complementary error function.
 */
export function normalCumulative(score: number): number {
  const z = Math.abs(score) / Math.SQRT2;
  const t = 1 / (1 + z / 2);
  let fit = 0;
  for (const coefficient of FIT) fit = fit * t + coefficient;
  const tail = (t * Math.exp(-z * z + fit)) / 2;
  return score > 0 ? 1 - tail : tail;
}

/** The highest power first. */
const FIT = [0.17087277, -0.82215223, 1.48851587, -1.13520398, 0.27886807, -0.18628806, 0.09678418, 0.37409196, 1.00002368, -1.26551223];
