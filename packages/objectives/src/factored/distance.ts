import type { DataMap, Point } from '@lowland/core';
import { multiply } from '@lowland/linalg';

import { factorsOf, type FactoredProblem } from './problem.ts';

/** |X + offsets - truth|_F: the distance of the recovered matrix to the planted one. */
export function distanceTo(
  problem: FactoredProblem,
  truth: DataMap['matrix'],
  offset: (row: number, col: number) => number = () => 0,
): (x: Point) => number {
  return (x) => {
    const { left, right } = factorsOf(problem, x);
    const product = multiply(left, right, { transposeB: true });
    let sum = 0;
    for (let i = 0; i < truth.rows; i++) {
      for (let j = 0; j < truth.cols; j++) {
        const k = i * truth.cols + j;
        sum += (product.data[k]! + offset(i, j) - truth.values[k]!) ** 2;
      }
    }
    return Math.sqrt(sum);
  };
}
