import type { Escapes } from '@lowland/landscape';

import { wrap } from '../report.ts';
import { bar, short } from '../terminal/plot.ts';
import type { Screen } from '../terminal/style.ts';

const field = (name: string, value: string): string => `  ${name.padEnd(12)} ${value}`;
const shown = 12;

/** How much columns gain, and the slope along each as a bar. */
export function ofEscapes({ value, slopes, decrease, point, rank, reason }: Escapes, screen: Screen): readonly string[] {
  if (point === null) return [field('ways out', screen.style('yellow', 'none')), field('value', short(value)), ...wrap(reason ?? '', screen.columns - 15).map((line, k) => field(k === 0 ? 'because' : '', line))];
  const largest = slopes[0] ?? 1;
  const width = Math.min(40, screen.columns - 30);
  return [
    field('ways out', `${screen.style('green', String(slopes.length))}: with ${rank} columns the value falls from ${short(value)} by ${short(decrease)}`),
    field('slopes', 'of the value along each direction, at the point'),
    ...slopes.slice(0, shown).map((slope) => `  ${short(slope).padStart(12)} ${bar(slope, largest, width, screen.unicode)}`),
    ...(slopes.length > shown ? [field('', `and ${slopes.length - shown} more`)] : []),
  ];
}
