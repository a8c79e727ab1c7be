import { choice, type Infer, integer, number, type Optimizer, options, parseOptions } from '@lowland/core';

import type { OptimizerDefinition } from '../definition.ts';
import { unlessTwoFactors } from '../two-factors.ts';
import { euclidean } from '../gradient-descent/geometry.ts';
import { createSketch } from '../initial/sketch.ts';
import { nesterovStepper } from './nesterov-stepper.ts';

const schema = options({
  start: choice(['sketch', 'given'], { default: 'sketch', summary: 'sketch: the start of the method, in place of that of the run; given: that of the run.' }),
  scale: number({ above: 0, default: 50, summary: 'c of the sketched start U = c A Phi, V = 0.' }),
  rank: integer({ min: 1, summary: 'Rank of the matrix sought; else that of U at the start, to 1e-6.' }),
});
type Required = 'valueAndGradient' | 'factors' | 'smoothness';
export type RectangularNesterovOptions = Partial<Infer<typeof schema>>;

/** Singular values below this part of the largest do not count. */
const rankCut = 1e-6;

/**
 * Nesterov's method for U V^T with more columns than the rank (Xu, Wang, Zhao, Ward and Tao 2024, arXiv:2410.09640): U wide and
 * large, V zero, so that U hardly moves and V solves a least-squares problem of condition s_1 / s_r,
 *
 *     U = c A Phi, V = 0, Phi iid N(0, 1 / columns),   s = 1 / (L s_1(U)^2),   beta = (s_1(U) - s_r(U)) / (s_1(U) + s_r(U)),
 *
 * then the steps of `nesterov` without restart. Of order kappa iterations where gradient descent needs kappa^2. L is the smoothness of the
 * fit as a function of U V^T (`smoothness`). A balancing term w |U^T U - V^T V|^2 bends along U, by 12 w s_1(U)^2 at most at V = 0, and is
 * found by itself: there the fit is that of zero, f(t U, 0) = f(0) + p t^2 + q t^4 with q = w |U^T U|^2, and L is taken 12 w larger. c, s and beta are choices of ours, the paper's were not seen. Take more columns than the rank: with d
 * columns the bound is d / (d - r + 1) kappa. For data of full rank name the rank: s_r is else the smallest singular value of U.
 *
 * By default the method makes its start itself, from stream (seed, `sketch`, 0), and does not use that of the run. For a given start
 * V is best near zero. No reads after the start. The points of the run are the extrapolated ones.
 *
 * @throws LOWLAND_E_OPTIONS when an option is out of bounds
 * @throws LOWLAND_E_FACTORS at the start, unless the variables are the two factors of one product U V^T
 */
export function rectangularNesterov(given: RectangularNesterovOptions = {}): Optimizer<Required> {
  const settings = parseOptions(schema, given, 'optimizer "rectangular-nesterov"');
  return {
    id: 'rectangular-nesterov',
    requires: ['valueAndGradient', 'factors', 'smoothness'],
    refuses: unlessTwoFactors('rectangular-nesterov'),
    options: { ...settings },
    claims: settings.start === 'given' ? ['deterministic'] : [],
    readsPerStep: 0,
    start(context) {
      const { smoothness, valueAndGradient } = context.problem;
      const unused = context.scratch(1);
      const sketch = createSketch(context, (x, _block, out) => { valueAndGradient(x, unused, out); });
      const stepper = nesterovStepper(context, euclidean().start(context), { step: NaN, momentum: NaN, restart: false });
      const { state } = stepper;
      const { device } = context;
      const [slopes, zero, seen] = [context.scratch(), context.scratch(), context.scratch(3)];
      const [here, atZero] = [device.view(seen, 0, 1), device.view(seen, 1, 1)];
      /** The weight w of a balancing term, from the quartic part of f along (U, 0). */
      const balance = async (singular: Float64Array): Promise<number> => {
        device.kernels.fill(zero, 0);
        valueAndGradient(zero, atZero, slopes);
        valueAndGradient(state.point, here, slopes);
        device.kernels.dot(slopes, state.point, seen, 2);
        const [at = NaN, base = NaN, slope = NaN] = await device.read(seen);
        const quartic = slope / 2 - (at - base);
        const rounding = 1e-8 * (Math.abs(slope) + Math.abs(at) + Math.abs(base));
        return quartic > rounding ? quartic / singular.reduce((sum, value) => sum + value ** 4, 0) : 0;
      };
      return {
        ...stepper,
        async init() {
          if (settings.start === 'sketch') {
            sketch.range(context.random('sketch', 0), state.point);
            device.kernels.scal(settings.scale, sketch.left(state.point));
          }
          const values = await sketch.singularValues(state.point);
          const largest = values[0]!;
          const counted = settings.rank ?? values.filter((value) => value > rankCut * largest).length;
          const least = values[Math.min(counted, values.length) - 1] ?? largest;
          const bend = settings.start === 'sketch' && largest > 0 ? 12 * (await balance(values)) : 0;
          // a zero U is a stationary point: any step rests there
          state.step = largest > 0 ? 1 / ((smoothness.constant + bend) * largest * largest) : 1;
          state.momentum = largest > 0 ? (largest - least) / (largest + least) : 0;
          await stepper.init!();
        },
      };
    },
  };
}

export const rectangularNesterovDefinition: OptimizerDefinition<Infer<typeof schema>, Required> = {
  apiVersion: 1,
  id: 'rectangular-nesterov',
  summary: "Nesterov's method for U V^T from a large U that sketches the data and V = 0.",
  whenToUse: 'For whole matrices with columns to spare, and for measurements that are isometric on matrices of low rank, or nearly.',
  formula: 'U = c A Phi, V = 0; x+ = y - grad f(y) / (L s_1(U)^2), y+ = x+ + beta (x+ - x)',
  reference: 'Xu, Wang, Zhao, Ward and Tao 2024, arXiv:2410.09640',
  requires: ['valueAndGradient', 'factors', 'smoothness'],
  options: schema,
  create: rectangularNesterov,
};
