import type { Device, Mat, Memory } from '@lowland/core';

import { quadraticRows } from './plane.ts';
import type { FactoredProblem } from './problem.ts';
import { newMatrix, views, type Term } from './term.ts';

/**
 * The balancing term s = |B|_F^2, B = U^T U - V^T V, with weight c.
 *
 *     grad_U = 4 c U B,   grad_V = -4 c V B
 *     Hess_U = 4 c (dU B + U dB),   Hess_V = -4 c (dV B + V dB),   dB = dU^T U + U^T dU - dV^T V - V^T dV
 *
 * Source: Tu, Boczar, Simchowitz, Soltanolkotabi, Recht 2016, arXiv 1507.03566; c = 1/8 is natural (the problem is
 * then a symmetric one in [U; V]). O((rows + cols) r^2) flops.
 */
export function balanceTerm(problem: FactoredProblem, device: Device, memory: Memory): Term {
  const { balance, rank } = problem;
  const { gemm, scal } = device.kernels;
  const { left, right } = views(problem, device);
  const imbalance = newMatrix(device, memory, rank, rank);
  const change = newMatrix(device, memory, rank, rank);
  const root = Math.sqrt(2 * balance);
  const { dot } = device.kernels;

  const evaluate = (u: Mat, v: Mat, out: Mat): void => {
    gemm('T', 'N', 1, u, u, 0, out);
    gemm('T', 'N', -1, v, v, 1, out);
  };
  const differentiate = (u: Mat, v: Mat, du: Mat, dv: Mat, out: Mat): void => {
    gemm('T', 'N', 1, du, u, 0, out);
    gemm('T', 'N', 1, u, du, 1, out);
    gemm('T', 'N', -1, dv, v, 1, out);
    gemm('T', 'N', -1, v, dv, 1, out);
  };

  return {
    weight: balance,
    prepare(x) {
      evaluate(left(x), right(x), imbalance);
    },
    sum(_x, sums, slot) {
      dot(imbalance, imbalance, sums, slot);
    },
    gradient(x, side, out) {
      if (side !== 'right') gemm('N', 'N', 4 * balance, left(x), imbalance, 1, left(out));
      if (side !== 'left') gemm('N', 'N', -4 * balance, right(x), imbalance, 1, right(out));
    },
    curvature(x, v, out) {
      differentiate(left(x), right(x), left(v), right(v), change);
      gemm('N', 'N', 4 * balance, left(v), imbalance, 1, left(out));
      gemm('N', 'N', 4 * balance, left(x), change, 1, left(out));
      gemm('N', 'N', -4 * balance, right(v), imbalance, 1, right(out));
      gemm('N', 'N', -4 * balance, right(x), change, 1, right(out));
    },
    plane: {
      kind: 'least-squares',
      scale: 2 * balance,
      shape: [rank, rank],
      rows: quadraticRows(
        (x, out) => { evaluate(left(x), right(x), out); },
        (x, v, out) => { differentiate(left(x), right(x), left(v), right(v), out); },
      ),
    },
    residual: {
      shape: [rank, rank],
      evaluate(x, out) {
        evaluate(left(x), right(x), out);
        scal(root, out);
      },
      jvp(x, v, out) {
        differentiate(left(x), right(x), left(v), right(v), out);
        scal(root, out);
      },
      vjp(x, w, out) {
        gemm('N', 'N', root, left(x), w, 1, left(out));
        gemm('N', 'T', root, left(x), w, 1, left(out));
        gemm('N', 'N', -root, right(x), w, 1, right(out));
        gemm('N', 'T', -root, right(x), w, 1, right(out));
      },
    },
  };
}
