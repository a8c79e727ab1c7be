import { LowlandError, type StreamKey } from '@lowland/core';

import { symmetricEigen } from './eigen.ts';
import { isBreakdown, KrylovBasis } from './krylov-basis.ts';
import { joinColumns, matrix, type Matrix, type SymmetricOperator } from './matrix.ts';
import { tridiagonalEigen } from './tridiagonal.ts';
import { norm } from './vector.ts';

/** What is known after some steps: bounds from inside, λ_min ≤ smallest and largest ≤ λ_max. */
export interface RitzState {
  /** Products with the operator so far. */
  readonly steps: number;
  readonly largest: number;
  readonly smallest: number;
  /** Remainders at which the Krylov space became invariant and a fresh random vector continued it. */
  readonly breakdowns: readonly number[];
  /** The basis fills the whole (deflated) space: the Ritz values are all the eigenvalues, up to rounding. */
  readonly complete: boolean;
}

export interface LanczosOptions {
  /** Stream of the random start and of the fresh vectors after a breakdown. */
  readonly key: StreamKey;
  /** Which end of the spectrum; `both` returns `count` from each, the largest first. */
  readonly which: 'largest' | 'smallest' | 'both';
  /** Eigenpairs wanted at each end asked for; default 1. */
  readonly count?: number;
  /** Vectors in the block; an eigenvalue is found as often as its multiplicity only up to this; default `count`. */
  readonly block?: number;
  /** Most products with the operator; default 300 + 20·count. */
  readonly maxSteps?: number;
  /** Wanted residuals relative to the largest |Ritz value|; default 1e-10. Negative: never met. */
  readonly tolerance?: number;
  /** First vector of the block instead of a random one. */
  readonly start?: Float64Array;
  /** Orthonormal columns Q: the operator becomes (I − QQᵀ) A (I − QQᵀ) on their complement. */
  readonly deflate?: Matrix;
  /** Called at every check, the last one included; true ends the run early. */
  readonly until?: (state: RitzState) => boolean;
}

export interface LanczosResult extends RitzState {
  /** Ritz values: largest descending, smallest ascending, or the former followed by the latter. */
  readonly values: Float64Array;
  /** Ritz vectors in columns, orthonormal. */
  readonly vectors: Matrix;
  /** ‖A x − θ x‖ of each pair: within it of θ lies *some* eigenvalue, which need not be the extreme one. */
  readonly residuals: Float64Array;
  /** All residuals asked for met the tolerance. */
  readonly converged: boolean;
}

/**
 * Extreme eigenpairs of a symmetric operator by (band) Lanczos with full reorthogonalisation, twice.
 *
 * A V_k = V_k T_k + R_k with a random orthonormal start block of `block` vectors and T_k banded; where the space becomes invariant,
 * a fresh random vector continues it. Ritz values bound the extreme eigenvalues from inside only, and a residual bounds the distance to
 * *some* eigenvalue, not to the extreme one: for a proof use `minEigenvalueLowerBound`, `normUpperBound` or `randomisedLanczos`.
 *
 * k steps cost k products and about 8·k²·n flops for the basis (memory-bound).
 *
 * Sources: C. Lanczos, J. Res. Nat. Bur. Standards 45 (1950); A. Ruhe, Math. Comp. 33 (1979) for the band form.
 *
 * @throws LOWLAND_E_SHAPE when `start` or `deflate` does not fit the operator.
 * @throws LOWLAND_E_NOT_FINITE when the operator returns NaN or an infinity.
 */
export function lanczos(operator: SymmetricOperator, options: LanczosOptions): LanczosResult {
  const { key, which, count = 1, block = count, tolerance = 1e-10, start, deflate, until } = options;
  const n = operator.size;
  requireLength(start?.length ?? n, n, 'start vector');
  requireLength(deflate?.rows ?? n, n, 'deflated subspace');
  const maxSteps = options.maxSteps ?? 300 + 20 * count;
  const basis = new KrylovBasis(n, key, deflate);
  const band = Math.max(1, Math.min(block, basis.capacity));
  const products: Float64Array[] = []; // column j: coefficients of A v_j in the basis
  const breakdowns: number[] = [];
  const w = new Float64Array(n);
  let scale = 0;

  if (start !== undefined) {
    w.set(start);
    const before = norm(w);
    const length = basis.orthogonalize(w);
    if (length > 1e-12 * before) basis.push(w, length);
  }
  while (basis.count < band && basis.pushRandom());

  let nextCheck = Math.max(2, count);
  for (;;) {
    const k = products.length;
    const complete = k === basis.count;
    const last = complete || k >= maxSteps;
    if (last || k >= nextCheck) {
      const found = ritzPairs(basis, products, band === 1);
      const state: RitzState = {
        steps: k,
        largest: found.values[0] ?? 0,
        smallest: found.values[k - 1] ?? 0,
        breakdowns,
        complete: complete && k === basis.capacity,
      };
      const wanted = chosen(k, which, count);
      const goal = tolerance * Math.max(Math.abs(state.largest), Math.abs(state.smallest));
      const residuals = Float64Array.from(wanted, (j) => residual(found.vectors, j, products, basis.count));
      const converged = k >= Math.min(count, basis.capacity) && residuals.every((r) => r <= goal);
      const enough = until?.(state) === true;
      if (last || converged || enough) {
        return {
          ...state,
          values: Float64Array.from(wanted, (j) => found.values[j]!),
          vectors: ritzVectors(basis, found.vectors, k, which, count),
          residuals,
          converged,
        };
      }
      nextCheck = k + Math.max(4, band, k >> 2);
    }
    operator.apply(basis.vectors[k]!, w);
    const before = norm(w);
    if (!Number.isFinite(before)) {
      throw new LowlandError('LOWLAND_E_NOT_FINITE', `The operator of size ${n} returned a vector of norm ${before} after ${k} products.`);
    }
    scale = Math.max(scale, before);
    const coefficients = new Float64Array(basis.count + 1);
    const left = basis.orthogonalize(w, coefficients);
    if (!isBreakdown(left, n, scale) && basis.count < basis.capacity) {
      coefficients[basis.count] = left;
      basis.push(w, left);
    } else {
      breakdowns.push(left);
    }
    products.push(coefficients);
    while (basis.count - products.length < band && basis.pushRandom());
  }
}

/** Eigenpairs of T = VᵀAV over the vectors multiplied so far, values descending. */
function ritzPairs(basis: KrylovBasis, products: readonly Float64Array[], tridiagonal: boolean) {
  const k = products.length;
  if (!tridiagonal) {
    const t = matrix(k, k);
    for (let j = 0; j < k; j++) for (let i = 0; i <= j; i++) t.data[j * k + i] = products[j]![i]!;
    return symmetricEigen(t);
  }
  const d = Float64Array.from(products, (column, j) => column[j]!);
  const e = Float64Array.from(products, (_, j) => (j + 1 < k ? products[j + 1]![j]! : 0));
  return tridiagonalEigen(d, e);
}

/** Positions of the wanted Ritz values in the descending order. */
function chosen(k: number, which: LanczosOptions['which'], count: number): number[] {
  const c = Math.min(count, k);
  const largest = which === 'smallest' ? [] : Array.from({ length: c }, (_, j) => j);
  const smallest = which === 'largest' ? [] : Array.from({ length: c }, (_, j) => k - 1 - j);
  return [...largest, ...smallest];
}

/** The norm of R_k s: the part of A V s outside the vectors multiplied so far. */
function residual(s: Matrix, j: number, products: readonly Float64Array[], count: number): number {
  const k = products.length;
  const outside = new Float64Array(count - k);
  for (let l = k; l < count; l++) {
    let entry = 0;
    for (let i = 0; i < k; i++) entry += (products[i]![l] ?? 0) * s.data[i * k + j]!;
    outside[l - k] = entry;
  }
  return norm(outside);
}

function ritzVectors(basis: KrylovBasis, s: Matrix, k: number, which: LanczosOptions['which'], count: number): Matrix {
  const c = Math.min(count, k);
  const largest = basis.combine(s, 0, which === 'smallest' ? 0 : c);
  const low = which === 'largest' ? 0 : c;
  const ascending = basis.combine(reverseColumns(s), 0, low);
  return joinColumns(largest, ascending);
}

function reverseColumns(a: Matrix): Matrix {
  const out = matrix(a.rows, a.cols);
  for (let i = 0; i < a.rows; i++) {
    for (let j = 0; j < a.cols; j++) out.data[i * a.cols + j] = a.data[i * a.cols + a.cols - 1 - j]!;
  }
  return out;
}

function requireLength(given: number, expected: number, what: string): void {
  if (given === expected) return;
  throw new LowlandError('LOWLAND_E_SHAPE', `The ${what} has ${given} rows, but the operator has size ${expected}.`);
}
