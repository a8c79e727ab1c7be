import { LowlandError } from '@lowland/core';

import { columnsFromRows, type SymmetricEigen } from './eigen.ts';
import { tridiagonalVectors } from './factor/divide-and-conquer.ts';
import { withWorkspace } from './factor/workspace.ts';
import { powerOfTwoAbove } from './scaling.ts';
import { largestMagnitude } from './vector.ts';

/**
 * All eigenvalues and eigenvectors of the symmetric tridiagonal matrix with `diagonal` (n) and `offDiagonal` (n − 1), values descending, to the
 * accuracy of `symmetricEigen`; signs of the vectors are as they come. Divide and conquer: 4/3 n³ flops at most, in matrix products.
 *
 * @throws LOWLAND_E_NOT_FINITE when an entry is NaN or infinite.
 */
export function tridiagonalEigen(diagonal: Float64Array, offDiagonal: Float64Array): SymmetricEigen {
  const n = diagonal.length;
  const largest = Math.max(largestMagnitude(diagonal), largestMagnitude(offDiagonal.subarray(0, Math.max(0, n - 1)))); // NaN stays NaN
  if (!(largest < Infinity)) {
    throw new LowlandError('LOWLAND_E_NOT_FINITE', `A tridiagonal eigenvalue problem of size ${n} needs finite entries.`);
  }
  const unit = largest > 0 ? powerOfTwoAbove(largest) : 1;
  return withWorkspace((w) => {
    const rows = w.take(n * n);
    const d = w.take(2 * n);
    for (let i = 0; i < n; i++) {
      w.data[d + i] = diagonal[i]! / unit;
      if (i + 1 < n) w.data[d + n + i] = offDiagonal[i]! / unit;
    }
    const order = tridiagonalVectors(w, n, d, d + n, rows).reverse();
    return { values: Float64Array.from(order, (row) => w.data[d + row]! * unit), vectors: columnsFromRows(w, n, rows, order) };
  });
}
