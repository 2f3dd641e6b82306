/**
 * Solves a ridge regression by the normal equations and Cholesky's decomposition.
 *
 * Hoerl and Kennard (1970), Ridge Regression: Biased Estimation for Nonorthogonal Problems, Technometrics 12(1).
 *
 * @param columns regressors, each `rows` long
 * @param target `rows` long
 * @param penalties one per column, added to the diagonal; positive ones make the problem well-posed
 * @param weights of the rows. @default - all 1
 * @returns one coefficient per column; zeros when the equations cannot be solved
 */
export function ridge(columns: readonly Float64Array[], target: Float64Array, penalties: readonly number[], weights?: Float64Array): Float64Array {
  const k = columns.length;
  const rows = target.length;
  const gram = new Float64Array(k * k);
  const right = new Float64Array(k);
  const weighted = new Float64Array(rows);
  for (let i = 0; i < k; i++) {
    const left = columns[i]!;
    for (let r = 0; r < rows; r++) weighted[r] = weights ? left[r]! * weights[r]! : left[r]!;
    for (let j = 0; j <= i; j++) gram[i * k + j] = dot(weighted, columns[j]!, rows);
    gram[i * k + i]! += penalties[i]!;
    right[i] = dot(weighted, target, rows);
  }
  return solve(gram, right, k);
}

function dot(a: Float64Array, b: Float64Array, n: number): number {
  let sum = 0;
  for (let i = 0; i < n; i++) sum += a[i]! * b[i]!;
  return sum;
}

/** Solves a symmetric positive definite system whose lower triangle is given; the triangle is overwritten. */
function solve(lower: Float64Array, right: Float64Array, k: number): Float64Array {
  const x = Float64Array.from(right);
  for (let i = 0; i < k; i++) {
    for (let j = 0; j <= i; j++) {
      let sum = lower[i * k + j]!;
      for (let m = 0; m < j; m++) sum -= lower[i * k + m]! * lower[j * k + m]!;
      if (i !== j) lower[i * k + j] = sum / lower[j * k + j]!;
      else if (sum > 0) lower[i * k + i] = Math.sqrt(sum);
      else return new Float64Array(k);
    }
  }
  for (let i = 0; i < k; i++) {
    for (let m = 0; m < i; m++) x[i]! -= lower[i * k + m]! * x[m]!;
    x[i]! /= lower[i * k + i]!;
  }
  for (let i = k - 1; i >= 0; i--) {
    for (let m = i + 1; m < k; m++) x[i]! -= lower[m * k + i]! * x[m]!;
    x[i]! /= lower[i * k + i]!;
  }
  return x.every(Number.isFinite) ? x : new Float64Array(k);
}
