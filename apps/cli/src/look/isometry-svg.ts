/** Restricted isometry as intervals: where the extremes of c |a(X)|^2 / |X|^2 lie, and what is open. */
import type { RestrictedIsometry } from '@lowland/landscape';

import { short } from '../terminal/plot.ts';
import { type Axis, type Frame, pixel, stacked } from './chart.ts';

type Interval = readonly [name: string, lower: number, upper: number, colour: string];

export function isometrySvg({ rank, measurements, dimension, least, largest, delta, optimal, exact, statement }: RestrictedIsometry, objective: string): string {
  const title = `Restricted isometry of ${objective}`;
  const most = Math.max(largest.upper, 1) * 1.08;
  const extremes: Interval[] = [['least', least.lower, least.upper, '#d1691b'], ['largest', largest.lower, largest.upper, '#3b76c4']];
  const constant: Interval = [`delta_${rank}`, optimal.lower, optimal.upper ?? 1, '#2d8a4e'];
  const own = `At the objective's own scale ${exact || delta.upper === null ? '' : 'between '}${delta.upper === null ? 'at least ' : ''}${short(delta.lower)}${exact || delta.upper === null ? '' : ` and ${short(delta.upper)}`}.`;
  return stacked(title, [
    frameOf(title, { label: `c |a(X)|^2 / |X|^2 of rank up to ${rank}`, from: 0, to: most }, extremes, [`${measurements} measurements in a space of dimension ${dimension}. The line: 1, where lengths are kept.`], true),
    frameOf('Isometry constant after the best scaling', { label: '0: lengths are kept, 1: some are lost', from: 0, to: 1 }, [constant], [exact ? 'Exact.' : 'Between what a matrix that was found shows and what is proved.', own, statement], false),
  ]);
}

/** One bar for each interval; a point where both ends are one. */
function frameOf(title: string, x: Axis, intervals: readonly Interval[], notes: readonly string[], one: boolean): Frame {
  return {
    title,
    x,
    y: { label: '', from: 0, to: intervals.length, blank: true },
    height: 60 * intervals.length,
    draw: (px, py) => [
      ...(one ? [`<line class="line" x1="${pixel(px(1))}" x2="${pixel(px(1))}" y1="${pixel(py(intervals.length))}" y2="${pixel(py(0))}" stroke-dasharray="4 4" opacity="0.6"/>`] : []),
      ...intervals.flatMap(([name, lower, upper, colour], k) => {
        const middle = py(intervals.length - k - 0.5);
        const width = Math.max(4, px(upper) - px(lower));
        const text = upper - lower <= 1e-9 * Math.abs(upper) ? short(lower) : `${short(lower)} to ${short(upper)}`;
        return [
          `<rect x="${pixel(px(lower) - (px(upper) - px(lower) < 4 ? 2 : 0))}" y="${pixel(middle - 2)}" width="${pixel(width)}" height="14" fill="${colour}"/>`,
          `<text x="${pixel(px(0) + 8)}" y="${pixel(middle - 8)}" font-size="12">${name}: ${text}</text>`,
        ];
      }),
    ],
    notes,
  };
}
