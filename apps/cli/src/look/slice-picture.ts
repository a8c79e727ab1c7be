/** A section in a terminal. */
import type { Slice, SliceTrajectory } from '@lowland/landscape';

import { wrap } from '../report.ts';
import { plot, short } from '../terminal/plot.ts';
import type { Screen } from '../terminal/style.ts';
import { criticalLines } from './critical-marks.ts';
import { trajectoryNotes } from './slice-svg.ts';

const field = (name: string, value: string): string => `  ${name.padEnd(12)} ${value}`;

const runMark = ({ unicode }: Screen): string => (unicode ? '•' : 'o');

const ofRun = (run: SliceTrajectory, screen: Screen): string[] => wrap(trajectoryNotes(run).join(' ').replace('Run: ', '').replace(', in the colours of their own values', ''), screen.columns - 15).map((line, k) => field(k === 0 ? 'run' : '', line));

export function ofSlice({ s, t, values, evaluation, degree, errorBound, names, directions, critical, trajectory }: Slice, screen: Screen): readonly string[] {
  const how = evaluation === null ? `exact polynomial of degree ${degree!}, rounding at most ${errorBound!.toExponential(1)}` : evaluated(evaluation);
  const length = Math.hypot(...directions[0]!.data);
  const head = [field('directions', `${names.join(', ')}; one unit is ${short(length)} long`), field('values', how), ...(trajectory === null ? [] : ofRun(trajectory, screen)), ''];
  const points = critical === null ? [] : criticalLines(critical, screen);
  if (t === null) return [...head, ...plot([{ x: [...s], y: [...values] }, ...(trajectory === null ? [] : [{ x: [...trajectory.s], y: [...trajectory.values], mark: runMark(screen) }])], { width: screen.columns - 14, height: 16, unicode: screen.unicode }), ...points];
  return [...head, ...heightMap(s, t, values, trajectory, screen), ...points];
}

const evaluated = ({ by, dtype, deviation }: NonNullable<Slice['evaluation']>): string =>
  by === 'points' ? 'evaluated point by point' : `evaluated from six products with the data, in ${dtype}; where looked at, within ${deviation!.toExponential(1)}`;

/** Heights as shades, logarithmic above the least one, which is marked. */
function heightMap(s: Float64Array, t: Float64Array, values: Float64Array, run: Slice['trajectory'], screen: Screen): string[] {
  const shades = screen.unicode ? [' ', '░', '▒', '▓', '█'] : [' ', '.', ':', '+', '#'];
  const width = Math.min(screen.columns - 12, 2 * s.length);
  const height = Math.max(2, Math.round(width / 2.2));
  const finite = values.filter(Number.isFinite);
  const least = finite.reduce((low, value) => Math.min(low, value), Infinity);
  const most = finite.reduce((high, value) => Math.max(high, value), -Infinity);
  const best = values.indexOf(least);
  const level = (value: number): number => (most > least ? Math.log1p((1e3 * (value - least)) / (most - least)) / Math.log1p(1e3) : 0);
  const column = (k: number): number => Math.round((k * (s.length - 1)) / (width - 1));
  const row = (k: number): number => Math.round(((height - 1 - k) * (t.length - 1)) / (height - 1));
  const nearest = { column: Math.round(((best % s.length) * (width - 1)) / (s.length - 1)), row: height - 1 - Math.round((Math.floor(best / s.length) * (height - 1)) / (t.length - 1)) };
  const place = (at: number, axis: Float64Array, cells: number): number => Math.round(((at - axis[0]!) / (axis.at(-1)! - axis[0]!)) * (cells - 1));
  const visited = new Set(run === null ? [] : [...run.s].map((at, k) => (height - 1 - place(run.t![k]!, t, height)) * width + place(at, s, width)));
  const lines = Array.from({ length: height }, (_, i) =>
    Array.from({ length: width }, (_unused, j) => {
      if (i === nearest.row && j === nearest.column) return screen.unicode ? '×' : 'x';
      if (i === Math.floor(height / 2) && j === Math.floor(width / 2)) return '+';
      if (visited.has(i * width + j)) return screen.style('yellow', runMark(screen));
      const value = values[row(i) * s.length + column(j)]!;
      return Number.isFinite(value) ? shades[Math.min(shades.length - 1, Math.floor(level(value) * shades.length))]! : '?';
    }).join(''),
  );
  const labels = lines.map((_, i) => (i === 0 ? short(t.at(-1)!) : i === height - 1 ? short(t[0]!) : ''));
  const margin = Math.max(...labels.map((label) => label.length));
  const [left, right] = [short(s[0]!), short(s.at(-1)!)];
  return [
    ...lines.map((line, i) => `${labels[i]!.padStart(margin)} ${screen.unicode ? '│' : '|'}${line}`),
    ' '.repeat(margin + 2) + left + right.padStart(Math.max(1, width - left.length)),
    `  + the point, ${screen.unicode ? '×' : 'x'} the least value ${short(least)}; darker is higher, up to ${short(most)}, logarithmic${run === null ? '' : `; ${runMark(screen)} the run`}`,
  ];
}
