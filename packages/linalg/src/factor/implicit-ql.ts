import { LowlandError } from '@lowland/core';

/** QL sweeps allowed for one eigenvalue; two or three are usual. */
const maxSweeps = 60;
/** Off-diagonal entries below are zero, for entries of about 1. */
const negligible = 2 ** -55;
/** Sums of squares above have not lost digits. */
const safe = 1e-280;

/**
 * Eigenvalues of a symmetric tridiagonal matrix of side n in place and unsorted, by implicit QL with Wilkinson's shift. The diagonal lies at
 * `d` of `x`, the off-diagonal at `e` with room for n numbers; entries are of size about 1 at most.
 *
 * The rotations of a sweep stand as pairs (c, s) from `cs` on (room for 2n): the first turns rows i + 1 and i of the transposed eigenvectors
 * for i = `top`, the next those for i = top − 1, and so on; `apply` does that.
 *
 * @throws LOWLAND_E_NO_CONVERGENCE after 60 sweeps on one eigenvalue.
 */
export function implicitQl(x: Float64Array, n: number, d: number, e: number, cs: number, apply: (top: number, count: number) => void): void {
  if (n > 0) x[e + n - 1] = 0;
  for (let l = 0; l < n; l++) {
    for (let sweep = 0; ; sweep++) {
      let m = l;
      while (m < n - 1 && Math.abs(x[e + m]!) > Math.max(negligible, 2 ** -53 * (Math.abs(x[d + m]!) + Math.abs(x[d + m + 1]!)))) m++;
      if (m === l) break;
      if (sweep === maxSweeps) {
        throw new LowlandError(
          'LOWLAND_E_NO_CONVERGENCE',
          `Eigenvalue ${l} of a ${n} × ${n} tridiagonal matrix did not converge in ${maxSweeps} sweeps. Please report the matrix.`,
        );
      }
      apply(m - 1, chase(x, d, e, cs, l, m));
    }
  }
}

/** One sweep over the unreduced block l..m; the number of its rotations. */
function chase(x: Float64Array, d: number, e: number, cs: number, l: number, m: number): number {
  const half = (x[d + l + 1]! - x[d + l]!) / (2 * x[e + l]!);
  const root = length(half, 1);
  let g = x[d + m]! - x[d + l]! + x[e + l]! / (half + (half >= 0 ? root : -root));
  let s = 1;
  let c = 1;
  let p = 0;
  for (let i = m - 1; i >= l; i--) {
    const f = s * x[e + i]!;
    const b = c * x[e + i]!;
    const r = length(f, g);
    x[e + i + 1] = r;
    if (r === 0) {
      x[d + i + 1] = x[d + i + 1]! - p;
      x[e + m] = 0;
      return m - 1 - i;
    }
    s = f / r;
    c = g / r;
    const at = cs + 2 * (m - 1 - i);
    x[at] = c;
    x[at + 1] = s;
    g = x[d + i + 1]! - p;
    const t = (x[d + i]! - g) * s + 2 * c * b;
    p = s * t;
    x[d + i + 1] = g + p;
    g = c * t - b;
  }
  x[d + l] = x[d + l]! - p;
  x[e + l] = g;
  x[e + m] = 0;
  return m - l;
}

/** √(a² + b²) without overflow; Math.hypot is left to the engine, this is the same bits everywhere. */
function length(a: number, b: number): number {
  const squares = a * a + b * b;
  if (squares > safe && squares < 1 / safe) return Math.sqrt(squares);
  const long = Math.max(Math.abs(a), Math.abs(b));
  if (long === 0) return 0;
  const ratio = Math.min(Math.abs(a), Math.abs(b)) / long;
  return long * Math.sqrt(1 + ratio * ratio);
}
