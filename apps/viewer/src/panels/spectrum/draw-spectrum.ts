import type { SpectrumView } from '../../model/types.ts';
import { framed } from '../draw/axes.ts';
import type { Place } from '../draw/pen.ts';
import { type Scale, scaleOf } from '../draw/scale.ts';
import type { Drawing } from '../export/picture.ts';

/** Cells of the axis, where all eigenvalues are known. */
const cells = 48;

/** Numbers of eigenvalues in cells of equal width. */
export function histogram(values: Float64Array, { from, to }: Pick<Scale, 'from' | 'to'>): { readonly width: number; readonly counts: Uint32Array } {
  const width = (to - from) / cells;
  const counts = new Uint32Array(cells);
  for (const value of values) counts[Math.min(cells - 1, Math.floor((value - from) / width))]!++;
  return { width, counts };
}

/** Where single eigenvalues are marked. */
export const marksOf = ({ eigenvalues, smallest, largest }: SpectrumView): number[] => (eigenvalues === null ? [...new Set([...smallest, ...largest].map(({ value }) => value))].sort((a, b) => a - b) : [...eigenvalues]);

/** Ticks for single eigenvalues, how many there are above, the symmetry directions as a hollow bar at 0. */
export function drawSpectrum(view: SpectrumView): Drawing {
  const { eigenvalues, density, deflated, threshold } = view;
  const marks = marksOf(view);
  const x: Scale = scaleOf('linear', [0, ...marks, ...(density?.points ?? [])]) ?? { kind: 'linear', from: -1, to: 1 };
  const counted = eigenvalues === null || eigenvalues.length === 0 ? null : histogram(eigenvalues, x);
  const most = counted ? Math.max(...counted.counts, deflated) : density ? Math.max(...density.values) : 1;
  const y: Scale = { kind: 'linear', from: 0, to: 1.12 * most };
  return (pen, theme, size) => {
    framed(pen, theme, { x: { scale: x, label: 'eigenvalue of the Hessian' }, y: { scale: y, label: counted ? 'how many' : density ? 'share for each unit' : '', whole: counted !== null } }, size, (chart) => {
      const floor = chart.top + chart.height;
      const colour = (value: number): string => (value < -threshold ? theme.runs[1]! : value > threshold ? theme.runs[0]! : theme.soft);
      pen.lines([[[chart.x(0), chart.top], [chart.x(0), floor]]], { stroke: theme.strong, dash: [3, 3] });
      counted?.counts.forEach((count, k) => {
        const from = x.from + k * counted.width;
        if (count > 0) pen.rectangle([chart.x(from), chart.y(count)], Math.max(1.5, chart.x(from + counted.width) - chart.x(from) - 1), floor - chart.y(count), { fill: colour(from + counted.width / 2), opacity: 0.35 });
      });
      if (density !== null && counted === null) {
        const line = Array.from(density.points, (point, k): Place => [chart.x(point), chart.y(density.values[k]!)]);
        pen.area([[[line[0]![0], floor], ...line, [line.at(-1)![0], floor]]], { fill: theme.runs[0]!, opacity: 0.2 });
        pen.lines([line], { stroke: theme.runs[0]!, width: 1.8 });
      }
      if (deflated > 0 && counted) pen.rectangle([chart.x(0) - 5, chart.y(deflated)], 10, floor - chart.y(deflated), { stroke: theme.ink, width: 1.5, dash: [3, 2] }, `${deflated} symmetry directions`);
      else if (deflated > 0) pen.circle([chart.x(0), floor - 24], 5, { stroke: theme.ink, width: 1.5 }, `${deflated} symmetry directions`);
      for (const value of marks) pen.lines([[[chart.x(value), floor], [chart.x(value), floor - 14]]], { stroke: colour(value), width: 1.6 });
    });
  };
}
