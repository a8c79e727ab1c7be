import { LowlandError } from '@lowland/core';

import { powerOfTwoAbove } from './scaling.ts';

/** QL sweeps allowed for one eigenvalue; two or three are usual. */
const maxSweeps = 60;

/**
 * Eigenvalues of the symmetric tridiagonal matrix with `diagonal` (n) and `offDiagonal` (n − 1), in place and unsorted, by implicit QL with
 * Wilkinson's shift. The rotations are accumulated into the columns of `vectors` (`vectorRows` × n): give the identity for all
 * eigenvectors (O(n³)), or its last row alone for their last entries (O(n²)), which is all that a Lanczos residual needs.
 *
 * `offDiagonal` has room for n entries; its contents are lost. Errors are within a modest multiple of 2⁻⁵² times the norm.
 *
 * @throws LOWLAND_E_NOT_FINITE when an entry is NaN or infinite.
 * @throws LOWLAND_E_NO_CONVERGENCE after 60 sweeps on one eigenvalue.
 */
export function tridiagonalEigen(
  diagonal: Float64Array, offDiagonal: Float64Array, vectors: Float64Array, vectorRows: number,
): void {
  const d = diagonal;
  const e = offDiagonal;
  const n = d.length;
  if (n > 0) e[n - 1] = 0;
  let size = 0;
  for (let i = 0; i < n; i++) size = Math.max(size, Math.abs(d[i]!) + Math.abs(e[i]!)); // NaN stays NaN
  if (!(size < Infinity)) {
    throw new LowlandError('LOWLAND_E_NOT_FINITE', `A tridiagonal eigenvalue problem of size ${n} needs finite entries.`);
  }
  if (size === 0) return;
  // A power of two brings the largest entry to about 1: exact, and the rotations never meet subnormal numbers alone.
  const unit = powerOfTwoAbove(size);
  for (let i = 0; i < n; i++) {
    d[i] = d[i]! / unit;
    e[i] = e[i]! / unit;
  }
  const negligible = 2 ** -55;
  for (let l = 0; l < n; l++) {
    for (let sweep = 0; ; sweep++) {
      let m = l;
      while (m < n - 1 && Math.abs(e[m]!) > Math.max(negligible, 2 ** -53 * (Math.abs(d[m]!) + Math.abs(d[m + 1]!)))) m++;
      if (m === l) break;
      if (sweep === maxSweeps) {
        throw new LowlandError(
          'LOWLAND_E_NO_CONVERGENCE',
          `Eigenvalue ${l} of a ${n} × ${n} tridiagonal matrix did not converge in ${maxSweeps} sweeps. Please report the matrix.`,
        );
      }
      chase(d, e, l, m, vectors, vectorRows);
    }
  }
  for (let i = 0; i < n; i++) d[i] = d[i]! * unit;
}

/** One implicit QL sweep over the unreduced block l..m. */
function chase(d: Float64Array, e: Float64Array, l: number, m: number, z: Float64Array, rows: number): void {
  const n = d.length;
  const half = (d[l + 1]! - d[l]!) / (2 * e[l]!);
  const root = hypotenuse(half, 1);
  let g = d[m]! - d[l]! + e[l]! / (half + (half >= 0 ? root : -root));
  let s = 1;
  let c = 1;
  let p = 0;
  for (let i = m - 1; i >= l; i--) {
    const f = s * e[i]!;
    const b = c * e[i]!;
    const r = hypotenuse(f, g);
    e[i + 1] = r;
    if (r === 0) {
      d[i + 1] = d[i + 1]! - p;
      e[m] = 0;
      return;
    }
    s = f / r;
    c = g / r;
    g = d[i + 1]! - p;
    const t = (d[i]! - g) * s + 2 * c * b;
    p = s * t;
    d[i + 1] = g + p;
    g = c * t - b;
    for (let k = 0; k < rows; k++) {
      const at = k * n + i;
      const right = z[at + 1]!;
      const left = z[at]!;
      z[at + 1] = s * left + c * right;
      z[at] = c * left - s * right;
    }
  }
  d[l] = d[l]! - p;
  e[l] = g;
  e[m] = 0;
}

/** √(a² + b²) without overflow; Math.hypot is left to the engine, this is the same bits everywhere. */
function hypotenuse(a: number, b: number): number {
  const long = Math.max(Math.abs(a), Math.abs(b));
  if (long === 0) return 0;
  const ratio = Math.min(Math.abs(a), Math.abs(b)) / long;
  return long * Math.sqrt(1 + ratio * ratio);
}
