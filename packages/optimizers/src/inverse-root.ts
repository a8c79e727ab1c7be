import { matrix, symmetricEigen } from '@lowland/linalg';

/**
 * W with W W^T = A^+, row-major: E L^-1/2 over the eigenvalues of the symmetric positive semidefinite n x n matrix A above `rcond`
 * times the largest, zero columns for the others. For a Gram matrix A = V^T V the columns of V W that are not zero are orthonormal.
 * NaN where an entry is not finite, so that a run that diverges ends as one.
 */
export function inverseRoot(a: Float64Array, n: number, rcond: number): Float64Array {
  if (!a.every(Number.isFinite)) return a.map(() => NaN);
  const { values, vectors } = symmetricEigen(matrix(n, n, a));
  const cut = rcond * Math.max(0, values[0] ?? 0);
  return vectors.data.map((e, k) => (values[k % n]! > cut ? e / Math.sqrt(values[k % n]!) : 0));
}
