import { readFileSync } from 'node:fs';

import { type Entries, type Split, splitEntries } from '@lowland/data';
import { packageFile } from '../package-file.ts';

/** Month by month changes of U.S. employment by industry, in thousands of jobs. */
export interface Changes {
  /** 2006-02 and so on: the month at whose end the change was counted. */
  readonly months: readonly string[];
  readonly series: readonly string[];
  readonly entries: Entries;
}

/** The changes of every series that counts employees; see data/README.md for the source. */
export function employmentChanges(): Changes {
  const [header = '', ...lines] = readFileSync(packageFile('data/us-employment.csv'), 'utf8').trim().split(/\r?\n/);
  const names = header.split(',').slice(1);
  // The file's own column of changes is what is computed here.
  const series = names.filter((name) => name !== 'nonfarm_change');
  const rows = lines.map((line) => line.split(','));
  const level = (month: number, name: string): number => Number(rows[month]![1 + names.indexOf(name)]);
  const months = rows.slice(1).map((row) => row[0]!.slice(0, 7));
  const cells = months.flatMap((_, i) => series.map((name, j) => ({ i, j, change: level(i + 1, name) - level(i, name) })));
  return {
    months,
    series,
    entries: {
      rows: months.length,
      cols: series.length,
      row: Int32Array.from(cells, ({ i }) => i),
      col: Int32Array.from(cells, ({ j }) => j),
      values: Float64Array.from(cells, ({ change }) => change),
    },
  };
}

/** Mean and standard deviation of each series over the cells that are seen. */
export interface Scaling {
  readonly mean: Float64Array;
  readonly deviation: Float64Array;
}

export function scalingOf({ cols, col, values }: Entries): Scaling {
  const count = new Float64Array(cols);
  const mean = new Float64Array(cols);
  const deviation = new Float64Array(cols);
  for (let k = 0; k < values.length; k++) {
    count[col[k]!]! += 1;
    mean[col[k]!]! += values[k]!;
  }
  for (let j = 0; j < cols; j++) mean[j]! /= count[j]!;
  for (let k = 0; k < values.length; k++) deviation[col[k]!]! += (values[k]! - mean[col[k]!]!) ** 2 / count[col[k]!]!;
  return { mean, deviation: deviation.map(Math.sqrt) };
}

/** Each series with mean 0 and standard deviation 1, so that none outweighs the others by its size. */
export function standardized(entries: Entries, { mean, deviation }: Scaling): Entries {
  return { ...entries, values: entries.values.map((value, k) => (value - mean[entries.col[k]!]!) / deviation[entries.col[k]!]!) };
}

/** Cells hidden at random, and both parts in standard units, which are taken from the visible part alone. */
export function hideCells({ entries }: Changes, fraction: number, seed: number): Split & { readonly scaling: Scaling } {
  const split = splitEntries(entries, fraction, seed)!;
  const scaling = scalingOf(split.training);
  return { training: standardized(split.training, scaling), held: standardized(split.held, scaling), scaling };
}

/** Straight lines in time between the visible months of a series; level before the first and after the last. */
export function interpolated({ row, col, values, rows }: Entries, cells: { readonly row: Int32Array; readonly col: Int32Array }): Float64Array {
  const seen = new Map<number, Float64Array>();
  for (let k = 0; k < values.length; k++) {
    const series = seen.get(col[k]!) ?? new Float64Array(rows).fill(NaN);
    series[row[k]!] = values[k]!;
    seen.set(col[k]!, series);
  }
  return Float64Array.from(cells.row, (at, k) => {
    const series = seen.get(cells.col[k]!) ?? new Float64Array(rows);
    let before = at;
    let after = at;
    while (before >= 0 && Number.isNaN(series[before])) before--;
    while (after < rows && Number.isNaN(series[after])) after++;
    if (before < 0) return series[after] ?? 0;
    if (after >= rows) return series[before]!;
    return after === before ? series[at]! : series[before]! + ((series[after]! - series[before]!) * (at - before)) / (after - before);
  });
}
