/**
 * Stationary points of any index as the zeros of the gradient: min 1/2 |grad f|^2.
 */
import { cholesky, dot, matrix, multiply, multiplyVector, norm, solveCholesky, symmetricEigen } from '@lowland/linalg';

import type { HostModel } from './host-model.ts';

export interface Found {
  readonly x: Float64Array;
  readonly gradientNorm: number;
  /** `stuck`: a stationary point of |grad f| where grad f is not 0, or out of iterations; `lost`: far away, or where f has no second derivatives. */
  readonly end: 'stationary' | 'stuck' | 'lost';
  readonly iterations: number;
}

export interface LevenbergMarquardtOptions {
  /** Stationary is |grad f| up to this. */
  readonly goal: number;
  /** Points longer than this are lost. */
  readonly far: number;
  readonly maxIterations: number;
}

/**
 * Steps p with (H^2 + mu I) p = -H grad f, mu = theta |grad f|^2: so damped, the method converges quadratically also to orbits, where H is
 * singular (Fan and Yuan 2005). theta grows and falls by how well H predicted the last step.
 *
 * An iteration costs n Hessian-vector products and 4/3 n^3 flops.
 */
export function toStationary(model: HostModel, start: Float64Array, { goal, far, maxIterations }: LevenbergMarquardtOptions): Found {
  const n = model.size;
  const hessian = matrix(n, n);
  let x = start.slice();
  let gradient = new Float64Array(n);
  let there = new Float64Array(n);
  const [slope, predicted] = [new Float64Array(n), new Float64Array(n)];
  model.gradient(x, gradient);
  let size = norm(gradient);
  // In units of theta |g|^2 being a curvature squared.
  let theta = 0;
  for (let iteration = 0; iteration <= maxIterations; iteration++) {
    if (size <= goal) return { x, gradientNorm: size, end: isTwiceDifferentiable(model, x) ? 'stationary' : 'lost', iterations: iteration };
    if (!Number.isFinite(size) || norm(x) > far) return { x, gradientNorm: size, end: 'lost', iterations: iteration };
    model.hessian(x, hessian);
    if (!hessian.data.every(Number.isFinite)) return { x, gradientNorm: size, end: 'lost', iterations: iteration };
    multiplyVector(hessian, gradient, slope);
    const square = multiply(hessian, hessian);
    let trace = 0;
    for (let i = 0; i < n; i++) trace += square.data[i * n + i]!;
    if (theta === 0) theta = (0.01 * trace) / n / size ** 2;
    if (!(norm(slope) > 1e-12 * Math.sqrt(trace) * size)) return { x, gradientNorm: size, end: 'stuck', iterations: iteration };
    let stepped = false;
    for (let trial = 0; trial < 30 && !stepped; trial++) {
      const mu = Math.max(theta * size ** 2, 1e-15 * trace);
      const factor = cholesky(square, mu);
      if (factor === undefined) {
        theta *= 10;
        continue;
      }
      const p = solveCholesky(factor, matrix(n, 1, slope.map((value) => -value))).data;
      const next = x.map((value, i) => value + p[i]!);
      model.gradient(next, there);
      const reached = norm(there);
      multiplyVector(hessian, p, predicted);
      for (let i = 0; i < n; i++) predicted[i]! += gradient[i]!;
      const ratio = (size ** 2 - reached ** 2) / (size ** 2 - dot(predicted, predicted));
      if (ratio > 1e-4) {
        x = next;
        [gradient, there] = [there, gradient];
        size = reached;
        stepped = true;
        if (ratio > 0.75) theta /= 4;
        else if (ratio < 0.25) theta *= 4;
      } else {
        theta *= 6;
        if (norm(p) <= 1e-15 * norm(x)) return { x, gradientNorm: size, end: 'stuck', iterations: iteration };
      }
    }
    if (!stepped) return { x, gradientNorm: size, end: 'stuck', iterations: iteration };
  }
  return { x, gradientNorm: size, end: 'stuck', iterations: maxIterations };
}

/** Whether second derivatives are finite there. */
export function isTwiceDifferentiable(model: Pick<HostModel, 'product'>, x: Float64Array): boolean {
  const image = new Float64Array(x.length);
  model.product(x, new Float64Array(x.length).fill(1), image);
  return image.every(Number.isFinite);
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
