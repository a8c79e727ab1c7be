/**
 * The zeros of the gradient by Hessian-vector products alone, for sizes at which Hessians are not formed.
 */
import { dot, norm } from '@lowland/linalg';

import type { HostModel } from './host-model.ts';
import { type Found, isTwiceDifferentiable, type LevenbergMarquardtOptions, type Polished } from './levenberg-marquardt.ts';

type ProductModel = Pick<HostModel, 'size' | 'gradient' | 'product'>;

/** Iterations of an inner solve, two products each, at most. */
const mostInner = 400;

/**
 * Levenberg-Marquardt as in `toStationary`, (H^2 + mu I) p = -H grad f by conjugate gradients. Each solve goes on until its residual has fallen a hundredfold,
 * times the square root of how far the gradient has fallen: so the method still converges faster than linearly. Looser solves lead more starts to points
 * of lower rank, and so to more different ones.
 *
 * An inner iteration is two Hessian-vector products, and there are as many as H^2 has distinct eigenvalues to speak of. Memory: nine vectors.
 */
export function toStationaryByProducts(model: ProductModel, start: Float64Array, { goal, far, maxIterations }: LevenbergMarquardtOptions): Found {
  const n = model.size;
  let x = start.slice();
  let [gradient, there] = [new Float64Array(n), new Float64Array(n)];
  const [slope, p, image, residual, direction, turned] = Array.from({ length: 6 }, () => new Float64Array(n)) as [Float64Array, Float64Array, Float64Array, Float64Array, Float64Array, Float64Array];
  model.gradient(x, gradient);
  let size = norm(gradient);
  const first = size;
  let [theta, steepest] = [0, 0];

  /** p, and H p in `image`. */
  const solve = (mu: number, reduction: number): void => {
    p.fill(0);
    image.fill(0);
    slope.forEach((value, i) => (residual[i] = direction[i] = -value));
    let square = dot(residual, residual);
    const enough = reduction ** 2 * square;
    const curved = new Float64Array(n);
    for (let inner = 0; inner < mostInner && square > enough; inner++) {
      model.product(x, direction, curved);
      model.product(x, curved, turned);
      const curvature = dot(curved, curved) + mu * dot(direction, direction);
      if (!(curvature > 0 && curvature < Infinity)) return;
      const step = square / curvature;
      for (let i = 0; i < n; i++) {
        p[i]! += step * direction[i]!;
        image[i]! += step * curved[i]!;
        residual[i]! -= step * (turned[i]! + mu * direction[i]!);
      }
      const next = dot(residual, residual);
      for (let i = 0; i < n; i++) direction[i] = residual[i]! + (next / square) * direction[i]!;
      square = next;
    }
  };

  for (let iteration = 0; iteration <= maxIterations; iteration++) {
    if (size <= goal) return { x, gradientNorm: size, end: isTwiceDifferentiable(model, x) ? 'stationary' : 'lost', iterations: iteration };
    if (!Number.isFinite(size) || norm(x) > far) return { x, gradientNorm: size, end: 'lost', iterations: iteration };
    model.product(x, gradient, slope);
    const steep = norm(slope) / size;
    if (!Number.isFinite(steep)) return { x, gradientNorm: size, end: 'lost', iterations: iteration };
    steepest = Math.max(steepest, steep);
    if (theta === 0) theta = (0.01 * steep ** 2) / size ** 2;
    if (!(steep > 1e-12 * steepest)) return { x, gradientNorm: size, end: 'stuck', iterations: iteration };
    let stepped = false;
    for (let trial = 0; trial < 30 && !stepped; trial++) {
      solve(Math.max(theta * size ** 2, 1e-15 * steepest ** 2), Math.max(1e-8, 0.01 * Math.sqrt(Math.min(1, size / first))));
      const next = x.map((value, i) => value + p[i]!);
      model.gradient(next, there);
      const reached = norm(there);
      for (let i = 0; i < n; i++) image[i]! += gradient[i]!;
      const ratio = (size ** 2 - reached ** 2) / (size ** 2 - dot(image, image));
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

/** A few more of its steps, as long as the gradient falls. */
export function polishByProducts(model: ProductModel, start: Float64Array): Polished {
  const gradient = new Float64Array(start.length);
  model.gradient(start, gradient);
  const size = norm(gradient);
  const { x, gradientNorm } = toStationaryByProducts(model, start, { goal: 0, far: Infinity, maxIterations: 3 });
  return gradientNorm < size && isTwiceDifferentiable(model, x) ? { x, gradientNorm } : { x: start, gradientNorm: size };
}
