/** Which product kernel, and how its work is shared out: by the sizes alone. */
import type { Transpose } from '@lowland/core';

import type { GpuVec } from './handles.ts';
import { type Lane, mostWorkgroups } from './runtime/lane.ts';
import type { Scratch } from './scratch.ts';
import { complexProduct, innerProduct, product, sumSlices } from './shaders/product.ts';

/**
 * Multiplications of one dispatch, at most: a twentieth of a second at the 80 GFlop/s of the slowest GPUs in use. Systems end programs
 * whose dispatches take seconds.
 */
const mostWork = 2 ** 31;
/** Below this many tiles a thread each would leave a GPU idle: then a workgroup takes a tile. */
const manyTiles = 8192;
/** Workgroups that keep a GPU busy, and the least terms of a slice that is worth a second pass. */
const [enoughGroups, leastShare] = [256, 512] as const;

/** out = alpha op(a) op(b) + beta out, m x n with k terms each; `most` multiplications in one dispatch. */
export function multiply(
  lane: Lane, scratch: Scratch, m: number, n: number, k: number, alpha: number, a: GpuVec, ta: Transpose, b: GpuVec, tb: Transpose, beta: number, out: GpuVec, most = mostWork,
): void {
  if (m === 0 || n === 0) return;
  const [aCols, bCols] = [ta === 'N' ? k : m, tb === 'N' ? n : k];
  const [ai, ak] = ta === 'N' ? [aCols, 1] : [1, aCols];
  const [bk, bj] = tb === 'N' ? [bCols, 1] : [1, bCols];
  const stores = { a: a.root.store, b: b.root.store, out: out.root.store };
  const strides = { n, k, ai, ak, bAt: b.offset, bk, bj, alpha, beta };
  const width = out.complex ? 2 : 1;
  const tiles = Math.ceil(m / 4) * Math.ceil(n / 4);

  if (!out.complex && tiles < manyTiles && k > 64) {
    const slices = Math.max(1, Math.min(Math.ceil(enoughGroups / tiles), Math.floor(k / leastShare)));
    const share = Math.ceil(k / slices);
    const [x, y] = grid(tiles);
    if (slices === 1) {
      lane.run(innerProduct, stores, { ...strides, m, aAt: a.offset, outAt: out.offset, share }, x, y);
      return;
    }
    const parts = scratch.take(4 * slices * m * n);
    lane.run(innerProduct, { ...stores, out: parts }, { ...strides, m, aAt: a.offset, outAt: 0, alpha: 1, beta: 0, share }, x, y, slices);
    lane.run(sumSlices, { slices: parts, out: out.root.store }, { n: m * n, count: slices, cols: n, stride: n, outAt: out.offset, alpha, beta }, Math.ceil((m * n) / 256));
    return;
  }

  // By rows, each dispatch within its time.
  const rows = Math.max(4, 4 * Math.floor(most / (4 * n * Math.max(k, 1))));
  for (let from = 0; from < m; from += rows) {
    const count = Math.min(rows, m - from);
    const places = { m: count, aAt: a.offset + from * ai * width, outAt: out.offset + from * n * width };
    if (out.complex) {
      const signs = { aSign: ta === 'C' ? -1 : 1, bSign: tb === 'C' ? -1 : 1 };
      lane.run(complexProduct, stores, { ...strides, ...places, ...signs }, Math.min(Math.ceil((count * n) / 256), mostWorkgroups));
    } else {
      const [x, y] = grid(Math.ceil((Math.ceil(count / 4) * Math.ceil(n / 4)) / 64));
      lane.run(product, stores, { ...strides, ...places }, x, y);
    }
    if (count < m) lane.submit();
  }
}

/** So many workgroups at least, in two dimensions where one has not as many. */
function grid(groups: number): readonly [number, number] {
  const x = Math.min(groups, mostWorkgroups);
  return [x, Math.ceil(groups / x)];
}
