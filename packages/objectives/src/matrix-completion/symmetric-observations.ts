import { LowlandError } from '@lowland/core';
import { sparsePattern } from '@lowland/linalg';

import type { Observations } from './observations.ts';

/**
 * Observed entries of a symmetric matrix: one of (i, j) and (j, i) stands for both, each with half of its weight, so that the sum over all
 * cells is the sum over the given ones and its gradient in X is symmetric. Where both are given their values are the same and the weights add up.
 *
 * @throws LOWLAND_E_SHAPE when the matrix is not square
 * @throws LOWLAND_E_NOT_SYMMETRIC when (i, j) and (j, i) have different values
 */
export function symmetricObservations({ pattern, values, weights }: Observations): Observations {
  const { rows, cols, row, col } = pattern;
  if (rows !== cols) {
    throw new LowlandError('LOWLAND_E_SHAPE', `X X^T is square; these entries are of a ${rows} x ${cols} matrix. Use the asymmetric problem.`);
  }
  const cells = new Map<number, { readonly value: number; weight: number }>();
  const add = (i: number, j: number, value: number, weight: number): void => {
    const cell = cells.get(i * cols + j);
    if (cell === undefined) cells.set(i * cols + j, { value, weight });
    else if (cell.value === value) cell.weight += weight;
    else throw new LowlandError('LOWLAND_E_NOT_SYMMETRIC', `X X^T fits a symmetric matrix; entries (${i}, ${j}) and (${j}, ${i}) are ${value} and ${cell.value}.`);
  };
  values.forEach((value, e) => {
    const [i, j, weight] = [row[e]!, col[e]!, weights?.[e] ?? 1];
    add(i, j, value, i === j ? weight : weight / 2);
    if (i !== j) add(j, i, value, weight / 2);
  });
  const sorted = [...cells].sort(([a], [b]) => a - b);
  const whole = Float64Array.from(sorted, ([, { weight }]) => weight);
  return {
    pattern: sparsePattern({ rows, cols, row: Int32Array.from(sorted, ([cell]) => Math.floor(cell / cols)), col: Int32Array.from(sorted, ([cell]) => cell % cols) }),
    values: Float64Array.from(sorted, ([, { value }]) => value),
    weights: whole.every((weight) => weight === 1) ? undefined : whole,
  };
}
