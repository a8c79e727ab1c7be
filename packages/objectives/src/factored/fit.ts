import type { Device, Memory, Vec } from '@lowland/core';

import type { FactoredProblem } from './problem.ts';
import { newMatrix, views, type Term } from './term.ts';

/**
 * The fit s = |rho|^2, rho = a(X) - data, with weight c/2.
 *
 *     X = U V^T:  grad_U = c a*(rho) V,      Hess_U = c (a*(drho) V + a*(rho) dV),   V likewise with a*(.)^T
 *     X = X X^T:  grad = 2 c a*(rho) X,      Hess = 2 c (a*(drho) X + a*(rho) dX)
 *
 * It comes first and overwrites where the other terms add. Where a* a = 1 the products with drho = dU V^T + U dV^T
 * collapse to r x r ones, so that the Hessian costs one gradient; elsewhere it costs two.
 */
export function fitTerm(problem: FactoredProblem, data: Vec, device: Device, memory: Memory): Term {
  const { symmetric, weight, rank, map } = problem;
  const { axpy, dot, gemm, scal } = device.kernels;
  const { left, right } = views(problem, device);
  const bound = map.bind(device, memory, rank);
  const rho = memory.vector(map.length);
  const differential = map.isometry ? undefined : memory.vector(map.length);
  const small = newMatrix(device, memory, rank, rank);
  const slope = symmetric ? 2 * weight : weight;
  const root = Math.sqrt(weight);

  /** out = slope (dU (V^T V) + U (dV^T V)), added; the same with the roles exchanged gives the V block. */
  const addGramCurvature = (u: Vec, v: Vec, out: Vec, exchanged: boolean): void => {
    const [here, there] = exchanged ? [right, left] : [left, right];
    gemm('T', 'N', 1, there(u), there(u), 0, small);
    gemm('N', 'N', slope, here(v), small, 1, here(out));
    gemm('T', 'N', 1, there(v), there(u), 0, small);
    gemm('N', 'N', slope, here(u), small, 1, here(out));
  };

  return {
    weight: weight / 2,
    prepare(x) {
      bound.image(left(x), right(x), rho);
      axpy(-1, data, rho);
    },
    sum(_x, sums, slot) {
      dot(rho, rho, sums, slot);
    },
    gradient(x, side, out) {
      bound.load(slope, rho);
      if (side !== 'right') bound.times(false, right(x), 0, left(out));
      if (side !== 'left' && !symmetric) bound.times(true, left(x), 0, right(out));
    },
    curvature(x, v, out) {
      bound.load(slope, rho);
      bound.times(false, right(v), 0, left(out));
      if (!symmetric) bound.times(true, left(v), 0, right(out));
      if (differential === undefined) {
        addGramCurvature(x, v, out, false);
        if (!symmetric) addGramCurvature(x, v, out, true);
        return;
      }
      bound.differential(left(x), right(x), left(v), right(v), differential);
      bound.load(slope, differential);
      bound.times(false, right(x), 1, left(out));
      if (!symmetric) bound.times(true, left(x), 1, right(out));
    },
    residual: {
      shape: [map.length, 1],
      evaluate(x, out) {
        bound.image(left(x), right(x), out);
        axpy(-1, data, out);
        scal(root, out);
      },
      jvp(x, v, out) {
        bound.differential(left(x), right(x), left(v), right(v), out);
        scal(root, out);
      },
      vjp(x, w, out) {
        bound.load(root, w);
        bound.times(false, right(x), 1, left(out));
        // For X X^T both factors vary with the one block.
        bound.times(true, left(x), 1, right(out));
      },
    },
  };
}
