/** Points of fixed rank on the host. */
import { blockOf, createPoint, LowlandError, normals, type Manifold, type Point, type StreamKey } from '@lowland/core';
import { matrix, multiply, scaleColumns, symmetricEigen, thinQr, thinSvd, type Matrix } from '@lowland/linalg';

import { fixedRankLayout, type Size } from './layout.ts';

/** Orthonormal to this: as f32 rounds it, and brought back. */
const near = 1e-4;
/** Orthonormal, and S diagonal, to this: left as it is. */
const exact = 1e-12;
/** Singular values below this part of the largest are rounding. */
const deficient = 1e-14;

/** Matrices of rank exactly r, of dimension (rows + cols - r) r; psd ones of dimension rows r - r (r - 1)/2. */
export function fixedRankManifold(size: Size): Manifold {
  const { symmetric, rows, cols, rank } = size;
  const name = symmetric ? `psd of rank ${rank}` : `rank ${rank}`;
  return {
    name,
    dimension: symmetric ? rows * rank - (rank * (rank - 1)) / 2 : (rows + cols - rank) * rank,
    admit(point) {
      const { s, u, v } = partsOf(size, point);
      const off = Math.max(departure(u), departure(v));
      if (!(off <= near)) {
        throw new LowlandError('LOWLAND_E_POINT', `The start is not on the manifold (${name}): columns of U${symmetric ? '' : ' and V'} are orthonormal there, and these miss it by ${off.toExponential(1)}. Make a start from factors by fixedRankPoint.`, {
          details: { departure: off },
        });
      }
      const again = symmetric ? fromSquare(u, s) : fromProduct(multiply(u, s), v);
      if (again === undefined) {
        throw new LowlandError('LOWLAND_E_POINT', `The start is not ${name}: its least singular value is rounding${symmetric ? ', or an eigenvalue negative' : ''}. Lower the rank, or start elsewhere.`, { details: { rank } });
      }
      const largest = s.data.reduce((most, entry) => Math.max(most, Math.abs(entry)), 0);
      const diagonal = s.data.every((entry, k) => k % (rank + 1) === 0 || Math.abs(entry) <= exact * largest);
      return off <= exact && diagonal ? point : createPoint(fixedRankLayout(size), again);
    },
  };
}

function partsOf({ symmetric, rows, cols, rank }: Size, point: Point): { readonly s: Matrix; readonly u: Matrix; readonly v: Matrix } {
  const u = matrix(rows, rank, blockOf(point, 'U'));
  return { s: matrix(rank, rank, blockOf(point, 'S')), u, v: symmetric ? u : matrix(cols, rank, blockOf(point, 'V')) };
}

function departure(q: Matrix): number {
  return multiply(q, q, { transposeA: true }).data.reduce((most, entry, k) => Math.max(most, Math.abs(entry - Number(k % (q.cols + 1) === 0))), 0);
}

const isFinite = ({ data }: Matrix): boolean => data.every(Number.isFinite);

/** S, U, V one after the other with U S V^T = L R^T and S diagonal; undefined where L R^T has a lower rank. */
function fromProduct(l: Matrix, r: Matrix): Float64Array | undefined {
  if (!isFinite(l) || !isFinite(r)) return undefined;
  const [left, right] = [thinQr(l), thinQr(r)];
  const { u, s, v } = thinSvd(multiply(left.r, right.r, { transposeB: true }));
  return put(s, multiply(left.q, u), multiply(right.q, v));
}

/** S, U one after the other with U S U^T = L middle L^T; undefined where that is not positive definite on the columns of L. */
function fromSquare(l: Matrix, middle: Matrix): Float64Array | undefined {
  if (!isFinite(l) || !isFinite(middle)) return undefined;
  const { q, r } = thinQr(l);
  const core = multiply(multiply(r, middle), r, { transposeB: true });
  const n = core.rows;
  const { values, vectors } = symmetricEigen(matrix(n, n, core.data.map((entry, k) => (entry + core.data[(k % n) * n + Math.floor(k / n)]!) / 2)));
  return put(values, multiply(q, vectors));
}

/** The blocks, where all of these values count. */
function put(values: Float64Array, ...sides: readonly Matrix[]): Float64Array | undefined {
  const rank = values.length;
  if (!(values[rank - 1]! > deficient * values[0]!)) return undefined;
  const out = new Float64Array(rank * rank + sides.reduce((sum, { data }) => sum + data.length, 0));
  values.forEach((value, k) => (out[k * (rank + 1)] = value));
  let at = rank * rank;
  for (const { data } of sides) {
    out.set(data, at);
    at += data.length;
  }
  return out;
}

/** The blocks of the matrix of factors one after the other, or of one factor. */
function fromFactorsOf({ symmetric, rows, cols, rank }: Size, factors: Float64Array): Float64Array | undefined {
  const left = matrix(rows, rank, factors.slice(0, rows * rank));
  if (!symmetric) return fromProduct(left, matrix(cols, rank, factors.slice(rows * rank)));
  if (!isFinite(left)) return undefined;
  // singular values rather than the eigenvalues of a square: these keep small ones
  const { u, s } = thinSvd(left);
  const values = s.map((value) => value * value);
  return put(values, u);
}

/**
 * The point (S, U, V) of the matrix L R^T that two factors stand for, or (S, U) of X X^T, the blocks of `point`: a start for a `fixedRank` objective.
 *
 * @throws LOWLAND_E_SHAPE unless the point has two real blocks with as many columns, or one
 * @throws LOWLAND_E_POINT when the matrix has a lower rank than its factors have columns
 */
export function fixedRankPoint(point: Point): Point {
  const [left, right = left, third] = point.layout.blocks;
  const rank = left?.shape[1];
  if (left === undefined || right === undefined || third !== undefined || rank === undefined || rank !== right.shape[1] || left.complex === true || right.complex === true) {
    throw new LowlandError('LOWLAND_E_SHAPE', `A point of two factors with as many columns, or of one, is needed; this has the blocks ${point.layout.blocks.map(({ name, shape }) => `${name} ${shape.join(' x ')}`).join(', ')}.`);
  }
  const size = { symmetric: left === right, rows: left.shape[0]!, cols: right.shape[0]!, rank };
  const found = rank <= Math.min(size.rows, size.cols) ? fromFactorsOf(size, point.data) : undefined;
  if (found === undefined) throw new LowlandError('LOWLAND_E_POINT', `The product of these factors has a rank below ${rank}.`, { details: { rank } });
  return createPoint(fixedRankLayout(size), found);
}

/** The balanced factors U sqrt(S), V sqrt(S) one after the other, or U sqrt(S) alone. */
export function balancedFactors(size: Size, point: Point): Float64Array {
  const { s, u, v } = partsOf(size, point);
  const svd = thinSvd(s);
  const roots = svd.s.map(Math.sqrt);
  const left = multiply(u, scaleColumns(svd.u, roots)).data;
  if (size.symmetric) return left;
  const right = multiply(v, scaleColumns(svd.v, roots)).data;
  const out = new Float64Array(left.length + right.length);
  out.set(left);
  out.set(right, left.length);
  return out;
}

/** The matrix of a factored start; where that has a lower rank, of iid normal factors. */
export function startFrom(size: Size, factors: Float64Array, key: StreamKey): Point {
  let found = fromFactorsOf(size, factors);
  if (found === undefined) {
    const drawn = new Float64Array(factors.length);
    normals(key, drawn);
    found = fromFactorsOf(size, drawn)!;
  }
  return createPoint(fixedRankLayout(size), found);
}
