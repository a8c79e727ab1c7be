/** Magnitudes of measurements on the vector variant: parts shared out, their sums added up in their order. */
import type { Dtype, ExtraKernels } from '@lowland/core';

import { requirePhase } from '../cpu/phase.ts';
import { partsOf, partStart } from '../cpu/sensing.ts';
import type { Arena } from './arena.ts';
import { addresses } from './device.ts';
import type { Library } from './library.ts';

/** Bytes of the rows of a block: half of a first-level cache, the other half for vectors and sums. Whole fours of rows. */
const blockBytes = 2 ** 14;
const most = 64;
const blockOf = (rowBytes: number): number => Math.max(4, Math.min(most, 4 * Math.floor(blockBytes / (4 * Math.max(1, rowBytes)))));
/** What a number of a complex row takes in flops, and one of a real row; reading counts. */
const [complexFlops, realFlops] = [10, 6];

export function phaseKernels(arena: Arena, library: Library, dtype: Dtype): Pick<ExtraKernels, 'phaseProducts'> {
  const size = dtype === 'f64' ? 8 : 4;
  const address = addresses(arena.kinds[dtype]);
  return {
    phaseProducts: (scale, a, y, smoothing, x, rho, out, dx) => {
      requirePhase(scale, a, y, smoothing, x, rho, out, dx);
      const { fill, axpy, split, merge } = library.phase;
      const n = x.length;
      const [a0, y0, x0, rho0, out0, dx0] = [address(a), address(y), address(x), address(rho), address(out), address(dx)];
      const planes = a.complex ? 2 : 1;
      const flops = (a.complex ? complexFlops : realFlops) * a.length;
      const shared = library.shares(flops);
      const { phaseRows } = library.parts(library.phase, flops);
      const parts = partsOf(a.rows, n);
      const row = size * n;
      const block = blockOf(row);
      // Both forms of x and of dx, then of a part, or of each where they are shared, its sums and the products of a block.
      const own = planes * row + 4 * size * block;
      const at = arena.work(4 * row + own * (shared ? parts : 1));
      const along = dx0 === 0 ? 0 : a.complex ? at + 2 * row : dx0;
      if (a.complex) {
        split(n, x0, at);
        if (dx0 !== 0) split(n, dx0, along);
      }
      const sumsOf = (part: number): number => at + 4 * row + (shared ? own * part : 0);
      const add = (part: number): void => {
        if (out0 === 0) return;
        if (a.complex) merge(n, sumsOf(part), out0);
        else axpy(n, 1, sumsOf(part), out0);
      };
      if (out0 !== 0) fill(n, 0, out0);
      for (let part = 0; part < parts; part++) {
        const from = partStart(a.rows, parts, part);
        const sums = sumsOf(part);
        fill(planes * n, 0, sums);
        phaseRows(
          partStart(a.rows, parts, part + 1) - from, block, n, planes, a0 + row * from, y0 + size * from, smoothing === undefined ? 0 : 1,
          smoothing === undefined ? 0 : smoothing * smoothing, a.complex ? at : x0, along, scale, rho0 + size * from, out0 === 0 ? 0 : sums, sums + planes * row,
        );
        if (!shared) add(part);
      }
      library.join();
      if (shared) for (let part = 0; part < parts; part++) add(part);
    },
  };
}
