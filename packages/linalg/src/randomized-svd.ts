import { LowlandError, normals, type StreamKey } from '@lowland/core';

import { fixSigns } from './eigen.ts';
import { withWorkspace } from './factor/workspace.ts';
import { columns, matrix, type LinearOperator, type Matrix } from './matrix.ts';
import { applyToColumns, multiply } from './multiply.ts';
import { thinQr } from './qr.ts';
import { thinSvd, type Svd } from './svd.ts';

/** Of `randomizedSvd`: more oversampling and powers make it slower and more accurate. */
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
 * of optimality on it. Returns min(rank, m, n) triples; signs as those of `thinSvd`.
 *
 * Cost: (2q + 2)·(rank + oversampling) products with A or Aᵀ, for a matrix in 2q + 2 blocks at the speed of matrix products, and 2q + 1 QR
 * factorisations.
 *
 * Source: N. Halko, P.-G. Martinsson, J. Tropp, SIAM Review 53 (2011), arXiv:0909.4061, algorithms 4.4 and 5.1.
 *
 * @throws LOWLAND_E_RANK when the rank is no positive integer.
 * @throws LOWLAND_E_OPTIONS when oversampling or powers are no integers from 0 on.
 * @throws LOWLAND_E_NOT_FINITE when a product is not finite.
 */
export function randomizedSvd(a: Matrix | LinearOperator, rank: number, options: RandomizedSvdOptions): Svd {
  requireRank(rank);
  const { key, oversampling = 10, powerIterations = 2 } = options;
  requireCounts({ oversampling, powerIterations });
  const width = Math.min(rank + oversampling, a.rows, a.cols);
  const test = matrix(a.cols, width);
  normals(key, test.data);
  return withProducts(a, (times) => {
    let { q } = thinQr(times(test, false));
    for (let i = 0; i < powerIterations; i++) {
      const back = thinQr(times(q, true)).q;
      q = thinQr(times(back, false)).q;
    }
    const core = thinSvd(times(q, true));
    const kept = Math.min(rank, width);
    const u = multiply(q, columns(core.v, 0, kept));
    const v = columns(core.u, 0, kept);
    fixSigns(u, v);
    return { u, s: core.s.slice(0, kept), v };
  });
}

/** A B, or Aᵀ B if `transposed`. */
type Products = (b: Matrix, transposed: boolean) => Matrix;

/** Runs `use` with the products by A: of a matrix by the fast kernels, to which it is copied once; of an operator column by column. */
function withProducts<T>(a: Matrix | LinearOperator, use: (times: Products) => T): T {
  if (!('data' in a)) return use((b, transposed) => applyToColumns(a, b, transposed));
  const { rows, cols } = a;
  return withWorkspace((w) => {
    const at = w.take(rows * cols);
    w.data.set(a.data, at);
    return use((b, transposed) => w.scope(() => {
      const [m, k, ai, ak] = transposed ? [cols, rows, 1, cols] : [rows, cols, cols, 1];
      const right = w.take(k * b.cols);
      w.data.set(b.data, right);
      const out = w.take(m * b.cols);
      w.gemm(m, b.cols, k, 1, at, ai, ak, right, b.cols, 1, 0, out, b.cols);
      return matrix(m, b.cols, w.data.slice(out, out + m * b.cols));
    }));
  });
}

function requireCounts(counts: Readonly<Record<string, number>>): void {
  for (const [name, count] of Object.entries(counts)) {
    if (Number.isInteger(count) && count >= 0) continue;
    throw new LowlandError('LOWLAND_E_OPTIONS', `${name} is an integer from 0 on; ${count} was given.`, { details: { [name]: count } });
  }
}

/** @throws LOWLAND_E_RANK when the rank is no positive integer. */
export function requireRank(rank: number): void {
  if (Number.isInteger(rank) && rank > 0) return;
  throw new LowlandError('LOWLAND_E_RANK', `A truncated decomposition cannot have rank ${rank}: give a positive integer.`);
}
