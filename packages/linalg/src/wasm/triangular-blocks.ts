import type { TriangularBlocks } from '../cpu/triangular.ts';
import type { Arena } from './arena.ts';
import type { Library } from './library.ts';
import type { Product } from './product.ts';
import { solveBytes } from './triangular-module.ts';

/** What a term of a substitution takes, in flops of a product; right-hand sides that go side by side. */
const substituteFlops = 6;
const sidesMultiple = 8;

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
      const flops = substituteFlops * n * n * count;
      const sides = library.partOf(count, flops, sidesMultiple);
      const work = arena.work(8 * n * n + solveBytes(n) * Math.ceil(count / sides));
      library.triangular.widen(n, l.at + size * lAt, size * lRow, 0, work);
      const { solve } = library.parts(library.triangular, flops);
      let own = work + 8 * n * n;
      for (let j = 0; j < count; j += sides) {
        const at = x.at + size * (xAt + xj * j);
        solve(n, work, transposed ? 2 : 1, Math.min(sides, count - j), at, size * xi, size * xj, at, size * xi, size * xj, own);
        own += solveBytes(n);
      }
      library.join();
    },
  };
}
