import type { Lift, Lifted, StreamKey } from '@lowland/core';
import {
  frobeniusNorm,
  inertiaNormBound,
  lanczos,
  matrix,
  normUpperBound,
  provePositiveDefinite,
  randomisedEigenvalueBound,
  withSymmetricOperator,
  type Matrix,
  type ProvedBound,
} from '@lowland/linalg';

import type { NormBound } from './certificate.ts';
import { productSvd, type Factored } from './factored.ts';
import { gradientOperator } from './lifted-point.ts';

/**
 * Lanczos for the guess that a factorisation then proves. The wanted value has neighbours within 1e-6 of it, as many as the
 * rank, so a loose residual would settle on any of them; small problems run to the last step.
 */
const guess = { maxSteps: 250, tolerance: 1e-13 } as const;

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
  const terms = lifted.maxRowCount;
  const gram = denseOf(Math.min(lift.rows, lift.cols), lifted);
  if (gram !== undefined) {
    const { largest } = withSymmetricOperator(gram, (operator) => lanczos(operator, { ...guess, key, which: 'largest', block: 1 }));
    return inertiaNormBound(gram, { terms, key, estimate: Math.sqrt(Math.max(0, largest)) });
  }
  const { u, v } = productSvd(factored);
  return normUpperBound({ operator: gradientOperator(lift, lifted), terms }, { key, left: u, right: v });
}

function leastEigenvalue(lift: Lift, lifted: Lifted, factored: Factored, key: StreamKey): ProvedBound | undefined {
  const g = denseOf(lift.rows, lifted);
  if (g === undefined) {
    const operator = { size: lift.rows, apply: gradientOperator(lift, lifted).apply };
    return randomisedEigenvalueBound(operator, { key, basis: productSvd(factored).u });
  }
  const size = frobeniusNorm(g);
  if (size === 0) return { bound: 0, rule: 'inertia', failureProbability: 0 };
  const { smallest } = withSymmetricOperator(g, (operator) => lanczos(operator, { ...guess, key, which: 'smallest', block: 1 }));
  // What the entries of G lost in their sums moves no eigenvalue by more than this.
  const rounding = 2 * (lifted.maxRowCount + 2) * 2 ** -53 * size;
  for (let excess = 1e-12; excess <= 10; excess *= 10) {
    const bound = smallest - excess * size;
    if (provePositiveDefinite(g, -bound)) return { bound: bound - rounding, rule: 'inertia', failureProbability: 0 };
  }
  return undefined;
}

/** The dense matrix that the lift offers: the smaller Gram matrix of G, or G itself where it is symmetric. */
function denseOf(side: number, lifted: Lifted): Matrix | undefined {
  if (lifted.gram === undefined) return undefined;
  const dense = matrix(side, side);
  lifted.gram(dense.data);
  return dense;
}
