import type { Line, Place } from '../draw/pen.ts';
import type { Drawing } from '../export/picture.ts';
import { type Mesh, tall } from './mesh.ts';
import { type Orbit, projection } from './orbit.ts';

/** Squares along each side at most: a file of more is slow to open, and looks the same. */
const most = 72;

const hex = (r: number, g: number, b: number): string => `#${[r, g, b].map((byte) => Math.round(byte).toString(16).padStart(2, '0')).join('')}`;

/** The surface as polygons, the farthest first: for files, and for those who have no WebGL but want it. */
export function drawSurface(mesh: Mesh, orbit: Orbit): Drawing {
  return (pen, theme, { width, height }) => {
    const to = projection(orbit, width, height);
    const point = (positions: Float32Array, at: number): readonly [number, number, number] => to([positions[3 * at]!, positions[3 * at + 1]!, positions[3 * at + 2]!]);
    const { columns, rows, positions, colours } = mesh;
    const step = Math.max(1, Math.ceil((Math.max(columns, rows) - 1) / most));
    const there = new Set<number>();
    for (let k = 0; k < mesh.indices.length; k += 6) there.add(mesh.indices[k]!);
    const faces: { readonly depth: number; readonly ring: Line; readonly colour: string }[] = [];
    for (let row = 0; row + 1 < rows; row += step) {
      for (let column = 0; column + 1 < columns; column += step) {
        const [right, up] = [Math.min(column + step, columns - 1), Math.min(row + step, rows - 1)];
        const corners = [row * columns + column, row * columns + right, up * columns + right, up * columns + column];
        if (!there.has(corners[0]!) || corners.some((at) => positions[3 * at + 2]! > tall * 1.0001)) continue;
        const shown = corners.map((at) => point(positions, at));
        const mean = [0, 1, 2].map((i) => corners.reduce((sum, at) => sum + colours[3 * at + i]!, 0) / 4);
        faces.push({ depth: shown.reduce((sum, [, , depth]) => sum + depth, 0) / 4, ring: shown.map(([x, y]): Place => [x, y]), colour: hex(...(mean as [number, number, number])) });
      }
    }
    faces.sort((a, b) => b.depth - a.depth);
    // A thin edge of its own colour closes the seams between neighbours.
    for (const { ring, colour } of faces) pen.area([ring], { fill: colour, stroke: colour, width: 0.6 });
    for (const { positions: way, colour } of mesh.ways) {
      const line = Array.from({ length: way.length / 3 }, (_, k): Place => {
        const [x, y] = point(way, k);
        return [x, y];
      });
      if (line.length === 0) continue;
      pen.lines([line], { stroke: theme.surface, width: 4.5 });
      pen.lines([line], { stroke: hex(...colour), width: 2.5 });
      pen.circle(line.at(-1)!, 5, { fill: hex(...colour), stroke: theme.surface, width: 1.5 });
    }
  };
}
