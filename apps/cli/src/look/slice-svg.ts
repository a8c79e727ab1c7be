/** A section as a standalone SVG. */
import { contours } from 'd3-contour';
import type { Slice, SliceTrajectory } from '@lowland/landscape';

import { short } from '../terminal/plot.ts';
import { criticalLegend, criticalMarks, criticalNotes } from './critical-marks.ts';
import { framed, pixel, polyline, rampColours, widened } from './chart.ts';

export const sliceSvg = (slice: Slice, objective: string): string => (slice.t === null ? ofLine(slice, objective) : ofPlane(slice, slice.t, objective));

function ofLine({ s, values, names, directions, evaluation, degree, critical, trajectory }: Slice, objective: string): string {
  const finite = [...values, ...(trajectory?.values ?? [])].filter(Number.isFinite);
  const [low, high] = widened(Math.min(...finite), Math.max(...finite));
  const points = [...s].flatMap((at, k): [number, number][] => (Number.isFinite(values[k]) ? [[at, values[k]!]] : []));
  return framed({
    title: `${objective} along a line`,
    x: { label: axisLabel(names[0]!, 0, directions), from: s[0]!, to: s.at(-1)! },
    y: { label: 'value', from: low, to: high },
    draw: (x, y, { width }) => [
      `<path d="${polyline(points.map(([at, value]) => [x(at), y(value)]))}" fill="none" stroke="#3b76c4" stroke-width="1.8"/>`,
      `<line x1="${pixel(x(0))}" x2="${pixel(x(0))}" y1="${pixel(y(low))}" y2="${pixel(y(high))}" stroke="#d1691b" stroke-dasharray="4 4"/>`,
      ...(trajectory === null ? [] : clipped(x(s[0]!), y(high), width, y(low) - y(high), dots(trajectory, trajectory.values, x, y, () => '#d1691b'))),
      ...(critical === null ? [] : [...criticalMarks(critical, x, y), ...criticalLegend(critical, x(s[0]!), y(high))]),
    ],
    notes: [howText(evaluation, degree), 'Dashed: the point.', ...(trajectory === null ? [] : trajectoryNotes(trajectory)), ...(critical === null ? [] : criticalNotes(critical))],
  });
}

/** Bands of height. */
const bands = 14;

/** Filled contours at levels that crowd towards the least value. */
function ofPlane({ s, values, names, directions, evaluation, degree, critical, trajectory }: Slice, t: Float64Array, objective: string): string {
  const finite = values.filter(Number.isFinite);
  const least = finite.reduce((low, value) => Math.min(low, value), Infinity);
  const most = finite.reduce((high, value) => Math.max(high, value), -Infinity);
  const thresholds = Array.from({ length: bands }, (_, k) => least + (most - least) * (k / bands) ** 2.5);
  const colours = rampColours(bands);
  const filled = contours().size([s.length, t.length]).thresholds(thresholds)(Array.from(values, (value) => (Number.isFinite(value) ? value : most)));
  const best = values.indexOf(least);
  return framed({
    title: `${objective} on a plane`,
    x: { label: axisLabel(names[0]!, 0, directions), from: s[0]!, to: s.at(-1)! },
    y: { label: axisLabel(names[1]!, names[0] === names[1] ? 1 : 0, directions.slice(1)), from: t[0]!, to: t.at(-1)! },
    scale: colours.map((colour, k) => ({ colour, from: thresholds[k]! })),
    draw(x, y, { width, height }) {
      // Grid squares are centred at their values: half a square beyond the frame on each side.
      const across = (column: number): number => x(s[0]!) + ((column - 0.5) / (s.length - 1)) * width;
      const up = (row: number): number => y(t[0]!) - ((row - 0.5) / (t.length - 1)) * height;
      const ring = (points: readonly (readonly number[])[]): string => `${polyline(points.map(([column = 0, row = 0]) => [across(column), up(row)]))}Z`;
      const colourOf = (value: number): string => colours[Math.max(0, thresholds.findLastIndex((threshold) => value >= threshold))]!;
      return [
        ...clipped(x(s[0]!), y(t.at(-1)!), width, height, [
          ...filled.map(({ coordinates }, k) => `<path d="${coordinates.flat().map(ring).join('')}" fill="${colours[k]!}" fill-rule="evenodd" stroke="#0004" stroke-width="0.5"/>`),
          ...(trajectory === null ? [] : dots(trajectory, trajectory.t!, x, y, colourOf)),
          `<path d="M${pixel(x(0) - 6)},${pixel(y(0))}h12M${pixel(x(0))},${pixel(y(0) - 6)}v12" stroke="#fff" stroke-width="2"/>`,
          `<circle cx="${pixel(x(s[best % s.length]!))}" cy="${pixel(y(t[Math.floor(best / s.length)]!))}" r="5" fill="none" stroke="#fff" stroke-width="2"/>`,
          ...(critical === null ? [] : criticalMarks(critical, x, y)),
        ]),
        ...(critical === null ? [] : criticalLegend(critical, x(s[0]!), y(t.at(-1)!))),
      ];
    },
    notes: [
      howText(evaluation, degree),
      `Cross: the point. Circle: the least value on the grid, ${short(least)}.`,
      ...(trajectory === null ? [] : trajectoryNotes(trajectory)),
      ...(critical === null ? [] : criticalNotes(critical)),
    ],
  });
}

const clipped = (left: number, top: number, width: number, height: number, content: readonly string[]): string[] => [
  `<clipPath id="frame"><rect x="${pixel(left)}" y="${pixel(top)}" width="${pixel(width)}" height="${pixel(height)}"/></clipPath>`,
  '<g clip-path="url(#frame)">',
  ...content,
  '</g>',
];

/** The run's shadow as a line, its points in the colours of their own values, the start larger. */
function dots({ s, values }: SliceTrajectory, t: Float64Array, x: (s: number) => number, y: (t: number) => number, colour: (value: number) => string): string[] {
  const path = polyline([...s].map((at, k) => [x(at), y(t[k]!)]));
  return [
    `<path d="${path}" fill="none" stroke="#000" stroke-opacity="0.5" stroke-width="2.4"/><path d="${path}" fill="none" stroke="#fff" stroke-width="1"/>`,
    ...[...s].map((at, k) => `<circle cx="${pixel(x(at))}" cy="${pixel(y(t[k]!))}" r="${k === 0 ? 5.5 : 3}" fill="${colour(values[k]!)}" stroke="#fff" stroke-width="${k === 0 ? 2 : 0.8}"/>`),
  ];
}

/** What the section shows of the run, and what it hides. */
export function trajectoryNotes({ s, values, distances, explained }: SliceTrajectory): string[] {
  const share = (part: number): string => `${(100 * part).toPrecision(part > 0.999 ? 4 : 3)} %`;
  const all = explained.reduce((sum, part) => sum + part, 0);
  const farthest = distances.reduce((most, value) => Math.max(most, value), 0);
  return [
    `Run: ${s.length} points from value ${short(values[0]!)}, in the colours of their own values.`,
    `${explained.length === 1 ? `The line explains ${share(all)} of the squared distances to its end` : `The plane explains ${share(all)} of the squared distances to its end: ${explained.map(share).join(' and ')}`}; the run is off it by at most ${short(farthest)}.`,
  ];
}

/** random, one unit is 3.2 long */
const axisLabel = (name: string, again: number, [direction]: Slice['directions']): string => `${name}${again === 1 ? ', second' : ''}: one unit is ${short(Math.hypot(...direction!.data))} long`;

const howText = (evaluation: Slice['evaluation'], degree: number | null): string =>
  evaluation === null ? `Exact: a polynomial of degree ${degree!}.` : evaluation.by === 'points' ? 'Evaluated point by point.' : `Evaluated from six products with the data, in ${evaluation.dtype}.`;
