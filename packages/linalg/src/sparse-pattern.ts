import { LowlandError } from '@lowland/core';

import { matrix } from './matrix.ts';

/** A list of cells: (row[k], col[k]) of a rows × cols matrix. */
export interface CellList {
  readonly rows: number;
  readonly cols: number;
  readonly row: ArrayLike<number>;
  readonly col: ArrayLike<number>;
}

/**
 * Where the entries of a sparse matrix are: compressed rows, with the index of the transpose beside them.
 *
 * Entry e (in row order) is at (`row[e]`, `col[e]`); row i owns e from `rowPointers[i]` to `rowPointers[i + 1]`, by ascending column. Column j
 * owns the positions p from `colPointers[j]` to `colPointers[j + 1]` of `transposed`, and `transposed[p]` is an e, by ascending row.
 */
export interface SparsePattern {
  readonly rows: number;
  readonly cols: number;
  readonly rowPointers: Int32Array;
  readonly col: Int32Array;
  readonly row: Int32Array;
  readonly colPointers: Int32Array;
  readonly transposed: Int32Array;
  /** Place of entry e in the list that it was built from. */
  readonly order: Int32Array;
  /** Most entries in a row, and in a column. */
  readonly maxRowCount: number;
  readonly maxColCount: number;
}

/**
 * Sorts the entries of a list into compressed rows and columns (counting sorts, O(entries + rows + cols)).
 *
 * @throws LOWLAND_E_SHAPE when the lists differ in length or a side is no non-negative integer.
 * @throws LOWLAND_E_INDEX when an index is fractional, negative or outside the matrix.
 * @throws LOWLAND_E_DUPLICATE when a cell occurs twice; the message names both places.
 */
export function sparsePattern({ rows, cols, row, col }: CellList): SparsePattern {
  matrix(rows, 0);
  matrix(0, cols);
  const count = row.length;
  if (col.length !== count) {
    throw new LowlandError('LOWLAND_E_SHAPE', `There are ${count} row indices but ${col.length} column indices.`);
  }
  for (let k = 0; k < count; k++) {
    requireIndex(row[k]!, rows, 'row', k);
    requireIndex(col[k]!, cols, 'column', k);
  }
  // Stable counting sorts: by column first, then by row, leave the columns ascending within each row.
  const colPointers = pointers(col, cols);
  const byColumn = countingSort(col, colPointers, count);
  const rowPointers = pointers(row, rows);
  const order = countingSort(row, rowPointers, count, byColumn);

  const sortedRow = new Int32Array(count);
  const sortedCol = new Int32Array(count);
  for (let e = 0; e < count; e++) {
    sortedRow[e] = row[order[e]!]!;
    sortedCol[e] = col[order[e]!]!;
    if (e > 0 && sortedRow[e] === sortedRow[e - 1] && sortedCol[e] === sortedCol[e - 1]) {
      const [first, second] = [order[e - 1]!, order[e]!].sort((a, b) => a - b) as [number, number];
      throw new LowlandError(
        'LOWLAND_E_DUPLICATE',
        `Cell (${sortedRow[e]!}, ${sortedCol[e]!}) is given twice, as entries ${first} and ${second}: give each cell once.`,
        { details: { row: sortedRow[e]!, col: sortedCol[e]!, first, second } },
      );
    }
  }
  return {
    rows,
    cols,
    rowPointers,
    col: sortedCol,
    row: sortedRow,
    colPointers,
    transposed: countingSort(sortedCol, colPointers, count),
    order,
    maxRowCount: longest(rowPointers),
    maxColCount: longest(colPointers),
  };
}

/**
 * Numbers given in the order of the list, brought into row order.
 *
 * @throws LOWLAND_E_NOT_FINITE when one is NaN or infinite; the message names its place in the list.
 */
export function inRowOrder(pattern: SparsePattern, numbers: ArrayLike<number>, what: string): Float64Array {
  const out = new Float64Array(pattern.order.length);
  for (let e = 0; e < out.length; e++) {
    const v = numbers[pattern.order[e]!]!;
    if (!Number.isFinite(v)) {
      throw new LowlandError('LOWLAND_E_NOT_FINITE', `The ${what} of entry ${pattern.order[e]!} is ${v}: give finite numbers.`);
    }
    out[e] = v;
  }
  return out;
}

function requireIndex(index: number, side: number, what: string, entry: number): void {
  if (Number.isInteger(index) && index >= 0 && index < side) return;
  throw new LowlandError(
    'LOWLAND_E_INDEX',
    `The ${what} index of entry ${entry} is ${index}: expected an integer from 0 to ${side - 1}.`,
    { details: { entry, index } },
  );
}

/** Where each of `side` buckets starts: pointers[b] to pointers[b + 1]. */
function pointers(bucket: ArrayLike<number>, side: number): Int32Array {
  const starts = new Int32Array(side + 1);
  for (let k = 0; k < bucket.length; k++) starts[bucket[k]! + 1] = starts[bucket[k]! + 1]! + 1;
  for (let b = 0; b < side; b++) starts[b + 1] = starts[b + 1]! + starts[b]!;
  return starts;
}

/** The stable order by bucket, of the items visited in the order `visit` (default 0, 1, 2, …). */
function countingSort(bucket: ArrayLike<number>, starts: Int32Array, count: number, visit?: Int32Array): Int32Array {
  const next = starts.slice();
  const order = new Int32Array(count);
  for (let k = 0; k < count; k++) {
    const item = visit === undefined ? k : visit[k]!;
    const b = bucket[item]!;
    order[next[b]!] = item;
    next[b] = next[b]! + 1;
  }
  return order;
}

function longest(starts: Int32Array): number {
  let most = 0;
  for (let b = 0; b + 1 < starts.length; b++) most = Math.max(most, starts[b + 1]! - starts[b]!);
  return most;
}
