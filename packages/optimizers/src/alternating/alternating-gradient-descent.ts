import { choice, type Infer, number, type Optimizer, options, parseOptions, type State } from '@lowland/core';

import { blockGradientOf } from '../block-gradient.ts';
import type { OptimizerDefinition } from '../definition.ts';
import { unlessTwoFactors } from '../two-factors.ts';
import { createSketch } from '../initial/sketch.ts';
import { largeAndSmall } from '../initial/ward-kolda.ts';

const schema = options({
  start: choice(['given', 'sketch'], { default: 'given', summary: 'given: that of the run; sketch: the large and the small factor of Ward and Kolda, in its place.' }),
  step: number({ above: 0, summary: 'The step t; else 0.1 from a given start and 1 / s_1(A) from a sketched one.' }),
  large: number({ above: 0, default: 4, summary: 'C of the sketched start U = A Phi / (sqrt(t) C s_1(A)).' }),
  small: number({ above: 0, default: 1e-3, summary: 'D of the sketched start V = sqrt(t) D s_1(A) Psi.' }),
});
export type AlternatingGradientDescentOptions = Partial<Infer<typeof schema>>;

interface AlternatingState extends State {
  step: number;
}

/**
 * Alternating gradient descent: in every block in turn,
 *
 *     U+ = U - t grad_U f(U, V),   V+ = V - t grad_V f(U+, V).
 *
 * `sketch` starts it as Ward and Kolda (2023, arXiv:2305.06927) do, with a large U that spans the range of A and a small V,
 *
 *     U = A Phi / (sqrt(t) C s_1(A)),   V = sqrt(t) D s_1(A) Psi,   Phi iid N(0, 1 / columns), Psi iid N(0, 1 / rows of V),
 *
 * from the streams (seed, `sketch`, 0 and 1), in place of the start of the run: then 1/2 |U V^T - A|^2 falls linearly without a
 * phase of small factors. The constants are from memory. s_1(A) is found from the sketch, exactly where A has no more rank than U
 * has columns; steps above about 1.5 / s_1(A) diverge.
 *
 * No reads after the start. One block gradient a block and step, together 4/3 gradients of a dense fit.
 *
 * @throws LOWLAND_E_OPTIONS when an option is out of bounds
 * @throws LOWLAND_E_FACTORS at a sketched start, unless the variables are the two factors of one product U V^T
 */
export function alternatingGradientDescent(given: AlternatingGradientDescentOptions = {}): Optimizer<'gradient' | 'factors', 'blockGradient'> {
  const settings = parseOptions(schema, given, 'optimizer "alternating-gradient-descent"');
  const sketched = settings.start === 'sketch';
  return {
    id: 'alternating-gradient-descent',
    requires: sketched ? ['gradient', 'factors'] : ['gradient'],
    ...(sketched && { refuses: unlessTwoFactors('alternating-gradient-descent') }),
    uses: ['blockGradient'],
    options: { ...settings },
    claims: sketched ? [] : ['deterministic'],
    readsPerStep: 0,
    start(context) {
      const { device, problem } = context;
      const { layout } = problem;
      const blockGradient = blockGradientOf(context);
      const { axpy } = device.kernels;
      const point = context.state();
      const gradient = context.scratch();
      const [at, slopes] = [device.blocks(point, layout), device.blocks(gradient, layout)];
      const state: AlternatingState = { point, step: settings.step ?? 0.1 };
      const sketch = sketched ? createSketch(context, blockGradient) : undefined;

      return {
        state,
        async init() {
          if (sketch === undefined) return;
          const step = await largeAndSmall(context, sketch, settings, context.random('sketch', 0), context.random('sketch', 1), point);
          if (step > 0) state.step = step;
        },
        step() {
          for (const { name } of layout.blocks) {
            blockGradient(point, name, gradient);
            axpy(-state.step, slopes[name]!, at[name]!);
          }
        },
      };
    },
  };
}

export const alternatingGradientDescentDefinition: OptimizerDefinition<Infer<typeof schema>, 'gradient' | 'factors', 'blockGradient'> = {
  apiVersion: 1,
  id: 'alternating-gradient-descent',
  summary: 'Gradient steps in one factor and then the other, from a large and a small one on demand.',
  whenToUse: 'With `start sketch` for whole matrices: linear from the first step on. Elsewhere a baseline.',
  formula: 'U+ = U - t grad_U f(U, V), V+ = V - t grad_V f(U+, V)',
  reference: 'Ward and Kolda 2023, arXiv:2305.06927',
  requires: ['gradient'],
  options: schema,
  create: alternatingGradientDescent,
};
