import { choice, type Infer, integer, number, type Optimizer, options, parseOptions, type State, type Stepper, type Vec } from '@lowland/core';

import type { OptimizerDefinition } from '../definition.ts';
import { unlessOneFactor } from '../one-factor.ts';
import { createFrame } from './frame.ts';
import { notMeasured, optimal, type Optimality, optimalityTest } from './optimality.ts';

const schema = options({
  step: number({ above: 0, default: 0.004, summary: 'eta, the step of the point.' }),
  dualStep: number({ min: 0, default: 1, summary: 'sigma, the step of the multipliers; 0 leaves them as they are.' }),
  weight: number({ min: 0, default: 10, summary: 'beta, the weight of |c|^2 in the Lagrangian.' }),
  rank: integer({ min: 0, default: 0, summary: 'Columns of the small factor that stands for the point; 0: the point itself.' }),
  multipliers: choice(['zero', 'estimate'], { default: 'zero', summary: 'Where multipliers begin: at 0, or at the least-squares estimate.' }),
  tolerance: number({ min: 0, default: 1e-8, summary: 'Of feasibility and of the gradient of the Lagrangian, relative to their terms.' }),
  every: integer({ min: 1, default: 50, summary: 'Steps between two tests of the conditions.' }),
});
export type PrimalDualOptions = Partial<Infer<typeof schema>>;

interface PrimalDualState extends State, Optimality {
  multipliers: Vec;
  /** 1 + |c(0)| */
  size: number;
  sinceTest: number;
}

/**
 * Descent in the point and ascent in the multipliers of the augmented Lagrangian, L = phi + <l, c> + (beta/2) |c|^2:
 *
 *     x+ = x - eta grad L(x, l),   l+ = l + sigma c(x+)
 *
 * For min phi(U U^T), a(U U^T) = b this is U+ = (I - 2 eta S) U, the flow dU/dt = -2 S U of a merit function in steps, with multipliers
 * that follow it. Above eta = 2 / |Hess L| it diverges; the defaults suit traces and norms of order 1. Multipliers need not certify in the end, even where
 * the point is right (one column has too few directions to fix them).
 *
 * `rank` r > 0 holds U = W Q^T, W with r columns: see `createFrame`. A start of rank r takes the very steps of the method with r columns.
 * That it is rank-deficient and nearly feasible does not make its limit global: some such starts lead to spurious points.
 *
 * Ends as `converged` by `first-order-conditions`: |c| <= tolerance (1 + |c(0)|), |grad L| <= tolerance (1 + |grad phi| + |c'^T l|), tested every so
 * many steps. The slots `infeasibility` and `lagrangianGradient` hold what was found. Two evaluations of c and one gradient a step; no
 * reads between tests.
 *
 * Source: after Eftekhari 2022 (arXiv 2112.13269), of which the rule itself was not at hand: the linearised method of multipliers (Arrow,
 * Hurwicz, Uzawa 1958).
 *
 * @throws LOWLAND_E_OPTIONS when an option is out of bounds
 * @throws LOWLAND_E_FACTORS, LOWLAND_E_RANK, by the plan, where `rank` does not fit the variables
 */
export function primalDual(given: PrimalDualOptions = {}): Optimizer<'constraints'> {
  const { step, dualStep, weight, rank, multipliers, tolerance, every } = parseOptions(schema, given, 'optimizer "primal-dual"');
  return {
    id: 'primal-dual',
    requires: ['constraints'],
    ...(rank > 0 && { refuses: unlessOneFactor('primal-dual', 'optimizer', rank) }),
    options: { step, dualStep, weight, rank, multipliers, tolerance, every },
    claims: ['deterministic'],
    readsPerStep: 1,
    start(context): Stepper<PrimalDualState> {
      const { device, problem } = context;
      const { constraints } = problem;
      const { axpy } = device.kernels;
      const point = context.state();
      const frame = createFrame(context, point, context.state, rank);
      const { factor: x } = frame;
      const l = context.state(constraints.length);
      const state: PrimalDualState = {
        point,
        ...(frame.frame !== undefined && { factor: x, frame: frame.frame }),
        multipliers: l,
        ...notMeasured,
        size: NaN,
        sinceTest: 0,
      };
      const gradient = context.scratch(x.length);
      const c = context.scratch(constraints.length);
      const value = context.scratch(1);
      const optimality = optimalityTest(context, x.length, tolerance);

      const test = async () => {
        const { met, infeasibility, lagrangianGradient } = await optimality.at(x, l, state.size);
        Object.assign(state, { infeasibility, lagrangianGradient, sinceTest: 0 });
        return met ? optimal(state) : undefined;
      };
      return {
        state,
        async init() {
          await frame.split();
          if (multipliers === 'estimate') constraints.multipliers(x, l);
          state.size = await optimality.size();
        },
        step() {
          constraints.lagrangian(x, l, weight, value, gradient);
          axpy(-step, gradient, x);
          frame.join();
          constraints.evaluate(x, c);
          axpy(dualStep, c, l);
          return ++state.sinceTest >= every ? test() : undefined;
        },
      };
    },
  };
}

export const primalDualDefinition: OptimizerDefinition<Infer<typeof schema>, 'constraints'> = {
  apiVersion: 1,
  id: 'primal-dual',
  summary: 'Descent in the point and ascent in the multipliers of a constrained problem.',
  whenToUse: 'To study the primal-dual flow of a constrained problem: plain steps, no reads. It needs a step size; augmented-lagrangian does not.',
  formula: 'x+ = x - eta grad L(x, l), l+ = l + sigma c(x+), L = phi + <l, c> + (beta/2) |c|^2',
  reference: 'Arrow, Hurwicz, Uzawa 1958; Eftekhari 2022, arXiv:2112.13269',
  requires: ['constraints'],
  options: schema,
  create: primalDual,
};
