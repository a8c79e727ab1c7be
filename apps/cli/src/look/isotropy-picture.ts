/**
 * Fixed spaces and what is stationary in them, in terminals and in pictures.
 */
import type { FixedSpaceReport, Isotropy, IsotropyPoint } from '@lowland/landscape';

import { wrap } from '../report.ts';
import { short } from '../terminal/plot.ts';
import type { Screen } from '../terminal/style.ts';
import { framed, pixel } from './chart.ts';

/** Rows that a table has at most. */
const most = 40;

const indices = ({ inside, across }: IsotropyPoint): string => `${inside.index ?? '?'}+${across.index ?? '?'}`;
const brief = ({ method, complete, points }: FixedSpaceReport): string =>
  method === 'origin' ? 'the origin' : complete ? `all: ${points.reduce((sum, { reached }) => sum + reached, 0)} real solutions` : 'from many starts';

export function ofIsotropy({ group, by, subgroups, orbits }: Isotropy, screen: Screen): readonly string[] {
  const field = (name: string, value: string): string => `  ${name.padEnd(12)} ${value}`;
  const widest = Math.max(...subgroups.map((report) => brief(report).length));
  const shown = orbits.slice(0, most);
  return [
    field('orbits', `${screen.style('bold', String(orbits.length))}${group === null ? '' : ` of ${group}`}, told apart by ${by}`),
    ...wrap('stationary on the fixed space of a subgroup, hence in all of space (symmetric criticality)', screen.columns - 15).map((line) => field('', line)),
    '',
    screen.style('dim', `  ${'H'.padStart(3)}  dim  ${'found'.padEnd(widest)}  generators`),
    ...subgroups.slice(0, most).map((report, k) => `  ${String(k + 1).padStart(3)}  ${String(report.dimension).padStart(3)}  ${screen.style(report.complete ? 'green' : 'yellow', brief(report).padEnd(widest))}  ${report.name}`),
    '',
    screen.style('dim', `  ${'value'.padStart(12)}  index  H: descending along and across its fixed space`),
    ...shown.map(({ value, index, subgroups: where }, orbit) => {
      const splits = where.map((k) => `${k + 1}: ${indices(subgroups[k]!.points.find((point) => point.orbit === orbit)!)}`).join('   ');
      const line = `  ${short(Math.abs(value) < 1e-14 ? 0 : value).padStart(12)}  ${String(index ?? '?').padStart(5)}  ${splits}`;
      return index === 0 ? screen.style('green', line) : line;
    }),
    ...(orbits.length > shown.length ? [`  and ${orbits.length - shown.length} more; --json has them`] : []),
  ];
}

const kinds = [
  { name: 'second-order point', colour: '#2d8a4e' },
  { name: 'descends along Fix(H)', colour: '#3b76c4' },
  { name: 'descends across it', colour: '#d1691b' },
  { name: 'both', colour: '#8d5bb5' },
  { name: 'not clear', colour: '#777' },
] as const;

function kindOf({ inside, across }: IsotropyPoint): (typeof kinds)[number] {
  if (inside.index === null || across.index === null) return kinds[4];
  return kinds[(inside.index > 0 ? 1 : 0) + (across.index > 0 ? 2 : 0)]!;
}

/** Values above the subgroups that they were found by; values that are known to be all have a ring around them. */
export function isotropySvg({ subgroups, orbits, group }: Isotropy, objective: string): string | undefined {
  if (orbits.length === 0) return undefined;
  const values = orbits.map(({ value }) => value);
  const [low, high] = [Math.min(...values), Math.max(...values)];
  const room = high > low ? 0.06 * (high - low) : Math.max(Math.abs(high), 1) / 10;
  const shown = subgroups.slice(0, 12);
  const used = kinds.filter((kind) => shown.some(({ points }) => points.some((point) => kindOf(point) === kind)));
  return framed({
    title: `Stationary points of ${objective} in fixed spaces`,
    x: { label: 'subgroup H', from: 0.4, to: shown.length + 0.6, whole: true },
    y: { label: 'value', from: low - room, to: high + room },
    draw(x, y, { width }) {
      const numbered = width / shown.length >= 90;
      return shown.flatMap(({ points }, k) => [
        `<line class="grid" x1="${pixel(x(k + 1))}" x2="${pixel(x(k + 1))}" y1="${pixel(y(low - room))}" y2="${pixel(y(high + room))}"/>`,
        ...sideBySide(alike(points, y)).flatMap(([{ point, at, times }, step]) => {
          const left = x(k + 1) + step * (numbered ? 56 : 12);
          return [
            `<circle cx="${pixel(left)}" cy="${pixel(at)}" r="5.5" fill="${kindOf(point).colour}"/>`,
            ...(numbered ? [`<text x="${pixel(left + 9)}" y="${pixel(at + 4)}" font-size="11">${indices(point)}${times > 1 ? ` ×${times}` : ''}</text>`] : []),
          ];
        }),
      ]);
    },
    keys: used.map(({ name, colour }) => ({ name, colour, as: 'square' as const })),
    notes: [
      `${orbits.length} orbits${group === null ? '' : ` of ${group}`}. Numbers: descending directions along + across the fixed space, ×: so many orbits.`,
      ...shown.map((report, k) => `${k + 1}: ${shortened(report.name)}, dimension ${report.dimension}, ${brief(report)}.`),
      ...(subgroups.length > shown.length ? [`${subgroups.length - shown.length} more subgroups are not shown.`] : []),
    ],
  });
}

interface Mark {
  readonly point: IsotropyPoint;
  readonly at: number;
  /** Points that one mark stands for. */
  readonly times: number;
}

/** Heights closer than this are not told apart. */
const close = 12;

/** One mark for points of one height with the same indices. */
function alike(points: readonly IsotropyPoint[], y: (value: number) => number): readonly Mark[] {
  const marks: Mark[] = [];
  for (const point of points) {
    const at = y(point.value);
    const same = marks.findIndex((mark) => Math.abs(mark.at - at) < 1 && indices(mark.point) === indices(point));
    if (same < 0) marks.push({ point, at, times: 1 });
    else marks[same] = { ...marks[same]!, times: marks[same]!.times + 1 };
  }
  return marks;
}

/** Marks with a step to the side for each that is close to the one before. */
function sideBySide(marks: readonly Mark[]): readonly (readonly [Mark, number])[] {
  let step = 0;
  return marks.map((mark, j) => {
    step = j > 0 && Math.abs(mark.at - marks[j - 1]!.at) < close ? step + 1 : 0;
    return [mark, step];
  });
}

const shortened = (name: string): string => (name.length > 60 ? `${name.slice(0, 57)}...` : name);
