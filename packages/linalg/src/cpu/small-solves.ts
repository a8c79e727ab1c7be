/**
 * Solves with r x r matrices. Bound by arithmetic: r^3/3 + 2 r^2 flops for each right-hand side or row.
 */
import type { Ints, Mat, Vec } from '@lowland/core';

import type { HostMatrix, Numbers } from './arrays.ts';
import { stridedGemm } from './gemm.ts';
import { requireCompressed, requireLength, requireMatrix } from './observed.ts';
import type { TriangularBlocks } from './triangular.ts';

/**
 * In place lower Cholesky of the leading n x n row-major matrix; false when a pivot is not above `cut` times the diagonal
 * entry that it came from, or not finite.
 */
function factor(a: Float64Array, n: number, cut: number): boolean {
  for (let j = 0; j < n; j++) {
    const whole = a[j * n + j]!;
    let d = whole;
    for (let k = 0; k < j; k++) d -= a[j * n + k]! * a[j * n + k]!;
    if (!(d > cut * whole) || d === Infinity) return false;
    const pivot = Math.sqrt(d);
    a[j * n + j] = pivot;
    for (let i = j + 1; i < n; i++) {
      let s = a[i * n + j]!;
      for (let k = 0; k < j; k++) s -= a[i * n + k]! * a[j * n + k]!;
      a[i * n + j] = s / pivot;
    }
  }
  return true;
}

/** x := L^-1 x for the first n numbers. */
function forward(l: Float64Array, n: number, x: Float64Array): void {
  for (let i = 0; i < n; i++) {
    let s = x[i]!;
    for (let k = 0; k < i; k++) s -= l[i * n + k]! * x[k]!;
    x[i] = s / l[i * n + i]!;
  }
}

/** x := L^-T x for the first n numbers. */
function backward(l: Float64Array, n: number, x: Float64Array): void {
  for (let i = n - 1; i >= 0; i--) {
    let s = x[i]!;
    for (let k = n - 1; k > i; k--) s -= l[k * n + i]! * x[k]!;
    x[i] = s / l[i * n + i]!;
  }
}

/** x := (L L^T)^-1 x */
function substitute(l: Float64Array, n: number, x: Float64Array): void {
  forward(l, n, x);
  backward(l, n, x);
}

/** Workspace of the small solves: grows to the largest r seen, so that a step allocates nothing. */
export interface SmallWorkspace {
  matrix: Float64Array;
  basis: Float64Array;
  vector: Float64Array;
}
export const createSmallWorkspace = (): SmallWorkspace => ({ matrix: new Float64Array(0), basis: new Float64Array(0), vector: new Float64Array(0) });

function reserve(work: SmallWorkspace, n: number): void {
  if (work.matrix.length < n * n) {
    work.matrix = new Float64Array(n * n);
    work.basis = new Float64Array(n * n);
  }
  if (work.vector.length < 2 * n) work.vector = new Float64Array(2 * n);
}

/** The n x n block of `a` at `at`, rows `row` apart, as a workspace matrix with `shift` added to its diagonal. */
function take(work: SmallWorkspace, n: number, a: Numbers, at: number, row: number, shift: number): Float64Array {
  reserve(work, n);
  const l = work.matrix;
  for (let i = 0; i < n; i++) {
    for (let j = 0; j < n; j++) l[i * n + j] = a[at + i * row + j]!;
    l[i * n + i]! += shift;
  }
  return l;
}

/** Blocks of the large triangular kernels on plain arrays, in f64 inside. */
export function plainBlocks(work: SmallWorkspace): TriangularBlocks<HostMatrix> {
  return {
    subtractProduct: (m, n, k, a, aAt, ai, ak, b, bAt, bk, bj, c, cAt, cRow) => {
      stridedGemm(m, n, k, -1, a.data, aAt, ai, ak, b.data, bAt, bk, bj, 1, c.data, cAt, cRow);
    },
    factor: (n, a, at, row) => {
      const l = take(work, n, a.data, at, row, 0);
      if (!factor(l, n, 0)) return false;
      for (let i = 0; i < n; i++) for (let j = 0; j <= i; j++) a.data[at + i * row + j] = l[i * n + j]!;
      return true;
    },
    solve: (n, l, lAt, lRow, transposed, count, x, xAt, xi, xj) => {
      const block = take(work, n, l.data, lAt, lRow, 0);
      const side = work.vector;
      for (let j = 0; j < count; j++) {
        const at = xAt + j * xj;
        for (let i = 0; i < n; i++) side[i] = x.data[at + i * xi]!;
        if (transposed) backward(block, n, side);
        else forward(block, n, side);
        for (let i = 0; i < n; i++) x.data[at + i * xi] = side[i]!;
      }
    },
  };
}

/** out = b (a + shift I)^-1; NaN everywhere when the Cholesky factorisation fails. */
export function posvRight(work: SmallWorkspace, a: HostMatrix, shift: number, b: HostMatrix, out: HostMatrix): void {
  const n = a.rows;
  const l = take(work, n, a.data, 0, n, shift);
  if (!factor(l, n, 0)) {
    out.data.fill(NaN);
    return;
  }
  // Each row is solved in f64 and rounded once on storing.
  const row = work.vector;
  for (let i = 0; i < b.rows; i++) {
    for (let k = 0; k < n; k++) row[k] = b.data[i * n + k]!;
    substitute(l, n, row);
    for (let k = 0; k < n; k++) out.data[i * n + k] = row[k]!;
  }
}

/**
 * Row i of out solves (sum_k w_k v_k v_k^T + shift I) x = sum_k w_k y_k v_k over its observations k = pointers[i] … pointers[i+1],
 * v_k = v[index[k], :]. Without weights w = 1.
 *
 * Where the matrix is singular to working precision (fewer observations than columns and no shift), the solution of least norm is taken,
 * with eigenvalues up to 1e-12 of the largest as zeros; so a row without observations becomes zero.
 */
export function normalEquations(
  work: SmallWorkspace,
  pointers: Int32Array,
  index: Int32Array,
  values: Numbers,
  weights: Numbers | undefined,
  v: HostMatrix,
  shift: number,
  out: HostMatrix,
): void {
  for (let i = 0; i < out.rows; i++) normalEquation(work, i, pointers, index, values, weights, v, shift, out);
}

/** @throws LOWLAND_E_SHAPE when sizes, pointers or indices do not fit, or a matrix is complex */
export function requireNormalEquations(pointers: Ints, index: Ints, values: Vec, weights: Vec | undefined, v: Mat, out: Mat): void {
  const kernel = 'normalEquations';
  requireCompressed(kernel, pointers, index, out.rows, v.rows);
  requireMatrix(kernel, 'v', v, v.rows, out.cols);
  requireMatrix(kernel, 'out', out, out.rows, out.cols);
  requireLength(kernel, 'the list of values', values, index.length);
  if (weights !== undefined) requireLength(kernel, 'the list of weights', weights, index.length);
}

/** Row i of them. */
export function normalEquation(
  work: SmallWorkspace,
  i: number,
  pointers: Int32Array,
  index: Int32Array,
  values: Numbers,
  weights: Numbers | undefined,
  v: HostMatrix,
  shift: number,
  out: HostMatrix,
): void {
  const r = v.cols;
  reserve(work, r);
  const gram = work.matrix;
  const right = work.vector;
  const from = pointers[i]!;
  const to = pointers[i + 1]!;
  assemble(gram, right, index, values, weights, v, from, to);
  for (let c = 0; c < r; c++) gram[c * r + c]! += shift;
  if (factor(gram, r, pivotCut)) {
    substitute(gram, r, right);
  } else {
    assemble(gram, right, index, values, weights, v, from, to);
    for (let c = 0; c < r; c++) {
      gram[c * r + c]! += shift;
      for (let d = 0; d < c; d++) gram[d * r + c] = gram[c * r + d]!;
    }
    leastNorm(gram, work.basis, r, right);
  }
  for (let c = 0; c < r; c++) out.data[i * r + c] = right[c]!;
}

/** Pivots of a Gram matrix below this share of their diagonal are rounding. */
export const pivotCut = 1e-12;

/** x := the pseudo-inverse of the symmetric matrix a times x, by cyclic Jacobi rotations. `x` has n numbers and room for n more. */
function leastNorm(a: Float64Array, basis: Float64Array, n: number, x: Float64Array): void {
  basis.fill(0, 0, n * n);
  for (let i = 0; i < n; i++) basis[i * n + i] = 1;
  for (let sweep = 0; sweep < 40; sweep++) {
    let rotated = false;
    for (let p = 0; p < n; p++) {
      for (let q = p + 1; q < n; q++) {
        const off = a[p * n + q]!;
        if (!(Math.abs(off) > 2 ** -52 * Math.sqrt(Math.abs(a[p * n + p]! * a[q * n + q]!)))) continue;
        rotated = true;
        const theta = (a[q * n + q]! - a[p * n + p]!) / (2 * off);
        const t = (theta < 0 ? -1 : 1) / (Math.abs(theta) + Math.sqrt(theta * theta + 1));
        const c = 1 / Math.sqrt(t * t + 1);
        rotate(a, n, p, q, c, t * c);
        rotate(basis, n, p, q, c, t * c);
        for (let k = 0; k < n; k++) {
          const u = a[p * n + k]!;
          const w = a[q * n + k]!;
          a[p * n + k] = c * u - t * c * w;
          a[q * n + k] = t * c * u + c * w;
        }
      }
    }
    if (!rotated) break;
  }
  let largest = 0;
  for (let k = 0; k < n; k++) largest = Math.max(largest, a[k * n + k]!);
  for (let k = 0; k < n; k++) {
    const eigenvalue = a[k * n + k]!;
    let inner = 0;
    for (let i = 0; i < n; i++) inner += basis[i * n + k]! * x[i]!;
    x[n + k] = eigenvalue <= 1e-12 * largest ? 0 : inner / eigenvalue;
  }
  for (let i = 0; i < n; i++) {
    let sum = 0;
    for (let k = 0; k < n; k++) sum += basis[i * n + k]! * x[n + k]!;
    x[i] = sum;
  }
}

/** Columns p and q of a turned by the rotation (c, s). */
function rotate(a: Float64Array, n: number, p: number, q: number, c: number, s: number): void {
  for (let k = 0; k < n; k++) {
    const u = a[k * n + p]!;
    const w = a[k * n + q]!;
    a[k * n + p] = c * u - s * w;
    a[k * n + q] = s * u + c * w;
  }
}

function assemble(
  gram: Float64Array,
  right: Float64Array,
  index: Int32Array,
  values: Numbers,
  weights: Numbers | undefined,
  v: HostMatrix,
  from: number,
  to: number,
): void {
  const r = v.cols;
  gram.fill(0, 0, r * r);
  right.fill(0, 0, r);
  for (let k = from; k < to; k++) {
    const w = weights === undefined ? 1 : weights[k]!;
    const at = index[k]! * r;
    const y = w * values[k]!;
    for (let c = 0; c < r; c++) {
      const x = v.data[at + c]!;
      right[c]! += y * x;
      const wx = w * x;
      for (let d = 0; d <= c; d++) gram[c * r + d]! += wx * v.data[at + d]!;
    }
  }
}
