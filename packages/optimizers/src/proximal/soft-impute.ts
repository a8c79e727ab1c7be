import { type Context, type Infer, integer, number, type Optimizer, options, parseOptions, type Stepper, type Vec } from '@lowland/core';

import type { OptimizerDefinition } from '../definition.ts';
import type { FirstOrderState } from '../first-order.ts';

const schema = options({
  warmStarts: integer({ min: 0, max: 60, default: 0, summary: 'Solve for 2^k lambda first, k from this number down to 1.' }),
  tolerance: number({ min: 0, default: 1e-16, summary: 'Done where |Z+ - Z|^2 is at most this part of |Z|^2.' }),
});
type Required = 'proximal' | 'smoothness';
export type SoftImputeOptions = Partial<Infer<typeof schema>>;

interface SoftImputeState extends FirstOrderState {
  /** Z+, where the run goes next. */
  next: Vec;
  /** [psi(next)] */
  simple: Vec;
  /** lambda of the problem times 2^level is what is solved for. */
  level: number;
}

/**
 * Soft-Impute (Mazumder, Hastie and Tibshirani 2010): fill the unobserved cells from the last matrix, lower the singular values,
 *
 *     Z+ = S_lambda(P(M) + P^(Z)),   P the observed cells, P^ the others,
 *
 * for min 1/2 |P(Z - M)|^2 + lambda |Z|_*. The filled matrix is Z - grad phi(Z), in which form any phi with a Lipschitz constant L of its gradient
 * (`smoothness`) will do: Z+ = S_{lambda/L}(Z - grad phi(Z)/L), with weights W the filled matrix W/L o M + (1 - W/L) o Z. No step to choose, and the value never
 * rises. With warm starts it is still that of lambda, and may rise as long as a larger one is solved for.
 *
 * At a fixed point the singular values of P(M - Z) are at most lambda, and lambda along Z: that certifies the minimum.
 *
 * `gradient` is L (Z - Z+), zero at the minimiser alone. Ends `converged` by `relative-change`.
 *
 * Warm starts end at a relative change of 1e-8 each; the paper takes the whole path of lambdas.
 *
 * @throws LOWLAND_E_OPTIONS when an option is out of bounds
 */
export function softImpute(given: SoftImputeOptions = {}): Optimizer<Required> {
  const settings = parseOptions(schema, given, 'optimizer "soft-impute"');
  return {
    id: 'soft-impute',
    requires: ['proximal', 'smoothness'],
    options: settings,
    claims: settings.warmStarts === 0 ? ['monotone', 'deterministic'] : ['deterministic'],
    keeps: ['value', 'gradient'],
    readsPerStep: 2,
    start: (context) => start(context, settings),
  };
}

export const softImputeDefinition: OptimizerDefinition<Infer<typeof schema>, Required> = {
  apiVersion: 1,
  id: 'soft-impute',
  summary: 'Matrix completion with a nuclear norm: fill in what is missing, lower the singular values, repeat.',
  whenToUse: 'The classical baseline for completion with a penalty; nothing to choose. `proximal-gradient` accelerated needs fewer decompositions.',
  formula: 'Z+ = S_lambda(P(M) + P^(Z))',
  reference: 'Mazumder, Hastie and Tibshirani 2010, JMLR 11:2287-2322',
  requires: ['proximal', 'smoothness'],
  options: schema,
  create: softImpute,
};

const warmTolerance = 1e-8;

function start(context: Context<Required>, { warmStarts, tolerance }: Infer<typeof schema>): Stepper<SoftImputeState> {
  const { problem, device } = context;
  const { proximal, smoothness } = problem;
  const { axpy, copy, dot, scal } = device.kernels;
  const step = smoothness.constant > 0 ? 1 / smoothness.constant : 1;
  const state: SoftImputeState = {
    point: context.state(),
    value: context.state(1),
    gradient: context.state(),
    next: context.state(),
    simple: context.state(1),
    level: warmStarts,
  };
  const { point, value, gradient, next, simple } = state;
  const slope = context.scratch();
  const numbers = context.scratch(2);

  /** value = f(Z), next = S(Z - grad phi(Z) / L), gradient = L (Z - next); `simple` holds psi(Z). */
  const look = async () => {
    proximal.valueAndGradient(point, value, slope);
    axpy(1, simple, value);
    copy(point, next);
    axpy(-step, slope, next);
    await proximal.map(next, step * 2 ** state.level, next, simple);
    copy(point, gradient);
    axpy(-1, next, gradient);
    scal(1 / step, gradient);
  };
  return {
    state,
    async init() {
      // With a step of 0 the map gives psi there.
      await proximal.map(point, 0, point, simple);
      await look();
    },
    async step() {
      dot(gradient, gradient, numbers, 0);
      dot(next, next, numbers, 1);
      const [change = NaN, size = NaN] = await device.read(numbers);
      copy(next, point);
      const settled = change * step * step <= (state.level > 0 ? Math.max(tolerance, warmTolerance) : tolerance) * size;
      const done = settled && state.level === 0;
      if (settled && !done) state.level -= 1;
      await look();
      return done ? { stop: 'converged', rule: 'relative-change' } : undefined;
    },
  };
}
