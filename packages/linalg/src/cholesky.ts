import { LowlandError } from '@lowland/core';

import { gemm } from './gemm.ts';
import { copyMatrix, requireSquare, type Matrix } from './matrix.ts';

/** Columns that are factored together; the rest of the work is matrix products. */
const blockSize = 32;

/**
 * The lower triangle L with A + shift·I = L Lᵀ, or `undefined` when a pivot is not positive and finite.
 *
 * Only the lower triangle of A is read. Rounding is bounded by |A + shift·I − L Lᵀ| ≤ (n+3)·2⁻⁵²·|L||Lᵀ|, so a matrix whose
 * smallest eigenvalue is within that of zero may fall on either side; `provePositiveDefinite` says what success proves.
 *
 * Bound by arithmetic (n³/3 flops in `gemm`) from about n = 200.
 *
 * @throws LOWLAND_E_SHAPE when A is not square.
 */
export function cholesky(a: Matrix, shift = 0): Matrix | undefined {
  requireSquare(a, 'A Cholesky factorisation');
  const n = a.rows;
  const l = copyMatrix(a);
  for (let i = 0; i < n; i++) {
    l.data[i * n + i] = l.data[i * n + i]! + shift;
    l.data.fill(0, i * n + i + 1, (i + 1) * n);
  }
  return factorLower(l.data, n) ? l : undefined;
}

/**
 * Overwrites the lower triangle of the symmetric n × n `a` by its Cholesky factor; the strict upper triangle keeps no meaning
 * within the diagonal blocks and is left alone elsewhere. False as soon as a pivot is not positive and finite.
 */
export function factorLower(a: Float64Array, n: number): boolean {
  for (let j = 0; j < n; j += blockSize) {
    const w = Math.min(blockSize, n - j);
    // The block column less what the columns to its left contribute.
    gemm(n - j, w, j, -1, a, j * n, n, 1, a, j * n, 1, n, a, j * n + j, n);
    if (!factorBlock(a, n, j, w)) return false;
    for (let i = j + w; i < n; i++) solveRow(a, n, i, j, w);
  }
  for (let j = 0; j < n; j += blockSize) {
    const end = Math.min(j + blockSize, n);
    for (let i = j; i < end; i++) a.fill(0, i * n + i + 1, i * n + end);
  }
  return true;
}

/** Cholesky of the diagonal block at (j, j). */
function factorBlock(a: Float64Array, n: number, j: number, w: number): boolean {
  for (let k = j; k < j + w; k++) {
    let pivot = a[k * n + k]!;
    for (let p = j; p < k; p++) pivot -= a[k * n + p]! * a[k * n + p]!;
    if (!(pivot > 0 && pivot < Infinity)) return false;
    const root = Math.sqrt(pivot);
    a[k * n + k] = root;
    for (let i = k + 1; i < j + w; i++) {
      let sum = a[i * n + k]!;
      for (let p = j; p < k; p++) sum -= a[i * n + p]! * a[k * n + p]!;
      a[i * n + k] = sum / root;
    }
  }
  return true;
}

/** Row i of the block column below a factored diagonal block: x Lᵀ = a. */
function solveRow(a: Float64Array, n: number, i: number, j: number, w: number): void {
  for (let k = j; k < j + w; k++) {
    let sum = a[i * n + k]!;
    for (let p = j; p < k; p++) sum -= a[i * n + p]! * a[k * n + p]!;
    a[i * n + k] = sum / a[k * n + k]!;
  }
}

/** X with L X = B, for a lower triangular L. @throws LOWLAND_E_SHAPE when the rows differ. */
export function solveLower(l: Matrix, b: Matrix): Matrix {
  requireSides(l, b);
  const n = l.rows;
  const k = b.cols;
  const x = copyMatrix(b);
  for (let i = 0; i < n; i++) {
    for (let p = 0; p < i; p++) subtractRow(x.data, i * k, p * k, k, l.data[i * n + p]!);
    divideRow(x.data, i * k, k, l.data[i * n + i]!);
  }
  return x;
}

/** X with Lᵀ X = B, for a lower triangular L. @throws LOWLAND_E_SHAPE when the rows differ. */
export function solveLowerTransposed(l: Matrix, b: Matrix): Matrix {
  requireSides(l, b);
  const n = l.rows;
  const k = b.cols;
  const x = copyMatrix(b);
  for (let i = n - 1; i >= 0; i--) {
    divideRow(x.data, i * k, k, l.data[i * n + i]!);
    for (let p = 0; p < i; p++) subtractRow(x.data, p * k, i * k, k, l.data[i * n + p]!);
  }
  return x;
}

/** X with (L Lᵀ) X = B, from the Cholesky factor L. @throws LOWLAND_E_SHAPE when the rows differ. */
export function solveCholesky(l: Matrix, b: Matrix): Matrix {
  return solveLowerTransposed(l, solveLower(l, b));
}

function subtractRow(x: Float64Array, to: number, from: number, count: number, factor: number): void {
  for (let c = 0; c < count; c++) x[to + c] = x[to + c]! - factor * x[from + c]!;
}

function divideRow(x: Float64Array, at: number, count: number, divisor: number): void {
  for (let c = 0; c < count; c++) x[at + c] = x[at + c]! / divisor;
}

function requireSides(l: Matrix, b: Matrix): void {
  requireSquare(l, 'A triangular solve');
  if (l.rows === b.rows) return;
  throw new LowlandError('LOWLAND_E_SHAPE', `Cannot solve with a ${l.rows} × ${l.cols} triangle for ${b.rows} × ${b.cols}.`);
}
