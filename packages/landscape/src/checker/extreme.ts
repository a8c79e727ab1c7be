import { LowlandError } from '@lowland/core';
import { matrix, multiply, provePositiveDefinite, symmetricEigenvalues, type Matrix } from '@lowland/linalg';

import type { Cells } from './data.ts';

/** Up to this side dense factorisations are made: seconds, and 72 MB a matrix. */
const largestSide = 3000;
const largestSize = 2e7;

/** @throws LOWLAND_E_CERTIFICATE_SIZE where a dense proof would take minutes. */
export function requireDense(rows: number, cols: number): void {
  if (Math.min(rows, cols) <= largestSide && rows * cols <= largestSize) return;
  throw new LowlandError('LOWLAND_E_CERTIFICATE_SIZE', `This checker proves norms by dense factorisation, up to ${largestSide} rows or columns and ${largestSize} cells; the certificate is about ${rows} x ${cols}.`);
}

/** G, whose entries are the slopes; of X X^T its symmetric part, in which every entry is at most a sum of two. */
function gradient({ row, col }: Cells, slopes: Float64Array, rows: number, cols: number, symmetric: boolean): Matrix {
  const g = matrix(rows, cols);
  slopes.forEach((slope, k) => {
    const [i, j] = [row[k]!, col[k]!];
    g.data[i * cols + j]! += symmetric ? slope / 2 : slope;
    if (symmetric) g.data[j * cols + i]! += slope / 2;
  });
  return g;
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
export function normFromAbove(cells: Cells, slopes: Float64Array, rows: number, cols: number): number | undefined {
  const g = gradient(cells, slopes, rows, cols, false);
  const wide = rows <= cols;
  const b = multiply(g, g, wide ? { transposeB: true } : { transposeA: true });
  const size = squares(g);
  if (size === 0) return 0;
  const rounding = 2 * (Math.max(rows, cols) + 4) * 2 ** -53 * size;
  const largest = Math.max(0, symmetricEigenvalues(b)[0]!);
  const negative = matrix(b.rows, b.cols, b.data.map((entry) => -entry));
  for (let excess = 2 ** -46; excess < 1; excess *= 2) {
    const square = largest * (1 + excess);
    if (provePositiveDefinite(negative, square)) return Math.sqrt(square + rounding) * (1 + 2 ** -51);
  }
  return undefined;
}

/** A proved lower bound of lambda_min(G), G symmetric: mu with G - mu I positive definite as above. */
export function eigenvalueFromBelow(cells: Cells, slopes: Float64Array, side: number): number | undefined {
  const g = gradient(cells, slopes, side, side, true);
  const size = Math.sqrt(squares(g));
  if (size === 0) return 0;
  const least = symmetricEigenvalues(g).at(-1)!;
  for (let excess = 2 ** -46; excess < 1; excess *= 2) {
    const bound = least - excess * size;
    // entries that are sums of two are rounded once
    if (provePositiveDefinite(g, -bound)) return bound - 2 ** -52 * size;
  }
  return undefined;
}
