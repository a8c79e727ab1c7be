/**
 * Critical points of a section, in terminals and in pictures.
 */
import type { SectionPoint, SectionPoints } from '@lowland/landscape';

import { wrap } from '../report.ts';
import { short } from '../terminal/plot.ts';
import type { Screen } from '../terminal/style.ts';
import { escapeText, pixel, polyline } from './chart.ts';

type Kind = 'minimum' | 'saddle' | 'maximum' | 'degenerate';

const kindOf = ({ index, at }: SectionPoint): Kind => (index === null ? 'degenerate' : index === 0 ? 'minimum' : index === at.length ? 'maximum' : 'saddle');

/** Rows that a list has at most. */
const most = 20;

export function criticalLines({ status, reason, bezout, points, curves }: SectionPoints, screen: Screen): string[] {
  const field = (name: string, value: string): string => `  ${name.padEnd(12)} ${value}`;
  const shown = points.slice(0, most);
  const [first] = points;
  return [
    '',
    field('critical', status === 'complete' ? screen.style('green', `complete: ${bezout} complex solutions, as many as there can be, ${points.length} of them real`) : screen.style('yellow', status)),
    ...(reason === null ? [] : wrap(reason, screen.columns - 15).map((line, k) => field(k === 0 ? 'because' : '', line))),
    ...(curves.length === 0 ? [] : [field('curves', `${curves.length} in the window`)]),
    ...(first === undefined ? [] : [screen.style('dim', `  ${first.label}; full gradient: in all of space`)]),
    ...shown.map((point) => `  ${kindOf(point).padEnd(10)} ${short(point.value).padStart(10)}  full gradient ${short(point.gradientNorm).padStart(9)}  at (${point.at.map((x) => short(Math.round(x * 1e6) / 1e6)).join(', ')})${point.inside ? '' : ', outside the window'}`),
    ...(points.length > shown.length ? [`  and ${points.length - shown.length} more; --json has them`] : []),
  ];
}

const colours: Readonly<Record<Kind, string>> = { minimum: '#2d8a4e', saddle: '#3b76c4', maximum: '#d1691b', degenerate: '#777' };

/** Each kind has a shape of its own, so that colours are not needed to tell them apart. */
function mark(kind: Kind, x: number, y: number): string {
  const [a, b] = [pixel(x), pixel(y)];
  const rest = ` fill="${colours[kind]}" stroke="#fff" stroke-width="1.5"`;
  switch (kind) {
    case 'minimum':
      return `<circle cx="${a}" cy="${b}" r="5"${rest}/>`;
    case 'saddle':
      return `<path d="M${a},${pixel(y - 6.5)}l6.5,6.5l-6.5,6.5l-6.5,-6.5z"${rest}/>`;
    case 'maximum':
      return `<path d="M${a},${pixel(y - 6)}l6,10.5h-12z"${rest}/>`;
    case 'degenerate':
      return `<rect x="${pixel(x - 4.5)}" y="${pixel(y - 4.5)}" width="9" height="9"${rest}/>`;
  }
}

/** Marks of all points in the window and the curves between them; `y` places a point's second coordinate, or its value on a line. */
export function criticalMarks({ points, curves }: SectionPoints, x: (s: number) => number, y: (t: number) => number): string[] {
  const line = (curve: Float64Array): string => polyline(Array.from({ length: curve.length / 2 }, (_, k) => [x(curve[2 * k]!), y(curve[2 * k + 1]!)]));
  return [
    ...curves.map((curve) => `<path d="${line(curve)}" fill="none" stroke="#fff" stroke-width="2.5"/><path d="${line(curve)}" fill="none" stroke="#c2416b" stroke-width="1.5" stroke-dasharray="5 3"/>`),
    ...points.filter(({ inside }) => inside).map((point) => mark(kindOf(point), x(point.at[0]!), y(point.at[1] ?? point.value))),
  ];
}

/** What the marks mean, in the upper left corner at (left, top). */
export function criticalLegend({ points, curves }: SectionPoints, left: number, top: number): string[] {
  const shown = points.filter(({ inside }) => inside);
  const rows: (readonly [string, (x: number, y: number) => string])[] = (['minimum', 'saddle', 'maximum', 'degenerate'] as const).flatMap((kind) => {
    const count = shown.filter((point) => kindOf(point) === kind).length;
    return count === 0 ? [] : [[`${kind}${count === 1 ? '' : `, ${count}`}`, (x: number, y: number) => mark(kind, x, y)] as const];
  });
  if (curves.length > 0) rows.push(['curve of critical points', (x, y) => `<path d="M${pixel(x - 7)},${pixel(y)}h14" stroke="#c2416b" stroke-width="1.5" stroke-dasharray="5 3"/>`]);
  if (rows.length === 0) return [];
  const width = 46 + 7 * Math.max(...rows.map(([text]) => text.length));
  return [
    `<rect x="${pixel(left + 8)}" y="${pixel(top + 8)}" width="${width}" height="${18 * rows.length + 8}" rx="3" fill="#fffe" stroke="#8888"/>`,
    ...rows.flatMap(([text, draw], k) => [draw(left + 22, top + 21 + 18 * k), `<text x="${pixel(left + 34)}" y="${pixel(top + 25 + 18 * k)}" font-size="12" style="fill:#1c1c1c">${escapeText(text)}</text>`]),
  ];
}

/** Below the picture: how complete the marks are, and what they do not say. */
export function criticalNotes({ status, points, bezout, solutions }: SectionPoints): string[] {
  const away = points.filter(({ inside }) => !inside).length;
  const gradients = points.map(({ gradientNorm }) => gradientNorm);
  return [
    `Marks: critical ${points[0]?.at.length === 1 ? 'on this line' : 'in this plane'}; ${status === 'complete' ? `all ${bezout} solutions are known` : `${status}, ${solutions} of ${bezout} solutions isolated`}${away === 0 ? '' : `, ${away} real ones outside the window`}.`,
    ...(gradients.length === 0 ? [] : [`The gradient in all of space is ${[...new Set([Math.min(...gradients), Math.max(...gradients)].map(short))].join(' to ')} there.`]),
  ];
}
