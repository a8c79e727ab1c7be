import type { StreamKey } from '@lowland/core';

import { symmetricEigenvalues } from './eigen.ts';
import { lanczos, type RitzState } from './lanczos.ts';
import { frobeniusNorm, joinColumns, matrix, subtract, type Matrix, type SymmetricOperator } from './matrix.ts';
import { applyToColumns, multiply } from './multiply.ts';
import { orthonormalityDefect, productRounding, unitRoundoff, type ProvedBound } from './proof.ts';
import { lanczosAccount } from './randomised-lanczos.ts';

export interface EigenvalueBoundOptions {
  /** Stream of the random starts. */
  readonly key: StreamKey;
  /** Orthonormal columns to leave out: the bound is for the operator on their complement (symmetry directions). */
  readonly deflate?: Matrix | undefined;
}

export interface RandomisedEigenvalueBoundOptions extends EigenvalueBoundOptions {
  /** Orthonormal columns, orthogonal to `deflate`, along which the smallest eigenvalues are expected: they are treated densely. */
  readonly basis?: Matrix | undefined;
  /** Probability of failure allowed; default 1e-10. */
  readonly failureProbability?: number | undefined;
  /** Most products with the operator; default 500. */
  readonly maxSteps?: number | undefined;
  /** Stop as soon as the bound is at least this; default: when more steps could raise it by less than 1e-10 of the norm. */
  readonly target?: number | undefined;
  /** ‖fl(Ax) − Ax‖ / (‖A‖·‖x‖) of the operator; default that of a stored dense matrix of its size. */
  readonly rounding?: number | undefined;
}

/**
 * Rules (ii) and (iii): a lower bound of the smallest eigenvalue of a symmetric operator (on the complement of `deflate`) by randomised Lanczos.
 *
 * Without `basis`: λ_min ≥ θ_min − ε·(θ_max − θ_min)/(1 − 2ε), ε bought by the steps, at both ends. With a basis Q, in blocks along it:
 * λ_min ≥ the smaller eigenvalue of [[α, e], [e, b]], α = λ_min(QᵀAQ), e = ‖(I − QQᵀ)AQ‖_F, and b the bound above for the rest.
 * A basis complete within the steps allowed needs no luck: `failureProbability` is then 0. `undefined`: not proved. Never a Ritz value.
 *
 * Sources: J. Kuczyński, H. Woźniakowski, SIAM J. Matrix Anal. Appl. 13 (1992); rigour.md A1 and B1.
 *
 * @throws LOWLAND_E_ORTHONORMAL when [deflate, basis] is not orthonormal.
 */
export function randomisedEigenvalueBound(
  operator: SymmetricOperator, options: RandomisedEigenvalueBoundOptions,
): ProvedBound | undefined {
  const n = operator.size;
  const { key, failureProbability = 1e-10, maxSteps = 500, target = Infinity, rounding = productRounding(n, n, n) } = options;
  const outside = options.deflate ?? matrix(n, 0);
  const basis = options.basis ?? matrix(n, 0);
  const rule = options.basis === undefined ? 'randomised-lanczos' : 'deflated-block';
  const all = joinColumns(outside, basis);
  const defect = orthonormalityDefect(all, 'deflated subspace');

  const image = applyToColumns({ rows: n, cols: n, apply: operator.apply.bind(operator), applyTransposed: operator.apply.bind(operator) }, basis);
  const coreProducts = multiply(basis, image, { transposeA: true });
  const core = symmetricEigenvalues(coreProducts);
  const alpha = core[core.length - 1] ?? Infinity;
  const inside = multiply(outside, image, { transposeA: true });
  const e = frobeniusNorm(subtract(subtract(image, multiply(basis, coreProducts)), multiply(outside, inside)));
  const combine = (b: number): number => {
    if (alpha === Infinity) return b;
    return b === -Infinity ? b : (alpha + b) / 2 - Math.hypot((alpha - b) / 2, e);
  };

  const coreSize = Math.max(Math.abs(core[0] ?? 0), Math.abs(core[core.length - 1] ?? 0));
  const sizeOf = (state: RitzState): number => Math.max(Math.abs(state.largest), Math.abs(state.smallest), coreSize);
  // Two events, one at each end.
  const account = lanczosAccount(n - all.cols, failureProbability / 2, (state) => 2 * rounding * sizeOf(state));
  let best = -Infinity;
  lanczos(operator, {
    key,
    which: 'both',
    maxSteps,
    tolerance: -1,
    deflate: all,
    until(state: RitzState) {
      const { epsilon, excess } = account.look(state);
      const spread = state.largest - state.smallest;
      const reach = Math.min(epsilon < 0.4 ? (epsilon * spread) / (1 - 2 * epsilon) : Infinity, excess);
      const size = sizeOf(state) + (reach < Infinity ? reach : 0) + e;
      const cover = 8 * size * (Math.sqrt(state.steps + basis.cols) * rounding + (n + 4) * (all.cols + 1) * unitRoundoff + defect);
      const rest = state.steps === 0 ? Infinity : state.smallest - reach;
      const bound = (rest === Infinity ? alpha : combine(rest)) - cover;
      // A complete basis leaves nothing to chance, so what chance gave before does not count beside it.
      best = state.complete ? bound : Math.max(best, bound);
      return best >= target || best >= combine(state.smallest) - cover - 1e-10 * size;
    },
  });
  if (best === -Infinity || Number.isNaN(best)) return undefined;
  return { bound: best, rule, failureProbability: 2 * account.failureProbability };
}
