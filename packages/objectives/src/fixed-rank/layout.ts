import type { Device, Layout, Mat, Vec } from '@lowland/core';

/** X = U S V^T, rows x cols of rank `rank`; U S U^T where `symmetric`. */
export interface Size {
  readonly symmetric: boolean;
  readonly rows: number;
  readonly cols: number;
  readonly rank: number;
}

/** S: rank x rank, U: rows x rank, and unless symmetric V: cols x rank; tangent vectors have M, U_p, V_p in these places. */
export function fixedRankLayout({ symmetric, rows, cols, rank }: Size): Layout {
  const blocks = [
    { name: 'S', shape: [rank, rank] },
    { name: 'U', shape: [rows, rank] },
  ];
  return { blocks: symmetric ? blocks : [...blocks, { name: 'V', shape: [cols, rank] }] };
}

/** The blocks of a vector on a device; v is u where there is no V. */
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
      known.set(x, (found = { s: blocks['S']!, u: blocks['U']!, v: blocks['V'] ?? blocks['U']! }));
    }
    return found;
  };
}
