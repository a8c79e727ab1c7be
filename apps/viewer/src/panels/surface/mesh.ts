/** A section as a surface: coordinates from -1 to 1 across, heights from 0 to `tall`. */
import type { Cursor, MarkView, PathView, RegionsView } from '../../model/types.ts';
import { type RampName, type Rgb, rgbAt, rgbOf } from '../draw/ramp.ts';
import { runColour, type Theme } from '../draw/theme.ts';
import { tint } from '../slice/levels.ts';
import { marksIn, pointsIn } from '../slice/marks.ts';
import { type Plane, regionAt } from '../slice/plane.ts';
import { positionAt } from '../traces/series.ts';

export const tall = 0.9;

export interface Mesh {
  readonly columns: number;
  readonly rows: number;
  /** x, y, z of each sample. */
  readonly positions: Float32Array;
  /** Red, green, blue of each sample, 0 to 255. */
  readonly colours: Uint8Array;
  /** Two triangles for each square whose corners are finite. */
  readonly indices: Uint32Array;
  /** Lines of equal height, just above the surface: x, y, z of both ends of each piece. */
  readonly lines: Float32Array;
  /** The runs. */
  readonly ways: readonly Way[];
  /** Stationary points that lie in the plane, and critical points of the section, on the surface. */
  readonly marks: readonly (Pick<MarkView, 'kind' | 'label'> & { readonly at: readonly [x: number, y: number, z: number]; readonly ofSection: boolean })[];
}

/** A run: its heights are those of f at its points, so it leaves the surface where it is off the plane. */
export interface Way {
  readonly run: string;
  readonly colour: Rgb;
  /** x, y, z of each place. */
  readonly positions: Float32Array;
}

export interface MeshOptions {
  readonly ramp: RampName;
  readonly cursor: Cursor['iteration'];
  readonly runs: readonly string[];
  readonly regions: RegionsView | null;
  readonly theme: Theme;
}

export function meshOf(plane: Plane, { ramp, cursor, runs, regions, theme }: MeshOptions): Mesh {
  const { columns, rows, values } = plane.grid;
  const positions = new Float32Array(3 * values.length);
  const colours = new Uint8Array(3 * values.length);
  const regionColours = theme.regions.map(rgbOf);
  for (let at = 0; at < values.length; at++) {
    positions.set([across(at % columns, columns), across(Math.floor(at / columns), rows), heightOf(plane, values[at]!)], 3 * at);
    colours.set(regions === null ? rgbAt(ramp, tint(plane.heights, plane.spacing, values[at]!)) : regionColours[regionAt(regions, plane.slice.s[at % columns]!, plane.slice.t[Math.floor(at / columns)]!) % regionColours.length]!, 3 * at);
  }
  const ways = plane.slice.paths.map((path) => wayOf(plane, path, cursor, runColour(theme, Math.max(0, runs.indexOf(path.run)))));
  const ground = { columns, rows, positions };
  return { ...ground, colours, indices: squares(plane), lines: linesOn(plane), ways, marks: marksOn(plane, ground) };
}

/** Those within the window and below the cap: what is higher is not drawn. */
function marksOn(plane: Plane, ground: Ground): Mesh['marks'] {
  return [...pointsIn(plane.slice), ...marksIn(plane.slice)].flatMap(({ s, t, kind, label, ofSection }) => {
    const [x, y] = [along(s, plane.slice.s), along(t, plane.slice.t)];
    const z = Math.abs(x) <= 1 && Math.abs(y) <= 1 ? surfaceAt(ground, x, y) : Infinity;
    return z <= tall * 1.0001 ? [{ kind, label, ofSection, at: [x, y, z] as const }] : [];
  });
}

type Ground = Pick<Mesh, 'columns' | 'rows' | 'positions'>;

/** Height of the surface at a place from -1 to 1 across, between its samples. */
export function surfaceAt({ columns, rows, positions }: Ground, x: number, y: number): number {
  const [column, row] = [((x + 1) / 2) * (columns - 1), ((y + 1) / 2) * (rows - 1)];
  const [left, below] = [Math.min(columns - 2, Math.max(0, Math.floor(column))), Math.min(rows - 2, Math.max(0, Math.floor(row)))];
  const [right, up] = [column - left, row - below];
  const z = (i: number, j: number): number => positions[3 * ((below + j) * columns + left + i) + 2]!;
  return (1 - up) * ((1 - right) * z(0, 0) + right * z(1, 0)) + up * ((1 - right) * z(0, 1) + right * z(1, 1));
}

/** A coordinate of the section as a place from -1 to 1. */
const along = (value: number, axis: Float64Array): number => (2 * (value - axis[0]!)) / (axis.at(-1)! - axis[0]!) - 1;
const across = (position: number, count: number): number => (2 * position) / (count - 1) - 1;

/**
 * In equal steps of the value, or of its logarithm where levels are spaced so: `tall` at the cap. What is higher is cut off there when it is drawn; it
 * goes on somewhat beyond, so that the cut is where the landscape passes the cap and not at the nearest sample.
 */
export function heightOf({ heights, spacing }: Plane, value: number): number {
  if (!Number.isFinite(value)) return beyond * tall;
  if (spacing === 'log' && value <= heights.cap) return tall * tint(heights, 'log', value);
  return tall * Math.min(beyond, (value - heights.least) / (heights.cap - heights.least || 1));
}

const beyond = 3;

function squares({ grid: { columns, rows, values } }: Plane): Uint32Array {
  const out: number[] = [];
  for (let row = 0; row + 1 < rows; row++) {
    for (let column = 0; column + 1 < columns; column++) {
      const [a, b] = [row * columns + column, (row + 1) * columns + column];
      if ([a, a + 1, b, b + 1].every((at) => Number.isFinite(values[at]))) out.push(a, a + 1, b + 1, a, b + 1, b);
    }
  }
  return Uint32Array.from(out);
}

function linesOn(plane: Plane): Float32Array {
  const { columns, rows } = plane.grid;
  const out: number[] = [];
  plane.lines.forEach((lines, k) => {
    const z = heightOf(plane, plane.bands[k]!.level) + 0.004;
    for (const line of lines) {
      for (let i = 1; i < line.length; i++) for (const [x, y] of [line[i - 1]!, line[i]!]) out.push(across(x, columns), across(y, rows), z);
    }
  });
  return Float32Array.from(out);
}

function wayOf(plane: Plane, path: PathView, cursor: Cursor['iteration'], colour: string): Way {
  const { s, t } = plane.slice;
  const last = positionAt(path.iteration, cursor) ?? -1;
  const places: number[] = [];
  for (let k = 0; k <= last; k++) {
    const [x, y] = [along(path.s[k]!, s), along(path.t[k]!, t)];
    // What lies outside the window has no ground to compare with.
    if (Math.abs(x) <= 1.0001 && Math.abs(y) <= 1.0001 && Number.isFinite(path.value[k])) places.push(x, y, Math.min(tall, heightOf(plane, path.value[k]!)) + 0.012);
  }
  return { run: path.run, colour: rgbOf(colour), positions: Float32Array.from(places) };
}
