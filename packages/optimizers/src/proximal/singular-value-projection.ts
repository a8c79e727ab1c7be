import { type Context, type Infer, integer, number, type Optimizer, options, parseOptions, type Stepper } from '@lowland/core';

import type { OptimizerDefinition } from '../definition.ts';
import type { FirstOrderState } from '../first-order.ts';
import { observedShare } from './observed-share.ts';

type Required = 'proximal' | 'spectral' | 'smoothness';

const schema = options({
  rank: integer({ min: 1, default: 1, summary: 'The rank r that is kept.' }),
  step: number({ above: 0, summary: 'The step eta; else 3/4 of the cells for each observation.' }),
  tolerance: number({ min: 0, default: 1e-10, summary: 'Done where |X+ - X| is at most this part of |X|.' }),
});
export type SingularValueProjectionOptions = Partial<Infer<typeof schema>>;

/**
 * Singular value projection, SVP (Meka, Jain and Dhillon 2010, arXiv:0909.5457): gradient steps on X, cut back to rank r,
 *
 *     X+ = H_r(X - eta grad phi(X)),   H_r keeping the r leading singular triples,
 *
 * for min phi(X) over matrices of rank at most r. Measurements with a restricted isometry constant delta_2r < 1/3 are recovered from, linearly, with
 * eta = 1 / (1 + delta_2r); for completion the default is 3 / (4 p), p the observed share of the cells. The rank has to be known. Not convex: the
 * point is certified only where it fits exactly.
 *
 * Ends `converged` by `relative-change`. For problems without a penalty: a nuclear norm would be ignored. Losses of unbounded curvature, for
 * which no step is safe, are refused: they have no `smoothness`.
 *
 * @throws LOWLAND_E_OPTIONS when an option is out of bounds
 */
export function singularValueProjection(given: SingularValueProjectionOptions = {}): Optimizer<Required, 'residual'> {
  const settings = parseOptions(schema, given, 'optimizer "singular-value-projection"');
  return {
    id: 'singular-value-projection',
    requires: ['proximal', 'spectral', 'smoothness'],
    uses: ['residual'],
    options: settings,
    claims: ['deterministic'],
    keeps: ['value', 'gradient'],
    readsPerStep: 2,
    start: (context) => start(context, settings),
  };
}

export const singularValueProjectionDefinition: OptimizerDefinition<Infer<typeof schema>, Required, 'residual'> = {
  apiVersion: 1,
  id: 'singular-value-projection',
  summary: 'SVP: gradient steps on X, cut back to a known rank.',
  whenToUse: 'A baseline for exact data of known rank without a penalty.',
  formula: 'X+ = H_r(X - eta grad phi(X)), eta = 3 / (4 p)',
  reference: 'Meka, Jain and Dhillon 2010, arXiv:0909.5457',
  requires: ['proximal', 'spectral', 'smoothness'],
  options: schema,
  create: singularValueProjection,
};

function start(context: Context<Required, 'residual'>, { rank, step, tolerance }: Infer<typeof schema>): Stepper<FirstOrderState> {
  const { problem, device } = context;
  const { proximal, spectral } = problem;
  const { axpy, copy, dot } = device.kernels;
  const state: FirstOrderState = { point: context.state(), value: context.state(1), gradient: context.state() };
  const { point, gradient, value } = state;
  // Without a penalty phi is f.
  const evaluate = () => { proximal.valueAndGradient(point, value, gradient); };
  const eta = step ?? 0.75 / observedShare(context, point.length);
  const before = context.scratch();
  const numbers = context.scratch(2);

  return {
    state,
    init: evaluate,
    async step() {
      copy(point, before);
      axpy(-eta, gradient, point);
      await spectral.truncate(point, rank, point);
      axpy(-1, point, before);
      dot(before, before, numbers, 0);
      dot(point, point, numbers, 1);
      const [change = NaN, size = NaN] = await device.read(numbers);
      evaluate();
      return change <= tolerance * tolerance * size ? { stop: 'converged', rule: 'relative-change' } : undefined;
    },
  };
}
