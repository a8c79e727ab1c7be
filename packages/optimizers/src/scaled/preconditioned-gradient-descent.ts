import { type Infer, number, type Optimizer, options, parseOptions } from '@lowland/core';

import type { OptimizerDefinition } from '../definition.ts';
import { fixed } from '../gradient-descent/fixed.ts';
import { gradientDescent } from '../gradient-descent/gradient-descent.ts';
import { scaled } from './scaled-geometry.ts';

const schema = options({
  step: number({ above: 0, default: 0.3, summary: 'The step t.' }),
  factor: number({ above: 0, default: 1, summary: 'lambda as part of the residual |r(x)|.' }),
  optimum: number({ default: 0, summary: 'The least value f*, not zero where the data are not fitted exactly.' }),
});
export type PreconditionedGradientDescentOptions = Partial<Infer<typeof schema>>;

/**
 * PrecGD (Zhang, Fattahi and Zhang, NeurIPS 2021): scaled gradient descent whose damping is the size of the residual,
 *
 *     X+ = X - t grad f(X) (X^T X + lambda I)^-1,   lambda = factor |r|,   |r| = sqrt(2 (f(X) - f*)),
 *
 * for U V^T each factor with the Gram matrix of the other, for f = 1/2 |r|^2 in the scale of the objective. As the residual vanishes
 * so does the damping: with rank to spare it converges linearly where gradient descent slows down to 1 / k, and unlike a fixed
 * damping it does not stall from large starts. The paper's rule from memory: lambda = sqrt(f) up to a factor. With f* too low
 * some damping stays, and the rate is then that of the fixed one.
 *
 * One read a step.
 *
 * @throws LOWLAND_E_OPTIONS when an option is out of bounds
 * @throws LOWLAND_E_FACTORS at the start, when a factor is in several products
 */
export function preconditionedGradientDescent(given: PreconditionedGradientDescentOptions = {}): Optimizer<'valueAndGradient' | 'factors'> {
  const { step, factor, optimum } = parseOptions(schema, given, 'optimizer "preconditioned-gradient-descent"');
  const adaptive = factor * Math.SQRT2;
  return {
    ...gradientDescent({ step: fixed({ step }), geometry: scaled({ adaptive, optimum }) }),
    id: 'preconditioned-gradient-descent',
    options: { step, factor, optimum },
    ensemble: { method: 'scaled-gradient-descent', parameters: [step, 0, adaptive, optimum] },
  };
}

export const preconditionedGradientDescentDefinition: OptimizerDefinition<Infer<typeof schema>, 'valueAndGradient' | 'factors'> = {
  apiVersion: 1,
  id: 'preconditioned-gradient-descent',
  summary: 'Scaled gradient descent damped by the residual: a linear rate with rank to spare.',
  whenToUse: 'When the rank is not known and too many columns are taken, for exact fits with a least value that is known.',
  formula: 'X+ = X - t grad f(X) (X^T X + |r| I)^-1',
  reference: 'Zhang, Fattahi and Zhang, NeurIPS 2021 (PrecGD)',
  requires: ['valueAndGradient', 'factors'],
  options: schema,
  create: preconditionedGradientDescent,
};
