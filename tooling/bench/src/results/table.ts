/** Tables in plain text: what was measured, and what the floors say. */
import { flopsOf, taskName, type Task } from '../tasks/task.ts';
import type { Verdict } from './check.ts';
import { noise } from './floors.ts';
import { ratio, seconds } from './format.ts';
import type { Row } from './row.ts';

/** The ratio of every row is against this one. */
export const reference = 'lowland';

/** The rows of one task on so many threads. */
export function taskTable(task: Task, threads: number, rows: readonly Row[]): string {
  const own = rows.find(({ contender, status }) => contender === reference && status === 'measured');
  const flops = flopsOf(task);
  const lines = rows.map(({ contender, status, note, best, median }) => {
    const timed = status === 'measured';
    return [
      contender,
      timed ? seconds(best!) : '–',
      timed ? seconds(median!) : '–',
      timed && own !== undefined ? ratio(best! / own.best!) : '–',
      timed && flops !== undefined ? (flops / best! / 1e9).toFixed(1) : '',
      note,
    ];
  });
  const title = `${taskName(task)}, ${threads} thread${threads === 1 ? '' : 's'}`;
  return `${title}\n${aligned([['', 'best', 'median', 'ratio', flops === undefined ? '' : 'GFlop/s', ''], ...lines], [0, 5])}`;
}

/** What came of the floors. */
export function floorTable(verdicts: readonly Verdict[]): string {
  const words = { met: 'met', noise: `met within the noise of ${Math.round(noise * 100)}%`, short: 'SHORT', missing: 'MISSING' };
  const lines = verdicts.map(({ floor, rival, ratio: reached, result, reason }) => [
    `${floor.task}, ${floor.threads} thread${floor.threads === 1 ? '' : 's'}`,
    `${floor.ours} / ${rival ?? floor.rivals.join(' or ')}${floor.rivalThreads === undefined ? '' : ` on ${floor.rivalThreads}`}`,
    reached === undefined ? '–' : ratio(reached),
    `>= ${floor.least}`,
    `${words[result]}${reason === undefined ? '' : ` (${reason})`}`,
  ]);
  return aligned(lines, [0, 1, 4]);
}

/** Columns two blanks apart, numbers to the right and those of `left` to the left. */
export function aligned(lines: readonly (readonly string[])[], left: readonly number[]): string {
  const widths = (lines[0] ?? []).map((_, column) => Math.max(...lines.map((line) => line[column]!.length)));
  return lines.map((line) => `  ${line.map((text, i) => (left.includes(i) ? text.padEnd(widths[i]!) : text.padStart(widths[i]!))).join('  ')}`.trimEnd()).join('\n');
}
