/**
 * What contenders must agree on: numbers that every entry of a result has a share in, sums without cancellation.
 *
 * Of a decomposition they are squares such as |A x|^2 = sum of lambda_i^2 <v_i, x>^2: they need values and vectors right and do not
 * depend on signs, nor on the choice of vectors where values are close.
 */

/** Row-major numbers of any kind. */
export type Row = ArrayLike<number>;

/** left^T C right */
export function weighted(c: Row, left: Row, right: Row): number {
  let sum = 0;
  for (let i = 0; i < left.length; i++) {
    let row = 0;
    for (let j = 0; j < right.length; j++) row += c[i * right.length + j]! * right[j]!;
    sum += left[i]! * row;
  }
  return sum;
}

export function squaredNorm(x: Row): number {
  let sum = 0;
  for (let i = 0; i < x.length; i++) sum += x[i]! * x[i]!;
  return sum;
}

/** |diag(values) V^T x|^2 for vectors in the columns of V. */
export function spectralSquare(values: Row, vectors: Row, x: Row): number {
  return squaredNorm(Array.from(transposedTimes(vectors, values.length, x), (y, j) => values[j]! * y));
}

/** V^T x for a row-major V of so many columns. */
export function transposedTimes(v: Row, cols: number, x: Row): Float64Array {
  const out = new Float64Array(cols);
  for (let i = 0; i < x.length; i++) for (let j = 0; j < cols; j++) out[j]! += v[i * cols + j]! * x[i]!;
  return out;
}

/** A x for a row-major A. */
export function times(a: Row, x: Row): Float64Array {
  return Float64Array.from({ length: a.length / x.length }, (_, i) => {
    let sum = 0;
    for (let j = 0; j < x.length; j++) sum += a[i * x.length + j]! * x[j]!;
    return sum;
  });
}

/** Of all eigenvalues and vectors: |A x|^2, and the sum of the squares of the values. */
export const eigenValues = (values: Row, vectors: Row, x: Row): readonly number[] => [spectralSquare(values, vectors, x), squaredNorm(values)];

/** Of Q R: |R x|^2 = |A x|^2 and |Q^T y|^2, what of y lies in the range of A. */
export const qrValues = (q: Row, r: Row, cols: number, y: Row, x: Row): readonly number[] => [squaredNorm(times(r, x)), squaredNorm(transposedTimes(q, cols, y))];

/** Of U S V^T: |A x|^2 and |A^T y|^2. */
export const svdValues = (u: Row, s: Row, v: Row, y: Row, x: Row): readonly number[] => [spectralSquare(s, v, x), spectralSquare(s, u, y)];
