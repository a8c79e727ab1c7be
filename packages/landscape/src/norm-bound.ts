import type { Lift, Lifted, StreamKey } from '@lowland/core';
import {
  frobeniusNorm,
  inertiaEigenvalueBound,
  matrix,
  normUpperBound,
  randomisedEigenvalueBound,
  type Matrix,
  type ProvedBound,
} from '@lowland/linalg';

import type { NormBound } from './certificate.ts';
import { productSvd, type Factored } from './factored.ts';
import { gradientOperator } from './lifted-point.ts';

/**
 * The proof behind a duality gap: an upper bound of |G|₂ for nuclear norms, a lower bound of λ_min(G) for psd problems, by the
 * first rule of rigour.md A1 that applies. A string says why there is none; a Ritz value is never passed off as a bound.
 */
export function proveExtreme(lift: Lift, lifted: Lifted, factored: Factored, key: StreamKey): NormBound | string {
  const proved = lift.kind === 'psd' ? leastEigenvalue(lift, lifted, factored, key) : largestSingularValue(lift, lifted, factored, key);
  if (proved === undefined || !Number.isFinite(proved.bound)) return 'no bound of the norm of the gradient could be proved';
  return { value: proved.bound, rule: proved.rule, failureProbability: proved.failureProbability };
}

function largestSingularValue(lift: Lift, lifted: Lifted, factored: Factored, key: StreamKey): ProvedBound | undefined {
  const side = Math.min(lift.rows, lift.cols);
  const operator = gradientOperator(lift, lifted);
  const terms = lifted.maxRowCount;
  const gram = filled(side, lifted);
  if (gram !== undefined) return normUpperBound({ operator, terms, gram: () => gram }, { key });
  const { u, v } = productSvd(factored);
  return normUpperBound({ operator, terms }, { key, left: u, right: v });
}

function leastEigenvalue(lift: Lift, lifted: Lifted, factored: Factored, key: StreamKey): ProvedBound | undefined {
  const g = filled(lift.rows, lifted);
  if (g === undefined) {
    const operator = { size: lift.rows, apply: gradientOperator(lift, lifted).apply };
    return randomisedEigenvalueBound(operator, { key, basis: productSvd(factored).u });
  }
  const proved = inertiaEigenvalueBound(g, { key });
  // G is a computed matrix: what its entries lost in their sums moves no eigenvalue by more than this.
  return proved && { ...proved, bound: proved.bound - 2 * (lifted.maxRowCount + 2) * 2 ** -53 * frobeniusNorm(g) };
}

/** The dense matrix that the lift offers: the smaller Gram matrix of G, or G itself where it is symmetric. */
function filled(side: number, lifted: Lifted): Matrix | undefined {
  if (lifted.gram === undefined) return undefined;
  const dense = matrix(side, side);
  lifted.gram(dense.data);
  return dense;
}
