import { matrix, type Matrix } from './matrix.ts';
import { powerOfTwoAbove } from './scaling.ts';
import { largestMagnitude } from './vector.ts';

/**
 * A = Q R with orthonormal columns in Q (m × k) and an upper triangular R (k × n), k = min(m, n), by Householder reflections.
 *
 * Also for rank-deficient and zero A: Q is always orthonormal. The diagonal of R is never negative, which makes the
 * factorisation of a full-rank A unique. Residual and orthogonality are within 20·n·2⁻⁵² (normwise).
 *
 * Bound by memory: 8 flops for each pass over an entry.
 */
export function thinQr(a: Matrix): { q: Matrix; r: Matrix } {
  const { rows: m, cols: n } = a;
  const k = Math.min(m, n);
  // A power of two brings the largest entry to about 1: exact, and nothing over- or underflows on the way.
  const largest = largestMagnitude(a.data);
  const unit = largest > 0 && largest < Infinity ? powerOfTwoAbove(largest) : 1;
  const work = a.data.map((x) => x / unit);
  const factors = new Float64Array(k);
  const products = new Float64Array(Math.max(n, k));
  for (let j = 0; j < k; j++) {
    factors[j] = makeReflector(work, m, n, j);
    reflect(work, n, j, factors[j]!, work, n, m, j + 1, n, products);
  }

  const r = matrix(k, n);
  for (let i = 0; i < k; i++) for (let c = i; c < n; c++) r.data[i * n + c] = work[i * n + c]! * unit;

  const q = matrix(m, k);
  for (let i = 0; i < k; i++) q.data[i * k + i] = 1;
  for (let j = k - 1; j >= 0; j--) reflect(work, n, j, factors[j]!, q.data, k, m, j, k, products);

  for (let j = 0; j < k; j++) {
    if (r.data[j * n + j]! >= 0) continue;
    for (let c = j; c < n; c++) r.data[j * n + c] = -r.data[j * n + c]!;
    for (let i = 0; i < m; i++) q.data[i * k + j] = -q.data[i * k + j]!;
  }
  return { q, r };
}

/**
 * Makes the reflection I − β v vᵀ that maps column j, from row j on, to a multiple of e_j. The multiple goes to (j, j), the rest of v
 * (whose first entry is 1) below it. Returns β, 0 for a column that is zero below the diagonal.
 */
function makeReflector(a: Float64Array, m: number, n: number, j: number): number {
  let largest = 0;
  for (let i = j + 1; i < m; i++) largest = Math.max(largest, Math.abs(a[i * n + j]!));
  if (largest === 0) return 0;
  largest = Math.max(largest, Math.abs(a[j * n + j]!));
  // Relative to the largest entry throughout: the reflection stays orthogonal when the column is subnormal.
  const head = a[j * n + j]! / largest;
  let sum = 0;
  for (let i = j; i < m; i++) sum += (a[i * n + j]! / largest) ** 2;
  const image = head > 0 ? -Math.sqrt(sum) : Math.sqrt(sum);
  const first = head - image; // no cancellation: opposite signs
  for (let i = j + 1; i < m; i++) a[i * n + j] = a[i * n + j]! / largest / first;
  a[j * n + j] = image * largest;
  return -first / image;
}

/** Applies reflection j (kept in column j of `v`) to the columns from–to of `a`. */
function reflect(
  v: Float64Array, vCols: number, j: number, beta: number,
  a: Float64Array, cols: number, m: number, from: number, to: number, products: Float64Array,
): void {
  if (beta === 0 || from >= to) return;
  for (let c = from; c < to; c++) products[c] = a[j * cols + c]!;
  for (let i = j + 1; i < m; i++) {
    const vi = v[i * vCols + j]!;
    if (vi === 0) continue;
    for (let c = from; c < to; c++) products[c] = products[c]! + vi * a[i * cols + c]!;
  }
  for (let c = from; c < to; c++) {
    products[c] = products[c]! * beta;
    a[j * cols + c] = a[j * cols + c]! - products[c]!;
  }
  for (let i = j + 1; i < m; i++) {
    const vi = v[i * vCols + j]!;
    if (vi === 0) continue;
    for (let c = from; c < to; c++) a[i * cols + c] = a[i * cols + c]! - vi * products[c]!;
  }
}
