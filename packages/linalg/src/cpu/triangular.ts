/**
 * Large triangular kernels in blocks: most of the work is matrix products, bound by arithmetic; the rest are small factors and solves.
 * One algorithm for every variant of the cpu device, which differ in their blocks.
 */

/** Rows and columns of a diagonal block. */
const blockSize = 32;

/** What the large kernels are made of. Places and strides count elements of the matrix beside them. */
export interface TriangularBlocks<M> {
  /** C -= A B */
  subtractProduct(m: number, n: number, k: number, a: M, aAt: number, ai: number, ak: number, b: M, bAt: number, bk: number, bj: number, c: M, cAt: number, cRow: number): void;
  /** The lower Cholesky factor of an n x n block, in place; false when it is not numerically positive definite. */
  factor(n: number, a: M, at: number, row: number): boolean;
  /** L^-1 or L^-T times `count` right-hand sides in place; number i of side j lies at xAt + i xi + j xj. */
  solve(n: number, l: M, lAt: number, lRow: number, transposed: boolean, count: number, x: M, xAt: number, xi: number, xj: number): void;
}

/** Lower Cholesky factor in place of an n x n matrix, of which the lower triangle is read; what lies above is spoilt. n^3/3 flops. */
export function blockedCholesky<M>(blocks: TriangularBlocks<M>, n: number, a: M): boolean {
  for (let j = 0; j < n; j += blockSize) {
    const size = Math.min(blockSize, n - j);
    const at = j * n + j;
    if (j > 0) blocks.subtractProduct(n - j, size, j, a, j * n, n, 1, a, j * n, 1, n, a, at, n);
    if (!blocks.factor(size, a, at, n)) return false;
    const below = j + size;
    if (below < n) blocks.solve(size, a, at, n, false, n - below, a, below * n + j, 1, n);
  }
  return true;
}

/**
 * x := op(L)^-1 x (`side` L) or x op(L)^-1 (`side` R) in place for a lower triangular n x n L. n^2 flops for each right-hand side.
 */
export function blockedSolve<M>(blocks: TriangularBlocks<M>, side: 'L' | 'R', t: 'N' | 'T', n: number, l: M, rows: number, cols: number, x: M): void {
  const left = side === 'L';
  const count = left ? cols : rows;
  // The unknowns of a right-hand side lie `along` apart, right-hand sides `across`.
  const [along, across] = left ? [cols, 1] : [1, cols];
  const backward = left === (t === 'T');
  if (n <= blockSize) {
    blocks.solve(n, l, 0, n, backward, count, x, 0, along, across);
    return;
  }
  const starts = Array.from({ length: Math.ceil(n / blockSize) }, (_, k) => k * blockSize);
  for (const i of backward ? starts.reverse() : starts) {
    const size = Math.min(blockSize, n - i);
    const [known, k] = backward ? [i + size, n - i - size] : [0, i];
    if (k > 0) {
      // Entry (p, q) of the block of op(L) that meets known unknowns q: rows p of the block, or its columns when L is read transposed.
      const [lAt, lp, lq] = backward ? [known * n + i, 1, n] : [i * n + known, n, 1];
      if (left) blocks.subtractProduct(size, count, k, l, lAt, lp, lq, x, known * along, along, 1, x, i * along, along);
      else blocks.subtractProduct(count, size, k, x, known, across, 1, l, lAt, lq, lp, x, i, across);
    }
    blocks.solve(size, l, i * n + i, n, backward, count, x, i * along, along, across);
  }
}
