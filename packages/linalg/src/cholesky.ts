import { LowlandError } from '@lowland/core';

import type { HostMatrix } from './cpu/arrays.ts';
import { createSmallWorkspace, plainBlocks } from './cpu/small-solves.ts';
import { blockedCholesky, blockedSolve } from './cpu/triangular.ts';
import { withWorkspace } from './factor/workspace.ts';
import { copyMatrix, requireSquare, type Matrix } from './matrix.ts';

/** Up to this side, or below so many right-hand sides, copying to the fast kernels takes longer than they save. Bits are the same either way. */
const smallSide = 32;
const fewSides = 4;
const blocks = plainBlocks(createSmallWorkspace());

/**
 * The lower triangle L with A + shift·I = L Lᵀ, or `undefined` when a pivot is not positive and finite.
 *
 * Only the lower triangle of A is read. Rounding is bounded by |A + shift·I − L Lᵀ| ≤ (n+3)·2⁻⁵²·|L||Lᵀ|, so a matrix whose
 * smallest eigenvalue is within that of zero may fall on either side; `provePositiveDefinite` says what success proves.
 *
 * Bound by arithmetic: n³/3 flops in blocks.
 *
 * @throws LOWLAND_E_SHAPE when A is not square.
 */
export function cholesky(a: Matrix, shift = 0): Matrix | undefined {
  requireSquare(a, 'A Cholesky factorisation');
  const n = a.rows;
  const l = copyMatrix(a);
  for (let i = 0; i < n; i++) l.data[i * n + i]! += shift;
  if (!factorLower(l.data, n)) return undefined;
  for (let i = 0; i < n; i++) l.data.fill(0, i * n + i + 1, (i + 1) * n);
  return l;
}

/**
 * Overwrites the lower triangle of the symmetric n × n `a` by its Cholesky factor; what lies above the diagonal keeps no meaning.
 * False when a pivot is not positive and finite.
 */
export function factorLower(a: Float64Array, n: number): boolean {
  if (n <= smallSide) return blockedCholesky(blocks, n, square(a, n));
  return withWorkspace((w) => {
    const at = w.take(n * n);
    w.data.set(a, at);
    if (!w.cholesky(n, at)) return false;
    a.set(w.data.subarray(at, at + n * n));
    return true;
  });
}

const square = (data: Float64Array, n: number): HostMatrix => ({ rows: n, cols: n, complex: false, data });

/** X with L X = B, for a lower triangular L. @throws LOWLAND_E_SHAPE when the rows differ. */
export function solveLower(l: Matrix, b: Matrix): Matrix {
  return solve(l, b, false);
}

/** X with Lᵀ X = B, for a lower triangular L. @throws LOWLAND_E_SHAPE when the rows differ. */
export function solveLowerTransposed(l: Matrix, b: Matrix): Matrix {
  return solve(l, b, true);
}

/** X with (L Lᵀ) X = B, from the Cholesky factor L. @throws LOWLAND_E_SHAPE when the rows differ. */
export function solveCholesky(l: Matrix, b: Matrix): Matrix {
  return solveLowerTransposed(l, solveLower(l, b));
}

function solve(l: Matrix, b: Matrix, transposed: boolean): Matrix {
  requireSides(l, b);
  const [n, k] = [b.rows, b.cols];
  const x = copyMatrix(b);
  if (n <= smallSide || k < fewSides) {
    blockedSolve(blocks, 'L', transposed ? 'T' : 'N', n, square(l.data, n), n, k, { rows: n, cols: k, complex: false, data: x.data });
    return x;
  }
  withWorkspace((w) => {
    const [triangle, sides] = [w.take(n * n), w.take(n * k)];
    w.data.set(l.data, triangle);
    w.data.set(b.data, sides);
    w.solveLower(n, triangle, transposed, k, sides);
    x.data.set(w.data.subarray(sides, sides + n * k));
  });
  return x;
}

function requireSides(l: Matrix, b: Matrix): void {
  requireSquare(l, 'A triangular solve');
  if (l.rows === b.rows) return;
  throw new LowlandError('LOWLAND_E_SHAPE', `Cannot solve with a ${l.rows} × ${l.cols} triangle for ${b.rows} × ${b.cols}.`);
}
