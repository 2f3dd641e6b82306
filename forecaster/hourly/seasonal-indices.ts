/** Confidence of the test of seasonality: the normal quantile of a two-sided 90 % interval. */
const TEST_QUANTILE = 1.645;

/**
 * Whether a series repeats itself every `season` steps: the M4 test of the autocorrelation at that lag against Bartlett's limits.
 *
 * Makridakis, Spiliotis and Assimakopoulos (2020), The M4 Competition, International Journal of Forecasting 36(1), appendix A.
 */
export function isSeasonal(values: Float64Array, season: number): boolean {
  const n = values.length;
  if (n < 3 * season) return false;
  const mean = values.reduce((sum, value) => sum + value / n, 0);
  let variance = 0;
  for (const value of values) variance += (value - mean) ** 2;
  // A constant leaves the rounding of its mean.
  if (!(variance > n * (1e-12 * mean) ** 2)) return false;
  let limit = 1;
  let last = 0;
  for (let lag = 1; lag <= season; lag++) {
    let sum = 0;
    for (let i = lag; i < n; i++) sum += (values[i]! - mean) * (values[i - lag]! - mean);
    last = sum / variance;
    if (lag < season) limit += 2 * last * last;
  }
  return Math.abs(last) > TEST_QUANTILE * Math.sqrt(limit / n);
}

/**
 * Multiplicative seasonal indices by classical decomposition: ratios to a centred moving average of one season, averaged by position, mean 1.
 *
 * @returns `season` indices, the first for the first value of the series; undefined where the ratios have no meaning
 */
export function seasonalIndices(values: Float64Array, season: number): Float64Array | undefined {
  const half = season / 2;
  const sums = new Float64Array(season);
  const counts = new Float64Array(season);
  for (let i = half; i < values.length - half; i++) {
    let trend = (values[i - half]! + values[i + half]!) / 2;
    for (let j = i - half + 1; j < i + half; j++) trend += values[j]!;
    const ratio = values[i]! * season / trend;
    if (!Number.isFinite(ratio)) continue;
    sums[i % season]! += ratio;
    counts[i % season]! += 1;
  }
  const indices = sums.map((sum, position) => sum / counts[position]!);
  const mean = indices.reduce((sum, index) => sum + index / season, 0);
  const scaled = indices.map(index => index / mean);
  // A position of (nearly) zero cannot be divided by.
  return scaled.every(index => index > 1e-6 && Number.isFinite(index)) ? scaled : undefined;
}
