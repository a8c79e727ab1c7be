/** Which product kernel, and how its work is shared out: by the sizes alone. */
import type { Transpose } from '@lowland/core';

import type { GpuVec } from './handles.ts';
import type { Lane } from './runtime/lane.ts';
import type { Scratch } from './scratch.ts';
import { complexProduct, innerProduct, product, sumSlices } from './shaders/product.ts';

/** Below this many tiles a thread each would leave a GPU idle: then a workgroup takes a tile. */
const manyTiles = 8192;
/** Workgroups that keep a GPU busy, and the least terms of a slice that is worth a second pass. */
const [enoughGroups, leastShare] = [256, 512] as const;

/** out = alpha op(a) op(b) + beta out, m x n with k terms each. */
export function multiply(
  lane: Lane, scratch: Scratch, m: number, n: number, k: number, alpha: number, a: GpuVec, ta: Transpose, b: GpuVec, tb: Transpose, beta: number, out: GpuVec,
): void {
  if (m === 0 || n === 0) return;
  const [aCols, bCols] = [ta === 'N' ? k : m, tb === 'N' ? n : k];
  const [ai, ak] = ta === 'N' ? [aCols, 1] : [1, aCols];
  const [bk, bj] = tb === 'N' ? [bCols, 1] : [1, bCols];
  const stores = { a: a.root.store, b: b.root.store, out: out.root.store };
  const places = { m, n, k, aAt: a.offset, ai, ak, bAt: b.offset, bk, bj, outAt: out.offset, alpha, beta };
  const work = m * n * Math.max(k, 1);
  // vectors that it is multiplied with may be plain lists of pairs
  if (a.complex) {
    const signs = { aSign: ta === 'C' ? -1 : 1, bSign: tb === 'C' ? -1 : 1 };
    lane.spread(complexProduct, stores, { ...places, ...signs }, Math.ceil((m * n) / 256), 4 * work);
    return;
  }
  const tiles = Math.ceil(m / 4) * Math.ceil(n / 4);

  if (tiles >= manyTiles || k <= 64) {
    lane.spread(product, stores, places, Math.ceil(tiles / 64), work);
    return;
  }
  const slices = Math.max(1, Math.min(Math.ceil(enoughGroups / tiles), Math.floor(k / leastShare)));
  const share = Math.ceil(k / slices);
  if (slices === 1) {
    lane.spread(innerProduct, stores, { ...places, share }, tiles, work);
    return;
  }
  const parts = scratch.take(4 * slices * m * n);
  lane.spread(innerProduct, { ...stores, out: parts }, { ...places, outAt: 0, alpha: 1, beta: 0, share }, tiles * slices, work);
  lane.spread(sumSlices, { slices: parts, out: out.root.store }, { n: m * n, count: slices, cols: n, stride: n, outAt: out.offset, alpha, beta }, Math.ceil((m * n) / 256), slices * m * n);
}
