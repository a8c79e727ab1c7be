import { LowlandError } from '@lowland/core';

import { implicitQl } from './factor/implicit-ql.ts';
import { powerOfTwoAbove } from './scaling.ts';

/**
 * Eigenvalues of the symmetric tridiagonal matrix with `diagonal` (n) and `offDiagonal` (n − 1), in place and unsorted, by implicit QL with
 * Wilkinson's shift. The rotations are accumulated into the columns of `vectors` (`vectorRows` × n): give the identity for all
 * eigenvectors (O(n³)), or its last row alone for their last entries (O(n²)), which is all that a Lanczos residual needs.
 *
 * Errors are within a modest multiple of 2⁻⁵² times the norm.
 *
 * @throws LOWLAND_E_NOT_FINITE when an entry is NaN or infinite.
 * @throws LOWLAND_E_NO_CONVERGENCE after 60 sweeps on one eigenvalue.
 */
export function tridiagonalEigen(
  diagonal: Float64Array, offDiagonal: Float64Array, vectors: Float64Array, vectorRows: number,
): void {
  const n = diagonal.length;
  let size = 0;
  for (let i = 0; i < n; i++) size = Math.max(size, Math.abs(diagonal[i]!) + (i + 1 < n ? Math.abs(offDiagonal[i]!) : 0)); // NaN stays NaN
  if (!(size < Infinity)) {
    throw new LowlandError('LOWLAND_E_NOT_FINITE', `A tridiagonal eigenvalue problem of size ${n} needs finite entries.`);
  }
  if (size === 0) return;
  // A power of two brings the largest entry to about 1: exact, and the rotations never meet subnormal numbers alone.
  const unit = powerOfTwoAbove(size);
  const x = new Float64Array(4 * n);
  for (let i = 0; i < n; i++) {
    x[i] = diagonal[i]! / unit;
    if (i + 1 < n) x[n + i] = offDiagonal[i]! / unit;
  }
  implicitQl(x, n, 0, n, 2 * n, (top, count) => {
    for (let r = 0; r < vectorRows; r++) turn(x, 2 * n, count, vectors, r * n + top);
  });
  for (let i = 0; i < n; i++) diagonal[i] = x[i]! * unit;
}

/** The rotations of a sweep on one row: the first on entries `at` and `at` + 1, then leftwards. */
function turn(x: Float64Array, cs: number, count: number, z: Float64Array, at: number): void {
  for (let k = 0; k < count; k++) {
    const [c, s] = [x[cs + 2 * k]!, x[cs + 2 * k + 1]!];
    const left = z[at - k]!;
    const right = z[at - k + 1]!;
    z[at - k + 1] = s * left + c * right;
    z[at - k] = c * left - s * right;
  }
}
