import { type Context, type Definition, type Mat, options, type Vec } from '@lowland/core';

import { flatLines, type Geometry } from '../gradient-descent/geometry.ts';
import { unlessTwoFactors } from '../two-factors.ts';
import { gramBlocks } from './gram.ts';

/**
 * Matrices of fixed rank as classes of factors (L, R) ~ (L Q, R Q^-T), with the metric of `scaled`,
 *
 *     <u, v> = tr(u_L (R^T R) v_L^T) + tr(u_R (L^T L) v_R^T),
 *
 * which is the same all over a class. A tangent vector of the quotient is the horizontal one, orthogonal to the class, and any other is
 * made so by its part along the class:
 *
 *     (u_L + L Lambda, u_R - R Lambda^T),   Lambda = 1/2 (u_R^T R (R^T R)^-1 - (L^T L)^-1 L^T u_L)
 *
 * The gradient is horizontal by itself: it is the direction of ScaledGD. Transport makes vectors horizontal at the new point, so that
 * what methods remember of the class itself is forgotten. Steps are straight lines of factors. NaN where a factor loses rank.
 *
 * Source: Mishra, Adithya Apuroop and Sepulchre 2012, arXiv:1211.1550; Mishra, Meyer, Bonnabel and Sepulchre 2014, arXiv:1209.0430.
 *
 * @throws LOWLAND_E_FACTORS by the plan, unless the variables are the two factors of one product U V^T
 * @throws LOWLAND_E_SYMMETRY by the plan, unless all of GL(r) leaves it unchanged: no penalty on the factors, no balancing term
 */
export function quotient(): Geometry<'factors' | 'symmetry'> {
  return {
    id: 'quotient',
    requires: ['factors', 'symmetry'],
    options: {},
    kernels: ['posvRight'],
    needs: ['GL(r)'],
    refuses: unlessTwoFactors('quotient', 'geometry'),
    readsPerStep: 0,
    start(context) {
      const { dot } = context.device.kernels;
      const horizontal = horizontalPart(context);
      const grams = gramBlocks(context);
      const [steepest, product] = [context.scratch(), context.scratch()];
      return {
        ...flatLines(context),
        flat: false,
        gradient(x, euclidean) {
          grams.solve(x, euclidean, 0, steepest);
          return steepest;
        },
        inner(x, u, v, out, at) {
          grams.multiply(x, u, 0, product);
          dot(product, v, out, at);
        },
        transport: (_x, y, v, out) => { horizontal(y, v, out); },
      };
    },
  };
}

/** out = the horizontal part of v at x. */
function horizontalPart({ device, problem, scratch }: Context<'factors' | 'symmetry'>): (x: Vec, v: Vec, out: Vec) => void {
  const { layout } = problem;
  // The plan lets no other problem pass than one in U V^T.
  const pair = problem.factors.pairs[0]!;
  const { copy, gemm, posvRight } = device.kernels;
  const block = (x: Vec, name: string): Mat => device.blocks(x, layout)[name]!;
  const rank = layout.blocks.find(({ name }) => name === pair[0])!.shape[1]!;
  const small = (): Mat => device.matrix(scratch(rank * rank), 0, rank, rank);
  const [gram, product, fromRight, fromLeft, lambda] = [small(), small(), small(), small(), small()];
  const identity = small();
  const ones = new Float64Array(rank * rank);
  for (let k = 0; k < rank; k++) ones[k * (rank + 1)] = 1;
  device.write(identity, ones);
  return (x, v, out) => {
    const [l, r] = [block(x, pair[0]), block(x, pair[1])];
    // u_R^T R (R^T R)^-1
    gemm('T', 'N', 1, r, r, 0, gram);
    gemm('T', 'N', 1, block(v, pair[1]), r, 0, product);
    posvRight(gram, 0, product, fromRight);
    // u_L^T L (L^T L)^-1, the transpose of the other half
    gemm('T', 'N', 1, l, l, 0, gram);
    gemm('T', 'N', 1, block(v, pair[0]), l, 0, product);
    posvRight(gram, 0, product, fromLeft);
    copy(fromRight, lambda);
    gemm('T', 'N', -1, fromLeft, identity, 1, lambda);
    if (out !== v) copy(v, out);
    gemm('N', 'N', 0.5, l, lambda, 1, block(out, pair[0]));
    gemm('N', 'T', -0.5, r, lambda, 1, block(out, pair[1]));
  };
}

export const quotientDefinition = {
  apiVersion: 1,
  id: 'quotient',
  summary: 'Matrices of fixed rank as classes of factors, in the metric of their Gram matrices.',
  whenToUse: 'For Riemannian methods on factors of fixed rank, without penalty or balancing term: what is kept between steps does not depend on the choice of factors.',
  formula: '<u, v> = tr(u_L (R^T R) v_L^T) + tr(u_R (L^T L) v_R^T), horizontal vectors alone',
  reference: 'Mishra, Adithya Apuroop and Sepulchre 2012, arXiv:1211.1550; Mishra, Meyer, Bonnabel and Sepulchre 2014, arXiv:1209.0430',
  requires: ['factors', 'symmetry'],
  options: options({}),
  create: quotient,
} as const satisfies Definition<object, Geometry<'factors' | 'symmetry'>>;
