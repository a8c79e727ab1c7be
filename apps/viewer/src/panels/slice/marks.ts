/** Points that a section is marked with: stationary ones of the whole landscape, and those that are critical in the section alone. */
import type { CriticalView, MarkView, SliceView } from '../../model/types.ts';
import type { Chart } from '../draw/axes.ts';
import type { Line, Pen, Place } from '../draw/pen.ts';
import type { Theme } from '../draw/theme.ts';

export interface Marked extends Pick<MarkView, 's' | 't' | 'kind' | 'label'> {
  /** Critical in the section: off it the function may fall. */
  readonly ofSection: boolean;
}

interface MarkedPoint extends Marked {
  readonly value: number;
}

/** Stationary points that lie in the plane; the shadows of others would be none. */
export const marksIn = ({ marks }: Pick<SliceView, 'marks'>): Marked[] => marks.filter(({ distance }) => distance <= 1e-6).map((mark) => ({ ...mark, ofSection: false }));

/** Critical points of the section in its window. */
export const pointsIn = ({ critical }: Pick<SliceView, 'critical'>): MarkedPoint[] =>
  listed(critical).points.flatMap(({ s, t, kind, value, inside }) => (inside ? [{ s, t, value, kind, label: `critical in this section: ${kind}`, ofSection: true }] : []));

const listed = (critical: SliceView['critical']): Pick<CriticalView, 'points' | 'curves'> => (typeof critical === 'object' && critical !== null ? critical : { points: [], curves: [] });

/** Shapes, not colours alone: a disc for a minimum, a cross lying down for a saddle, a triangle for a maximum, a square for the rest. `hidden`: behind something. */
export function drawMark(pen: Pen, theme: Theme, [x, y]: Place, { kind, label }: Pick<MarkView, 'kind' | 'label'>, hidden = false): void {
  const pale = hidden ? { opacity: 0.4 } : {};
  const [r, edge] = [6, { stroke: '#000000', width: 1.5, ...pale }];
  if (kind === 'least' || kind === 'minimum') pen.circle([x, y], r, { fill: kind === 'least' ? theme.good : theme.warn, ...edge }, label);
  else if (kind === 'saddle') {
    pen.lines(cross([x, y], r), { stroke: '#000000', width: 5, ...pale });
    pen.lines(cross([x, y], r), { stroke: '#ffffff', width: 2.4, ...pale });
  } else if (kind === 'maximum') pen.area([triangle([x, y], r + 1)], { fill: '#ffffff', ...edge });
  else pen.rectangle([x - r, y - r], 2 * r, 2 * r, { fill: '#ffffff', ...edge }, label);
}

/** The same shapes, smaller and hollow: critical in the section alone. */
export function drawPoint(pen: Pen, [x, y]: Place, { kind, label }: Pick<MarkView, 'kind' | 'label'>, hidden = false): void {
  const r = 4.5;
  for (const ink of [{ stroke: '#000000', width: 4 }, { stroke: '#ffffff', width: 1.8 }]) {
    const line = hidden ? { ...ink, opacity: 0.4 } : ink;
    if (kind === 'least' || kind === 'minimum') pen.circle([x, y], r, line, label);
    else if (kind === 'saddle') pen.lines(cross([x, y], r), line);
    else if (kind === 'maximum') pen.area([triangle([x, y], r)], line);
    else pen.rectangle([x - r, y - r], 2 * r, 2 * r, line, label);
  }
}

/** Curves of critical points in the window. */
export function drawCurves(pen: Pen, { critical }: Pick<SliceView, 'critical'>, { x, y }: Pick<Chart, 'x' | 'y'>): void {
  const lines = listed(critical).curves.map((curve) => Array.from({ length: curve.length / 2 }, (_, k): Place => [x(curve[2 * k]!), y(curve[2 * k + 1]!)]));
  pen.lines(lines, { stroke: '#000000', width: 4 });
  pen.lines(lines, { stroke: '#ffffff', width: 1.8, dash: [5, 3] });
}

const cross = ([x, y]: Place, r: number): Line[] => [[[x - r, y - r], [x + r, y + r]], [[x - r, y + r], [x + r, y - r]]];
const triangle = ([x, y]: Place, r: number): Line => [[x, y - r], [x + r, y + r - 1], [x - r, y + r - 1]];
