import type { StreamKey } from '@lowland/core';

import { lanczosSvd, type LanczosSvd } from './lanczos-svd.ts';
import { columns, type LinearOperator, type Matrix } from './matrix.ts';
import { matrixOperator } from './multiply.ts';
import { requireRank } from './randomized-svd.ts';
import { thinSvd } from './svd.ts';

/** Up to this smaller side, and to so many times the rank, a dense decomposition takes as long as a Krylov space or less, and has nothing to miss. */
const denseSide = 300;
const denseRanks = 8;

export interface TruncatedSvdOptions {
  /** Stream of the random start (unused for small dense matrices). */
  readonly key: StreamKey;
  /** Wanted residuals relative to the largest singular value; default 1e-10. */
  readonly tolerance?: number;
  /** Most products with A; default 300 + 20·rank. */
  readonly maxSteps?: number;
}

/**
 * The leading `rank` singular triples of a matrix or operator: dense (`thinSvd`, residuals 0 by convention) up to a smaller side of
 * 300 or 8·rank, by `lanczosSvd` with a block of `rank` vectors beyond. The best rank-r approximation is U diag(s) Vᵀ (Eckart–Young) as far as the residuals say.
 *
 * @throws LOWLAND_E_RANK when the rank is no positive integer.
 * @throws LOWLAND_E_NOT_FINITE when an entry or a product is not finite.
 */
export function truncatedSvd(a: Matrix | LinearOperator, rank: number, options: TruncatedSvdOptions): LanczosSvd {
  requireRank(rank);
  if ('data' in a && Math.min(a.rows, a.cols) <= Math.max(denseSide, denseRanks * rank)) {
    const { u, s, v } = thinSvd(a);
    const kept = Math.min(rank, s.length);
    return {
      u: columns(u, 0, kept),
      s: s.slice(0, kept),
      v: columns(v, 0, kept),
      residuals: new Float64Array(kept),
      steps: 0,
      converged: true,
    };
  }
  return lanczosSvd('data' in a ? matrixOperator(a) : a, { ...options, count: rank });
}
