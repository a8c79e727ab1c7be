import { type Definition, type Infer, number, options, parseOptions, unitRoundoff } from '@lowland/core';

import { firstOrder, restsHere } from '../first-order.ts';
import type { StepRule } from './step-rule.ts';

const schema = options({
  optimum: number({ summary: 'The least value f*; else the objective has to know it.' }),
  most: number({ above: 0, summary: 'The longest step; else there is none.' }),
});
export type PolyakOptions = Infer<typeof schema>;

/**
 * The step t = (f(x) - f*) / |grad f(x)|^2 (Polyak 1969, doi:10.1016/0041-5553(69)90061-5), the norm being that of the geometry:
 * in the geometry `scaled` it is the step of ScaledSM (Tong, Ma and Chi 2021, arXiv:2010.13364). On a convex f no step moves away
 * from any minimiser. f* is the option `optimum`, else the capability `truth` states it.
 *
 * One read a step. Ends `converged` by `optimum` where f - f* is below 1e3 eps |f*|: values cannot tell more. Nothing guards against
 * an f* that is too low (steps then stay too long) or too high (the run ends above the minimum).
 *
 * @throws LOWLAND_E_OPTIONS when the optimum is no finite number, or the longest step not positive
 * @throws LOWLAND_E_OPTIMUM by the plan, when neither the option nor the objective gives one
 */
export function polyak(given: PolyakOptions & { readonly optimum: number }): StepRule;
export function polyak(given?: PolyakOptions): StepRule<'truth'>;
export function polyak(given: PolyakOptions = {}): StepRule<'truth'> {
  const settings = parseOptions(schema, given, 'step rule "polyak"');
  return {
    id: 'polyak',
    ...(settings.optimum === undefined ? { requires: ['truth'], needs: ['optimum'] } : { requires: [] }),
    options: { ...settings },
    claims: ['deterministic'],
    readsPerStep: 1,
    start(context, geometry) {
      // The plan lets no objective pass that does not state it.
      const optimum = settings.optimum ?? context.problem.truth.optimum!;
      const { most = Infinity } = settings;
      const { device } = context;
      const { state, evaluate } = firstOrder(context);
      const { point, gradient, value } = state;
      const floor = 2e3 * unitRoundoff[device.dtype] * Math.abs(optimum);
      const numbers = context.scratch(2);
      const valueHere = device.view(numbers, 0, 1);
      return {
        state,
        init: evaluate,
        async step() {
          await geometry.refresh?.(value);
          const steepest = geometry.gradient(point, gradient);
          device.kernels.copy(value, valueHere);
          // |g|_x^2 = Df(x)[g], the Euclidean product of both gradients
          device.kernels.dot(gradient, steepest, numbers, 1);
          const [f = NaN, square = NaN] = await device.read(numbers);
          if (square === 0) return restsHere;
          if (f - optimum <= floor) return { stop: 'converged', rule: 'optimum', detail: `The value ${String(f)} has reached the optimum ${String(optimum)}.` };
          geometry.retract(point, -Math.min((f - optimum) / square, most), steepest, point);
          evaluate();
          return undefined;
        },
      };
    },
  };
}

export const polyakDefinition = {
  apiVersion: 1,
  id: 'polyak',
  summary: 'As far as a linear model falls to the known optimum.',
  whenToUse: 'When the least value is known exactly, as for fits without noise: no constant to choose.',
  formula: 't = (f(x) - f*) / |grad f(x)|^2',
  reference: 'Polyak 1969, doi:10.1016/0041-5553(69)90061-5; Tong, Ma and Chi 2021, arXiv:2010.13364',
  requires: ['truth'],
  options: schema,
  create: (given) => polyak(given),
} as const satisfies Definition<PolyakOptions, StepRule<'truth'>>;
