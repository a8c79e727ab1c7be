import { normals, streamKey } from '@lowland/core';
import { columns, matrix, multiply, scaleColumns, thinQr, type Matrix } from '@lowland/linalg';

/** A matrix of iid N(0, 1) entries. */
export function gaussian(rows: number, cols: number, seed: number, index = 0): Matrix {
  const a = matrix(rows, cols);
  normals(streamKey(seed, 'gaussian', index), a.data);
  return a;
}

/** rows × cols with orthonormal columns. */
export const orthonormal = (rows: number, cols: number, seed: number, index = 0): Matrix => thinQr(gaussian(rows, cols, seed, index)).q;

/** U diag(s) Vᵀ with random singular vectors. */
export function withSingularValues(rows: number, cols: number, s: readonly number[], seed: number): { m: Matrix; u: Matrix; v: Matrix } {
  const u = orthonormal(rows, s.length, seed, 1);
  const v = orthonormal(cols, s.length, seed, 2);
  return { m: multiply(scaleColumns(u, s), v, { transposeB: true }), u, v };
}

/** Q diag(values) Qᵀ, exactly symmetric. */
export function withEigenvalues(values: readonly number[], seed: number): { m: Matrix; q: Matrix } {
  const n = values.length;
  const q = orthonormal(n, n, seed, 3);
  const m = multiply(scaleColumns(q, values), q, { transposeB: true });
  for (let i = 0; i < n; i++) for (let j = 0; j < i; j++) m.data[i * n + j] = m.data[j * n + i]!;
  return { m, q };
}

/** The columns of a named by `which`, side by side. */
export function pick(a: Matrix, which: readonly number[]): Matrix {
  const out = matrix(a.rows, which.length);
  which.forEach((k, j) => {
    const column = columns(a, k, k + 1).data;
    for (let i = 0; i < a.rows; i++) out.data[i * which.length + j] = column[i]!;
  });
  return out;
}

export const values = (a: Matrix): { rows: number; cols: number; values: Float64Array } => ({ rows: a.rows, cols: a.cols, values: a.data });
