/**
 * Elements of matrix groups, and their directions.
 */
import { normals, type StreamKey } from '@lowland/core';
import { matrix, type Matrix, multiply, scaleColumns, thinQr, thinSvd } from '@lowland/linalg';

/** One matrix for each factor of the group; each action says of what kind. */
export type Element = readonly Matrix[];

/** Uniform in O(r): the orthogonal factor of a Gaussian matrix whose triangular one has a positive diagonal (Stewart 1980). */
export function randomOrthogonal(r: number, key: StreamKey): Matrix {
  const drawn = matrix(r, r);
  normals(key, drawn.data);
  return thinQr(drawn).q;
}

/** Q_1 D Q_2 with uniform Q_1, Q_2 and the singular values 2^-1 … 2, geometric: in GL(r), of condition 4. */
export function randomInvertible(r: number, key: StreamKey): Matrix {
  const [left, right] = [0, 1].map((k) => randomOrthogonal(r, { ...key, index: 2 * key.index + k })) as [Matrix, Matrix];
  const sizes = Float64Array.from({ length: r }, (_, k) => 2 ** (r === 1 ? 1 : (2 * k) / (r - 1) - 1));
  return multiply(scaleColumns(left, sizes), right);
}

/** G^-1, or of full rank the pseudoinverse, by singular values. */
export function inverse(g: Matrix): Matrix {
  const { u, s, v } = thinSvd(g);
  return multiply(scaleColumns(v, s.map((value) => 1 / value)), u, { transposeB: true });
}

/** e_a e_b^T - e_b e_a^T for a < b, row by row. */
export function skewPairs(r: number): (readonly [number, number])[] {
  return Array.from({ length: r }, (_, a) => Array.from({ length: r - a - 1 }, (_none, k) => [a, a + 1 + k] as const)).flat();
}

/** Columns from functions that fill them, each a vector of n zeros at first. */
export function columnsFrom(n: number, fill: readonly ((out: Float64Array) => void)[]): Matrix {
  const out = matrix(n, fill.length);
  fill.forEach((column, k) => {
    const x = new Float64Array(n);
    column(x);
    for (let i = 0; i < n; i++) out.data[i * fill.length + k] = x[i]!;
  });
  return out;
}
