import { choice, type Context, type Infer, integer, number, type Optimizer, options, parseOptions, type Vec } from '@lowland/core';

import type { OptimizerDefinition } from '../definition.ts';
import { lsqr, lsqrWork } from './lsqr.ts';

const schema = options({
  variant: choice(['setting', 'averaging', 'updating'], {
    default: 'averaging',
    summary: 'What is shortest among the solutions: the new point, its difference to half the old one, its difference to the old one.',
  }),
  tolerance: number({ min: 0, default: 1e-14, summary: 'Where LSQR stops: |A^T r| <= tolerance |A|_F |r| or |r| <= tolerance |b|.' }),
  maxInner: integer({ min: 1, default: 2000, summary: 'Most iterations of LSQR.' }),
});
type Settings = Infer<typeof schema>;
export type GnmrOptions = Partial<Settings>;

/** c in |x+ - c x|: (1 - alpha) / 2 for the paper's alpha = 1, 0, -1. */
const kept: Readonly<Record<Settings['variant'], number>> = { setting: 0, averaging: 0.5, updating: 1 };

/**
 * GNMR, Gauss-Newton matrix recovery (Zilber and Nadler 2022, arXiv:2106.12933): the residual r is linearised at x = (U, V), and of
 * all least-squares solutions
 *
 *     x+ = argmin |x+ - c x|  over the minimisers of |r(x) + J(x) (x+ - x)|,   c = 0 (setting), 1/2 (averaging), 1 (updating),
 *
 * by LSQR for z = x+ - c x: J z = (1 - c) J x - r. For r = A(U V^T) - b these are the paper's equations with alpha = 1 - 2 c, since
 * J x = 2 A(U V^T). Recovers from almost as few observations as there are degrees of freedom, and does not mind ill conditioning.
 *
 * There is no step size and no line search: errors rise on the way, to above 1, before they fall quadratically. The paper starts at the
 * leading singular vectors of the zero-filled data, without their singular values; bring the data to that scale.
 *
 * Where r = 0 a step only moves along the orbit of x: to first order averaging takes the imbalance U^T U - V^T V away, updating leaves it,
 * and setting turns its sign.
 * So with setting the product U V^T itself keeps a distance to the solution; the paper reads its result from
 * U V'^T + U' V^T - U V^T instead. Hence the default here is averaging.
 *
 * Two reads, one `jvp` and one `vjp` an inner iteration; two reads a step.
 *
 * @throws LOWLAND_E_OPTIONS when an option is out of bounds
 */
export function gnmr(given: GnmrOptions = {}): Optimizer<'residual' | 'factors'> {
  const settings = parseOptions(schema, given, 'optimizer "gnmr"');
  return {
    id: 'gnmr',
    requires: ['residual', 'factors'],
    options: { ...settings },
    claims: ['deterministic'],
    readsPerStep: 2,
    start: (context) => start(context, settings),
  };
}

export const gnmrDefinition: OptimizerDefinition<Settings, 'residual' | 'factors'> = {
  apiVersion: 1,
  id: 'gnmr',
  summary: 'Gauss-Newton with least-norm steps: completion from very few observations.',
  whenToUse: 'For completion and sensing from few observations, near the number of degrees of freedom, where other methods end in bad places.',
  formula: 'x+ = argmin |x+ - c x| over the minimisers of |r(x) + J(x) (x+ - x)|',
  reference: 'Zilber and Nadler 2022, arXiv:2106.12933',
  requires: ['residual', 'factors'],
  options: schema,
  create: gnmr,
};

function start(context: Context<'residual' | 'factors'>, { variant, tolerance, maxInner }: Settings) {
  const { device } = context;
  const { axpy, copy, scal } = device.kernels;
  const { residual } = context.problem;
  const point = context.state();
  const right = context.scratch(residual.length);
  const image = context.scratch(residual.length);
  const work = lsqrWork(context, residual.length);
  const linearised = {
    device,
    apply: (x: Vec, out: Vec) => { residual.jvp(point, x, out); },
    applyTransposed: (y: Vec, out: Vec) => { residual.vjp(point, y, out); },
  };
  const keep = kept[variant];
  return {
    state: { point },
    async step() {
      residual.evaluate(point, right);
      scal(-1, right);
      if (keep < 1) {
        residual.jvp(point, point, image);
        axpy(1 - keep, image, right);
      }
      await lsqr(linearised, right, work, { tolerance, maxIterations: maxInner });
      if (keep === 0) copy(work.solution, point);
      else {
        scal(keep, point);
        axpy(1, work.solution, point);
      }
    },
  };
}
