import { type Infer, number, type Optimizer, options, parseOptions, type Vec } from '@lowland/core';

import type { OptimizerDefinition } from '../definition.ts';
import { firstOrder, type FirstOrderState } from '../first-order.ts';

const schema = options({
  step: number({ above: 0, default: 1e-3, summary: 'The step t: about how far an entry moves at first.' }),
  beta1: number({ min: 0, below: 1, default: 0.9, summary: 'What the mean of the gradients keeps.' }),
  beta2: number({ min: 0, below: 1, default: 0.999, summary: 'What the mean of their squares keeps.' }),
  epsilon: number({ above: 0, default: 1e-8, summary: 'Added to the root of the mean square.' }),
});
export type AdamOptions = Partial<Infer<typeof schema>>;

interface AdamState extends FirstOrderState {
  /** m and v. */
  mean: Vec;
  meanSquare: Vec;
  /** beta1^k and beta2^k. */
  power1: number;
  power2: number;
}

/**
 * Adam (Kingma and Ba 2015, arXiv:1412.6980), entry by entry:
 *
 *     m+ = beta1 m + (1 - beta1) g,   v+ = beta2 v + (1 - beta2) g^2,
 *     x+ = x - t (m+ / (1 - beta1^k)) / (sqrt(v+ / (1 - beta2^k)) + epsilon).
 *
 * Every entry has its own scale, so the method knows no geometry but the Euclidean one: it does not commute with the symmetries of a
 * factored problem, and does not keep factors balanced. With a fixed step it ends in a neighbourhood of a minimum, the smaller the
 * step the closer, unless the minimum fits exactly.
 *
 * No reads. Starts of zero gradient are left alone, saddles included. Needs the kernel divideByRoot.
 *
 * @throws LOWLAND_E_OPTIONS when an option is out of bounds, or is none of these: there is no geometry to choose
 */
export function adam(given: AdamOptions = {}): Optimizer<'valueAndGradient'> {
  const { step, beta1, beta2, epsilon } = parseOptions(schema, given, 'optimizer "adam"');
  return {
    id: 'adam',
    requires: ['valueAndGradient'],
    options: { step, beta1, beta2, epsilon },
    kernels: ['divideByRoot'],
    claims: ['deterministic'],
    readsPerStep: 0,
    start(context) {
      const { axpy, divideByRoot, mul, scal } = context.device.kernels;
      const { state: slots, evaluate } = firstOrder(context);
      const { point, gradient } = slots;
      const [mean, meanSquare] = [context.state(), context.state()];
      const state: AdamState = Object.assign(slots, { mean, meanSquare, power1: 1, power2: 1 });
      const work = context.scratch();

      return {
        state,
        init: evaluate,
        step() {
          scal(beta1, mean);
          axpy(1 - beta1, gradient, mean);
          mul(gradient, gradient, work);
          scal(beta2, meanSquare);
          axpy(1 - beta2, work, meanSquare);
          state.power1 *= beta1;
          state.power2 *= beta2;

          // sqrt(v / c) + epsilon = (sqrt v + epsilon sqrt c) / sqrt c with c = 1 - beta2^k
          const root = Math.sqrt(1 - state.power2);
          divideByRoot!(mean, meanSquare, epsilon * root, work);
          axpy((-step * root) / (1 - state.power1), work, point);
          evaluate();
        },
      };
    },
  };
}

export const adamDefinition: OptimizerDefinition<Infer<typeof schema>, 'valueAndGradient'> = {
  apiVersion: 1,
  id: 'adam',
  summary: 'Steps scaled entry by entry by the mean square of past gradients.',
  whenToUse: 'As a baseline from deep learning. It depends on coordinates, so balance and rotation invariance are lost; deterministic low-rank problems have better methods.',
  formula: 'x+ = x - t (m / (1 - beta1^k)) / (sqrt(v / (1 - beta2^k)) + epsilon)',
  reference: 'Kingma and Ba 2015, arXiv:1412.6980',
  requires: ['valueAndGradient'],
  options: schema,
  create: adam,
};
