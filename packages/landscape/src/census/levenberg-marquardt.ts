/**
 * Stationary points of any index as the zeros of the gradient: min 1/2 |grad f|^2.
 */
import { cholesky, matrix, multiply, multiplyVector, norm, solveCholesky, symmetricEigen } from '@lowland/linalg';

import type { HostModel } from './host-model.ts';
import { type Found, isTwiceDifferentiable, levenbergMarquardt, type LevenbergMarquardtOptions } from './step-control.ts';

/**
 * The steps of `levenbergMarquardt` by Cholesky's factors of H^2 + mu I. An iteration costs n Hessian-vector products and 4/3 n^3 flops.
 */
export function toStationary(model: HostModel, start: Float64Array, options: LevenbergMarquardtOptions): Found {
  const n = model.size;
  const hessian = matrix(n, n);
  const [slope, image] = [new Float64Array(n), new Float64Array(n)];
  return levenbergMarquardt(model, start, options, (x, gradient, size) => {
    model.hessian(x, hessian);
    if (!hessian.data.every(Number.isFinite)) return undefined;
    multiplyVector(hessian, gradient, slope);
    const square = multiply(hessian, hessian);
    let trace = 0;
    for (let i = 0; i < n; i++) trace += square.data[i * n + i]!;
    return {
      flat: !(norm(slope) > 1e-12 * Math.sqrt(trace) * size),
      theta: (0.01 * trace) / n / size ** 2,
      least: 1e-15 * trace,
      solve(mu) {
        const factor = cholesky(square, mu);
        if (factor === undefined) return undefined;
        const p = solveCholesky(factor, matrix(n, 1, slope.map((value) => -value))).data;
        multiplyVector(hessian, p, image);
        return { p, image };
      },
    };
  });
}

export interface Polished {
  readonly x: Float64Array;
  readonly gradientNorm: number;
}

/** Newton steps on the complement of the null space of H (relative cut 1e-7), as long as the gradient falls. */
export function polish(model: HostModel, start: Float64Array): Polished {
  const n = model.size;
  const hessian = matrix(n, n);
  let x = start;
  const gradient = new Float64Array(n);
  model.gradient(x, gradient);
  let size = norm(gradient);
  for (let round = 0; round < 4 && size > 0; round++) {
    model.hessian(x, hessian);
    if (!hessian.data.every(Number.isFinite)) break;
    const { values, vectors } = symmetricEigen(hessian);
    const most = Math.max(Math.abs(values[0]!), Math.abs(values[n - 1]!));
    const next = x.slice();
    for (let k = 0; k < n; k++) {
      if (Math.abs(values[k]!) <= 1e-7 * most) continue;
      let inner = 0;
      for (let i = 0; i < n; i++) inner += vectors.data[i * n + k]! * gradient[i]!;
      for (let i = 0; i < n; i++) next[i]! -= (inner / values[k]!) * vectors.data[i * n + k]!;
    }
    model.gradient(next, gradient);
    const reached = norm(gradient);
    if (!(reached < size && isTwiceDifferentiable(model, next))) break;
    [x, size] = [next, reached];
  }
  return { x, gradientNorm: size };
}
