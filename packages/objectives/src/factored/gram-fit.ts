import type { Device, Mat, Memory, Vec } from '@lowland/core';
import { dot } from '@lowland/linalg';

import type { Fit } from './fit.ts';
import type { FusedMap } from './linear-map.ts';
import type { FactoredProblem } from './problem.ts';
import { newMatrix, views, type Side } from './term.ts';

/** Far means | |X|_F - |M|_F | >= margin S, S = |U|_F |V|_F + |M|_F. */
const margin = 1 / 8;

/**
 * The fit to a known matrix M, its gradient by Gram matrices where the point is far from the optimum:
 *
 *     R V = U (V^T V) - M V,   R^T U = V (U^T U) - M^T U,   |R|^2 = <U^T U, V^T V> - 2 <U, M V> + |M|^2
 *
 * from one pass over M, 4 rows cols rank flops instead of 6 (for X X^T 2 instead of 4). What is subtracted cancels as R becomes
 * small. With eps = 2^-52 and S as above the errors are at most
 *
 *     |R V|:  (cols + rank + 12) eps S |V|_F  (R^T U likewise),      |R|^2:  c eps S^2,  c = rows + cols + rows rank / 8 + rank^2 + 24,
 *
 * and far points have |R|_F >= | |X|_F - |M|_F | >= S / 8, so relative to |R|_F |V|_F and |R|^2 about 8 (cols + rank + 12) eps and
 * 64 c eps at most. Nearer ones take the residual form, whose value has full relative accuracy to the end. The choice depends on the point
 * alone, by Gram matrices that cost 2 (rows + cols) rank^2 flops.
 */
export function gramFit(problem: FactoredProblem, near: Fit, fused: FusedMap, device: Device, memory: Memory): Fit {
  const { symmetric, weight, rank, map } = problem;
  const { gemm } = device.kernels;
  const { left, right } = views(problem, device);
  const slope = symmetric ? 2 * weight : weight;
  const gramLeft = newMatrix(device, memory, rank, rank);
  const gramRight = symmetric ? gramLeft : newMatrix(device, memory, rank, rank);
  const product = memory.vector(1);
  const targetSquared = sumOfSquares(problem.data, map.rows, map.cols);
  /** |X|^2 at the point that was judged last. */
  let squared = 0;

  const isFar = (x: Vec): boolean => {
    gemm('T', 'N', 1, left(x), left(x), 0, gramLeft);
    if (!symmetric) gemm('T', 'N', 1, right(x), right(x), 0, gramRight);
    const [gu, gv] = [device.host!(gramLeft), device.host!(gramRight)];
    squared = dot(gu, gv);
    const sizes = Math.sqrt(trace(gu, rank) * trace(gv, rank)) + Math.sqrt(targetSquared);
    // Numbers that are not finite, or squares beyond them, are for the residual form to tell.
    return sizes * sizes < Infinity && Math.abs(Math.sqrt(squared) - Math.sqrt(targetSquared)) >= margin * sizes;
  };
  /** out = -slope M V, or -slope M^T U, in the blocks of `side`. */
  const subtractData = (x: Vec, side: Side, out: Vec): void => {
    const toLeft: Mat | undefined = side === 'right' ? undefined : left(out);
    const toRight: Mat | undefined = side === 'left' || symmetric ? undefined : right(out);
    fused.dataProducts!(-slope, toLeft && right(x), toLeft, toRight && left(x), toRight);
  };
  const addGrams = (x: Vec, side: Side, out: Vec): void => {
    if (side !== 'right') gemm('N', 'N', slope, left(x), gramRight, 1, left(out));
    if (side !== 'left' && !symmetric) gemm('N', 'N', slope, right(x), gramLeft, 1, right(out));
  };

  return {
    ...near,
    gradient(x, side, out) {
      if (!isFar(x)) {
        near.gradient(x, side, out);
        return;
      }
      subtractData(x, side, out);
      addGrams(x, side, out);
    },
    valueAndGradient(x, sums, slot, out) {
      if (!isFar(x)) {
        near.valueAndGradient(x, sums, slot, out);
        return;
      }
      subtractData(x, 'both', out);
      device.kernels.dot(left(x), left(out), product);
      device.host!(sums)[slot] = squared + (2 / slope) * device.host!(product)[0]! + targetSquared;
      addGrams(x, 'both', out);
    },
  };
}

function trace(g: Float64Array, n: number): number {
  let sum = 0;
  for (let i = 0; i < n; i++) sum += g[i * n + i]!;
  return sum;
}

/** Row by row: at most cols / 8 + rows roundings follow one another. */
function sumOfSquares(data: Float64Array, rows: number, cols: number): number {
  let sum = 0;
  for (let i = 0; i < rows; i++) {
    const row = data.subarray(i * cols, (i + 1) * cols);
    sum += dot(row, row);
  }
  return sum;
}
