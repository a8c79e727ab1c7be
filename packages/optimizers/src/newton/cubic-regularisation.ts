import { type Context, type Infer, integer, number, type Optimizer, options, parseOptions, unitRoundoff, type Vec } from '@lowland/core';
import { symmetricEigen } from '@lowland/linalg';

import type { OptimizerDefinition } from '../definition.ts';
import { firstOrder, type FirstOrderState } from '../first-order.ts';
import { isRounding } from '../floor.ts';
import { superlinear } from './conjugate-gradient.ts';
import { minimizeCubic } from './cubic-model.ts';
import { Krylov } from './krylov.ts';

const schema = options({
  sigma: number({ above: 0, summary: 'First sigma; else the largest curvature over the length of the point or of the residual, the longer one.' }),
  acceptance: number({ above: 0, below: 0.5, default: 0.1, summary: 'A step is taken when the value falls by more than this part of the prediction.' }),
  kappa: number({ above: 0, below: 1, default: 0.1, summary: 'Inner iterations stop where the gradient of the model is at most |g| min(kappa, sqrt(|g| / |g|_max)).' }),
  maxInner: integer({ min: 1, default: 50, summary: 'Most inner iterations. So many vectors are kept.' }),
  look: number({ min: 0, default: 1e-3, summary: 'Looks for negative curvature from a random vector too where |g| <= look |g|_max.' }),
  tolerance: number({ min: 0, default: 1e-10, summary: 'Ends where |g| <= tolerance |g|_max and no negative curvature was found.' }),
});
type Settings = Infer<typeof schema>;
export type CubicRegularisationOptions = Partial<Settings>;

interface CubicState extends FirstOrderState {
  sigma: number;
  /** The largest squared gradient norm met. */
  largest: number;
  /** Random vectors drawn. */
  looks: number;
  /** Look from a random vector whatever the gradient: without one the run would end here. */
  mustLook: boolean;
}

/**
 * Newton's method with cubic regularisation (Nesterov and Polyak 2006, doi:10.1007/s10107-006-0706-8; adaptive with a Lanczos
 * subsolver: Cartis, Gould and Toint 2011, doi:10.1007/s10107-009-0286-5):
 *
 *     s about argmin <g, s> + 1/2 <s, H s> + (sigma / 6) |s|^3,   H = Hess f(x),
 *
 * the global minimum over a Krylov space of H, first that of g. sigma doubles until the value falls by enough, and halves after
 * steps that kept 0.9 of their promise. It leaves strict saddles: where gradients are small the space begins with a random vector as
 * well, and the model follows what negative curvature it holds.
 *
 * Ends `converged` by `second-order-stationary` where the gradient is within the tolerance, or at its floor, and the least Ritz value of H is above
 * -max(1e-8 |H|, sqrt(sigma |g|)): a Ritz value from min(n, maxInner) products, no proof. The floor is where it is rounding, or where |g|^2 / (2 |H|), what
 * it promises without sigma, is no more than rounding of the value. `stalled` by `precision-floor` where negative curvature is there and values cannot tell,
 * by `regularisation` when no sigma makes the value fall, as at the end of the domain of f. The value never rises beyond rounding. Two reads a step and one
 * a trial, one read and one Hessian-vector product an inner iteration; maxInner + 2 vectors of memory.
 *
 * @throws LOWLAND_E_OPTIONS when an option is out of bounds
 */
export function cubicRegularisation(given: CubicRegularisationOptions = {}): Optimizer<'valueAndGradient' | 'hessianVectorProduct'> {
  const settings = parseOptions(schema, given, 'optimizer "cubic-regularisation"');
  return {
    id: 'cubic-regularisation',
    requires: ['valueAndGradient', 'hessianVectorProduct'],
    options: { ...settings },
    claims: ['monotone', 'escapesSaddles'],
    readsPerStep: 4,
    start: (context) => start(context, settings),
  };
}

export const cubicRegularisationDefinition: OptimizerDefinition<Settings, 'valueAndGradient' | 'hessianVectorProduct'> = {
  apiVersion: 1,
  id: 'cubic-regularisation',
  summary: 'Newton steps that a cubic term keeps short; leaves strict saddles and ends at second-order points.',
  whenToUse: 'When the end is to be a second-order point whatever the start: it passes saddles in a few steps. Each step costs a small Krylov space.',
  formula: 'x+ = x + s, s about argmin <g, s> + 1/2 <s, H s> + (sigma / 6) |s|^3',
  reference: 'Nesterov and Polyak 2006, doi:10.1007/s10107-006-0706-8; Cartis, Gould and Toint 2011, doi:10.1007/s10107-009-0286-5',
  requires: ['valueAndGradient', 'hessianVectorProduct'],
  options: schema,
  create: cubicRegularisation,
};

function start(context: Context<'valueAndGradient' | 'hessianVectorProduct'>, settings: Settings) {
  const { acceptance, kappa, look, tolerance } = settings;
  const { device } = context;
  const { axpy, copy, dot, normal } = device.kernels;
  const { hessianVectorProduct, valueAndGradient } = context.problem;
  const { state: slots, evaluate } = firstOrder(context);
  const { point, value, gradient } = slots;
  const state: CubicState = Object.assign(slots, { sigma: settings.sigma ?? NaN, largest: 0, looks: 0, mustLook: false });
  const eps = 2 * unitRoundoff[device.dtype];
  const most = Math.min(settings.maxInner, point.length);
  const krylov = new Krylov(context, point.length, most);
  const draws = context.scratch();
  const step = context.scratch();
  const trial = context.scratch();
  const trialGradient = context.scratch();
  const numbers = context.scratch(3);
  const head = device.view(numbers, 0, 1);
  const hessian = (v: Vec, out: Vec) => { hessianVectorProduct(point, v, out); };

  /** Grows the space until the model is solved well enough, and its curvature known where it is looked for. */
  const explore = async (square: number, f: number, pointSquare: number, looking: boolean) => {
    const slope = Math.sqrt(square);
    krylov.clear();
    if (square > 0) await krylov.add(gradient);
    if (looking) {
      normal(context.random('curvature', state.looks++), draws);
      await krylov.add(draws);
    }
    let check = 1;
    for (;;) {
      await krylov.multiply(hessian);
      const k = krylov.products;
      const last = krylov.complete || k >= most;
      if (!last && k < check) continue;
      const eigen = symmetricEigen(krylov.projected());
      const lowest = eigen.values[k - 1]!;
      const size = Math.max(Math.abs(eigen.values[0]!), Math.abs(lowest));
      if (Number.isNaN(state.sigma)) state.sigma = firstSigma(size, f, pointSquare);
      const model = minimizeCubic(eigen, slope, state.sigma);
      const solved = krylov.outside(model.step) <= slope * superlinear(kappa, square, state.largest);
      if (last || (solved && (!looking || lowest < -1e-2 * size))) {
        const curved = lowest < -Math.max(1e-8 * size, Math.sqrt(state.sigma * slope));
        return { eigen, model, size, slope, curved };
      }
      check = k + Math.max(1, k >> 2);
    }
  };

  return {
    state,
    init: evaluate,
    async step() {
      copy(value, head);
      dot(gradient, gradient, numbers, 1);
      dot(point, point, numbers, 2);
      const [before = NaN, square = NaN, pointSquare = NaN] = await device.read(numbers);
      state.largest = Math.max(state.largest, square);
      const looking = state.mustLook || square <= look * look * state.largest;
      const { eigen, size, slope, curved, model: first } = await explore(square, before, pointSquare, looking);
      const secondOrder = { stop: 'converged', rule: 'second-order-stationary' } as const;
      if (looking && !curved && square <= tolerance * tolerance * state.largest) return secondOrder;

      const valueRounding = 4 * eps * Math.abs(before);
      const gradientIsRounding = !curved && isRounding(square, state.largest, device.dtype);
      // Of a large sigma every model promises little.
      const atItsFloor = gradientIsRounding || square <= 2 * size * valueRounding;
      for (let model = first; Number.isFinite(state.sigma); model = minimizeCubic(eigen, slope, state.sigma)) {
        krylov.combine(model.step, step);
        copy(point, trial);
        axpy(1, step, trial);
        valueAndGradient(trial, head, trialGradient);
        dot(trialGradient, trialGradient, numbers, 1);
        const [after = NaN, newSquare = NaN] = await device.read(numbers);
        const rounding = model.decrease <= valueRounding || gradientIsRounding;
        const rho = (before - after) / model.decrease;
        if (rounding && !(newSquare < square)) {
          if (looking && !atItsFloor) return { stop: 'stalled', rule: 'regularisation' } as const;
          if (looking) return curved ? ({ stop: 'stalled', rule: 'precision-floor' } as const) : secondOrder;
          state.mustLook = true;
          return undefined;
        }
        if (rounding || rho > acceptance) {
          if (rho >= 0.9 && !rounding) state.sigma /= 2;
          state.mustLook = false;
          copy(trial, point);
          copy(head, value);
          copy(trialGradient, gradient);
          return undefined;
        }
        state.sigma *= 2;
      }
      return { stop: 'stalled', rule: 'regularisation' } as const;
    },
  };
}

/** Curvature over length: what the third derivative is about. The length of the point, or that of a residual of this value. */
function firstSigma(curvature: number, value: number, pointSquare: number): number {
  if (curvature === 0) return 1;
  const length = Math.sqrt(Math.max(pointSquare, (2 * Math.abs(value)) / curvature));
  return length > 0 ? curvature / length : curvature;
}
