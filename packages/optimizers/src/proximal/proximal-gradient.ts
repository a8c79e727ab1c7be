import { boolean, type Context, type Infer, number, type Optimizer, options, parseOptions, type Stepper, type Vec } from '@lowland/core';

import type { OptimizerDefinition } from '../definition.ts';
import type { FirstOrderState } from '../first-order.ts';

const schema = options({
  step: number({ above: 0, summary: 'The step s, the first one where it is searched; else 1 / L, or 1 where no L is known.' }),
  backtracking: boolean({ summary: 'Halve the step until phi lies below its quadratic model; else only where no L is known.' }),
  accelerated: boolean({ default: false, summary: 'Extrapolate: FISTA.' }),
  restart: boolean({ default: true, summary: 'Accelerated: forget the momentum where it leads uphill; one read a step.' }),
});
export type ProximalGradientOptions = Partial<Infer<typeof schema>>;

interface ProximalState extends FirstOrderState {
  /** The proximal step from the extrapolated point, where the run goes next. */
  next: Vec;
  /** [phi(next)], [psi(next)] */
  smooth: Vec;
  simple: Vec;
  /** grad phi(next) */
  slope: Vec;
  step: number;
  /** t of the sequence. */
  t: number;
}

/**
 * The proximal gradient method for f = phi + psi, phi smooth and psi with a cheap proximal map (ISTA; Lions and Mercier 1979,
 * doi:10.1137/0716071):
 *
 *     x+ = prox_{s psi}(y - s grad phi(y)),   y = x,
 *
 * and accelerated y = x + (t - 1)/t+ (x - x_before), t+ = (1 + sqrt(1 + 4 t^2)) / 2 (FISTA; Beck and Teboulle 2009,
 * doi:10.1137/080716542), with t = 1 again where <y - x+, x+ - x> > 0 (O'Donoghue and Candès 2012, arXiv:1204.3982).
 *
 * With a nuclear norm the map lowers singular values: one decomposition a step. f(x_k) - f* falls as 1/k with s <= 1 / L, as 1/k^2
 * accelerated; at the end often linearly. Values never rise unless accelerated.
 *
 * Backtracking halves s until phi(x+) <= phi(y) + <grad phi(y), x+ - y> + |x+ - y|^2 / (2 s), by gradients where values no longer tell.
 *
 * `gradient` is that of the step, (y - x+) / s: zero at minimisers alone, and where psi is zero the gradient itself. It belongs to y,
 * which is the point unless accelerated.
 *
 * @throws LOWLAND_E_OPTIONS when an option is out of bounds
 */
export function proximalGradient(given: ProximalGradientOptions = {}): Optimizer<'proximal', 'smoothness'> {
  const settings = parseOptions(schema, given, 'optimizer "proximal-gradient"');
  const { accelerated, restart } = settings;
  return {
    id: 'proximal-gradient',
    requires: ['proximal'],
    uses: ['smoothness'],
    options: settings,
    claims: accelerated ? ['deterministic'] : ['monotone', 'deterministic'],
    keeps: ['value', 'gradient'],
    // The proximal map, the test of a restart, and that of a step.
    readsPerStep: 2 + (accelerated && restart ? 1 : 0),
    start: (context) => start(context, settings),
  };
}

export const proximalGradientDefinition: OptimizerDefinition<Infer<typeof schema>, 'proximal', 'smoothness'> = {
  apiVersion: 1,
  id: 'proximal-gradient',
  summary: 'Proximal gradient method on X itself, plain (ISTA) or accelerated (FISTA).',
  whenToUse: 'The convex baseline: it needs no rank and no luck, and a decomposition of the whole matrix a step. Accelerate it when it counts.',
  formula: 'X+ = S_{s lambda}(Y - s grad phi(Y)), S lowering singular values',
  reference: 'Lions and Mercier 1979, doi:10.1137/0716071; Beck and Teboulle 2009, doi:10.1137/080716542; Toh and Yun 2010',
  requires: ['proximal'],
  options: schema,
  create: proximalGradient,
};

/** Relative differences of values below this are rounding: gradients decide. */
const tellingDifference = 1e-10;

function start(context: Context<'proximal', 'smoothness'>, { step: given, backtracking: searches, accelerated, restart }: Infer<typeof schema>): Stepper<ProximalState> {
  const { problem, device } = context;
  const { proximal } = problem;
  const { axpy, copy, dot, scal } = device.kernels;
  const { constant = 0 } = problem.smoothness ?? {};
  const backtracking = searches ?? problem.smoothness === undefined;
  const state: ProximalState = {
    point: context.state(),
    value: context.state(1),
    gradient: context.state(),
    next: context.state(),
    smooth: context.state(1),
    simple: context.state(1),
    slope: context.state(),
    step: given ?? (constant > 0 ? 1 / constant : 1),
    t: 1,
  };
  const { point, value, gradient, next, smooth, simple, slope } = state;
  const ahead = context.scratch();
  const displacement = context.scratch();
  const aheadSmooth = context.scratch(1);
  const aheadSlope = context.scratch();
  const numbers = context.scratch(5);
  const slot = (k: number) => device.view(numbers, k, 1);

  /** next = prox(y - s g) with phi, its gradient and psi there; displacement = next - y. */
  const propose = async (y: Vec, g: Vec) => {
    copy(y, next);
    axpy(-state.step, g, next);
    await proximal.map(next, state.step, next, simple);
    copy(next, displacement);
    axpy(-1, y, displacement);
    proximal.valueAndGradient(next, smooth, slope);
  };
  /** phi(next) <= phi(y) + <g, d> + |d|^2 / (2 s) for d = next - y. */
  const isBelowModel = async (phi: Vec, g: Vec): Promise<boolean> => {
    copy(phi, slot(0));
    copy(smooth, slot(1));
    dot(g, displacement, numbers, 2);
    dot(slope, displacement, numbers, 3);
    dot(displacement, displacement, numbers, 4);
    const [before = NaN, after = NaN, descent = NaN, slopeThere = NaN, square = NaN] = await device.read(numbers);
    if (Math.abs(after - before) > tellingDifference * Math.abs(before) || !Number.isFinite(after)) return after <= before + descent + square / (2 * state.step);
    return slopeThere - descent <= square / state.step;
  };
  /** From y with phi(y) and g = grad phi(y), which may be the slots of `next`. */
  const look = async (y: Vec, phi: Vec, g: Vec) => {
    if (phi !== aheadSmooth) copy(phi, aheadSmooth);
    if (g !== aheadSlope) copy(g, aheadSlope);
    await propose(y, aheadSlope);
    if (backtracking) {
      while (!(await isBelowModel(aheadSmooth, aheadSlope)) && state.step > Number.MIN_VALUE) {
        state.step /= 2;
        await propose(y, aheadSlope);
      }
    }
    copy(displacement, gradient);
    scal(-1 / state.step, gradient);
  };

  return {
    state,
    async init() {
      // With a step of 0 the map gives psi there, and moves a start outside of the cone to the nearest point of it.
      await proximal.map(point, 0, point, simple);
      proximal.valueAndGradient(point, smooth, slope);
      copy(smooth, value);
      axpy(1, simple, value);
      await look(point, smooth, slope);
    },
    async step() {
      copy(next, displacement);
      axpy(-1, point, displacement);
      if (accelerated && restart) {
        // y - next is the gradient times the step.
        dot(gradient, displacement, numbers, 0);
        if ((await device.scalar(numbers)) > 0) state.t = 1;
      }
      copy(next, point);
      copy(smooth, value);
      axpy(1, simple, value);
      if (!accelerated) return look(point, smooth, slope);
      const { t } = state;
      state.t = (1 + Math.sqrt(1 + 4 * t * t)) / 2;
      copy(point, ahead);
      axpy((t - 1) / state.t, displacement, ahead);
      proximal.valueAndGradient(ahead, aheadSmooth, aheadSlope);
      return look(ahead, aheadSmooth, aheadSlope);
    },
  };
}
