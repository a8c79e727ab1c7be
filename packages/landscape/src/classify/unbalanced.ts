/**
 * Points (U, V) of an invariant factorisation 1/2 |U V^T - M|^2 whose product has lower rank than they have columns:
 * no balanced point lies on their orbit, and the raw Hessian can hide a saddle behind its scale.
 */
import { type Matrix, matrix, multiply, symmetricEigen, thinSvd } from '@lowland/linalg';

import type { Factored } from '../factored.ts';

export interface FactorGramCurvature {
  /** The spectral norm of M - U V^T. */
  readonly sigma: number;
  /** The least Hessian eigenvalue, exact at stationary points. */
  readonly smallest: number;
  /** Whether it is negative, decided free of scale by sigma^2 > lambda_min(U^T U V^T V). */
  readonly negative: boolean;
  /** A unit eigenvector in the layout of (U, V). */
  readonly left: Matrix;
  readonly right: Matrix;
}

/**
 * The least eigenvalue of the Hessian at a stationary point, from d x d Gram matrices: for the leading singular triple
 * (sigma, u, v) of M - U V^T the 2d-dimensional space {(u x^T, v y^T)} is Hessian-invariant with matrix
 * [[V^T V, -sigma I], [-sigma I, U^T U]] (founding papers, 4.6a).
 *
 * @param residual M - U V^T
 */
export function factorGramCurvature(factors: Factored, residual: Matrix): FactorGramCurvature {
  const { left, right } = factors;
  const d = left.cols;
  const svd = thinSvd(residual);
  const sigma = svd.s[0] ?? 0;
  const gramLeft = multiply(left, left, { transposeA: true });
  const gramRight = multiply(right, right, { transposeA: true });
  const block = matrix(2 * d, 2 * d);
  for (let i = 0; i < d; i++) {
    for (let j = 0; j < d; j++) {
      block.data[i * 2 * d + j] = gramRight.data[i * d + j]!;
      block.data[(d + i) * 2 * d + d + j] = gramLeft.data[i * d + j]!;
    }
    block.data[i * 2 * d + d + i] = -sigma;
    block.data[(d + i) * 2 * d + i] = -sigma;
  }
  const { values, vectors } = symmetricEigen(block);
  const last = 2 * d - 1;
  const a = matrix(left.rows, d);
  const c = matrix(right.rows, d);
  for (let k = 0; k < d; k++) {
    for (let i = 0; i < left.rows; i++) a.data[i * d + k] = svd.u.data[i * svd.u.cols]! * vectors.data[k * 2 * d + last]!;
    for (let i = 0; i < right.rows; i++) c.data[i * d + k] = svd.v.data[i * svd.v.cols]! * vectors.data[(d + k) * 2 * d + last]!;
  }
  // lambda_min(U^T U V^T V) is the square of the least singular value of U V^T as a d-column product: 0 when the rank is below d.
  const product = symmetricProductMinimum(gramLeft, gramRight);
  return { sigma, smallest: values[last]!, negative: sigma * sigma > product * (1 + 1e-8), left: a, right: c };
}

/** The least eigenvalue of A B for symmetric positive semidefinite A and B, that of A^1/2 B A^1/2. */
function symmetricProductMinimum(a: Matrix, b: Matrix): number {
  const { values, vectors } = symmetricEigen(a);
  const d = a.rows;
  const root = matrix(d, d);
  for (let i = 0; i < d; i++) for (let k = 0; k < d; k++) root.data[i * d + k] = vectors.data[i * d + k]! * Math.sqrt(Math.max(0, values[k]!));
  const inner = multiply(multiply(root, b, { transposeA: true }), root);
  const eigen = symmetricEigen(inner);
  return Math.max(0, eigen.values[d - 1]!);
}
