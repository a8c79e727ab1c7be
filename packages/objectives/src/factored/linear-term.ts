import type { Device, Memory, Vec } from '@lowland/core';

import { quadraticRows } from './plane.ts';
import type { FactoredProblem } from './problem.ts';
import { newMatrix, newVector, views, type Term } from './term.ts';

/**
 * The linear term s = <C, X> with weight 1.
 *
 *     X = U V^T:  grad_U = C V, grad_V = C^T U, and the Hessian has C dV, C^T dU
 *     X = X X^T:  grad = 2 C X, and the Hessian has 2 C dX (C symmetric)
 *
 * It is no sum of squares: no residual.
 */
export function linearTerm(problem: FactoredProblem, linear: Float64Array, device: Device, memory: Memory): Term {
  const { symmetric, rank, map } = problem;
  const { dot, fill, gemm } = device.kernels;
  const { left, right } = views(problem, device);
  const c = device.matrix(newVector(device, memory, linear), 0, map.rows, map.cols);
  const product = newMatrix(device, memory, map.rows, rank);
  const slope = symmetric ? 2 : 1;
  /** out[slot] = <C, L(x) R(v)^T> */
  const form = (x: Vec, v: Vec, out: Vec, slot: number): void => {
    gemm('N', 'N', 1, c, right(v), 0, product);
    dot(product, left(x), out, slot);
  };
  return {
    weight: 1,
    prepare() {},
    sum(x, sums, slot) {
      form(x, x, sums, slot);
    },
    gradient(x, side, out) {
      if (side !== 'right') gemm('N', 'N', slope, c, right(x), 1, left(out));
      if (side !== 'left' && !symmetric) gemm('T', 'N', 1, c, left(x), 1, right(out));
    },
    curvature(_x, v, out) {
      gemm('N', 'N', slope, c, right(v), 1, left(out));
      if (!symmetric) gemm('T', 'N', 1, c, left(v), 1, right(out));
    },
    // Two numbers, of which derivatives take both.
    plane: {
      kind: 'difference',
      scale: 1,
      shape: [2, 1],
      rows: quadraticRows(
        (x, out) => {
          fill(out, 0);
          form(x, x, out, 0);
        },
        (x, v, out) => {
          form(x, v, out, 0);
          form(v, x, out, 1);
        },
      ),
    },
  };
}
