/** Rank-one measurements on the vector variant: factors are packed, parts shared out, their sums added up. */
import type { Dtype, ExtraKernels } from '@lowland/core';

import { blockOf, rankOneParts, requireRankOne } from '../cpu/rank-one.ts';
import { partStart } from '../cpu/sensing.ts';
import type { Arena } from './arena.ts';
import { addresses } from './device.ts';
import type { Library } from './library.ts';

export function rankOneProducts(arena: Arena, library: Library, dtype: Dtype): ExtraKernels['rankOneProducts'] {
  const size = dtype === 'f64' ? 8 : 4;
  const lanes = 16 / size;
  const address = addresses(arena.kinds[dtype]);
  return (scale, a, b, y, u, v, rho, left, right, du, dv) => {
    requireRankOne(scale, a, b, y, u, v, rho, left, right, du, dv);
    const { pack, gather } = library.rankOne;
    const { fill } = library.vector;
    const [m, n1, n2, r] = [a.rows, a.cols, b.cols, u.cols];
    const wide = lanes * Math.ceil(r / lanes);
    const [a0, b0, y0, rho0, left0, right0, u0, v0, du0, dv0] = [a, b, y, rho, left, right, u, v, du, dv].map(address) as [number, number, number, number, number, number, number, number, number, number];
    const block = blockOf(n1 + n2);
    const parts = rankOneParts(m, n1 + n2, r);
    const row = size * wide;
    const flops = 4 * m * (n1 + n2) * r;
    const shared = library.shares(flops);
    const { rankOneRows } = library.parts(library.rankOne, flops);
    // Packed factors, then of a part, or of each where they are shared, its sums and what its blocks need.
    const own = row * (n1 + n2 + 5 * block) + size * block;
    const factor1 = arena.work(2 * row * (n1 + n2) + own * (shared ? parts : 1));
    const [factor2, differential1] = [factor1 + row * n1, factor1 + row * (n1 + n2)];
    const differential2 = differential1 + row * n1;
    const sums = differential2 + row * n2;
    const add = (part: number): void => {
      const sumLeft = sums + (shared ? own * part : 0);
      const added = part === 0 ? 0 : 1;
      if (left0 !== 0) gather(n1, r, sumLeft, left0, added);
      if (right0 !== 0) gather(n2, r, sumLeft + row * n1, right0, added);
    };
    pack(r, n1, u0, size * r, size, factor1);
    const same = a0 === b0 && u0 === v0;
    if (!same) pack(r, n2, v0, size * r, size, factor2);
    if (du !== undefined) pack(r, n1, du0, size * r, size, differential1);
    const sameToo = same && du0 === dv0;
    if (dv !== undefined && !sameToo) pack(r, n2, dv0, size * r, size, differential2);
    for (let part = 0; part < parts; part++) {
      const from = partStart(m, parts, part);
      const sumLeft = sums + (shared ? own * part : 0);
      const sumRight = sumLeft + row * n1;
      if (left0 !== 0) fill(r * n1, 0, sumLeft);
      if (right0 !== 0) fill(r * n2, 0, sumRight);
      rankOneRows(
        partStart(m, parts, part + 1) - from, block, n1, n2, r, wide, a0 + size * n1 * from, b0 + size * n2 * from, y0 + size * from,
        factor1, same ? factor1 : factor2, du === undefined ? 0 : differential1, du === undefined ? 0 : sameToo ? differential1 : differential2,
        scale, rho0 + size * from, left0 === 0 ? 0 : sumLeft, right0 === 0 ? 0 : sumRight, sumRight + row * n2,
      );
      if (!shared) add(part);
    }
    library.join();
    // In the order of the parts, whoever computed them.
    if (shared) for (let part = 0; part < parts; part++) add(part);
  };
}
