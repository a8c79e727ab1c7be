import { LowlandError, type DataMap } from '@lowland/core';
import { inRowOrder, sparsePattern, type SparsePattern } from '@lowland/linalg';

import { requireLength, requireSize } from '../factored/checks.ts';

/** Observed entries in row order. Cells of weight 0 are gone: they are unobserved. */
export interface Observations {
  readonly pattern: SparsePattern;
  readonly values: Float64Array;
  /** Positive; absent where all are 1. */
  readonly weights: Float64Array | undefined;
}

/**
 * Checks and sorts a list of entries.
 *
 * @throws LOWLAND_E_SHAPE when the lists differ in length or the matrix has no row or column
 * @throws LOWLAND_E_INDEX when an index is fractional, negative or outside the matrix
 * @throws LOWLAND_E_DUPLICATE when a cell is given twice, be it with weight 0
 * @throws LOWLAND_E_NOT_FINITE when a value or weight is NaN or infinite
 * @throws LOWLAND_E_WEIGHT when a weight is negative: the loss would not be convex
 * @throws LOWLAND_E_EMPTY when no cell is observed
 */
export function observationsOf(entries: DataMap['entries']): Observations {
  const { rows, cols, row, col, values, weights } = entries;
  requireSize(rows, cols);
  requireLength('The list of values', values.length, row.length);
  if (weights !== undefined) requireLength('The list of weights', weights.length, row.length);
  const pattern = sparsePattern({ rows, cols, row, col });
  const sorted = { pattern, values: inRowOrder(pattern, values, 'value'), weights: weights && inRowOrder(pattern, weights, 'weight') };
  const negative = weights?.findIndex((weight) => weight < 0) ?? -1;
  if (negative !== -1) {
    throw new LowlandError('LOWLAND_E_WEIGHT', `The weight of entry ${negative} is ${weights![negative]!}: give weights that are at least 0; 0 means unobserved.`, {
      details: { entry: negative },
    });
  }
  const observed = sorted.weights === undefined ? sorted : withoutZeroWeights(rows, cols, sorted.pattern, sorted.values, sorted.weights);
  if (observed.values.length === 0) {
    throw new LowlandError('LOWLAND_E_EMPTY', 'No cell is observed: matrix completion needs at least one entry of positive weight.');
  }
  return observed;
}

function withoutZeroWeights(rows: number, cols: number, pattern: SparsePattern, values: Float64Array, weights: Float64Array): Observations {
  const positive = (_: number, e: number) => weights[e]! > 0;
  if (weights.every((weight) => weight > 0)) return { pattern, values, weights };
  return {
    // Row order survives, so the new pattern's order is the identity.
    pattern: sparsePattern({ rows, cols, row: pattern.row.filter(positive), col: pattern.col.filter(positive) }),
    values: values.filter(positive),
    weights: weights.filter(positive),
  };
}

/** The rows of the entries in the order of `transposed`: by columns. */
export function rowsByColumn({ row, transposed }: SparsePattern): Int32Array {
  const rows = new Int32Array(row.length);
  for (let p = 0; p < rows.length; p++) rows[p] = row[transposed[p]!]!;
  return rows;
}
