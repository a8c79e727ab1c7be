import type { Vec } from '@lowland/core';

import type { Side, TermResidual } from './term.ts';

/**
 * The fit s = |rho|^2, rho = a(X) - data, with weight c/2.
 *
 *     X = U V^T:  grad_U = c a*(rho) V,      Hess_U = c (a*(drho) V + a*(rho) dV),   V likewise with a*(.)^T
 *     X = X X^T:  grad = 2 c a*(rho) X,      Hess = 2 c (a*(drho) X + a*(rho) dX)
 *
 * It comes first and overwrites where the terms add. There are two: `composedFit` and `fusedFit`.
 */
export interface Fit {
  readonly weight: number;
  /** sums[slot] = s(x) */
  value(x: Vec, sums: Vec, slot: number): void;
  /** out = weight grad s(x), in the blocks of `side` */
  gradient(x: Vec, side: Side, out: Vec): void;
  /** Both halves at once: what they share is computed once. */
  valueAndGradient(x: Vec, sums: Vec, slot: number, out: Vec): void;
  /** out = weight Hess s(x)[v] */
  curvature(x: Vec, v: Vec, out: Vec): void;
}

/** weight s = 1/2 |r|^2 with r = sqrt(2 weight) rho. */
export interface FitWithResidual extends Fit {
  readonly residual: TermResidual;
}
