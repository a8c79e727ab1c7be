/** What a person sees of trackers in a terminal. */
import type { TrackedRow } from '../output/tracked.ts';
import { plot, short } from '../terminal/plot.ts';
import type { Screen } from '../terminal/style.ts';
import { type CurveGroup, trackSeries, type WordSeries } from './track-series.ts';

export function ofTracked(rows: readonly TrackedRow[], screen: Screen): readonly string[] {
  if (rows.length === 0) return ['  The trackers saw no observation.'];
  const { groups, words } = trackSeries(rows);
  return [...groups.flatMap((group) => ofGroup(group, screen)), ...words.flatMap((series) => ofWords(series, screen)), ...ofIterations(rows)];
}

const ofIterations = (rows: readonly TrackedRow[]): string[] => [`  ${rows.length} observations, iterations ${rows[0]!.iteration} to ${rows.at(-1)!.iteration}; --json has the numbers`];

function ofGroup({ title, x, curves, logarithmic }: CurveGroup, screen: Screen): string[] {
  const values = curves.flatMap(({ y }) => y.filter(Number.isFinite));
  const [first] = values;
  if (first === undefined) return [];
  const name = screen.style('bold', title);
  if (values.every((value) => Math.abs(value - first) <= 1e-6 * Math.abs(first))) return [`  ${name}: ${short(first)} at all observations`, ''];
  const ends = curves.flatMap((curve) => {
    const known = curve.y.filter(Number.isFinite);
    return known.length === 0 ? [] : [`${curve.name === '' ? '' : `${curve.name} `}${short(known[0]!)} ${screen.unicode ? '→' : '->'} ${short(known.at(-1)!)}`];
  });
  const shown = ends.slice(0, 4).join(', ') + (ends.length > 4 ? `, and ${ends.length - 4} more` : '');
  const height = (value: number): number => (logarithmic ? (value > 0 ? Math.log10(value) : NaN) : value);
  const lines = plot(
    curves.map(({ y }) => ({ x, y: y.map(height) })),
    { width: screen.columns - 16, height: 8, unicode: screen.unicode, ...(logarithmic && { formatY: (power: number) => short(10 ** power) }) },
  );
  return [`  ${name}${logarithmic ? ', logarithmic' : ''}: ${shown}`, ...lines.map((line) => `  ${line}`), ''];
}

function ofWords({ title, spans }: WordSeries, screen: Screen): string[] {
  const said = spans.slice(0, 8).map(({ word, from, to }) => `${word} ${from === to ? `at ${from}` : `from ${from} to ${to}`}`);
  const name = screen.style('bold', title);
  return [spans.length === 1 ? `  ${name}: ${spans[0]!.word} at all observations` : `  ${name}: ${said.join(', ')}${spans.length > 8 ? `, and ${spans.length - 8} changes more` : ''}`, ''];
}
