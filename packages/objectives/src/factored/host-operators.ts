import { matrix, multiply, multiplyTransposedVector, multiplyVector, norm, type Matrix } from '@lowland/linalg';

import type { HostOperator } from './linear-map.ts';

/** A dense matrix as certificates use it, whose entries were formed with so much `rounding` (in the Frobenius norm). */
export function denseOperator(a: Matrix, rounding = 0): HostOperator {
  const wide = a.rows <= a.cols;
  return {
    rows: a.rows,
    cols: a.cols,
    maxRowCount: Math.max(a.rows, a.cols),
    rounding,
    apply: (x, out) => multiplyVector(a, x, out),
    applyTransposed: (x, out) => multiplyTransposedVector(a, x, out),
    gram: (out) => out.set(multiply(a, a, wide ? { transposeB: true } : { transposeA: true }).data),
    dense: (out) => out.set(a.data),
  };
}

/** Z b, or Z^T b with `transposed`, column by column. */
export function operatorTimes(z: HostOperator, b: Matrix, transposed: boolean): Matrix {
  const out = matrix(transposed ? z.cols : z.rows, b.cols);
  const from = new Float64Array(b.rows);
  const to = new Float64Array(out.rows);
  for (let j = 0; j < b.cols; j++) {
    for (let i = 0; i < b.rows; i++) from[i] = b.data[i * b.cols + j]!;
    if (transposed) z.applyTransposed(from, to);
    else z.apply(from, to);
    for (let i = 0; i < to.length; i++) out.data[i * out.cols + j] = to[i]!;
  }
  return out;
}

/** The Euclidean norm of each row: |<u_i, v_j>| and the sum of its terms' absolute values are at most |u_i| |v_j|. */
export function rowNorms(a: Matrix): Float64Array {
  const out = new Float64Array(a.rows);
  for (let i = 0; i < a.rows; i++) {
    let sum = 0;
    for (let k = 0; k < a.cols; k++) sum += a.data[i * a.cols + k]! ** 2;
    out[i] = Math.sqrt(sum);
  }
  return out;
}

/** What rounding can do, in the Frobenius norm, to sum over k of w_k A_k with at most `terms` of them in an entry: `norms` are the |A_k|_F. */
export function sumRounding(terms: number, w: Float64Array, norms: Float64Array): number {
  let sum = 0;
  for (let k = 0; k < w.length; k++) sum += Math.abs(w[k]!) * norms[k]!;
  return (terms + 2) * 2 ** -53 * sum;
}

/** A square operator plus a diagonal. */
export function withDiagonal(z: HostOperator, diagonal: Float64Array): HostOperator {
  const add = (apply: HostOperator['apply']): HostOperator['apply'] => (x, out) => {
    apply(x, out);
    for (let i = 0; i < out.length; i++) out[i]! += diagonal[i]! * x[i]!;
  };
  const dense = (out: Float64Array): void => {
    z.dense(out);
    for (let i = 0; i < z.rows; i++) out[i * z.cols + i]! += diagonal[i]!;
  };
  return {
    ...z,
    maxRowCount: z.maxRowCount + 1,
    rounding: z.rounding + 2 ** -52 * norm(diagonal),
    apply: add(z.apply),
    applyTransposed: add(z.applyTransposed),
    dense,
    gram(out) {
      const whole = matrix(z.rows, z.cols);
      dense(whole.data);
      out.set(multiply(whole, whole, { transposeB: true }).data);
    },
  };
}
