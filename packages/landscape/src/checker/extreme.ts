import { LowlandError } from '@lowland/core';
import { matrix, multiply, provePositiveDefinite, symmetricEigenvalues, type Matrix } from '@lowland/linalg';

import type { Model } from './model.ts';

/** Up to this side dense factorisations are made: seconds, and 72 MB a matrix. */
const largestSide = 3000;
const largestSize = 2e7;

/** @throws LOWLAND_E_CERTIFICATE_SIZE where a dense proof would take minutes. */
export function requireDense(rows: number, cols: number): void {
  if (Math.min(rows, cols) <= largestSide && rows * cols <= largestSize) return;
  throw new LowlandError('LOWLAND_E_CERTIFICATE_SIZE', `This checker proves norms by dense factorisation, up to ${largestSide} rows or columns and ${largestSize} cells; the certificate is about ${rows} x ${cols}.`);
}

/** A matrix that was summed up, and a bound of what rounding did to it in the Frobenius norm. */
export interface Rounded {
  readonly matrix: Matrix;
  readonly rounding: number;
}

/** sum over parts and k of w_k v_k A_k, plus a dense matrix where there is one; of X X^T its symmetric part. */
export function adjoint({ parts, rows, cols, symmetric }: Model, v: readonly Float64Array[], plus: Float64Array | undefined): Rounded {
  const g = matrix(rows, cols);
  let rounding = 0;
  parts.forEach(({ map, weight, loss }, p) => {
    rounding += map.adjoint(v[p]!.map((slope, k) => weight[k]! * slope), g).rounding;
    // slopes that leave the domain of a conjugate by a rounding are taken back into it
    const taken = weight.map((w, k) => w * loss.cancelling(k));
    if (taken.some((size) => size > 0)) rounding += map.adjoint(taken, matrix(rows, cols)).rounding;
  });
  plus?.forEach((value, e) => (g.data[e]! += value));
  const sum = symmetric ? matrix(rows, cols, g.data.map((value, e) => (value + g.data[(e % cols) * cols + Math.floor(e / cols)]!) / 2)) : g;
  return { matrix: sum, rounding: rounding + 2 ** -51 * Math.sqrt(squares(g)) };
}

/** Sum of squares with its rounding. */
function squares(a: Matrix): number {
  let sum = 0;
  for (const entry of a.data) sum += entry * entry;
  return sum * (1 + (a.data.length + 4) * 2 ** -53);
}

/**
 * A proved upper bound of |G|_2: s with s^2 I - G G^T - (rounding of the products) positive definite by a Cholesky factorisation with its own
 * rounding covered (Rump 2006). The product has an error of at most (side + 2) 2^-53 |G||G|^T, and the norm of that is at most that of
 * |G|_F^2. s is the computed largest singular value and an excess that doubles until the proof succeeds.
 */
export function normFromAbove({ matrix: g, rounding }: Rounded): number | undefined {
  const b = multiply(g, g, g.rows <= g.cols ? { transposeB: true } : { transposeA: true });
  const size = squares(g);
  if (size === 0) return rounding;
  const ofProduct = 2 * (Math.max(g.rows, g.cols) + 4) * 2 ** -53 * size;
  const largest = Math.max(0, symmetricEigenvalues(b)[0]!);
  const negative = matrix(b.rows, b.cols, b.data.map((entry) => -entry));
  for (let excess = 2 ** -46; excess < 1; excess *= 2) {
    const square = largest * (1 + excess);
    if (provePositiveDefinite(negative, square)) return (Math.sqrt(square + ofProduct) + rounding) * (1 + 2 ** -50);
  }
  return undefined;
}

/** A proved lower bound of lambda_min(G), G symmetric: mu with G - mu I positive definite as above. */
export function eigenvalueFromBelow({ matrix: g, rounding }: Rounded): number | undefined {
  const size = Math.sqrt(squares(g));
  if (size === 0) return -rounding;
  const least = symmetricEigenvalues(g).at(-1)!;
  for (let excess = 2 ** -46; excess < 1; excess *= 2) {
    const bound = least - excess * size;
    if (provePositiveDefinite(g, -bound)) return bound - rounding;
  }
  return undefined;
}
