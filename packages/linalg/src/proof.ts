import { LowlandError } from '@lowland/core';

import { factorLower } from './cholesky.ts';
import { frobeniusNorm, identity, requireSquare, subtract, type Matrix } from './matrix.ts';
import { gram } from './multiply.ts';
import { powerOfTwoAbove } from './scaling.ts';

/**
 * How a bound was proved.
 *
 * - `inertia`: a Cholesky factorisation succeeded with all its rounding covered (Rump 2006);
 * - `deflated-block`: a dense block along given bases, and randomised Lanczos for the rest;
 * - `randomised-lanczos`: the a-priori bound of randomly started Lanczos with the ε that its steps bought.
 */
export type ProofRule = 'inertia' | 'deflated-block' | 'randomised-lanczos';

/** A bound that holds except with `failureProbability` over the choice of the seed (0: for certain). */
export interface ProvedBound {
  readonly bound: number;
  readonly rule: ProofRule;
  readonly failureProbability: number;
}

/** Unit roundoff of binary64. */
export const unitRoundoff = 2 ** -53;

/**
 * True only when A + shift·I is positive definite, proved with the rounding of the factorisation covered; false proves nothing.
 *
 * Cholesky of A + (shift − c)·I with c = 2·(n+3)·2⁻⁵³·tr(A + shift·I): when it runs through, its backward error is at most
 * (n+2)·2⁻⁵³·trace/(1 − …) in norm, below c. Only the lower triangle of A is read and taken as exact.
 *
 * Cost n³/3 flops: about 15 ms for n = 943, 70 ms for n = 1700.
 *
 * Source: S. M. Rump, Verification of positive definiteness, BIT 46 (2006), theorem 2.3.
 *
 * @throws LOWLAND_E_SHAPE when A is not square.
 */
export function provePositiveDefinite(a: Matrix, shift = 0): boolean {
  requireSquare(a, 'A proof of positive definiteness');
  const n = a.rows;
  if (n === 0) return true;
  let largest = 0;
  for (let i = 0; i < n; i++) {
    const entry = a.data[i * n + i]! + shift;
    if (!(entry > 0 && entry < Infinity)) return false;
    largest = Math.max(largest, entry);
  }
  // Below this, underflow while scaling or forming the diagonal could be as large as c.
  if (largest < 2 ** -900) return false;
  const unit = powerOfTwoAbove(largest);
  const work = new Float64Array(n * n);
  let sum = 0;
  for (let i = 0; i < n; i++) {
    for (let j = 0; j < i; j++) work[i * n + j] = a.data[i * n + j]! / unit;
    work[i * n + i] = (a.data[i * n + i]! + shift) / unit;
    // |a| + |shift| rather than their sum: also covers the rounding of the sum where they cancel.
    sum += (Math.abs(a.data[i * n + i]!) + Math.abs(shift)) / unit;
  }
  const cover = 2 * (n + 3) * unitRoundoff * sum;
  for (let i = 0; i < n; i++) work[i * n + i] = work[i * n + i]! - cover;
  return factorLower(work, n);
}

/** ‖QᵀQ − I‖_F. @throws LOWLAND_E_ORTHONORMAL when it is above 1e-8. */
export function orthonormalityDefect(q: Matrix, what: string): number {
  if (q.cols === 0) return 0;
  const defect = frobeniusNorm(subtract(gram(q), identity(q.cols)));
  if (defect <= 1e-8) return defect;
  throw new LowlandError(
    'LOWLAND_E_ORTHONORMAL',
    `The ${what} needs orthonormal columns, but ‖QᵀQ − I‖ = ${defect}: give orthonormalize(…) of them.`,
  );
}

/** ‖fl(A x) − A x‖ / (‖A‖·‖x‖) for an explicitly stored matrix whose products sum at most `terms` numbers. */
export function productRounding(rows: number, cols: number, terms: number): number {
  return 2 * (terms + 4) * Math.sqrt(Math.min(rows, cols)) * unitRoundoff;
}
