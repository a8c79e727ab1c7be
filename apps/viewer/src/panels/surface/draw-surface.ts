import type { Line, Pen, Place } from '../draw/pen.ts';
import type { Theme } from '../draw/theme.ts';
import type { Drawing } from '../export/picture.ts';
import { type Mesh, tall } from './mesh.ts';
import { type Orbit, projection, type Triple } from './orbit.ts';
import { hiddenBehind } from './sight.ts';

/** Squares along each side at most: a file of more is slow to open, and looks the same. */
const most = 72;

const hex = (r: number, g: number, b: number): string => `#${[r, g, b].map((byte) => Math.round(byte).toString(16).padStart(2, '0')).join('')}`;

const from = (positions: Float32Array, at: number): Triple => [positions[3 * at]!, positions[3 * at + 1]!, positions[3 * at + 2]!];

/** The surface as polygons, the farthest first, with its levels and the runs: for files. What lies behind it is dashed and pale. */
export function drawSurface(mesh: Mesh, orbit: Orbit): Drawing {
  return (pen, theme, { width, height }) => {
    const to = projection(orbit, width, height);
    const at = (place: Triple): Place => {
      const [x, y] = to(place);
      return [x, y];
    };
    const { columns, rows, positions, colours } = mesh;
    const step = Math.max(1, Math.ceil((Math.max(columns, rows) - 1) / most));
    const there = new Set<number>();
    for (let k = 0; k < mesh.indices.length; k += 6) there.add(mesh.indices[k]!);
    const faces: { readonly depth: number; readonly ring: Line; readonly colour: string }[] = [];
    for (let row = 0; row + 1 < rows; row += step) {
      for (let column = 0; column + 1 < columns; column += step) {
        const [right, up] = [Math.min(column + step, columns - 1), Math.min(row + step, rows - 1)];
        const corners = [row * columns + column, row * columns + right, up * columns + right, up * columns + column];
        if (!there.has(corners[0]!)) continue;
        const shown = belowLid(corners.map((corner) => from(positions, corner))).map(to);
        if (shown.length < 3) continue;
        const mean = [0, 1, 2].map((i) => corners.reduce((sum, corner) => sum + colours[3 * corner + i]!, 0) / 4);
        faces.push({ depth: shown.reduce((sum, [, , depth]) => sum + depth, 0) / shown.length, ring: shown.map(([x, y]): Place => [x, y]), colour: hex(...(mean as [number, number, number])) });
      }
    }
    faces.sort((a, b) => b.depth - a.depth);
    pen.lines([floor.map(at)], { stroke: theme.strong });
    // A thin edge of its own colour closes the seams between neighbours.
    for (const { ring, colour } of faces) pen.area([ring], { fill: colour, stroke: colour, width: 0.6 });
    const hidden = hiddenBehind(mesh, orbit);
    const levels: Line[] = [];
    for (let k = 0; k < mesh.lines.length / 3; k += 2) {
      const [a, b] = [from(mesh.lines, k), from(mesh.lines, k + 1)];
      if (!hidden(a)) levels.push([at(a), at(b)]);
    }
    pen.lines(levels, { stroke: theme.dark ? '#ffffff' : '#000000', width: 0.7, opacity: 0.45 });
    for (const { positions: way, colour } of mesh.ways) drawWay(pen, theme, Array.from({ length: way.length / 3 }, (_, k) => from(way, k)), hex(...colour), at, hidden);
    const size = Math.ceil((Math.max(columns, rows) - 1) / step);
    pen.text([12, height - 8], `The surface as ${size} × ${size} polygons; ${columns} × ${rows} values are in the CSV.`, { colour: theme.soft, size: 10 });
  };
}

/** What of a polygon is not above the cap. */
function belowLid(ring: readonly Triple[]): Triple[] {
  return ring.flatMap((place, k) => {
    const next = ring[(k + 1) % ring.length]!;
    const own = place[2] <= tall ? [place] : [];
    if (place[2] <= tall === next[2] <= tall) return own;
    const part = (tall - place[2]) / (next[2] - place[2]);
    return [...own, [place[0] + part * (next[0] - place[0]), place[1] + part * (next[1] - place[1]), tall] as const];
  });
}

const floor: readonly Triple[] = [[-1, -1, 0], [1, -1, 0], [1, 1, 0], [-1, 1, 0], [-1, -1, 0]];

function drawWay(pen: Pen, theme: Theme, places: readonly Triple[], colour: string, at: (place: Triple) => Place, hidden: (place: Triple) => boolean): void {
  const pieces = places.slice(1).map((place, k) => ({ line: [at(places[k]!), at(place)], behind: hidden(place) && hidden(places[k]!) }));
  const [behind, before] = [pieces.filter((piece) => piece.behind), pieces.filter((piece) => !piece.behind)].map((some) => some.map(({ line }): Line => line));
  pen.lines(behind!, { stroke: colour, width: 1.2, opacity: 0.5, dash: [2, 4] });
  pen.lines(before!, { stroke: theme.surface, width: 4.5 });
  pen.lines(before!, { stroke: colour, width: 2.5 });
  const last = places.at(-1);
  if (last !== undefined) pen.circle(at(last), 5, { fill: colour, stroke: theme.surface, width: 1.5 });
}
