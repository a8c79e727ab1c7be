import { LowlandError } from '@lowland/core';

import { matrix, type LinearOperator, type Matrix } from './matrix.ts';
import { inRowOrder, sparsePattern, type CellList, type SparsePattern } from './sparse-pattern.ts';

/** A list of entries: (row[k], col[k]) holds values[k], with an optional weight. */
export interface EntryList extends CellList {
  readonly values: ArrayLike<number>;
  readonly weights?: ArrayLike<number> | undefined;
}

/** A sparse matrix: a pattern with one value (and, if given, one weight) for each entry, in row order. */
export interface SparseEntries extends SparsePattern, LinearOperator {
  readonly values: Float64Array;
  readonly weights?: Float64Array;
}

/**
 * A sparse matrix from a list of entries; cells that are not listed are zero. Weights are carried along, not applied.
 *
 * @throws LOWLAND_E_SHAPE, LOWLAND_E_INDEX, LOWLAND_E_DUPLICATE as `sparsePattern`.
 * @throws LOWLAND_E_NOT_FINITE when a value or weight is NaN or infinite.
 */
export function sparseEntries(list: EntryList): SparseEntries {
  const count = list.row.length;
  requireCount(list.values.length, count, 'values');
  requireCount(list.weights?.length ?? count, count, 'weights');
  const pattern = sparsePattern(list);
  const entries = sparseFromPattern(pattern, inRowOrder(pattern, list.values, 'value'));
  return list.weights === undefined ? entries : { ...entries, weights: inRowOrder(pattern, list.weights, 'weight') };
}

/** A sparse matrix over a known pattern; `values` are in row order, neither copied nor checked. */
export function sparseFromPattern(pattern: SparsePattern, values: Float64Array): SparseEntries {
  const { rows, cols, rowPointers, col, row, colPointers, transposed, order, maxRowCount, maxColCount } = pattern;
  return {
    rows, cols, rowPointers, col, row, colPointers, transposed, order, maxRowCount, maxColCount,
    values,
    apply: (x, out) => sparseApply(pattern, values, x, out),
    applyTransposed: (x, out) => sparseApplyTransposed(pattern, values, x, out),
  };
}

/** out = A x over compressed rows. Bound by memory: 2 flops for 12 bytes and one gather. */
export function sparseApply({ rows, rowPointers, col }: SparsePattern, values: Float64Array, x: Float64Array, out: Float64Array): void {
  for (let i = 0; i < rows; i++) {
    let sum = 0;
    for (let e = rowPointers[i]!; e < rowPointers[i + 1]!; e++) sum += values[e]! * x[col[e]!]!;
    out[i] = sum;
  }
}

/** out = Aᵀ x, scattering row by row. Bound by memory: 2 flops for 12 bytes and one scatter. */
export function sparseApplyTransposed(
  { rows, cols, rowPointers, col }: SparsePattern, values: Float64Array, x: Float64Array, out: Float64Array,
): void {
  out.fill(0, 0, cols);
  for (let i = 0; i < rows; i++) {
    const xi = x[i]!;
    for (let e = rowPointers[i]!; e < rowPointers[i + 1]!; e++) {
      const j = col[e]!;
      out[j] = out[j]! + values[e]! * xi;
    }
  }
}

/** The dense matrix. */
export function sparseToDense({ rows, cols, row, col, values }: SparseEntries): Matrix {
  const a = matrix(rows, cols);
  for (let e = 0; e < values.length; e++) a.data[row[e]! * cols + col[e]!] = values[e]!;
  return a;
}

/**
 * The Gram matrix of the smaller side, dense and exactly symmetric: A Aᵀ when rows ≤ cols, else AᵀA.
 *
 * Each of its entries sums at most `gramTerms(pattern)` products. Bound by scattered memory: Σ (entries of a column)² / 2 multiply-adds
 * (943 × 1682 with 100,000 entries: about 7 million, 20 ms).
 */
export function sparseGram(a: SparseEntries): Matrix {
  return a.rows <= a.cols ? rowGram(a) : columnGram(a);
}

/** The most products that one entry of `sparseGram` sums: what its rounding error depends on. */
export function gramTerms({ rows, cols, maxRowCount, maxColCount }: SparsePattern): number {
  return rows <= cols ? maxRowCount : maxColCount;
}

/** Σ_j a_j a_jᵀ over columns a_j. */
function rowGram({ rows: q, cols, row, colPointers, transposed, values }: SparseEntries): Matrix {
  const g = matrix(q, q);
  for (let j = 0; j < cols; j++) {
    const end = colPointers[j + 1]!;
    for (let p = colPointers[j]!; p < end; p++) {
      const e = transposed[p]!;
      const at = row[e]! * q;
      const v = values[e]!;
      for (let r = colPointers[j]!; r <= p; r++) {
        const f = transposed[r]!;
        g.data[at + row[f]!] = g.data[at + row[f]!]! + v * values[f]!;
      }
    }
  }
  return mirrorLower(g);
}

/** Σ_i a_i a_iᵀ over rows a_i. */
function columnGram({ rows, cols: q, col, rowPointers, values }: SparseEntries): Matrix {
  const g = matrix(q, q);
  for (let i = 0; i < rows; i++) {
    for (let e = rowPointers[i]!; e < rowPointers[i + 1]!; e++) {
      const at = col[e]! * q;
      const v = values[e]!;
      for (let f = rowPointers[i]!; f <= e; f++) g.data[at + col[f]!] = g.data[at + col[f]!]! + v * values[f]!;
    }
  }
  return mirrorLower(g);
}

function mirrorLower(g: Matrix): Matrix {
  for (let i = 0; i < g.rows; i++) for (let j = 0; j < i; j++) g.data[j * g.cols + i] = g.data[i * g.cols + j]!;
  return g;
}

function requireCount(given: number, expected: number, what: string): void {
  if (given === expected) return;
  throw new LowlandError('LOWLAND_E_SHAPE', `There are ${expected} entries but ${given} ${what}.`);
}
