import { type Capability, type Infer, type Optimizer, options, part } from '@lowland/core';

import { createPart, type OptimizerDefinition } from '../definition.ts';
import { armijoDefinition } from '../gradient-descent/armijo.ts';
import { barzilaiBorweinDefinition } from '../gradient-descent/barzilai-borwein.ts';
import { fixed, fixedDefinition, fixedOptions } from '../gradient-descent/fixed.ts';
import { gradientDescent } from '../gradient-descent/gradient-descent.ts';
import { polyakDefinition } from '../gradient-descent/polyak.ts';
import type { StepRule } from '../gradient-descent/step-rule.ts';
import { dampingOptions, scaled, type ScaledGeometryOptions } from './scaled-geometry.ts';

export interface ScaledGradientDescentOptions<S extends Capability = never> extends ScaledGeometryOptions {
  /** Default `fixed` with step 0.5. */
  readonly step?: StepRule<S>;
}

const defaultAdaptive = 0.5;

/**
 * Gradient descent in the scaled geometry:
 *
 *     U+ = U - t grad_U f (V^T V + lambda I)^-1,   V+ = V - t grad_V f (U^T U + lambda I)^-1,
 *
 * for X X^T: X+ = X - t grad f (X^T X + lambda I)^-1. On 1/2 |U V^T - M|^2 its local rate is 1 - t whatever the condition
 * number of M.
 *
 * - adaptive c > 0: lambda = c sqrt(f(x) - optimum), in the manner of PrecGD (Zhang, Fattahi and Zhang 2021). The default, c = 0.5:
 *   from random starts and with rank to spare it converges where lambda = 0 does not
 * - damping > 0 fixed: ScaledGD(lambda) (Xu, Shen, Chi and Ma 2023, arXiv:2302.01186), for a small random start
 * - both 0: ScaledGD (Tong, Ma and Chi 2021, arXiv:2005.08898), for the exact rank and a start near the factors; at a
 *   rank-deficient point the Gram matrix is singular, the step NaN, and the run ends `diverged`
 *
 * A balancing term |U^T U - V^T V|^2 is not scaled by these Gram matrices: factor without one.
 */
export function scaledGradientDescent<S extends Capability = never>({
  step = fixed({ step: 0.5 }),
  damping = 0,
  adaptive = defaultAdaptive,
  optimum = 0,
}: ScaledGradientDescentOptions<S> = {}): Optimizer<'valueAndGradient' | 'factors' | S> {
  const geometry = scaled({ damping, adaptive, optimum });
  return {
    ...gradientDescent({ step, geometry }),
    id: 'scaled-gradient-descent',
    options: { step: { id: step.id, options: step.options }, ...geometry.options },
    ...(step.constant !== undefined && { ensemble: { method: 'scaled-gradient-descent', parameters: [step.constant, damping, adaptive, optimum] } }),
  };
}

const stepRules = [{ ...fixedDefinition, options: fixedOptions(0.5) }, armijoDefinition, barzilaiBorweinDefinition, polyakDefinition] as const;
const schema = options({ step: part(stepRules, { default: 'fixed', summary: 'How far to walk.' }), ...dampingOptions(defaultAdaptive) });

export const scaledGradientDescentDefinition: OptimizerDefinition<Infer<typeof schema>, Capability> = {
  apiVersion: 1,
  id: 'scaled-gradient-descent',
  summary: 'Gradient descent scaled by the Gram matrices of the factors: a rate that does not depend on the condition number.',
  whenToUse: 'When the singular values sought differ by much, the rank is known, and the start is spectral. With balance 0: the balancing term has no part in the scaling, and around it a fixed step goes round without an end.',
  formula: 'U+ = U - t grad_U f (V^T V + lambda I)^-1, V+ = V - t grad_V f (U^T U + lambda I)^-1',
  reference: 'Tong, Ma and Chi 2021, arXiv:2005.08898; Xu, Shen, Chi and Ma 2023, arXiv:2302.01186; Zhang, Fattahi and Zhang 2021 (PrecGD)',
  requires: ['valueAndGradient', 'factors'],
  options: schema,
  create: ({ step, ...given }) => scaledGradientDescent({ step: createPart<StepRule<Capability>>(stepRules, step), ...given }),
};
