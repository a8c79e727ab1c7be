import type { Cursor, SliceView } from '../../model/types.ts';
import { framed } from '../draw/axes.ts';
import type { Place } from '../draw/pen.ts';
import { runColour } from '../draw/theme.ts';
import { type Scale, scaleOf } from '../draw/scale.ts';
import type { Drawing } from '../export/picture.ts';
import { pieces } from '../traces/draw-traces.ts';
import { positionAt } from '../traces/series.ts';
import { heightsOf } from './levels.ts';
import { drawPoint, pointsIn } from './marks.ts';

/** f along a line, and the runs at their true values: points above or below the line are off it. */
export function drawLineSlice(slice: SliceView, share: number, runs: readonly string[], cursor: Cursor['iteration']): Drawing {
  const { s, values, names, paths } = slice;
  const heights = heightsOf(values, share);
  // Runs may be lower than the line: it is not where they are.
  const lowest = paths.flatMap(({ value }) => [...value]).filter((value) => Number.isFinite(value) && value < (heights?.cap ?? 0));
  const y: Scale = (heights && scaleOf('linear', [heights.least, heights.cap, ...lowest])) ?? { kind: 'linear', from: 0, to: 1 };
  return (pen, theme, size) => {
    framed(pen, theme, { x: { scale: { kind: 'linear', from: s[0]!, to: s.at(-1)! }, label: names[0] ?? '' }, y: { scale: y, label: 'value' } }, size, (chart) => {
      pen.lines([[[chart.x(0), chart.top], [chart.x(0), chart.top + chart.height]]], { stroke: theme.strong, dash: [4, 4] });
      const drawn = { x: [...s], y: Array.from(values, (value) => (Number.isFinite(value) ? value : null)) };
      pen.lines(pieces(drawn).map((line) => line.map(([a, b]): Place => [chart.x(a), chart.y(b)])), { stroke: theme.ink, width: 1.8 });
      for (const { s: at, kind, label, value } of pointsIn(slice)) drawPoint(pen, [chart.x(at), chart.y(value)], { kind, label });
      for (const path of paths) {
        const last = positionAt(path.iteration, cursor);
        if (last === undefined) continue;
        const colour = runColour(theme, Math.max(0, runs.indexOf(path.run)));
        const places = Array.from({ length: last + 1 }, (_, k): Place => [chart.x(path.s[k]!), chart.y(path.value[k]!)]).filter(([, at]) => Number.isFinite(at));
        pen.lines([places], { stroke: colour, width: 1.2, opacity: 0.8 });
        for (const place of places) pen.circle(place, 2.2, { fill: colour });
        if (places.length > 0) pen.circle(places.at(-1)!, 6, { fill: colour, stroke: theme.surface, width: 2 });
      }
    });
  };
}
