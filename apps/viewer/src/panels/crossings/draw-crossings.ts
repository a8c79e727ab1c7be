import type { CrossingView } from '../../model/types.ts';
import { framed } from '../draw/axes.ts';
import { scaleOf } from '../draw/scale.ts';
import { runColour } from '../draw/theme.ts';
import type { Drawing } from '../export/picture.ts';

/** Pixels of a run. */
export const rowHeight = 58;
export const frameHeight = 84;

/** 95 % of the normal law lie within so many standard errors. */
export const width95 = 1.96;

/** A bar for each run: the mean of simulated paths with its interval, a line where it is exactly, a ring where the law has it. */
export function drawCrossings(views: readonly CrossingView[], labels: readonly string[]): Drawing {
  const ends = views.flatMap(({ law, exact, simulated }) => [law, exact ?? law, simulated === null ? law : simulated.time + width95 * simulated.standardError]);
  const x = { ...(scaleOf('linear', ends, 0.06) ?? { kind: 'linear' as const, to: 1 }), from: 0 };
  return (pen, theme, size) => {
    const key = [['bar: mean of simulated paths, 95 % interval', 0], ['line: exact mean', 268], ['ring: law of Eyring and Kramers', 372]] as const;
    const narrow = size.width < 580;
    key.forEach(([text, left], k) => { pen.text([12 + (narrow ? 0 : left), 14 + (narrow ? 14 * k : 0)], text, { colour: theme.soft, size: 11 }); });
    const down = narrow ? 44 : 18;
    framed(pen, theme, { x: { scale: x, label: 'mean time until the other well' }, y: { scale: { kind: 'linear', from: 0, to: views.length }, label: '', none: true }, grid: false, down }, { width: size.width, height: size.height - down }, (chart) => {
      views.forEach(({ method, law, exact, simulated }, k) => {
        const top = chart.top + (k * chart.height) / views.length;
        const [bar, middle] = [top + 26, top + 35];
        const colour = runColour(theme, method);
        pen.text([chart.left + 6, top + 18], labels[method] ?? '', { colour: theme.ink });
        if (simulated !== null) {
          const [low, high] = [-1, 1].map((sign) => chart.x(simulated.time + sign * width95 * simulated.standardError));
          pen.rectangle([chart.left, bar], chart.x(simulated.time) - chart.left, 18, { fill: colour, opacity: 0.55 });
          pen.lines([[[low!, middle], [high!, middle]], [[low!, middle - 6], [low!, middle + 6]], [[high!, middle - 6], [high!, middle + 6]]], { stroke: theme.ink, width: 1.6 });
        }
        if (exact !== null) pen.lines([[[chart.x(exact), bar - 5], [chart.x(exact), bar + 23]]], { stroke: colour, width: 3 });
        pen.circle([chart.x(law), middle], 5, { fill: theme.surface, stroke: colour, width: 2.2 });
      });
    });
  };
}
