import { LowlandError, type StreamKey } from '@lowland/core';

import { isBreakdown, KrylovBasis } from './krylov-basis.ts';
import { matrix, type LinearOperator, type Matrix } from './matrix.ts';
import { transposedOperator } from './multiply.ts';
import { thinSvd, type Svd } from './svd.ts';
import { norm } from './vector.ts';

export interface LanczosSvdOptions {
  /** Stream of the random start and of the fresh vectors after a breakdown. */
  readonly key: StreamKey;
  /** Leading triples wanted; default 1. */
  readonly count?: number;
  /** Vectors in the block; a singular value is found as often as its multiplicity only up to this; default `count`. */
  readonly block?: number;
  /** Most products with A (as many with Aᵀ follow); default 300 + 20·count. */
  readonly maxSteps?: number;
  /** Wanted residuals relative to the largest singular value found; default 1e-10. */
  readonly tolerance?: number;
}

export interface LanczosSvd extends Svd {
  /** The larger of ‖A v − s u‖ and ‖Aᵀu − s v‖ of each triple (the other is rounding): within it of s lies *some* singular value. */
  readonly residuals: Float64Array;
  /** Products with A. */
  readonly steps: number;
  /** All residuals met the tolerance. */
  readonly converged: boolean;
}

/**
 * Leading singular triples of an operator by (band) Golub–Kahan bidiagonalisation with full reorthogonalisation of both sides.
 *
 * A V_k = U_p B_k and Aᵀ U_p = V_k B_kᵀ + R, the values those of B_k; the block starts at random, and a fresh random vector continues
 * an invariant space, so multiple singular values are found up to the block's size. Fewer than `count` triples come back only where
 * the rank of A is smaller. The values are lower bounds; a residual bounds the distance to *some* singular value.
 *
 * k steps cost 2k products and about 8·k²·(m+n) flops for the bases (memory-bound).
 *
 * Source: G. Golub, W. Kahan, SIAM J. Numer. Anal. B 2 (1965).
 *
 * @throws LOWLAND_E_NOT_FINITE when the operator returns NaN or an infinity.
 */
export function lanczosSvd(operator: LinearOperator, options: LanczosSvdOptions): LanczosSvd {
  if (operator.rows < operator.cols) {
    const { u, v, ...rest } = tallLanczosSvd(transposedOperator(operator), options);
    return { u: v, v: u, ...rest };
  }
  return tallLanczosSvd(operator, options);
}

function tallLanczosSvd(operator: LinearOperator, options: LanczosSvdOptions): LanczosSvd {
  const { key, count = 1, block = count, tolerance = 1e-10, maxSteps = 300 + 20 * count } = options;
  const { rows, cols } = operator;
  const left = new KrylovBasis(rows, key);
  const right = new KrylovBasis(cols, key);
  const band = Math.max(1, Math.min(block, cols));
  const forward: Float64Array[] = []; // coefficients of A v_j in the left basis
  const backward: Float64Array[] = []; // coefficients of Aᵀ u_i in the right basis
  const y = new Float64Array(rows);
  const z = new Float64Array(cols);
  let scale = 0;
  while (right.count < band && right.pushRandom());

  let nextCheck = Math.max(2, count);
  for (;;) {
    const k = forward.length;
    const last = k === right.count || k >= maxSteps;
    if (last || k >= nextCheck) {
      const b = matrix(left.count, k);
      forward.forEach((column, j) => {
        for (let i = 0; i < Math.min(column.length, left.count); i++) b.data[i * k + j] = column[i]!;
      });
      const core = thinSvd(b);
      const found = Math.min(count, core.s.length);
      const residuals = new Float64Array(found);
      for (let c = 0; c < found; c++) residuals[c] = residual(core.u, c, backward, k, right.count);
      const goal = tolerance * (core.s[0] ?? 0);
      const converged = (found === count || k === cols) && residuals.every((r) => r <= goal);
      if (last || converged) {
        return {
          u: left.combine(core.u, 0, found),
          s: core.s.slice(0, found),
          v: right.combine(core.v, 0, found),
          residuals,
          steps: k,
          converged,
        };
      }
      nextCheck = k + Math.max(4, band, k >> 2);
    }
    operator.apply(right.vectors[k]!, y);
    scale = Math.max(scale, requireFiniteNorm(y, operator));
    const coefficients = new Float64Array(left.count + 1);
    const remainder = left.orthogonalize(y, coefficients);
    if (!isBreakdown(remainder, rows, scale) && left.count < rows) {
      coefficients[left.count] = remainder;
      left.push(y, remainder);
      operator.applyTransposed(left.vectors[left.count - 1]!, z);
      scale = Math.max(scale, requireFiniteNorm(z, operator));
      const back = new Float64Array(right.count + 1);
      const rest = right.orthogonalize(z, back);
      if (!isBreakdown(rest, cols, scale) && right.count < cols) {
        back[right.count] = rest;
        right.push(z, rest);
      }
      backward.push(back);
    }
    forward.push(coefficients);
    while (right.count - forward.length < band && right.pushRandom());
  }
}

/** The part of Aᵀ U x outside the right vectors multiplied so far. */
function residual(x: Matrix, c: number, backward: readonly Float64Array[], k: number, count: number): number {
  const outside = new Float64Array(count - k);
  for (let l = k; l < count; l++) {
    let entry = 0;
    for (let i = 0; i < backward.length; i++) entry += (backward[i]![l] ?? 0) * x.data[i * x.cols + c]!;
    outside[l - k] = entry;
  }
  return norm(outside);
}

function requireFiniteNorm(x: Float64Array, { rows, cols }: LinearOperator): number {
  const length = norm(x);
  if (Number.isFinite(length)) return length;
  throw new LowlandError('LOWLAND_E_NOT_FINITE', `The ${rows} × ${cols} operator returned a vector of norm ${length}.`);
}
