import type { Lifted } from '@lowland/core';
import { axpy, column, columns, dot } from '@lowland/linalg';

import { numericalRank, type ThinProduct } from './factored.ts';
import { gradientOperator, imageOf, liftAt, type LiftedProblem } from './lifted-point.ts';

export interface Compressed {
  readonly product: ThinProduct;
  readonly lifted: Lifted;
}

/** Singular values below this part of the largest are rounding. */
const negligible = 1e-9;

/**
 * Takes from X the singular triples that it is no worse without (rigour.md A8, step 2): first those below 1e-9·s₁,
 * then the smallest ones as long as the value does not rise.
 *
 * Leaving out D changes the value by −⟨G, D⟩ − penalty·tr D + ½|a(D)|², which is exact for least squares and does not
 * suffer from cancellation as a difference of two values would; by no more than that with L|D|² in place of |a(D)|² for other losses.
 */
export function compress(problem: LiftedProblem, product: ThinProduct): Compressed {
  const { lift } = problem;
  const kept = leading(product, numericalRank(product.s, negligible));
  const lifted = liftAt(problem, kept);
  const gradient = gradientOperator(lift, lifted);
  const image = new Float64Array(lift.rows);
  const removed = lift.leastSquares ? new Float64Array(lifted.residual.length) : undefined;
  let squares = 0;
  let linear = 0;
  let change = 0;
  let rank = kept.s.length;
  while (rank > 0) {
    const s = kept.s[rank - 1]!;
    gradient.apply(column(kept.v, rank - 1), image);
    linear += s * (dot(column(kept.u, rank - 1), image) + lift.penalty);
    if (removed === undefined) squares += lift.smoothness * s * s;
    else {
      axpy(1, imageOf(problem, triple(kept, rank - 1)), removed);
      squares = dot(removed, removed);
    }
    const next = squares / 2 - linear;
    if (next > change) break;
    change = next;
    rank -= 1;
  }
  if (rank === kept.s.length) return { product: kept, lifted };
  const smaller = leading(kept, rank);
  return { product: smaller, lifted: liftAt(problem, smaller) };
}

/** The first `rank` singular triples. */
export function leading({ symmetric, u, s, v }: ThinProduct, rank: number): ThinProduct {
  const left = columns(u, 0, rank);
  return { symmetric, u: left, s: s.slice(0, rank), v: symmetric ? left : columns(v, 0, rank) };
}

function triple({ symmetric, u, s, v }: ThinProduct, k: number): ThinProduct {
  return { symmetric, u: columns(u, k, k + 1), s: s.slice(k, k + 1), v: columns(v, k, k + 1) };
}
