import { type Infer, type Mat, number, type Optimizer, options, parseOptions, unitRoundoff } from '@lowland/core';

import { blockGradientOf } from '../block-gradient.ts';
import type { OptimizerDefinition } from '../definition.ts';
import { inverseRoot } from '../inverse-root.ts';
import { partners } from '../scaled/gram.ts';

const schema = options({
  step: number({ above: 0, default: 0.5, summary: 'The step t; 1 is the Gauss-Newton step.' }),
  rcond: number({ above: 0, below: 1, default: 1e-12, summary: 'Eigenvalues of V^T V below this part of the largest count as zero.' }),
});
export type AlternatingScaledGradientDescentOptions = Partial<Infer<typeof schema>>;

/**
 * AltScaledGD (Jia, Wang, Peng, Feng and Meng 2023), with t = 1 also alternating Gauss-Newton, AGN (Jia et al. 2024):
 *
 *     U+ = U - t grad_U f(U, V) (V^T V)^+,   V+ = V - t grad_V f(U+, V) (U+^T U+)^+,
 *
 * and X+ = X - t grad f (X^T X)^+ for X X^T. From small random factors on 1/2 |U V^T - M|^2, with rank to spare too, the number of
 * iterations does not depend on the condition number; t = 1 fits a matrix of no more rank than columns in one step.
 *
 * The pseudo-inverse cuts eigenvalues of the Gram matrix below rcond times the largest, singular values of V below sqrt(rcond), and
 * never less than 8 r u: with rank to spare those that remain of nothing are rounding, of relative size u, and must not be
 * inverted; a cut above cond(V)^-2 loses directions of the matrix.
 *
 * Two reads of r x r numbers a step, one a factor. A factor of zero stays zero.
 *
 * @throws LOWLAND_E_OPTIONS when an option is out of bounds
 * @throws LOWLAND_E_FACTORS at the start, when a factor is in several products
 */
export function alternatingScaledGradientDescent(given: AlternatingScaledGradientDescentOptions = {}): Optimizer<'gradient' | 'factors', 'blockGradient'> {
  const { step, rcond } = parseOptions(schema, given, 'optimizer "alternating-scaled-gradient-descent"');
  return {
    id: 'alternating-scaled-gradient-descent',
    requires: ['gradient', 'factors'],
    uses: ['blockGradient'],
    options: { step, rcond },
    claims: ['deterministic'],
    readsPerStep: 2,
    start(context) {
      const { device, problem } = context;
      const { factors, layout } = problem;
      const blockGradient = blockGradientOf(context);
      const { gemm } = device.kernels;
      const point = context.state();
      const gradient = context.scratch();
      const [at, slopes] = [device.blocks(point, layout), device.blocks(gradient, layout)];
      const turns = partners(factors.pairs).map(([name, partner]) => {
        const rank = at[name]!.cols;
        const small = (): Mat => device.matrix(context.scratch(rank * rank), 0, rank, rank);
        return { name, block: at[name]!, slope: slopes[name]!, other: at[partner]!, rank, gram: small(), inverse: small() };
      });

      return {
        state: { point },
        async step() {
          for (const { name, block, slope, other, rank, gram, inverse } of turns) {
            gemm('T', 'N', 1, other, other, 0, gram);
            const cut = Math.max(rcond, 8 * rank * unitRoundoff[device.dtype]);
            device.write(gram, inverseRoot(await device.read(gram), rank, cut));
            gemm('N', 'T', 1, gram, gram, 0, inverse);
            blockGradient(point, name, gradient);
            gemm('N', 'N', -step, slope, inverse, 1, block);
          }
        },
      };
    },
  };
}

export const alternatingScaledGradientDescentDefinition: OptimizerDefinition<Infer<typeof schema>, 'gradient' | 'factors', 'blockGradient'> = {
  apiVersion: 1,
  id: 'alternating-scaled-gradient-descent',
  summary: 'Scaled gradient steps in one factor and then the other, by pseudo-inverses: rank to spare does no harm.',
  whenToUse: 'For fits by U Vᵀ of high condition number, also with more columns than the rank; the data should be whole or nearly so. A few steps where gradient descent takes thousands.',
  formula: 'U+ = U - t grad_U f (V^T V)^+, V+ = V - t grad_V f(U+, V) (U+^T U+)^+',
  reference: 'Jia, Wang, Peng, Feng and Meng, NeurIPS 2023; Jia et al., NeurIPS 2024 (AGN)',
  requires: ['gradient', 'factors'],
  options: schema,
  create: alternatingScaledGradientDescent,
};
