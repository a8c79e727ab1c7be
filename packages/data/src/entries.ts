import type { DataMap } from '@lowland/core';

import { dataError } from './fault.ts';
import type { DuplicateRule } from './types.ts';

type Entries = DataMap['entries'];

/** Entries in the order of the file, repeated cells and all. */
export interface RawEntries extends Entries {
  readonly file: string;
  /** Line of entry k. */
  line(k: number): number;
  /** What a person calls row i and column j. */
  cell(i: number, j: number): string;
}

/**
 * Entries in row-major order, each cell once. That order makes the result independent of the order of lines.
 *
 * A cell that is given more than once: `error` refuses it, with both lines; `mean` takes the mean of its values (weighted, if
 * there are weights, and then the weights are added up); `last` takes the one furthest down.
 *
 * Bound by memory: two stable counting sorts, O(entries + rows + cols), skipped where the file is in order.
 *
 * @throws LOWLAND_E_DATA_DUPLICATE_CELL
 */
export function settleEntries(raw: RawEntries, duplicates: DuplicateRule): { entries: DataMap['entries']; merged: number } {
  const { rows, cols, row, col, values, weights } = raw;
  if (isAscending(row, col)) return { entries: { rows, cols, row, col, values, ...(weights && { weights }) }, merged: 0 };

  const order = rowMajorOrder(rows, cols, row, col);
  const count = order.length;
  const entries = {
    rows,
    cols,
    row: new Int32Array(count),
    col: new Int32Array(count),
    values: new Float64Array(count),
    ...(weights && { weights: new Float64Array(count) }),
  };
  let kept = 0;
  for (let start = 0; start < count; kept++) {
    const first = order[start]!;
    let end = start + 1;
    while (end < count && row[order[end]!] === row[first] && col[order[end]!] === col[first]) end++;
    if (end > start + 1 && duplicates === 'error') throw duplicateCell(raw, first, order[start + 1]!);
    entries.row[kept] = row[first]!;
    entries.col[kept] = col[first]!;
    const last = order[end - 1]!;
    if (duplicates === 'mean' && end > start + 1) {
      let total = 0;
      let sum = 0;
      for (let k = start; k < end; k++) {
        const weight = weights?.[order[k]!] ?? 1;
        total += weight;
        sum += weight * values[order[k]!]!;
      }
      entries.values[kept] = sum / total;
      if (entries.weights) entries.weights[kept] = total;
    } else {
      entries.values[kept] = values[last]!;
      if (entries.weights) entries.weights[kept] = weights![last]!;
    }
    start = end;
  }
  if (kept === count) return { entries, merged: 0 };
  const short = {
    rows,
    cols,
    row: entries.row.slice(0, kept),
    col: entries.col.slice(0, kept),
    values: entries.values.slice(0, kept),
    ...(entries.weights && { weights: entries.weights.slice(0, kept) }),
  };
  return { entries: short, merged: count - kept };
}

function isAscending(row: Int32Array, col: Int32Array): boolean {
  for (let k = 1; k < row.length; k++) {
    const step = row[k]! - row[k - 1]!;
    if (step < 0 || (step === 0 && col[k]! <= col[k - 1]!)) return false;
  }
  return true;
}

function rowMajorOrder(rows: number, cols: number, row: Int32Array, col: Int32Array): Int32Array {
  const byColumn = stableOrder(col, cols, (k) => k);
  return stableOrder(row, rows, (k) => byColumn[k]!);
}

/** Positions ordered by key; those with equal keys stay in the order of `position`. */
function stableOrder(keys: Int32Array, size: number, position: (k: number) => number): Int32Array {
  const next = new Int32Array(size + 1);
  for (let k = 0; k < keys.length; k++) next[keys[k]! + 1]!++;
  for (let s = 0; s < size; s++) next[s + 1]! += next[s]!;
  const order = new Int32Array(keys.length);
  for (let k = 0; k < keys.length; k++) {
    const at = position(k);
    order[next[keys[at]!]!++] = at;
  }
  return order;
}

function duplicateCell(raw: RawEntries, first: number, second: number): Error {
  const lines = [raw.line(first), raw.line(second)] as const;
  return dataError(
    'LOWLAND_E_DATA_DUPLICATE_CELL',
    { file: raw.file, line: lines[1] },
    {
      problem: `${raw.cell(raw.row[first]!, raw.col[first]!)} is given again; line ${lines[0]} gave ${raw.values[first]!}, this one gives ${raw.values[second]!}`,
      expected: 'each cell once',
      remedy: 'drop one of the lines, or choose --duplicates mean or --duplicates last',
    },
  );
}
