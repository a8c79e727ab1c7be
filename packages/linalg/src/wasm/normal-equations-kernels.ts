/** `normalEquations` over the compiled functions: parts of the rows, one call each; rows that are singular are left to the plain code. */
import type { Dtype, Ints, Vec } from '@lowland/core';

import { handle, numbers, whole } from '../cpu/handles.ts';
import { partEnd } from '../cpu/observed.ts';
import type { KernelFunctions } from '../cpu/plain-kernels.ts';
import { createSmallWorkspace, normalEquation, requireNormalEquations } from '../cpu/small-solves.ts';
import type { Arena } from './arena.ts';
import { addressOf, type ArenaHandle, type ArenaInts } from './device.ts';
import type { Library } from './library.ts';
import { normalEquationsBytes } from './normal-equations-module.ts';

/** Parts are about this many multiplications long, some hundred microseconds, and not more than so many: each has its own scratch. */
const partProducts = 2 ** 19;
const mostParts = 32;

export function normalEquationsKernels(arena: Arena, library: Library, dtype: Dtype): Pick<KernelFunctions, 'normalEquations'> {
  const kind = arena.kinds[dtype];
  const address = (x: Vec | Ints | undefined): number => (x === undefined ? 0 : addressOf(x as ArenaHandle | ArenaInts, kind));
  const workspace = createSmallWorkspace();
  return {
    normalEquations: (pointers, index, values, weights, v, shift, out) => {
      requireNormalEquations(pointers, index, values, weights, v, out);
      const [rows, r] = [out.rows, out.cols];
      const products = index.length * r * r + (rows * r ** 3) / 3;
      const { solve, solveWeighted } = library.parts(library.normalEquations, 2 * products);
      const run = weights === undefined ? solve : solveWeighted;
      const at = address(pointers);
      const [atIndex, atValues, atWeights, atV, atOut] = [address(index), address(values), address(weights), address(v), address(out)];
      const parts = Math.max(1, Math.min(mostParts, Math.round(products / partProducts)));
      const bytes = normalEquationsBytes(r);
      const work = arena.work(bytes * parts);
      for (let part = 0, from = 0; part < parts; part++) {
        const to = partEnd(arena.i32, at / 4, rows, part, parts);
        run(at + 4 * from, at + 4 * to, atIndex, atValues, atWeights, atV, r, shift, atOut + kind.bytes * r * from, work + bytes * part);
        from = to;
      }
      library.join();
      if (r === 0) return;
      const x = handle(out);
      const solved = x.data;
      for (let i = 0; i < rows; i++) if (Number.isNaN(solved[i * r]!)) leastNorm(i);

      function leastNorm(i: number): void {
        normalEquation(workspace, i, whole(pointers).data, whole(index).data, numbers(values), weights && numbers(weights), handle(v), shift, x);
      }
    },
  };
}
