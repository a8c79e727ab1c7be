import { type Infer, number, type Optimizer, options, parseOptions } from '@lowland/core';

import type { OptimizerDefinition } from '../definition.ts';
import { firstOrder, type FirstOrderState } from '../first-order.ts';

const schema = options({
  step: number({ above: 0, default: 0.01, summary: 'The step eta.' }),
  noise: number({ above: 0, default: 1, summary: 'Length of the noise in every gradient.' }),
});
export type NoisyGradientDescentOptions = Partial<Infer<typeof schema>>;

interface NoisyState extends FirstOrderState {
  /** Steps so far: the index of the stream of the next noise. */
  steps: number;
}

/**
 * Noisy gradient descent (Ge, Huang, Jin and Yuan 2015, arXiv:1503.02101, Algorithm 1): noise in every step,
 *
 *     x+ = x - eta (grad f(x) + rho xi),   xi uniform on the unit sphere.
 *
 * It leaves strict saddles in polynomially many steps, and hovers about minima at a distance of order sqrt(eta) rho: the smaller the step the
 * nearer. Where noise is wanted at saddles alone take `perturbed-gradient-descent`. Stream (seed, `sphere`, step); xi is a normalised Gaussian
 * vector. One read a step.
 *
 * @throws LOWLAND_E_OPTIONS unless step and noise are positive
 */
export function noisyGradientDescent(given: NoisyGradientDescentOptions = {}): Optimizer<'valueAndGradient'> {
  const { step, noise } = parseOptions(schema, given, 'optimizer "noisy-gradient-descent"');
  return {
    id: 'noisy-gradient-descent',
    requires: ['valueAndGradient'],
    options: { step, noise },
    claims: ['escapesSaddles'],
    readsPerStep: 1,
    start(context) {
      const { device } = context;
      const { axpy, dot, normal } = device.kernels;
      const { state: slots, evaluate } = firstOrder(context);
      const { point, gradient } = slots;
      const state: NoisyState = Object.assign(slots, { steps: 0 });
      const direction = context.scratch();
      const square = context.scratch(1);
      return {
        state,
        init: evaluate,
        async step() {
          normal(context.random('sphere', state.steps++), direction);
          dot(direction, direction, square);
          axpy(-step, gradient, point);
          axpy((-step * noise) / Math.sqrt(await device.scalar(square)), direction, point);
          evaluate();
        },
      };
    },
  };
}

export const noisyGradientDescentDefinition: OptimizerDefinition<Infer<typeof schema>, 'valueAndGradient'> = {
  apiVersion: 1,
  id: 'noisy-gradient-descent',
  summary: 'Gradient descent with noise from a sphere in every step.',
  whenToUse: 'To study escapes from saddles under persistent noise; it hovers about the minimum. For noise at saddles alone take `perturbed-gradient-descent`.',
  formula: 'x+ = x - eta (grad f(x) + rho xi), xi uniform on the unit sphere',
  reference: 'Ge, Huang, Jin and Yuan 2015, arXiv:1503.02101',
  requires: ['valueAndGradient'],
  options: schema,
  create: noisyGradientDescent,
};
