/** Lines and bands of equal height on a grid. */
import { contours as d3Contours } from 'd3-contour';

import type { Line, Place } from '../draw/pen.ts';

export interface Grid {
  readonly columns: number;
  readonly rows: number;
  /** Of (column, row) in place row · columns + column; what is not finite is outside. */
  readonly values: Float64Array;
}

/** What lies at or above a level: rings in units of the grid, column 0 at 0. They run half a cell beyond it; draw them within the frame. */
export interface Band {
  readonly level: number;
  readonly rings: readonly Line[];
}

/** Bands at ascending levels. What is outside counts as high, so that basins stay closed. */
export function bandsOf({ columns, rows, values }: Grid, levels: readonly number[]): Band[] {
  const top = (levels.at(-1) ?? 0) + 1;
  const filled = Array.from(values, (value) => (Number.isFinite(value) ? value : top));
  return d3Contours()
    .size([columns, rows])
    .thresholds([...levels])(filled)
    .map(({ value, coordinates }) => ({
      level: value,
      // A sample's place is the middle of its cell.
      rings: coordinates.flatMap((polygon) => polygon.map((ring) => ring.map(([x = 0, y = 0]): Place => [x - 0.5, y - 0.5]))),
    }));
}

/**
 * The lines of equal height in a band's rings: rings close along the frame and half a cell beyond it, and along what is outside, which no line of
 * the landscape does, so pieces that do not lie among finite samples are left out.
 */
export function linesOf({ rings }: Band, { columns, rows, values }: Grid): Line[] {
  const finite = (x: number, y: number): boolean => Number.isFinite(values[y * columns + x]);
  const inside = ([x, y]: Place): boolean => x >= 0 && x <= columns - 1 && y >= 0 && y <= rows - 1 && finite(Math.floor(x), Math.floor(y)) && finite(Math.ceil(x), Math.ceil(y));
  return rings.flatMap((ring) => {
    if (ring.every(inside)) return [ring];
    const pieces: Place[][] = [];
    // Rings repeat their first point: start after a gap, so that no piece is cut in two.
    const points = ring.slice(0, -1);
    const gap = points.findIndex((point) => !inside(point));
    let piece: Place[] = [];
    for (let k = 1; k <= points.length; k++) {
      const point = points[(gap + k) % points.length]!;
      if (inside(point)) piece.push(point);
      else {
        if (piece.length > 1) pieces.push(piece);
        piece = [];
      }
    }
    return pieces;
  });
}
