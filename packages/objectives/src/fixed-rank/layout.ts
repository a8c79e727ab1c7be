import type { Device, Layout, Mat, Vec } from '@lowland/core';

/** X = U S V^T, rows x cols of rank `rank`. */
export interface Size {
  readonly rows: number;
  readonly cols: number;
  readonly rank: number;
}

/** S: rank x rank, U: rows x rank, V: cols x rank; tangent vectors have M, U_p, V_p in these places. */
export function fixedRankLayout({ rows, cols, rank }: Size): Layout {
  return {
    blocks: [
      { name: 'S', shape: [rank, rank] },
      { name: 'U', shape: [rows, rank] },
      { name: 'V', shape: [cols, rank] },
    ],
  };
}

/** The three blocks of a vector on a device. */
export interface Blocks {
  readonly s: Mat;
  readonly u: Mat;
  readonly v: Mat;
}

export function blocksIn(device: Device, layout: Layout): (x: Vec) => Blocks {
  const known = new WeakMap<Vec, Blocks>();
  return (x) => {
    let found = known.get(x);
    if (found === undefined) {
      const blocks = device.blocks(x, layout);
      known.set(x, (found = { s: blocks['S']!, u: blocks['U']!, v: blocks['V']! }));
    }
    return found;
  };
}
