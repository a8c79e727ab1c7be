import { type Context, type Infer, number, type Optimizer, options, parseOptions, type Stepper, type Vec } from '@lowland/core';

import type { OptimizerDefinition } from '../definition.ts';
import type { FirstOrderState } from '../first-order.ts';
import { observedShare } from './observed-share.ts';

type Required = 'proximal' | 'spectral' | 'smoothness';

const schema = options({
  threshold: number({ above: 0, summary: 'tau; else 5 times the root of the number of cells (5 n for n x n).' }),
  step: number({ above: 0, summary: 'The step delta; else 1.2 of the cells for each observation.' }),
});
export type SingularValueThresholdingOptions = Partial<Infer<typeof schema>>;

interface DualState extends FirstOrderState {
  /** Y: zero outside of the observed cells. */
  dual: Vec;
}

/**
 * Singular value thresholding, SVT (Cai, Candès and Shen 2010, arXiv:0810.3286): Uzawa's method for
 *
 *     min tau |X|_* + 1/2 |X|_F^2   subject to a(X) = b:      X = D_tau(Y),   Y+ = Y - delta grad phi(X) = Y + delta P(M - X),
 *
 * D_tau lowering singular values by tau, phi = 1/2 |a(X) - b|^2. For large tau that is the interpolating matrix of least nuclear norm. Defaults as
 * there: tau = 5 n, delta = 1.2 / p, p the observed share of the cells, and Y = k delta P(M) at the start with k tau-sized, so that steps at which
 * X is still 0 are left out. Steps below 2 are proved to converge; those of the paper do where cells are drawn at random.
 *
 * The method has a start of its own: whatever point is given counts at iteration 0 alone. Values may rise. A gradient tolerance of 1e-4 is the
 * paper's stopping rule, |P(X - M)| <= 1e-4 |P(M)|, from the start at 0. For problems without a penalty, of exact data. Losses of unbounded curvature, for
 * which no step is safe, are refused: they have no `smoothness`.
 *
 * @throws LOWLAND_E_OPTIONS when an option is out of bounds
 */
export function singularValueThresholding(given: SingularValueThresholdingOptions = {}): Optimizer<Required, 'residual'> {
  const settings = parseOptions(schema, given, 'optimizer "singular-value-thresholding"');
  return {
    id: 'singular-value-thresholding',
    requires: ['proximal', 'spectral', 'smoothness'],
    uses: ['residual'],
    options: settings,
    claims: ['deterministic'],
    keeps: ['value', 'gradient'],
    readsPerStep: 1,
    start: (context) => start(context, settings),
  };
}

export const singularValueThresholdingDefinition: OptimizerDefinition<Infer<typeof schema>, Required, 'residual'> = {
  apiVersion: 1,
  id: 'singular-value-thresholding',
  summary: 'SVT: the matrix of least nuclear norm that interpolates the data, by Uzawa steps.',
  whenToUse: 'A baseline for exact completion where the rank is not known and nothing is to be traded for it.',
  formula: 'X = D_tau(Y), Y+ = Y + delta P(M - X), tau = 5 n, delta = 1.2 / p',
  reference: 'Cai, Candès and Shen 2010, arXiv:0810.3286',
  requires: ['proximal', 'spectral', 'smoothness'],
  options: schema,
  create: singularValueThresholding,
};

function start(context: Context<Required, 'residual'>, { threshold, step }: Infer<typeof schema>): Stepper<DualState> {
  const { problem, device } = context;
  const { proximal, spectral } = problem;
  const { axpy, dot, fill } = device.kernels;
  const state: DualState = { point: context.state(), value: context.state(1), gradient: context.state(), dual: context.state() };
  const { point, gradient, value, dual } = state;
  // Without a penalty phi is f.
  const evaluate = () => { proximal.valueAndGradient(point, value, gradient); };
  const cells = point.length;
  const tau = threshold ?? 5 * Math.sqrt(cells);
  const delta = step ?? 1.2 / observedShare(context, cells);
  const zero = context.scratch();
  const slope = context.scratch();
  const unused = context.scratch(1);

  return {
    state,
    async init() {
      fill(zero, 0);
      // -P(M); its Frobenius norm is no less than its largest singular value, so X would be 0 until here.
      proximal.valueAndGradient(zero, unused, slope);
      dot(slope, slope, unused);
      const size = Math.sqrt(await device.scalar(unused));
      fill(dual, 0);
      axpy(-delta * (size > 0 ? Math.max(1, Math.floor(tau / (delta * size))) : 1), slope, dual);
      evaluate();
    },
    async step() {
      await spectral.shrink(dual, tau, point);
      evaluate();
      axpy(-delta, gradient, dual);
    },
  };
}
