/** A map of basins in a terminal. */
import type { Basin, Basins } from '@lowland/landscape';

import { wrap } from '../report.ts';
import { short } from '../terminal/plot.ts';
import type { Screen } from '../terminal/style.ts';

const field = (name: string, value: string): string => `  ${name.padEnd(12)} ${value}`;

/** A basin keeps its colour; other points of its orbit have the bright one. */
const hues = ['blue', 'yellow', 'green', 'magenta', 'cyan', 'red'] as const;
type Hue = (typeof hues)[number] | `${(typeof hues)[number]}Bright` | 'black' | 'gray';
type Style = Parameters<Screen['style']>[0];

const hue = (label: number, copy: number): Hue => (label < 0 ? (label === -2 ? 'black' : 'gray') : copy % 2 === 0 ? hues[label % hues.length]! : `${hues[label % hues.length]!}Bright`);
const background = (of: Hue): Style => `bg${of.slice(0, 1).toUpperCase()}${of.slice(1)}` as Style;

/** Where nothing is coloured: a letter a basin, a capital for the other points of its orbit. */
const letters = 'abcdefghijklmnopqrstuvwxyz';
function letter(label: number, copy: number): string {
  if (label < 0) return label === -2 ? '!' : label === -1 ? '.' : '?';
  const small = letters[label % letters.length]!;
  return copy % 2 === 0 ? small : small.toUpperCase();
}

const most = 12;

export function ofBasins(found: Basins, screen: Screen): readonly string[] {
  const { method, names, directions, group, by, basins, ends, s, t } = found;
  const length = (k: 0 | 1): string => short(Math.hypot(...directions[k].data));
  const coloured = screen.unicode && screen.style('red', 'x') !== 'x';
  const unsettled = [
    [ends.unfinished, 'unfinished'],
    [ends.diverged, 'diverged'],
    [ends.beyond, 'at orbits beyond those told apart'],
  ].flatMap(([count, what]) => (count === 0 ? [] : [`${count} ${what}`]));
  return [
    field('method', found.route === 'fused' ? `${method}, all starts in one call` : method),
    field('plane', `${names[0]}, ${names[1]}; one unit is ${length(0)} and ${length(1)} long`),
    field('orbits', `${basins.length} of ${group}, told apart by ${by}`),
    ...(unsettled.length === 0 ? [] : wrap(`${unsettled.join(', ')}${coloured ? ' (grey, black)' : ' (. ! ?)'}`, screen.columns - 15).map((line, k) => field(k === 0 ? 'others' : '', line))),
    '',
    ...basins.slice(0, most).map((basin, k) => row(basin, k, coloured, screen)),
    ...(basins.length > most ? [`  and ${basins.length - most} more; --json has them`] : []),
    '',
    ...(coloured ? blocks(found, screen) : plain(found)).map((line, k, lines) => `${(k === 0 ? short(t.at(-1)!) : k === lines.length - 1 ? short(t[0]!) : '').padStart(8)} ${line}`),
    `${' '.repeat(9)}${short(s[0]!)}${short(s.at(-1)!).padStart(Math.max(1 + short(s.at(-1)!).length, s.length - short(s[0]!).length))}`,
  ];
}

function row({ value, kind, index, share, copies }: Basin, k: number, coloured: boolean, screen: Screen): string {
  const key = coloured ? screen.style(hue(k, 0), '██') + (copies.length > 1 ? screen.style(hue(k, 1), '██') : '  ') : copies.length > 1 ? `${letter(k, 0)} ${letter(k, 1)} ` : `${letter(k, 0)}   `;
  return `  ${key} ${short(Math.abs(value) < 1e-14 ? 0 : value).padStart(10)}  ${kind.padEnd(8)} ${index === null ? '' : `index ${index}  `}${`${(100 * share).toFixed(1)} %`.padStart(7)} of the starts${copies.length > 1 ? `, ${copies.length} points of one orbit` : ''}`;
}

/** Two starts a character, above each other: half a block each. */
function blocks({ s, t, labels, copies }: Basins, screen: Screen): string[] {
  const at = (i: number, j: number): Hue => hue(labels[i * s.length + j]!, copies[i * s.length + j]!);
  const style = (i: number, j: number): readonly string[] => (i === 0 ? [at(i, j)] : [at(i, j), background(at(i - 1, j)) as string]);
  const lines: string[] = [];
  for (let i = t.length - 1; i >= 0; i -= 2) {
    let line = '';
    for (let j = 0, first = 0; j < s.length; j++) {
      if (j + 1 < s.length && String(style(i, j + 1)) === String(style(i, j))) continue;
      line += screen.style(style(i, j) as Style, '▀'.repeat(j + 1 - first));
      first = j + 1;
    }
    lines.push(line);
  }
  return lines;
}

/** Every second row of starts, as lines are about twice as high as characters are wide. */
function plain({ s, t, labels, copies }: Basins): string[] {
  const rows = Array.from(t, (_, k) => t.length - 1 - k).filter((_, k) => k % 2 === 0);
  return rows.map((i) => Array.from(s, (_, j) => letter(labels[i * s.length + j]!, copies[i * s.length + j]!)).join(''));
}
