/** Banded linear systems without row exchanges. */
import { LowlandError } from '@lowland/core';

/**
 * Solves A x = b for a matrix whose entries lie within `width` of the diagonal, row by row: `row(i, entries)` adds row i to zeros, entry
 * (i, j) at j - i + width. No rows are exchanged: for matrices whose symmetric part is definite, as generators of diffusions have it in the
 * weighted inner product. n width^2 multiply-adds and n (width + 1) numbers; only the upper factor is kept.
 *
 * @throws LOWLAND_E_NUMERICAL when a pivot is zero or not finite
 */
export function bandSolve(width: number, row: (i: number, entries: Float64Array) => void, rhs: Float64Array): Float64Array {
  const n = rhs.length;
  const x = rhs.slice();
  const stride = width + 1;
  const upper = new Float64Array(n * stride);
  const entries = new Float64Array(2 * width + 1);
  for (let i = 0; i < n; i++) {
    entries.fill(0);
    row(i, entries);
    for (let k = Math.max(0, i - width); k < i; k++) {
      const at = k - i + width;
      const head = entries[at]!;
      if (head === 0) continue;
      const base = k * stride;
      const factor = head / upper[base]!;
      for (let l = 1; l <= width; l++) entries[at + l]! -= factor * upper[base + l]!;
      x[i]! -= factor * x[k]!;
    }
    const pivot = entries[width]!;
    if (pivot === 0 || !Number.isFinite(pivot)) throw new LowlandError('LOWLAND_E_NUMERICAL', `Pivot ${i} of a banded system is ${pivot}.`);
    upper.set(entries.subarray(width), i * stride);
  }
  for (let i = n - 1; i >= 0; i--) {
    let sum = x[i]!;
    for (let l = Math.min(width, n - 1 - i); l >= 1; l--) sum -= upper[i * stride + l]! * x[i + l]!;
    x[i] = sum / upper[i * stride]!;
  }
  return x;
}
