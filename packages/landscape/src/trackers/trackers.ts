/**
 * What runs can be watched by, beside value and gradient.
 */
import { type MaybePromise, type Tracker, type Vec } from '@lowland/core';
import { columns, gram, lanczos, matrix, multiply, norm, subtract, thinSvd } from '@lowland/linalg';

import { factorsAt, numericalRank, productSvd } from '../factored.ts';
import { factorsTracker, pointTracker } from './product.ts';

/** The singular values of X = U V^T, descending; of X X^T its eigenvalues. */
export const singularValues = (): Tracker<'factors', number[]> => factorsTracker('singular-values', (factored) => [...productSvd(factored).s]);

/**
 * exp(-sum p_i log p_i), p_i = sigma_i / sum sigma of the product (Roy and Vetterli 2007): 1 for rank one, r where r singular values are
 * equal; 0 for the zero matrix.
 */
export const effectiveRank = (): Tracker<'factors', number> => factorsTracker('effective-rank', (factored) => effectiveRankOf(productSvd(factored).s));

export function effectiveRankOf(sigma: Float64Array): number {
  const total = sigma.reduce((sum, value) => sum + value, 0);
  if (total === 0) return 0;
  let entropy = 0;
  for (const value of sigma) if (value > 0) entropy -= (value / total) * Math.log(value / total);
  return Math.exp(entropy);
}

/**
 * |U^T U - V^T V|_F, which gradient flow keeps and gradient descent lets drift by the squares of its steps (exactly
 * eta^2 [(GV)^T GV - (G^T U)^T G^T U] a step); 0 where both factors are the same block.
 */
export const balancedness = (): Tracker<'factors', number> =>
  factorsTracker('balancedness', ({ symmetric, left, right }) => (symmetric ? 0 : norm(subtract(gram(left), gram(right)).data)));

/**
 * The largest eigenvalue of the Hessian at the point, a lower bound by `steps` Lanczos steps from the same start each time: gradient descent of
 * step eta is stable where it is at most 2 / eta.
 */
export function sharpness({ steps = 20 }: { readonly steps?: number } = {}): Tracker<'hessianVectorProduct', number> {
  return {
    id: 'sharpness',
    requires: ['hessianVectorProduct'],
    start(context) {
      const { device, problem } = context;
      const key = context.random('sharpness', 0);
      const [v, image, numbers] = [context.scratch(), context.scratch(), context.scratch(2)];
      return (state): MaybePromise<number> => (device.sync ? synchronously(state.point) : powerIteration(state.point));

      function synchronously(point: Vec): number {
        const apply = (x: Float64Array, out: Float64Array): void => {
          device.write(v, x);
          problem.hessianVectorProduct(point, v, image);
          out.set(device.read(image) as Float64Array);
        };
        return lanczos({ size: point.length, apply }, { key, which: 'largest', maxSteps: steps, tolerance: 1e-6 }).largest;
      }

      /** Where each product is a wait: powers of H + s I, s about the norm of H, which makes the largest eigenvalue the largest in size. */
      async function powerIteration(point: Vec): Promise<number> {
        const { axpy, copy, dot, normal, scal } = device.kernels;
        normal(key, v);
        let [shift, rayleigh] = [0, 0];
        for (let step = 0; step < steps; step++) {
          dot(v, v, numbers, 0);
          scal(1 / Math.sqrt(await device.scalar(numbers, 0)), v);
          problem.hessianVectorProduct(point, v, image);
          dot(v, image, numbers, 0);
          dot(image, image, numbers, 1);
          const [inner = NaN, square = NaN] = await device.read(numbers);
          rayleigh = inner;
          shift = Math.max(shift, Math.sqrt(square));
          axpy(shift, v, image);
          copy(image, v);
        }
        return rayleigh;
      }
    },
  };
}

/** The distance of the recovered matrix to the planted one, as the objective measures it; NaN where it knows none. */
export const distance = (): Tracker<'truth', number> => pointTracker('distance', ['truth'], ({ problem }) => (point) => problem.truth.distance?.(point) ?? NaN);

/**
 * Sines of the principal angles between the column space of X and the leading left singular vectors of the target, as many as the factors have
 * columns; largest first. All 0 where X has the target's leading space; a zero matrix has no angles.
 */
export const alignment = (): Tracker<'factors' | 'target', number[]> =>
  pointTracker('alignment', ['factors', 'target'], ({ problem }) => {
    const { rows, cols, data } = problem.target;
    const leading = thinSvd(matrix(rows, cols, data)).u;
    return (point) => {
      const { u, s } = productSvd(factorsAt(point, problem.factors));
      const rank = numericalRank(s, 1e-12);
      const basis = columns(u, 0, rank);
      const wanted = columns(leading, 0, Math.min(s.length, leading.cols));
      // |sin| from what is left of the basis outside the space: the cosines would lose half the digits.
      const rest = subtract(basis, multiply(wanted, multiply(wanted, basis, { transposeA: true })));
      return [...thinSvd(rest).s];
    };
  });
