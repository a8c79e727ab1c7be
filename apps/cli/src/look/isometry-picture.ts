import type { Known, RestrictedIsometry } from '@lowland/landscape';

import { wrap } from '../report.ts';
import { short } from '../terminal/plot.ts';
import type { Screen } from '../terminal/style.ts';

const field = (name: string, value: string): string => `  ${name.padEnd(12)} ${value}`;

/** The constants, and between which of a bar from 0 to 1 the one after scaling lies. */
export function ofIsometry({ rank, symmetric, rows, cols, dimension, measurements, method, exact, least, largest, delta, optimal, statement }: RestrictedIsometry, screen: Screen): readonly string[] {
  const how = { 'full-space': 'the spectrum on all matrices', scan: 'a scan with interval bounds', alternating: 'the best matrices found' }[method];
  return [
    field('matrices', `${symmetric ? 'symmetric, ' : ''}${rows} x ${cols}, of rank up to ${rank}`),
    field('measured', `${measurements} times, in a space of dimension ${dimension}`),
    field('by', `${how}: ${exact ? screen.style('green', 'exact') : screen.style('yellow', 'a lower bound')}`),
    field('extremes', `c |a(X)|^2 / |X|^2 from ${between(least)} to ${between(largest)}`),
    field('delta', known(delta, exact)),
    field('scaled', known(optimal, exact)),
    ...wrap(statement, screen.columns - 15).map((line, k) => field(k === 0 ? 'statement' : '', line)),
    '',
    ...gauge(optimal, screen),
  ];
}

const known = ({ lower, upper }: Known, exact: boolean): string => (exact ? short(lower) : upper === null ? `at least ${short(lower)}` : `at least ${short(lower)}, at most ${short(upper)}`);
const between = ({ lower, upper }: { readonly lower: number; readonly upper: number }): string => (upper - lower <= 1e-9 * upper ? short(lower) : `[${short(lower)}, ${short(upper)}]`);

/** What is ruled out below, what is open, and what is ruled out above. */
function gauge({ lower, upper }: Known, { columns, style }: Screen): readonly string[] {
  const width = Math.min(60, columns - 20);
  const at = (value: number): number => Math.round(width * Math.min(1, Math.max(0, value)));
  const [from, to] = [at(lower), Math.max(at(lower) + 1, at(upper ?? 1))];
  return [`  after scaling 0 ${style('dim', '-'.repeat(from))}${style('yellow', '#'.repeat(to - from))}${style('dim', '-'.repeat(Math.max(0, width - to)))} 1`];
}
