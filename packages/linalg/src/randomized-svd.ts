import { LowlandError, normals, type StreamKey } from '@lowland/core';

import { columns, matrix, transpose, type LinearOperator, type Matrix } from './matrix.ts';
import { applyToColumns, multiply } from './multiply.ts';
import { thinQr } from './qr.ts';
import { thinSvd, type Svd } from './svd.ts';

export interface RandomizedSvdOptions {
  /** Stream of the Gaussian test matrix. */
  readonly key: StreamKey;
  /** Columns beyond the rank; default 10. */
  readonly oversampling?: number;
  /** Applications of A Aᵀ that sharpen the range; default 2. */
  readonly powerIterations?: number;
}

/**
 * An approximate truncated SVD: Q = orth((A Aᵀ)^q A Ω) for a Gaussian Ω with rank + oversampling columns, then the SVD of QᵀA.
 *
 * Orthonormalised between all products, so small singular values survive the powers. The values are lower bounds of the true ones and the error is
 * about that of the best approximation when the spectrum decays or q ≥ 2; there is no guarantee for the single run: never base a claim
 * of optimality on it. Returns min(rank, m, n) triples.
 *
 * Cost: (2q + 2)·(rank + oversampling) products with A or Aᵀ and as many QR factorisations.
 *
 * Source: N. Halko, P.-G. Martinsson, J. Tropp, SIAM Review 53 (2011), arXiv:0909.4061, algorithms 4.4 and 5.1.
 *
 * @throws LOWLAND_E_RANK when the rank is no positive integer.
 * @throws LOWLAND_E_NOT_FINITE when a product is not finite.
 */
export function randomizedSvd(a: Matrix | LinearOperator, rank: number, options: RandomizedSvdOptions): Svd {
  requireRank(rank);
  const { key, oversampling = 10, powerIterations = 2 } = options;
  const width = Math.min(rank + oversampling, a.rows, a.cols);
  const test = matrix(a.cols, width);
  normals(key, test.data);
  let { q } = thinQr(applyBlock(a, test, false));
  for (let i = 0; i < powerIterations; i++) {
    const back = thinQr(applyBlock(a, q, true)).q;
    q = thinQr(applyBlock(a, back, false)).q;
  }
  const core = thinSvd(transpose(applyBlock(a, q, true)));
  const kept = Math.min(rank, width);
  return { u: multiply(q, columns(core.u, 0, kept)), s: core.s.slice(0, kept), v: columns(core.v, 0, kept) };
}

/** A B or Aᵀ B. */
function applyBlock(a: Matrix | LinearOperator, b: Matrix, transposed: boolean): Matrix {
  return 'data' in a ? multiply(a, b, { transposeA: transposed }) : applyToColumns(a, b, transposed);
}

/** @throws LOWLAND_E_RANK when the rank is no positive integer. */
export function requireRank(rank: number): void {
  if (Number.isInteger(rank) && rank > 0) return;
  throw new LowlandError('LOWLAND_E_RANK', `A truncated decomposition cannot have rank ${rank}: give a positive integer.`);
}
