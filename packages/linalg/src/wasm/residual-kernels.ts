/** `residualProducts` over the compiled functions: the parts of the rows, one call each, then what their sums add up to. */
import type { Dtype } from '@lowland/core';

import type { KernelFunctions } from '../cpu/plain-kernels.ts';
import { requireResidualShapes, rowsOfPart, rowsOfTile } from '../cpu/residual.ts';
import type { Arena } from './arena.ts';
import { addressOf, type ArenaHandle } from './device.ts';
import type { Library } from './library.ts';
import { packedBytes, partLayout } from './residual-module.ts';

export function residualKernels(arena: Arena, library: Library, dtype: Dtype): Pick<KernelFunctions, 'residualProducts'> {
  const kind = arena.kinds[dtype];
  const size = kind.bytes;
  const address = (x: unknown): number => (x === undefined ? 0 : addressOf(x as ArenaHandle, kind));
  return {
    residualProducts: (target, u, v, scale, b, left, c, right, out, at = 0) => {
      requireResidualShapes(target, u, v, b, left, c, right, out, at);
      const [m, n, k, r] = [target.rows, target.cols, u.cols, (b ?? c ?? u).cols];
      const [toLeft, toRight, fromC] = [address(left), address(right), address(c)];
      const [atTarget, atU, atV, atB, slot] = [address(target), address(u), address(v), address(b), address(out) / size + at];
      if (m === 0 || n === 0) {
        const nothing = 0 + scale * 0;
        if (left !== undefined) library.vector.fill(left.length, nothing, toLeft);
        if (right !== undefined) library.vector.fill(right.length, nothing, toRight);
        arena[dtype][slot] = 0;
        return;
      }
      const functions = library.residual(k);
      const { pack, unpack } = functions;
      const { part } = library.parts(functions, 6 * m * n * r);
      const layout = partLayout(n, r, size);
      const height = rowsOfPart(m, n, Math.max(k, r));
      const parts = Math.ceil(m / height);
      const own = toRight === 0 ? layout.right : layout.bytes;
      const packed = arena.work(packedBytes(n, k, size) + parts * own);
      const first = packed + packedBytes(n, k, size);
      pack(n, k, atV, packed);
      for (let p = 0; p < parts; p++) {
        const row = p * height;
        const down = size * r * row;
        const rows = Math.min(height, m - row);
        part(
          rows, rowsOfTile(rows), n, k, r, atTarget + size * n * row, atU + size * k * row, packed, scale,
          atB, toLeft === 0 ? 0 : toLeft + down, fromC === 0 ? 0 : fromC + down, first + p * own,
        );
      }
      library.join();
      // In the order of the parts, whoever computed them.
      let squares = 0;
      for (let p = 0; p < parts; p++) {
        const from = first + p * own;
        squares += arena[dtype][(from + layout.squares) / size]!;
        if (p > 0 && toRight !== 0) library.vector.axpy((layout.bytes - layout.right) / size, 1, from + layout.right, first + layout.right);
      }
      arena[dtype][slot] = squares;
      if (toRight !== 0) unpack(n, r, scale, first + layout.right, toRight);
    },
  };
}
