/** Points of fixed rank on the host. */
import { blockOf, createPoint, LowlandError, normals, type Manifold, type Point, type StreamKey } from '@lowland/core';
import { matrix, multiply, scaleColumns, thinQr, thinSvd, type Matrix } from '@lowland/linalg';

import { fixedRankLayout, type Size } from './layout.ts';

/** Orthonormal to this: as f32 rounds it, and brought back. */
const near = 1e-4;
/** Orthonormal, and S triangular, to this: left as it is. */
const exact = 1e-12;
/** Singular values below this part of the largest are rounding. */
const deficient = 1e-14;

/** Matrices of rank exactly r, of dimension (rows + cols - r) r. */
export function fixedRankManifold(size: Size): Manifold {
  const { rows, cols, rank } = size;
  return {
    name: `rank ${rank}`,
    dimension: (rows + cols - rank) * rank,
    admit(point) {
      const { s, u, v } = partsOf(size, point);
      const off = Math.max(departure(u), departure(v));
      if (!(off <= near)) {
        throw new LowlandError('LOWLAND_E_POINT', `The start is not on the manifold (rank ${rank}): the columns of U and V are orthonormal, and these miss it by ${off.toExponential(1)}. Make a start from factors by fixedRankPoint.`, {
          details: { departure: off },
        });
      }
      const largest = s.data.reduce((most, entry) => Math.max(most, Math.abs(entry)), 0);
      const triangular = s.data.every((entry, k) => k % rank <= Math.floor(k / rank) || Math.abs(entry) <= exact * largest);
      const diagonalised = fromProduct(multiply(u, s), v);
      if (diagonalised === undefined) {
        throw new LowlandError('LOWLAND_E_POINT', `The start has a rank below ${rank}: its least singular value is rounding. Lower the rank, or start elsewhere.`, { details: { rank } });
      }
      return off <= exact && triangular ? point : createPoint(fixedRankLayout(size), diagonalised);
    },
  };
}

function partsOf({ rows, cols, rank }: Size, point: Point): { readonly s: Matrix; readonly u: Matrix; readonly v: Matrix } {
  return { s: matrix(rank, rank, blockOf(point, 'S')), u: matrix(rows, rank, blockOf(point, 'U')), v: matrix(cols, rank, blockOf(point, 'V')) };
}

function departure(q: Matrix): number {
  return multiply(q, q, { transposeA: true }).data.reduce((most, entry, k) => Math.max(most, Math.abs(entry - Number(k % (q.cols + 1) === 0))), 0);
}

/** S, U, V one after the other with U S V^T = L R^T and S diagonal; undefined where L R^T has a lower rank. */
function fromProduct(l: Matrix, r: Matrix): Float64Array | undefined {
  if (!l.data.every(Number.isFinite) || !r.data.every(Number.isFinite)) return undefined;
  const [left, right] = [thinQr(l), thinQr(r)];
  const { u, s, v } = thinSvd(multiply(left.r, right.r, { transposeB: true }));
  const rank = l.cols;
  if (!(s[rank - 1]! > deficient * s[0]!)) return undefined;
  const out = new Float64Array(rank * (rank + l.rows + r.rows));
  s.forEach((value, k) => (out[k * (rank + 1)] = value));
  out.set(multiply(left.q, u).data, rank * rank);
  out.set(multiply(right.q, v).data, rank * (rank + l.rows));
  return out;
}

/**
 * The point (S, U, V) of the matrix L R^T that two factors stand for, the blocks of `point`: a start for a `fixedRank` objective.
 *
 * @throws LOWLAND_E_SHAPE unless the point has two real blocks with as many columns
 * @throws LOWLAND_E_POINT when L R^T has a lower rank than its factors have columns
 */
export function fixedRankPoint(point: Point): Point {
  const [left, right, third] = point.layout.blocks;
  const rank = left?.shape[1];
  if (left === undefined || right === undefined || third !== undefined || rank === undefined || rank !== right.shape[1]) {
    throw new LowlandError('LOWLAND_E_SHAPE', `A point of two factors with as many columns is needed; this has the blocks ${point.layout.blocks.map(({ name, shape }) => `${name} ${shape.join(' x ')}`).join(', ')}.`);
  }
  const [rows, cols] = [left.shape[0]!, right.shape[0]!];
  const found = rank <= Math.min(rows, cols) ? fromProduct(matrix(rows, rank, blockOf(point, left.name)), matrix(cols, rank, blockOf(point, right.name))) : undefined;
  if (found === undefined) throw new LowlandError('LOWLAND_E_POINT', `The product of these factors has a rank below ${rank}.`, { details: { rank } });
  return createPoint(fixedRankLayout({ rows, cols, rank }), found);
}

/** The balanced factors U sqrt(S), V sqrt(S) one after the other, by the singular values of S. */
export function balancedFactors(size: Size, point: Point): Float64Array {
  const { s, u, v } = partsOf(size, point);
  const svd = thinSvd(s);
  const roots = svd.s.map(Math.sqrt);
  const out = new Float64Array((size.rows + size.cols) * size.rank);
  out.set(multiply(u, scaleColumns(svd.u, roots)).data);
  out.set(multiply(v, scaleColumns(svd.v, roots)).data, size.rows * size.rank);
  return out;
}

/** The matrix of a factored start; where that has a lower rank, of iid normal factors. */
export function startFrom({ rows, cols, rank }: Size, factors: Float64Array, key: StreamKey): Point {
  const drawn = new Float64Array(factors.length);
  const product = (data: Float64Array) => fromProduct(matrix(rows, rank, data.slice(0, rows * rank)), matrix(cols, rank, data.slice(rows * rank)));
  let found = product(factors);
  if (found === undefined) {
    normals(key, drawn);
    found = product(drawn)!;
  }
  return createPoint(fixedRankLayout({ rows, cols, rank }), found);
}
