import type { Cursor, RunView } from '../../model/types.ts';
import { framed } from '../draw/axes.ts';
import type { Line, Place } from '../draw/pen.ts';
import { dashOf } from '../draw/ramp.ts';
import { place, type Scale, type ScaleKind, scaleOf, shown, valueAt } from '../draw/scale.ts';
import { runColour } from '../draw/theme.ts';
import type { Drawing } from '../export/picture.ts';
import type { Quantity } from './quantities.ts';
import { type Clock, type Drawn, drawn, positionAt, type Series } from './series.ts';

/** One quantity of all runs, on axes. */
export interface TraceLines {
  /** By position in the list of runs. */
  readonly series: readonly Series[];
  readonly quantity: Quantity;
  readonly kind: ScaleKind;
  readonly clock: Clock;
  readonly x: Scale;
  readonly y: Scale;
  readonly lines: readonly Drawn[];
  /** Runs that diverged, and whose lines leave the frame: by position. */
  readonly leaving: readonly number[];
}

export interface TraceChart extends TraceLines {
  /** Where each run is at the cursor; null where it has no number there. */
  readonly marks: readonly (Place | null)[];
}

/** undefined where no run has a number that the axis can show. */
export function traceLines(runs: readonly RunView[], quantity: Quantity, kind: ScaleKind, clock: Clock, buckets = 500): TraceLines | undefined {
  const series = runs.map((run) => quantity.series(run, runs));
  const lines = series.map((each) => drawn(each, clock, kind, buckets));
  const { y, leaving } = frameOf(kind, lines.map((line) => line.y.filter((value) => value !== null)), runs);
  const x = scaleOf('linear', lines.flatMap((line) => line.x), 0.01);
  if (x === undefined || y === undefined) return undefined;
  return { series, quantity, kind, clock, x: { ...x, from: Math.max(0, x.from) }, y, lines, leaving };
}

/** How far beyond the other runs one that diverged is followed: a part of their range. */
const beyond = 0.25;

/** The range of all runs; where some diverged and others did not, that of the others with room to see where lines leave it. */
function frameOf(kind: ScaleKind, values: readonly (readonly number[])[], runs: readonly RunView[]): { readonly y: Scale | undefined; readonly leaving: readonly number[] } {
  const isDiverged = (k: number): boolean => runs[k]!.stop?.reason === 'diverged';
  const calm = scaleOf(kind, values.flatMap((each, k) => (isDiverged(k) ? [] : each)));
  if (calm === undefined) return { y: scaleOf(kind, values.flat()), leaving: [] };
  const [least, most] = [valueAt(calm, -beyond), valueAt(calm, 1 + beyond)];
  const inside = (value: number): boolean => value >= least && value <= most;
  const y = scaleOf(kind, values.flatMap((each, k) => (isDiverged(k) ? each.filter(inside) : each)));
  return { y, leaving: values.flatMap((each, k) => (isDiverged(k) && each.some((value) => shown(kind, value) && !inside(value)) ? [k] : [])) };
}

const isWithin = (scale: Scale, value: number): boolean => {
  const at = place(scale, value);
  return at >= 0 && at <= 1;
};

/** With the places at the cursor, which moves while the lines stay. */
export function atCursor(chart: TraceLines, cursor: Cursor['iteration']): TraceChart {
  const marks = chart.series.map(({ iteration, seconds, values }): Place | null => {
    const at = positionAt(iteration, cursor);
    return at !== undefined && shown(chart.kind, values[at]!) && isWithin(chart.y, values[at]!) ? [(chart.clock === 'iterations' ? iteration : seconds)[at]!, values[at]!] : null;
  });
  return { ...chart, marks };
}

const keyLine = 18;

/** All charts below each other, with a key: for files. */
export function drawTraces(charts: readonly TraceChart[], runs: readonly RunView[]): Drawing {
  return (pen, theme, { width, height }) => {
    runs.forEach(({ label }, k) => {
      const y = 14 + keyLine * k;
      pen.lines([[[12, y - 4], [44, y - 4]]], { stroke: runColour(theme, k), width: 2, dash: dashOf(k) });
      pen.text([52, y], label, { colour: theme.ink });
    });
    const top = 8 + keyLine * runs.length;
    const each = (height - top) / Math.max(1, charts.length);
    charts.forEach(({ quantity, clock, x, y, lines, marks }, chart) => {
      framed(pen, theme, { x: { scale: x, label: clock }, y: { scale: y, label: quantity.label }, down: top + chart * each }, { width, height: each }, (frame) => {
        lines.forEach((line, k) => {
          pen.lines(pieces(line).map((piece) => piece.map(([a, b]): Place => [frame.x(a), frame.y(near(y, b))])), { stroke: runColour(theme, k), width: 1.8, dash: dashOf(k, line.x.length) });
        });
        marks.forEach((mark, k) => {
          if (mark !== null) pen.circle([frame.x(mark[0]), frame.y(mark[1])], 4, { fill: runColour(theme, k), stroke: theme.surface, width: 1.5 });
        });
      });
    });
  };
}

/** Where a line that leaves the frame is drawn to: far out, and still a place that pictures can name. */
export const near = (scale: Scale, value: number): number => Math.min(Math.max(value, valueAt(scale, -far)), valueAt(scale, 1 + far));

/** In heights of the frame. */
const far = 20;

/** The runs of numbers between gaps. */
export function pieces({ x, y }: Drawn): Line[] {
  const out: Place[][] = [[]];
  x.forEach((at, k) => {
    const value = y[k] ?? null;
    if (value === null) out.push([]);
    else out.at(-1)!.push([at, value]);
  });
  return out.filter((piece) => piece.length > 0);
}
