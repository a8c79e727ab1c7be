/** The trace of a run, as the command line writes it: round, rank, iteration, seconds, value, gradientNorm. */
import type { TraceView } from '../model/types.ts';
import { dataPlace, FileFault } from './fault.ts';

export interface ReadTrace {
  readonly trace: TraceView;
  /** What is to be said about it. */
  readonly notes: readonly string[];
}

const wanted = ['iteration', 'seconds', 'value', 'gradientNorm'] as const;

/**
 * Reads as many whole lines as there are: the last one of a run that goes on may be half.
 *
 * @throws FileFault for what is no trace
 */
export function readTrace(name: string, text: string): ReadTrace {
  const lines = text.split(/\r?\n/);
  const header = (lines[0] ?? '').split(',').map((cell) => cell.trim());
  const places = wanted.map((column) => header.indexOf(column));
  if (places.includes(-1)) {
    const missing = wanted.filter((_, k) => places[k] === -1).join(', ');
    throw new FileFault(`${name} is no trace: its first line names no ${missing}. A trace begins with "round,rank,iteration,seconds,value,gradientNorm"; ${dataPlace}`);
  }
  const columns: readonly number[][] = wanted.map(() => []);
  let [cut, odd] = [0, 0];
  lines.slice(1).forEach((line, k) => {
    if (line === '') return;
    const cells = line.split(',');
    if (cells.length !== header.length || (k === lines.length - 2 && !text.endsWith('\n'))) {
      cut++;
      return;
    }
    const row = places.map((place) => cells[place]!.trim()).map((cell) => (cell === '' ? NaN : Number(cell)));
    if (!Number.isFinite(row[0])) {
      cut++;
      return;
    }
    if (row.some((value) => !Number.isFinite(value))) odd++;
    row.forEach((value, c) => columns[c]!.push(value));
  });
  if (columns[0]!.length === 0) throw new FileFault(`${name} has no observation: the run has not begun, or the file was cut off.`);
  const [iteration, seconds, value, gradientNorm] = columns.map((column) => Float64Array.from(column)) as unknown as readonly [Float64Array, Float64Array, Float64Array, Float64Array];
  const lineWord = (count: number): string => `${count} ${count === 1 ? 'line' : 'lines'}`;
  return {
    trace: { iteration, seconds, value, gradientNorm },
    notes: [
      ...(cut > 0 ? [`${name}: ${lineWord(cut)} could not be read (cut off, or no number) and left out.`] : []),
      ...(odd > 0 ? [`${name}: ${lineWord(odd)} with numbers that are not finite (not looked at, or diverged): gaps in the charts.`] : []),
    ],
  };
}
