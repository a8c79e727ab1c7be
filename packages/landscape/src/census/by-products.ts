/**
 * The zeros of the gradient by Hessian-vector products alone, for sizes at which Hessians are not formed.
 */
import { dot, norm } from '@lowland/linalg';

import type { HostModel } from './host-model.ts';
import type { Polished } from './levenberg-marquardt.ts';
import { type Found, isTwiceDifferentiable, levenbergMarquardt, type LevenbergMarquardtOptions } from './step-control.ts';

type ProductModel = Pick<HostModel, 'size' | 'gradient' | 'product'>;

/** Iterations of an inner solve, two products each, at most. */
const mostInner = 400;

/**
 * The steps of `levenbergMarquardt` by conjugate gradients on (H^2 + mu I) p = -H grad f. Each solve goes on until its residual has fallen a hundredfold,
 * times the square root of how far the gradient has fallen: so the method still converges faster than linearly. Looser solves lead more starts to points
 * of lower rank, and so to more different ones.
 *
 * An inner iteration is two Hessian-vector products, and there are as many as H^2 has distinct eigenvalues to speak of. Memory: ten vectors.
 */
export function toStationaryByProducts(model: ProductModel, start: Float64Array, options: LevenbergMarquardtOptions): Found {
  const n = model.size;
  const [slope, p, image, residual, direction, curved, turned] = Array.from({ length: 7 }, () => new Float64Array(n)) as [Float64Array, Float64Array, Float64Array, Float64Array, Float64Array, Float64Array, Float64Array];
  let [first, steepest] = [0, 0];
  return levenbergMarquardt(model, start, options, (x, gradient, size) => {
    if (first === 0) first = size;
    model.product(x, gradient, slope);
    const steep = norm(slope) / size;
    if (!Number.isFinite(steep)) return undefined;
    steepest = Math.max(steepest, steep);
    const reduction = Math.max(1e-8, 0.01 * Math.sqrt(Math.min(1, size / first)));
    return {
      flat: !(steep > 1e-12 * steepest),
      theta: (0.01 * steep ** 2) / size ** 2,
      least: 1e-15 * steepest ** 2,
      solve(mu) {
        p.fill(0);
        image.fill(0);
        slope.forEach((value, i) => (residual[i] = direction[i] = -value));
        let square = dot(residual, residual);
        const enough = reduction ** 2 * square;
        for (let inner = 0; inner < mostInner && square > enough; inner++) {
          model.product(x, direction, curved);
          model.product(x, curved, turned);
          const curvature = dot(curved, curved) + mu * dot(direction, direction);
          if (!(curvature > 0 && curvature < Infinity)) break;
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
        return { p, image };
      },
    };
  });
}

/** A few more of its steps, as long as the gradient falls. */
export function polishByProducts(model: ProductModel, start: Float64Array): Polished {
  const gradient = new Float64Array(start.length);
  model.gradient(start, gradient);
  const size = norm(gradient);
  const { x, gradientNorm } = toStationaryByProducts(model, start, { goal: 0, far: Infinity, maxIterations: 3 });
  return gradientNorm < size && isTwiceDifferentiable(model, x) ? { x, gradientNorm } : { x: start, gradientNorm: size };
}
