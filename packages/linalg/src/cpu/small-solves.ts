/**
 * Solves with r x r matrices. Bound by arithmetic: r^3/3 + 2 r^2 flops for each right-hand side or row.
 */
import type { HostMatrix, Numbers } from './arrays.ts';

/** In place lower Cholesky of the leading n x n row-major matrix; false when it is not numerically positive definite. */
function factor(a: Float64Array, n: number): boolean {
  for (let j = 0; j < n; j++) {
    let d = a[j * n + j]!;
    for (let k = 0; k < j; k++) d -= a[j * n + k]! * a[j * n + k]!;
    if (!(d > 0) || d === Infinity) return false;
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

/** x := (L L^T)^-1 x for n numbers from `at`. */
function substitute(l: Float64Array, n: number, x: Numbers, at: number): void {
  for (let i = 0; i < n; i++) {
    let s = x[at + i]!;
    for (let k = 0; k < i; k++) s -= l[i * n + k]! * x[at + k]!;
    x[at + i] = s / l[i * n + i]!;
  }
  for (let i = n - 1; i >= 0; i--) {
    let s = x[at + i]!;
    for (let k = i + 1; k < n; k++) s -= l[k * n + i]! * x[at + k]!;
    x[at + i] = s / l[i * n + i]!;
  }
}

/** Workspace of the small solves: grows to the largest r seen, so that a step allocates nothing. */
export interface SmallWorkspace {
  matrix: Float64Array;
  vector: Float64Array;
}
export const createSmallWorkspace = (): SmallWorkspace => ({ matrix: new Float64Array(0), vector: new Float64Array(0) });

function reserve(work: SmallWorkspace, n: number): void {
  if (work.matrix.length < n * n) work.matrix = new Float64Array(n * n);
  if (work.vector.length < n) work.vector = new Float64Array(n);
}

/** out = b (a + shift I)^-1; NaN everywhere when the Cholesky factorisation fails. */
export function posvRight(work: SmallWorkspace, a: HostMatrix, shift: number, b: HostMatrix, out: HostMatrix): void {
  const n = a.rows;
  reserve(work, n);
  const l = work.matrix;
  for (let i = 0; i < n * n; i++) l[i] = a.data[i]!;
  for (let i = 0; i < n; i++) l[i * n + i]! += shift;
  if (!factor(l, n)) {
    out.data.fill(NaN);
    return;
  }
  // Each row is solved in f64 and rounded once on storing.
  const row = work.vector;
  for (let i = 0; i < b.rows; i++) {
    for (let k = 0; k < n; k++) row[k] = b.data[i * n + k]!;
    substitute(l, n, row, 0);
    for (let k = 0; k < n; k++) out.data[i * n + k] = row[k]!;
  }
}

/**
 * Row i of out solves (sum_k w_k v_k v_k^T + shift I) x = sum_k w_k y_k v_k over its observations k = pointers[i] … pointers[i+1],
 * v_k = v[index[k], :]. Without weights w = 1.
 *
 * Where the matrix is not numerically positive definite (fewer observations than columns and no shift), it is solved with a shift of
 * 2^-40 times its trace, whose solution is the least-norm one up to about 1e-12 relative; a row without observations becomes zero.
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
  const r = v.cols;
  reserve(work, r);
  const gram = work.matrix;
  const right = work.vector;
  for (let i = 0; i < out.rows; i++) {
    const from = pointers[i]!;
    const to = pointers[i + 1]!;
    assemble(gram, right, index, values, weights, v, from, to);
    let trace = 0;
    for (let c = 0; c < r; c++) trace += gram[c * r + c]!;
    for (let c = 0; c < r; c++) gram[c * r + c]! += shift;
    if (!(trace > 0)) {
      // No information about this row: zero where that is meant, NaN where the data are not finite.
      for (let c = 0; c < r; c++) out.data[i * r + c] = trace === 0 ? 0 : NaN;
      continue;
    }
    if (!factor(gram, r)) {
      assemble(gram, right, index, values, weights, v, from, to);
      for (let c = 0; c < r; c++) gram[c * r + c]! += shift + trace * 2 ** -40;
      if (!factor(gram, r)) right.fill(NaN, 0, r);
    }
    substitute(gram, r, right, 0);
    for (let c = 0; c < r; c++) out.data[i * r + c] = right[c]!;
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
