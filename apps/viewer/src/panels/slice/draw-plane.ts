import type { Cursor, PathView, RegionsView } from '../../model/types.ts';
import { framed, type Chart } from '../draw/axes.ts';
import type { Line, Pen, Place } from '../draw/pen.ts';
import { colourAt, type RampName } from '../draw/ramp.ts';
import { runColour, type Theme } from '../draw/theme.ts';
import type { Drawing } from '../export/picture.ts';
import { positionAt } from '../traces/series.ts';
import { drawHeightKey, drawRegionKey, keyHeight } from './key.ts';
import { tint } from './levels.ts';
import { drawCurves, drawMark, drawPoint, marksIn, pointsIn } from './marks.ts';
import { type Plane, stretches } from './plane.ts';

export interface PlaneOptions {
  readonly ramp: RampName;
  readonly cursor: Cursor['iteration'];
  /** Ids of the runs, in the order of their colours. */
  readonly runs: readonly string[];
  /** Colours by region instead of by height. */
  readonly regions: RegionsView | null;
}

/** The frame of a section: half a cell around the samples is left out. */
const scales = ({ slice: { s, t, names } }: Plane) => ({
  x: { scale: { kind: 'linear', from: s[0]!, to: s.at(-1)! }, label: names[0] ?? '' } as const,
  y: { scale: { kind: 'linear', from: t[0]!, to: t.at(-1)! }, label: names[1] ?? '' } as const,
});

/** Filled levels of height (or regions), lines of equal height, runs by their true value, stationary points. */
export function drawPlane(plane: Plane, options: PlaneOptions): Drawing {
  return (pen, theme, size) => {
    const frame = { ...scales(plane), grid: false, down: keyHeight };
    const place = framed(pen, theme, frame, { width: size.width, height: size.height - keyHeight }, (chart) => {
      const { columns, rows, values } = plane.grid;
      const onGrid = (line: Line): Line => line.map(([x, y]): Place => [chart.left + (x / (columns - 1)) * chart.width, chart.top + chart.height - (y / (rows - 1)) * chart.height]);
      if (options.regions === null) {
        pen.rectangle([chart.left, chart.top], chart.width, chart.height, { fill: colourAt(options.ramp, 0) });
        plane.bands.forEach(({ rings }, k) => pen.area(rings.map(onGrid), { fill: colourAt(options.ramp, (k + 1) / plane.bands.length) }));
      } else {
        const { region, s, t } = options.regions;
        theme.regions.forEach((colour, k) => pen.area(cells(s.length, t?.length ?? 1, chart, (at) => region[at] === k), { fill: colour }));
      }
      pen.area(cells(columns, rows, chart, (at) => !Number.isFinite(values[at])), { fill: theme.surface });
      // On dark ground of a ramp light lines, on light ground dark ones.
      plane.lines.forEach((lines, k) => {
        const onDark = options.regions === null ? k < plane.lines.length * 0.55 : theme.dark;
        pen.lines(lines.map(onGrid), { stroke: onDark ? '#ffffff' : '#000000', width: 0.8, opacity: 0.4 });
      });
      for (const path of plane.slice.paths) drawPath(pen, theme, chart, plane, path, options);
      drawCentre(pen, chart);
      drawCurves(pen, plane.slice, chart);
      for (const point of pointsIn(plane.slice)) drawPoint(pen, [chart.x(point.s), chart.y(point.t)], point);
      for (const mark of marksIn(plane.slice)) drawMark(pen, theme, [chart.x(mark.s), chart.y(mark.t)], mark);
    });
    if (options.regions === null) drawHeightKey(pen, theme, plane, options.ramp, place);
    else drawRegionKey(pen, theme, options.regions, place);
  };
}

const cells = (columns: number, rows: number, { left, top, width, height }: Chart, is: (at: number) => boolean): Line[] => {
  const [wide, tall] = [width / (columns - 1), height / (rows - 1)];
  return stretches(columns, rows, is).map(([column, row, length]): Line => {
    const [x0, x1] = [left + (column - 0.5) * wide, left + (column + length - 0.5) * wide];
    const [y0, y1] = [top + height - (row - 0.5) * tall, top + height - (row + 0.5) * tall];
    return [[x0, y0], [x1, y0], [x1, y1], [x0, y1]];
  });
};

/**
 * A run up to the cursor: an edge in the colour of the run, inside it the colour of f at the point itself, on the scale of the section. Where the
 * inside differs from the ground, the run is not on the plane.
 */
function drawPath(pen: Pen, theme: Theme, { x, y }: Chart, plane: Plane, path: PathView, { ramp, cursor, runs, regions }: PlaneOptions): void {
  const colour = runColour(theme, Math.max(0, runs.indexOf(path.run)));
  const last = positionAt(path.iteration, cursor);
  if (last === undefined) return;
  const places = Array.from({ length: path.s.length }, (_, k): Place => [x(path.s[k]!), y(path.t[k]!)]);
  // Long ways are drawn thinner, so that they leave something of the ground.
  const wide = Math.min(1, Math.max(0.4, 40 / (last + 1)));
  pen.lines([places.slice(last)], { stroke: colour, width: 1, opacity: 0.5, dash: [2, 4] });
  pen.lines([places.slice(0, last + 1)], { stroke: theme.surface, width: 7.5 * wide, opacity: 0.85 });
  pen.lines([places.slice(0, last + 1)], { stroke: colour, width: 6 * wide });
  if (regions === null) {
    for (let k = 0; k < last; k++) {
      const value = (path.value[k]! + path.value[k + 1]!) / 2;
      pen.lines([[places[k]!, places[k + 1]!]], { stroke: Number.isFinite(value) ? colourAt(ramp, tint(plane.heights, plane.spacing, value)) : theme.surface, width: 2.6 * wide });
    }
  }
  pen.circle(places[0]!, 3.5, { fill: theme.surface, stroke: colour, width: 2 });
  pen.circle(places[last]!, 6, { fill: colour, stroke: theme.surface, width: 2 });
}

/** The point that the section was cut through: a cross that stands out on any ground. */
function drawCentre(pen: Pen, { x, y }: Chart): void {
  const [cx, cy] = [x(0), y(0)];
  const cross: Line[] = [[[cx - 7, cy], [cx + 7, cy]], [[cx, cy - 7], [cx, cy + 7]]];
  pen.lines(cross, { stroke: '#000000', width: 4 });
  pen.lines(cross, { stroke: '#ffffff', width: 1.8 });
}
