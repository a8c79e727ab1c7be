import type { TriangularBlocks } from '../cpu/triangular.ts';
import type { Arena } from './arena.ts';
import type { Library } from './library.ts';
import type { Product } from './product.ts';
import { solveBytes } from './triangular-module.ts';

/** Blocks of the large triangular kernels on numbers of `size` bytes in an arena. A diagonal block is widened to f64 into scratch first. */
export function triangularBlocks(arena: Arena, library: Library, size: number, product: Product): TriangularBlocks<{ readonly at: number }> {
  return {
    subtractProduct: (m, n, k, a, aAt, ai, ak, b, bAt, bk, bj, c, cAt, cRow) => {
      product(m, n, k, -1, a.at + size * aAt, size * ai, size * ak, b.at + size * bAt, size * bk, size * bj, 1, c.at + size * cAt, size * cRow, false);
    },
    factor: (n, a, at, row) => {
      const { widen, factor, narrow } = library.triangular;
      const work = arena.work(8 * n * n);
      const from = a.at + size * at;
      widen(n, from, size * row, 0, work);
      if (factor(n, work) === 0) return false;
      narrow(n, work, from, size * row);
      return true;
    },
    solve: (n, l, lAt, lRow, transposed, count, x, xAt, xi, xj) => {
      const { widen, solve } = library.triangular;
      const work = arena.work(8 * n * n + solveBytes(n));
      const sides = x.at + size * xAt;
      widen(n, l.at + size * lAt, size * lRow, 0, work);
      solve(n, work, transposed ? 2 : 1, count, sides, size * xi, size * xj, sides, size * xi, size * xj, work + 8 * n * n);
    },
  };
}
