/**
 * Factored matrices on the host: X = L Rᵀ, or X = L Lᵀ where one block is its own partner. X is never formed.
 */
import { blockOf, createPoint, LowlandError, type Factors, type Layout, type Point } from '@lowland/core';
import { columns, joinColumns, matrix, multiply, scaleColumns, thinQr, thinSvd, type Matrix } from '@lowland/linalg';

/** X = left rightᵀ with left m × r and right n × r; `symmetric` when they are one and the same block. */
export interface Factored {
  readonly symmetric: boolean;
  readonly left: Matrix;
  readonly right: Matrix;
}

/** X = U diag(s) Vᵀ with orthonormal columns, s descending, at most min(m, n, r) of them. */
export interface ThinProduct {
  readonly symmetric: boolean;
  readonly u: Matrix;
  readonly s: Float64Array;
  readonly v: Matrix;
}

/** The names of the two blocks that multiply. @throws LOWLAND_E_FACTORS when there is not exactly one pair. */
function onlyPair(factors: Factors): readonly [string, string] {
  const [pair, ...others] = factors.pairs;
  if (pair === undefined || others.length > 0) {
    throw new LowlandError(
      'LOWLAND_E_FACTORS',
      `One pair of factors makes a matrix X = L Rᵀ, but this objective has ${factors.pairs.length}.`,
    );
  }
  return pair;
}

function blockMatrix(point: Point, name: string): Matrix {
  const data = blockOf(point, name);
  const [rows = 0, cols = 1] = point.layout.blocks.find((block) => block.name === name)?.shape ?? [];
  return matrix(rows, cols, data);
}

/**
 * The two factors at a point: views of its numbers, not copies.
 *
 * @throws LOWLAND_E_FACTORS when the objective has not exactly one pair of factors.
 */
export function factorsAt(point: Point, factors: Factors): Factored {
  const [left, right] = onlyPair(factors);
  const a = blockMatrix(point, left);
  return left === right ? { symmetric: true, left: a, right: a } : { symmetric: false, left: a, right: blockMatrix(point, right) };
}

/** How many columns the factors have. */
export function columnsOf(layout: Layout, factors: Factors): number {
  const [left] = onlyPair(factors);
  return layout.blocks.find((block) => block.name === left)?.shape[1] ?? 1;
}

/** The layout of the same problem with another number of columns. */
export function layoutOfRank(layout: Layout, factors: Factors, rank: number): Layout {
  const names = onlyPair(factors);
  return {
    blocks: layout.blocks.map((block) => (names.includes(block.name) ? { ...block, shape: [block.shape[0] ?? 0, rank] } : block)),
  };
}

/** The point whose factors are these; its layout is that of their number of columns. */
export function pointOf(layout: Layout, factors: Factors, { left, right }: Factored): Point {
  const names = onlyPair(factors);
  const point = createPoint(layoutOfRank(layout, factors, left.cols));
  blockOf(point, names[0]).set(left.data);
  if (names[0] !== names[1]) blockOf(point, names[1]).set(right.data);
  return point;
}

/**
 * The singular value decomposition of the product by QR of both factors and an SVD of the small core:
 * O((m + n) r²), bound by memory.
 */
export function productSvd({ symmetric, left, right }: Factored): ThinProduct {
  const a = thinQr(left);
  if (symmetric) {
    const { u, s } = thinSvd(a.r);
    const vectors = multiply(a.q, u);
    return { symmetric, u: vectors, s: s.map((value) => value * value), v: vectors };
  }
  const b = thinQr(right);
  const core = thinSvd(multiply(a.r, b.r, { transposeB: true }));
  return { symmetric, u: multiply(a.q, core.u), s: core.s, v: multiply(b.q, core.v) };
}

/**
 * The balanced factors U√s, V√s: of all factors of X those with the least ½(|L|² + |R|²), which is then |X|_*.
 * With `rank`, zero columns are added or the last ones dropped.
 */
export function balancedFactors({ symmetric, u, s, v }: ThinProduct, rank = s.length): Factored {
  const kept = Math.min(rank, s.length);
  const roots = s.slice(0, kept).map(Math.sqrt);
  const left = withColumns(scaleColumns(columns(u, 0, kept), roots), rank);
  return { symmetric, left, right: symmetric ? left : withColumns(scaleColumns(columns(v, 0, kept), roots), rank) };
}

/** The first `count` columns, or all of them and zero columns behind. */
export function withColumns(a: Matrix, count: number): Matrix {
  return count <= a.cols ? columns(a, 0, count) : joinColumns(a, matrix(a.rows, count - a.cols));
}

/** Singular values of a product below this part of the largest are rounding: it then has no balanced factors of full rank. */
export const productCut = 1e-10;

/** Whether a product of matrices with these norms, multiplied, has the rank r beyond rounding, by its singular values. */
export const hasRank = (s: ArrayLike<number>, r: number, norms: number): boolean => (s[r - 1] ?? 0) > Math.max(productCut * s[0]!, 1e-13 * norms);

/** How many singular values lie above `cut` times the largest. */
export function numericalRank(s: ArrayLike<number>, cut = 1e-6): number {
  const largest = s[0] ?? 0;
  let rank = 0;
  while (rank < s.length && s[rank]! > cut * largest) rank++;
  return rank;
}
