import { type Definition, type Infer, number, options, parseOptions } from '@lowland/core';

import { flatLines, type Geometry } from '../gradient-descent/geometry.ts';
import { gramBlocks } from './gram.ts';

/** The options of the damping, `adaptive` with the given default. */
export const dampingOptions = (adaptive: number) => ({
  damping: number({ min: 0, default: 0, summary: 'lambda of V^T V + lambda I.' }),
  adaptive: number({ min: 0, default: adaptive, summary: 'Adds adaptive sqrt(f(x) - optimum) to lambda, by one read a step.' }),
  optimum: number({ default: 0, summary: 'The least value, or a guess: the damping goes to zero there.' }),
});
const schema = options(dampingOptions(0));
export type ScaledGeometryOptions = Partial<Infer<typeof schema>>;

/**
 * The metric <u, v>_x = tr(u_U (V^T V + lambda I) v_U^T) + tr(u_V (U^T U + lambda I) v_V^T) for pairs U V^T, and
 * tr(u (X^T X + lambda I) v^T) for X X^T. Its gradient is the Euclidean one times the inverse Gram matrix of the partner:
 * the direction of ScaledGD. With lambda = 0 it is invariant under (U Q, V Q^-T).
 *
 * The metric is singular where factors lose rank, and lines end there: steps of 1 move both factors all the way at once, and from random
 * starts without a balancing term leave singular values of both near zero, which nothing brings back. `adaptive` damping does, and fades at
 * the optimum.
 */
export function scaled(given: ScaledGeometryOptions = {}): Geometry<'factors'> {
  const { damping, adaptive, optimum } = parseOptions(schema, given, 'geometry "scaled"');
  return {
    id: 'scaled',
    requires: ['factors'],
    options: { damping, adaptive, optimum },
    kernels: ['posvRight'],
    readsPerStep: adaptive > 0 ? 1 : 0,
    start(context) {
      const { device } = context;
      const grams = gramBlocks(context);
      const steepest = context.scratch();
      const product = context.scratch();
      let shift = damping;
      return {
        ...flatLines(context),
        gradient(x, euclidean) {
          grams.solve(x, euclidean, shift, steepest);
          return steepest;
        },
        inner(x, u, v, out, at) {
          grams.multiply(x, u, shift, product);
          device.kernels.dot(product, v, out, at);
        },
        ...(adaptive > 0 && {
          async refresh(value) {
            shift = damping + adaptive * Math.sqrt(Math.max(0, (await device.scalar(value)) - optimum));
          },
        }),
      };
    },
  };
}

export const scaledDefinition = {
  apiVersion: 1,
  id: 'scaled',
  summary: 'The Gram matrices of the partner factors as metric: directions that do not depend on the condition number.',
  whenToUse: 'When the singular values sought differ by much. With more columns than the rank, or from random starts without a balancing term, give a damping.',
  formula: '<u, v>_x = tr(u_U (V^T V + lambda I) v_U^T) + tr(u_V (U^T U + lambda I) v_V^T)',
  reference: 'Tong, Ma and Chi 2021, arXiv:2005.08898; Mishra, Adithya Apuroop and Sepulchre 2012, arXiv:1211.1550',
  requires: ['factors'],
  options: schema,
  create: scaled,
} as const satisfies Definition<Infer<typeof schema>, Geometry<'factors'>>;
