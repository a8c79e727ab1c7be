/**
 * The lowest eigenpairs by preconditioned block iterations.
 */
import { columns, gram, joinColumns, matrix, type Matrix, multiply, orthonormalize, scaleColumns, subtract, symmetricEigen } from '@lowland/linalg';

import { removeSpan } from '../classify/hessian.ts';
import { type BlockOperator, images, removeSpanOfAll } from './block-operator.ts';

export interface LobpcgOptions {
  /** The first block, of full rank; its columns need be neither orthonormal nor outside `deflate`. */
  readonly start: Matrix;
  /** Eigenpairs wanted, at most the columns of `start`; others only help. */
  readonly count: number;
  /** Residuals wanted, absolute. */
  readonly tolerance: number;
  /** Products with the operator at most, but for those of the last block. */
  readonly maxProducts: number;
  /** Orthonormal columns: eigenpairs are those of the operator on their complement. */
  readonly deflate: Matrix;
  /** v -> T v, symmetric positive definite, near the inverse of the operator where its eigenvalues are low; the better, the fewer products. */
  readonly precondition?: (v: Float64Array) => Float64Array;
}

export interface LobpcgResult {
  /** Ascending. */
  readonly values: Float64Array;
  /** |A x - theta x| of each pair. */
  readonly residuals: Float64Array;
  /** In columns, orthonormal. */
  readonly vectors: Matrix;
  readonly converged: boolean;
  readonly products: number;
}

/**
 * Locally optimal block preconditioned conjugate gradients: the Ritz vectors of lowest value in the span of the block X, its preconditioned residuals
 * W = T R, and the last steps P; [X W P] is kept orthonormal (Hetmaniuk and Lehoucq 2006). One product for each residual that is not small yet.
 *
 * With a good T it needs far fewer products than Lanczos where the lowest eigenvalues lie close together at the end of a wide spectrum; with none it
 * needs more. Like there a residual bounds the distance to some eigenvalue, and eigenvalues are found as often as their multiplicity, up to the block.
 *
 * An iteration costs some 40 n m^2 flops beside the products, n variables, m columns. Source: A. Knyazev, SIAM J. Sci. Comput. 23 (2001).
 */
export function lobpcg(operator: BlockOperator, { start, count, tolerance, maxProducts, deflate, precondition = (v) => v }: LobpcgOptions): LobpcgResult {
  let products = 0;
  const image = (a: Matrix): Matrix => {
    products += a.cols;
    const out = matrix(a.rows, a.cols);
    const found = images(operator, Array.from({ length: a.cols }, (_, j) => columns(a, j, j + 1).data));
    removeSpanOfAll(deflate, found);
    found.forEach((one, j) => {
      for (let i = 0; i < a.rows; i++) out.data[i * a.cols + j] = one[i]!;
    });
    return out;
  };
  let x = orthonormalize(byColumns(start, (v, out) => {
    out.set(v);
    removeSpan(deflate, out);
  }), 1e-10);
  const block = x.cols;
  let hx = image(x);
  let steps: { readonly p: Matrix; readonly hp: Matrix } | undefined;
  for (;;) {
    const { values, vectors } = lowest(multiply(x, hx, { transposeA: true }), block);
    [x, hx] = [multiply(x, vectors), multiply(hx, vectors)];
    const rest = subtract(hx, scaleColumns(x, values));
    const residuals = lengths(rest);
    const found = Math.min(count, block);
    const converged = residuals.subarray(0, found).every((residual) => residual <= tolerance);
    if (converged || products >= maxProducts || block === 0) {
      return { values: values.slice(0, found), residuals: residuals.slice(0, found), vectors: columns(x, 0, found), converged, products };
    }
    const open = [...residuals.keys()].filter((j) => residuals[j]! > tolerance / 2);
    const directions = byColumns(picked(rest, open), (v, out) => {
      out.set(precondition(v));
      removeSpan(deflate, out);
    });
    const w = newDirections(x, directions);
    const hw = image(w);
    let [basis, products_] = [joinColumns(x, w), joinColumns(hx, hw)];
    if (steps !== undefined) {
      const across = orthogonalisedWith(basis, products_, steps.p, steps.hp);
      [basis, products_] = [joinColumns(basis, across.p), joinColumns(products_, across.hp)];
    }
    if (basis.cols === block) {
      // Nothing new: the space is exhausted.
      return { values: values.slice(0, found), residuals: residuals.slice(0, found), vectors: columns(x, 0, found), converged, products };
    }
    const next = lowest(multiply(basis, products_, { transposeA: true }), block).vectors;
    const step = matrix(next.rows, next.cols, next.data.map((value, k) => (k < block * block ? 0 : value)));
    steps = { p: multiply(basis, step), hp: multiply(products_, step) };
    [x, hx] = [multiply(basis, next), multiply(products_, next)];
  }
}

function byColumns(a: Matrix, fill: (x: Float64Array, out: Float64Array) => void): Matrix {
  const out = matrix(a.rows, a.cols);
  const [column, image] = [new Float64Array(a.rows), new Float64Array(a.rows)];
  for (let j = 0; j < a.cols; j++) {
    for (let i = 0; i < a.rows; i++) column[i] = a.data[i * a.cols + j]!;
    fill(column, image);
    for (let i = 0; i < a.rows; i++) out.data[i * a.cols + j] = image[i]!;
  }
  return out;
}

/** The `count` lowest eigenpairs of a small matrix that is symmetric up to rounding, ascending. */
function lowest(a: Matrix, count: number): { readonly values: Float64Array; readonly vectors: Matrix } {
  const n = a.rows;
  for (let i = 0; i < n; i++) for (let j = 0; j < i; j++) a.data[i * n + j] = a.data[j * n + i] = (a.data[i * n + j]! + a.data[j * n + i]!) / 2;
  const { values, vectors } = symmetricEigen(a);
  const out = matrix(n, count);
  for (let i = 0; i < n; i++) for (let j = 0; j < count; j++) out.data[i * count + j] = vectors.data[i * n + n - 1 - j]!;
  return { values: values.slice(n - count).reverse(), vectors: out };
}

function lengths({ rows, cols, data }: Matrix): Float64Array {
  const sums = new Float64Array(cols);
  for (let i = 0; i < rows; i++) for (let j = 0; j < cols; j++) sums[j]! += data[i * cols + j]! ** 2;
  return sums.map(Math.sqrt);
}

function picked(a: Matrix, which: readonly number[]): Matrix {
  const out = matrix(a.rows, which.length);
  for (let i = 0; i < a.rows; i++) which.forEach((j, k) => (out.data[i * which.length + k] = a.data[i * a.cols + j]!));
  return out;
}

const outside = (q: Matrix, a: Matrix): Matrix => subtract(a, multiply(q, multiply(q, a, { transposeA: true })));

/** Orthonormal columns that span what is left of A outside the span of X, but for rounding. */
function newDirections(x: Matrix, a: Matrix): Matrix {
  const units = scaleColumns(a, lengths(a).map((length) => (length === 0 ? 0 : 1 / length)));
  const left = outside(x, outside(x, units));
  // What rounding leaves is no direction.
  if (!(Math.max(0, ...lengths(left)) > 1e-12)) return matrix(a.rows, 0);
  const w = orthonormalize(left, 1e-10);
  return orthonormalize(outside(x, w), 1e-10);
}

/** P outside the span of the basis and orthonormal, and A P by the same combinations, without products. */
function orthogonalisedWith(basis: Matrix, images: Matrix, p: Matrix, hp: Matrix): { readonly p: Matrix; readonly hp: Matrix } {
  const parts = multiply(basis, p, { transposeA: true });
  const [left, hleft] = [subtract(p, multiply(basis, parts)), subtract(hp, multiply(images, parts))];
  const { values, vectors } = symmetricEigen(gram(left));
  const kept = values.filter((value) => value > Math.max(1e-12 * values[0]!, 1e-24)).length;
  const combine = scaleColumns(columns(vectors, 0, kept), values.slice(0, kept).map((value) => 1 / Math.sqrt(value)));
  return { p: multiply(left, combine), hp: multiply(hleft, combine) };
}
