/** Lists of numbers over their positions, one chart below the other. */
import { framed } from '../draw/axes.ts';
import type { Place } from '../draw/pen.ts';
import { type Scale, type ScaleKind, scaleOf } from '../draw/scale.ts';
import type { Drawing } from '../export/picture.ts';
import { near, pieces } from '../traces/draw-traces.ts';
import { drawn } from '../traces/series.ts';
import type { List } from './lists.ts';

export const chartHeight = 150;
/** Charts in one picture at most. */
export const mostCharts = 6;
/** Numbers up to which each is a dot of its own. */
const dots = 60;

const whole: Scale = { kind: 'linear', from: 0, to: 1 };

/** @param down where the first chart starts */
export function drawLists(lists: readonly List[], down = 0): Drawing {
  const charts = lists.slice(0, mostCharts).map(({ name, values }) => {
    const kind = spans(values);
    const position = Float64Array.from(values, (_, k) => k);
    return { name, line: drawn({ iteration: position, seconds: position, values }, 'iterations', kind, 500), dotted: values.length <= dots, x: scaleOf('linear', position, 0.02) ?? whole, y: scaleOf(kind, values, 0.08) ?? whole };
  });
  return (pen, theme, { width }) => {
    charts.forEach(({ name, line, dotted, x, y }, k) => {
      framed(pen, theme, { x: { scale: x, label: 'position', whole: true }, y: { scale: y, label: '' }, down: down + k * chartHeight + 16 }, { width, height: chartHeight - 16 }, (chart) => {
        const lines = pieces(line).map((piece) => piece.map(([a, b]): Place => [chart.x(a), chart.y(near(y, b))]));
        pen.lines(lines, { stroke: theme.runs[0]!, width: 1.5 });
        if (dotted) for (const place of lines.flat()) pen.circle(place, 2.5, { fill: theme.runs[0]! });
      });
      pen.text([12, down + k * chartHeight + 14], name, { colour: theme.ink, weight: 600 });
    });
  };
}

/** Numbers that span decades have an axis of decades. */
function spans(values: Float64Array): ScaleKind {
  const finite = values.filter(Number.isFinite);
  const least = finite.reduce((low, value) => Math.min(low, value), Infinity);
  const most = finite.reduce((high, value) => Math.max(high, value), -Infinity);
  return least > 0 && most > 1e3 * least ? 'log' : 'linear';
}
