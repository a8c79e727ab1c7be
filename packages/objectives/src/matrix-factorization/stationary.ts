/**
 * The stationary points of both factorizations in closed form, one of each orbit.
 *
 * A point keeps a set S of the positive levels theta_i (|S| <= rank): X = [V_S diag(theta_S)^(1/2), 0], with
 * theta_i = lambda_i(M) - lambda for 1/4 |X X^T - M|^2 + (lambda/2) |X|^2; U and V likewise, with
 * theta_i = sigma_i(M) - lambda, for the asymmetric problem. With balance > 0 or lambda > 0 these are all; with
 * balance = lambda = 0 they are the balanced ones, and (U G, V G^-T) and unbalanced saddles come beside them.
 *
 * Where levels repeat, S ranges over the computed basis of their space: a continuum of points is then represented by
 * finitely many. Source: Li et al. 2016 (arXiv 1612.09296); Li, Zhu, Tang 2017 (arXiv 1704.01265).
 */
import { createPoint, type Layout, type Point } from '@lowland/core';

export interface Levels {
  /** theta, descending. */
  readonly values: Float64Array;
  /** Columns that belong to them, row-major, one matrix for each block of the layout. */
  readonly bases: readonly { readonly cols: number; readonly data: Float64Array }[];
}

/** Sets of levels that a stationary point can keep: subsets of the positive ones, at most `rank` of them, small sets first. */
export function* keptSets(values: Float64Array, rank: number): Generator<readonly number[]> {
  const positive = values.findIndex((value) => !(value > 0));
  const count = positive === -1 ? values.length : positive;
  for (let size = 0; size <= Math.min(rank, count); size++) yield* combinations(count, size);
}

function* combinations(count: number, size: number, from = 0): Generator<readonly number[]> {
  if (size === 0) {
    yield [];
    return;
  }
  for (let first = from; first <= count - size; first++) {
    for (const rest of combinations(count, size - 1, first + 1)) yield [first, ...rest];
  }
}

/** The stationary point that keeps the levels `kept`. */
export function stationaryPoint(layout: Layout, rank: number, levels: Levels, kept: readonly number[]): Point {
  const point = createPoint(layout);
  let offset = 0;
  levels.bases.forEach(({ cols, data }, b) => {
    const rows = layout.blocks[b]!.shape[0]!;
    kept.forEach((level, column) => {
      const length = Math.sqrt(levels.values[level]!);
      for (let i = 0; i < rows; i++) point.data[offset + i * rank + column] = length * data[i * cols + level]!;
    });
    offset += rows * rank;
  });
  return point;
}

export function* stationaryPoints(layout: Layout, rank: number, levels: Levels): Generator<Point> {
  for (const kept of keptSets(levels.values, rank)) yield stationaryPoint(layout, rank, levels, kept);
}

/**
 * The sum that the least value is a half (or a quarter) of: with theta = sigma - lambda, kept levels give
 * sigma^2 - theta^2 = lambda (2 theta + lambda), the others sigma^2. The `rank` largest positive ones are kept
 * (rigour.md A6: never a negative eigenvalue); no term is negative, so nothing cancels.
 */
export function leastSum(values: Float64Array, rank: number, lambda: number): number {
  return values.reduce((sum, theta, i) => sum + (i < rank && theta > 0 ? lambda * (2 * theta + lambda) : (theta + lambda) ** 2), 0);
}
