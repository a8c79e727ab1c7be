/** A section as it is drawn: what is the same for every way of drawing it, computed once. */
import type { RegionsView, SliceView } from '../../model/types.ts';
import { type Band, bandsOf, type Grid, linesOf } from './contours.ts';
import type { Line } from '../draw/pen.ts';
import { type Heights, heightsOf, levelsOf, type Spacing } from './levels.ts';

export interface Plane {
  readonly slice: SliceView & { readonly t: Float64Array };
  readonly grid: Grid;
  readonly heights: Heights;
  readonly spacing: Spacing;
  readonly bands: readonly Band[];
  /** One entry for each band, in units of the grid. */
  readonly lines: readonly (readonly Line[])[];
  /** Coordinates of the least value of the grid. */
  readonly least: { readonly s: number; readonly t: number; readonly value: number };
}

export const isPlane = (slice: SliceView): slice is SliceView & { readonly t: Float64Array } => slice.t !== null;

/** undefined where no value of the section is finite. */
export function planeOf(slice: SliceView & { readonly t: Float64Array }, spacing: Spacing, share: number, count = 16): Plane | undefined {
  const heights = heightsOf(slice.values, share);
  if (heights === undefined) return undefined;
  const grid = { columns: slice.s.length, rows: slice.t.length, values: slice.values };
  const bands = bandsOf(grid, levelsOf(heights, spacing, count));
  const at = slice.values.indexOf(heights.least);
  return { slice, grid, heights, spacing, bands, lines: bands.map((band) => linesOf(band, grid)), least: { s: slice.s[at % grid.columns]!, t: slice.t[Math.floor(at / grid.columns)]!, value: heights.least } };
}

/** Cells of a grid with one number, as rectangles of one row: [column, row, length]. */
export function stretches(columns: number, rows: number, is: (at: number) => boolean): (readonly [column: number, row: number, length: number])[] {
  const out: [number, number, number][] = [];
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) {
      if (!is(row * columns + column)) continue;
      const start = column;
      while (column + 1 < columns && is(row * columns + column + 1)) column++;
      out.push([start, row, column - start + 1]);
    }
  }
  return out;
}

/** The region at a place: regions are computed on a grid of their own. */
export function regionAt({ s, t, region }: RegionsView, x: number, y: number): number {
  const nearest = (axis: Float64Array, value: number): number => Math.min(axis.length - 1, Math.max(0, Math.round(((value - axis[0]!) / (axis.at(-1)! - axis[0]!)) * (axis.length - 1))));
  return region[(t === null ? 0 : nearest(t, y) * s.length) + nearest(s, x)]!;
}
