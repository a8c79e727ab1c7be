import type { Cursor, RunView } from '../../model/types.ts';
import { chartOf, type Frame, framed } from '../draw/axes.ts';
import type { Size } from '../draw/pen.ts';
import { type ScaleKind, scaleOf, shown, valueAt } from '../draw/scale.ts';
import { runColour } from '../draw/theme.ts';
import type { Drawing } from '../export/picture.ts';
import { pieces } from '../traces/draw-traces.ts';

export interface SingularValuesRow {
  readonly iteration: number;
  readonly values: readonly number[];
}

export function singularValuesOf({ snapshots }: RunView): SingularValuesRow[] {
  return snapshots.flatMap(({ iteration, tracked }) => {
    const values = tracked['singular-values'];
    return Array.isArray(values) ? [{ iteration, values: values as readonly number[] }] : [];
  });
}

/** Lines thinner and fainter from the first singular value to the last; undefined where the axis has no place for any. */
export function drawSingularValues(rows: readonly SingularValuesRow[], kind: ScaleKind, position: number, cursor: Cursor['iteration']): { readonly drawing: Drawing; readonly iterationAt: (x: number, size: Size) => number } | undefined {
  const most = rows.reduce((count, { values }) => Math.max(count, values.length), 0);
  const y = scaleOf(kind, rows.flatMap(({ values }) => values));
  const x = scaleOf('linear', rows.map(({ iteration }) => iteration), 0.01);
  if (x === undefined || y === undefined) return undefined;
  const frame: Frame = { x: { scale: { ...x, from: Math.max(0, x.from) }, label: 'iterations' }, y: { scale: y, label: 'singular value' } };
  const at = cursor ?? rows.at(-1)!.iteration;
  return {
    drawing: (pen, theme, size) => {
      const colour = runColour(theme, Math.max(0, position));
      framed(pen, theme, frame, size, (chart) => {
        pen.lines([[[chart.x(at), chart.top], [chart.x(at), chart.top + chart.height]]], { stroke: theme.strong, dash: [4, 3] });
        const placeOf = (value: number): number | null => (shown(kind, value) ? chart.y(value) : null);
        for (let k = 0; k < most; k++) {
          const line = { x: rows.map(({ iteration }) => chart.x(iteration)), y: rows.map(({ values }) => placeOf(values[k] ?? NaN)) };
          pen.lines(pieces(line), { stroke: colour, width: Math.max(1, 2.4 - 0.25 * k), opacity: Math.max(0.45, 1 - 0.08 * k) });
        }
        const row = rows.findLast(({ iteration }) => iteration <= at);
        for (const value of row?.values ?? []) if (shown(kind, value)) pen.circle([chart.x(row!.iteration), chart.y(value)], 3.5, { fill: colour, stroke: theme.surface, width: 1 });
      });
    },
    iterationAt(px, size) {
      const { left, width } = chartOf(frame, size);
      return Math.max(0, Math.round(valueAt(frame.x.scale, (px - left) / width)));
    },
  };
}
