/**
 * Means that are taken off before the low-rank part is fitted, computed once from the observed cells: the global
 * mean, then row means of what is left, then column means of what is left of that. A row or column without cells
 * gets 0. With weights the means are weighted, so that a weight near 0 is nearly unobserved.
 */
import type { DataMap } from '@lowland/core';

import { observationsOf, type Observations } from './observations.ts';

export type Center = 'none' | 'global' | 'bias';

export interface Offsets {
  readonly global: number;
  readonly rows: Float64Array;
  readonly cols: Float64Array;
  /** global + rows[i] + cols[j] */
  at(row: number, col: number): number;
}

export function offsetsOf(observations: Observations, center: Center): Offsets {
  const { pattern, values, weights } = observations;
  const left = values.slice();
  const rows = new Float64Array(pattern.rows);
  const cols = new Float64Array(pattern.cols);
  let global = 0;
  if (center !== 'none') {
    global = groupMeans(new Int32Array(left.length), left, weights, 1)[0]!;
    for (let e = 0; e < left.length; e++) left[e]! -= global;
  }
  if (center === 'bias') {
    rows.set(groupMeans(pattern.row, left, weights, pattern.rows));
    for (let e = 0; e < left.length; e++) left[e]! -= rows[pattern.row[e]!]!;
    cols.set(groupMeans(pattern.col, left, weights, pattern.cols));
  }
  return { global, rows, cols, at: (i, j) => global + rows[i]! + cols[j]! };
}

/** The mean of the values of each group, 0 for an empty one. */
function groupMeans(group: Int32Array, values: Float64Array, weights: Float64Array | undefined, count: number): Float64Array {
  const sums = new Float64Array(count);
  const totals = new Float64Array(count);
  for (let e = 0; e < values.length; e++) {
    const weight = weights === undefined ? 1 : weights[e]!;
    sums[group[e]!]! += weight * values[e]!;
    totals[group[e]!]! += weight;
  }
  return sums.map((sum, k) => (totals[k]! > 0 ? sum / totals[k]! : 0));
}

/**
 * The prediction that any completion has to beat: global, row and column means of these cells (`center: 'bias'`),
 * whatever the objective itself takes off.
 *
 * @throws as `matrixCompletion` for bad entries
 */
export function biasBaseline(entries: DataMap['entries']): Offsets {
  return offsetsOf(observationsOf(entries), 'bias');
}
