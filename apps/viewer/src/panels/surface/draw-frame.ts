/** What is written and marked on the picture of a surface: axes with numbers, the key of its colours, stationary points. */
import type { RegionsView } from '../../model/types.ts';
import type { Line, Pen, Place } from '../draw/pen.ts';
import type { RampName } from '../draw/ramp.ts';
import { type Scale, short, ticks, tickText } from '../draw/scale.ts';
import type { Theme } from '../draw/theme.ts';
import type { Drawing } from '../export/picture.ts';
import { drawHeightKey, drawRegionKey } from '../slice/key.ts';
import { drawMark, drawPoint } from '../slice/marks.ts';
import type { Plane } from '../slice/plane.ts';
import { wrapped } from '../words/wrap.ts';
import { heightOf, type Mesh, tall } from './mesh.ts';
import { type Orbit, positionOf, projection, type Triple } from './orbit.ts';
import { hiddenBehind } from './sight.ts';

export interface FrameLook {
  readonly ramp: RampName;
  readonly regions: RegionsView | null;
}

/** An edge of the box on its outline: nothing of the surface is before it, so it can be drawn last. */
interface Edge {
  /** Places and numbers. */
  readonly ticks: readonly (readonly [at: Triple, text: string])[];
  /** The far one first: of the floor's edges the last is the corner nearest to the camera. */
  readonly ends: readonly [Triple, Triple];
  /** Away from the box. */
  readonly out: Triple;
  readonly label: string;
}

export function drawFrame(plane: Plane, mesh: Mesh, orbit: Orbit, { ramp, regions }: FrameLook): Drawing {
  return (pen, theme, { width, height }) => {
    const to = projection(orbit, width, height);
    const at = (place: Triple): Place => {
      const [x, y] = to(place);
      return [x, y];
    };
    const hidden = hiddenBehind(mesh, orbit);
    for (const mark of mesh.marks) {
      const draw = mark.ofSection ? drawPoint.bind(null, pen) : drawMark.bind(null, pen, theme);
      draw(at(mark.at), mark, hidden(mark.at));
    }
    for (const edge of edgesOf(plane, orbit)) drawEdge(pen, theme, edge, at, width);
    const strip = { left: 16, width: width - 32 };
    if (regions === null) drawHeightKey(pen, theme, plane, ramp, strip);
    else drawRegionKey(pen, theme, regions, strip);
  };
}

/** The floor's edges on the camera's side, and the upright one at the left of the outline. */
function edgesOf(plane: Plane, orbit: Orbit): Edge[] {
  const { s, t, names } = plane.slice;
  const eye = positionOf(orbit);
  const [sx, sy] = [Math.sign(eye[0]) || 1, Math.sign(eye[1]) || 1];
  const floor = (axis: Float64Array, place: (at: number) => Triple): Edge['ticks'] => ticks({ kind: 'linear', from: axis[0]!, to: axis.at(-1)! }, 5).map((value) => [place((2 * (value - axis[0]!)) / (axis.at(-1)! - axis[0]!) - 1), tickText(value)]);
  const x = (value: number): Triple => [value, sy, 0];
  const y = (value: number): Triple => [sx, value, 0];
  // Of the two upright edges of the outline the one at the left of the picture.
  const turn = (orbit.azimuth * Math.PI) / 180;
  const rightness = ([a, b]: readonly [number, number]): number => -a * Math.sin(turn) + b * Math.cos(turn);
  const [corner] = ([[sx, -sy], [-sx, sy]] as const).toSorted((a, b) => rightness(a) - rightness(b));
  const [cx, cy] = corner!;
  return [
    { ticks: floor(s, x), ends: [x(-sx), x(sx)], out: [0, sy, 0], label: names[0] ?? '' },
    { ticks: floor(t, y), ends: [y(-sy), y(sy)], out: [sx, 0, 0], label: names[1] ?? '' },
    { ticks: heightTicks(plane).map((value) => [[cx, cy, heightOf(plane, value)], short(value)]), ends: [[cx, cy, 0], [cx, cy, tall]], out: [cx, cy, 0], label: 'value' },
  ];
}

/** Round values; of logarithmic heights those at even places. */
function heightTicks({ heights: { least, cap, decades }, spacing }: Plane): number[] {
  const scale: Scale = { kind: 'linear', from: least, to: cap };
  if (spacing !== 'log') return ticks(scale, 5);
  return [0, 1, 2, 3].map((k) => least + (cap - least) * (k === 0 ? 0 : 10 ** (decades * (k / 3 - 1))));
}

function drawEdge(pen: Pen, theme: Theme, { ticks: marks, ends, out, label }: Edge, at: (place: Triple) => Place, width: number): void {
  const beside = (place: Triple, far: number): Place => at([place[0] + far * out[0], place[1] + far * out[1], place[2]]);
  const letters = { colour: theme.soft, size: 11, halo: theme.surface };
  const upright = ends[0][2] !== ends[1][2];
  pen.lines([ends.map(at), ...marks.map(([place]): Line => [at(place), beside(place, 0.04)])], { stroke: theme.strong });
  let before: Place | undefined;
  for (const [place, text] of marks) {
    const [x, y] = beside(place, upright ? 0.06 : 0.13);
    // Numbers that would touch the one before are left out: edges seen from their end are short.
    if (before !== undefined && Math.hypot(x - before[0], y - before[1]) < (upright ? 14 : 22)) continue;
    before = [x, y];
    pen.text([upright ? Math.max(x, 2 + 6.4 * text.length) : x, y + 4], text, { ...letters, align: upright ? 'end' : 'middle' });
  }
  // Names stand towards the near corner, where edges leave them most room.
  const part = 0.68;
  const middle: Triple = [ends[0][0] + part * (ends[1][0] - ends[0][0]), ends[0][1] + part * (ends[1][1] - ends[0][1]), 0];
  const [x, y] = upright ? at(ends[1]) : beside(middle, 0.3);
  // Away from the edge, as it slants, and within the picture: as wide as there is room, so that nothing is pushed over the numbers.
  const slant = upright ? 0 : x - at(middle)[0];
  const room = slant < -6 ? x - 4 : slant > 6 ? width - 4 - x : 2 * Math.min(x, width - x) - 8;
  const lines = upright ? [label] : wrapped(label, Math.max(15, Math.min(22, Math.floor(room / 6.4))));
  const long = 6.4 * Math.max(...lines.map((line) => line.length));
  const from = slant < -6 ? x - long : slant > 6 ? x : x - long / 2;
  const inside = Math.min(width - long - 4, Math.max(4, from)) + long / 2;
  lines.forEach((line, k) => { pen.text([inside, y + (upright ? -10 : 4 + 14 * k)], line, { ...letters, size: 12, colour: theme.ink, align: 'middle' }); });
}
