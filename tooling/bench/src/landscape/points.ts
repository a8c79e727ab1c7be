/** Stationary points with known spectra (founding-papers 4.4 and 4.5), and sizes. */
import { createPoint, normals, streamKey, type Point } from '@lowland/core';
import { columns, matrix, multiply, scaleColumns, thinQr, type Matrix } from '@lowland/linalg';
import { matrixFactorization } from '@lowland/objectives';

export const large = { size: 1000, rank: 10, grid: 256 };
/** To see that everything works. */
export const small = { size: 40, rank: 4, grid: 16 };
export type Sizes = typeof large;

function orthonormal(rows: number, cols: number, purpose: string): Matrix {
  const data = new Float64Array(rows * cols);
  normals(streamKey(1, purpose), data);
  return thinQr(matrix(rows, cols, data)).q;
}

/**
 * A square target with these singular values, and the balanced point that keeps the first `kept` of them in `rank` columns, the others zero;
 * with the balancing term of c = 1/8.
 */
export function balancedPoint({ size, rank }: Sizes, values: Float64Array, kept: number) {
  const [left, right] = [orthonormal(size, values.length, 'left'), orthonormal(size, values.length, 'right')];
  const target = multiply(scaleColumns(left, values), right, { transposeB: true }).data;
  const objective = matrixFactorization({ target: { rows: size, cols: size, values: target }, rank });
  const roots = Float64Array.from({ length: rank }, (_, i) => (i < kept ? Math.sqrt(values[i]!) : 0));
  const factor = (vectors: Matrix) => scaleColumns(columns(vectors, 0, rank), roots).data;
  const point: Point = createPoint(objective.layout, Float64Array.of(...factor(left), ...factor(right)));
  return { objective, point };
}

/** The minimum of a target of exact rank: singular values from 2 down to 1. */
export const minimum = (sizes: Sizes) => balancedPoint(sizes, Float64Array.from({ length: sizes.rank }, (_, i) => 2 - i / (sizes.rank - 1)), sizes.rank);

/** How many singular values the target of a saddle has more than the factors have columns. */
const more = 6;
/** A saddle, `missing` of whose columns are zero, and what it misses, descending: minus these are its least eigenvalues, each as often as there are zero columns. */
export function saddle(sizes: Sizes, missing: number) {
  const count = sizes.rank + more;
  const values = Float64Array.from({ length: count }, (_, i) => count - i);
  return { ...balancedPoint(sizes, values, sizes.rank - missing), missed: values.subarray(sizes.rank - missing) };
}
