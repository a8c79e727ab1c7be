import { type Context, type Infer, integer, number, type Optimizer, options, parseOptions, unitRoundoff, type Vec } from '@lowland/core';

import type { OptimizerDefinition } from '../definition.ts';
import { firstOrder, type FirstOrderState, restsHere } from '../first-order.ts';
import { isRounding } from '../floor.ts';
import { newtonStep, newtonWork, superlinear } from '../newton/conjugate-gradient.ts';
import { normalProduct } from './normal-product.ts';

const schema = options({
  damping: number({ above: 0, default: 1e-3, summary: 'First mu, relative to the curvature of J^T J along the gradient.' }),
  acceptance: number({ min: 0, below: 0.5, default: 1e-4, summary: 'A step is taken when the value falls by more than this part of the prediction.' }),
  kappa: number({ above: 0, below: 1, default: 0.1, summary: 'Inner iterations stop at |(J^T J + mu) s + g| <= |g| min(kappa, sqrt(|g| / |g|_max)).' }),
  maxInner: integer({ min: 1, summary: 'Most inner iterations; else the number of variables.' }),
});
type Settings = Infer<typeof schema>;
export type LevenbergMarquardtOptions = Partial<Settings>;

interface LevenbergMarquardtState extends FirstOrderState {
  /** mu */
  damping: number;
  /** nu, the factor on mu at the next refusal. */
  growth: number;
  /** The largest squared gradient norm met. */
  largest: number;
}

/**
 * Levenberg and Marquardt's method for f = 1/2 |r(x)|^2: s about argmin |J s + r|^2 + mu |s|^2, that is (J^T J + mu) s = -grad f(x),
 * by conjugate gradients. With rho = (f(x) - f(x + s)) / predicted, mu is multiplied by max(1/3, 1 - (2 rho - 1)^3) after a step, by
 * 2, 4, 8, … after refusals in a row (Nielsen 1999; Madsen, Nielsen and Tingleff 2004). No step depends on the unit of the data.
 *
 * The gradient is that of f itself, penalties outside of the residual included; J^T J lacks their curvature then.
 *
 * Where the predicted decrease is below 4 eps |f|, or the gradient is rounding, values cannot tell: there a step is taken when the
 * gradient shrinks, and the run ends `stalled` by `precision-floor` when it does not.
 *
 * Two reads, one `jvp` and one `vjp` an inner iteration; two reads a step. Starts of zero gradient are left alone, saddles included.
 *
 * @throws LOWLAND_E_OPTIONS when an option is out of bounds
 */
export function levenbergMarquardt(given: LevenbergMarquardtOptions = {}): Optimizer<'valueAndGradient' | 'residual'> {
  const settings = parseOptions(schema, given, 'optimizer "levenberg-marquardt"');
  return {
    id: 'levenberg-marquardt',
    requires: ['valueAndGradient', 'residual'],
    options: { ...settings },
    claims: ['monotone', 'deterministic'],
    readsPerStep: 4,
    start: (context) => start(context, settings),
  };
}

export const levenbergMarquardtDefinition: OptimizerDefinition<Settings, 'valueAndGradient' | 'residual'> = {
  apiVersion: 1,
  id: 'levenberg-marquardt',
  summary: 'Damped least squares of the linearised residual: robust where Gauss-Newton overshoots.',
  whenToUse: 'For nonlinear least squares far from the solution, or with a Jacobian that is nearly singular.',
  formula: 'x+ = x + s, s about argmin |J(x) s + r(x)|^2 + mu |s|^2',
  reference: 'Levenberg 1944; Marquardt 1963, doi:10.1137/0111030; Madsen, Nielsen and Tingleff 2004',
  requires: ['valueAndGradient', 'residual'],
  options: schema,
  create: levenbergMarquardt,
};

function start(context: Context<'valueAndGradient' | 'residual'>, { damping, acceptance, kappa, maxInner }: Settings) {
  const { device } = context;
  const { axpy, copy, dot } = device.kernels;
  const { valueAndGradient } = context.problem;
  const { state: slots, evaluate } = firstOrder(context);
  const { point, value, gradient } = slots;
  const eps = 2 * unitRoundoff[device.dtype];
  const state: LevenbergMarquardtState = Object.assign(slots, { damping: 0, growth: 2, largest: 0 });
  const normal = normalProduct(context);
  const work = newtonWork(context);
  const trial = context.scratch();
  const trialGradient = context.scratch();
  const numbers = context.scratch(4);
  const trialValue = device.view(numbers, 0, 1);
  const presentValue = device.view(numbers, 1, 1);
  const system = {
    device,
    gradient,
    curvature(v: Vec, out: Vec) {
      normal(point, v, out);
      axpy(state.damping, v, out);
    },
  };
  const accuracy = {
    maxIterations: maxInner ?? point.length,
    forcing: (square: number) => superlinear(kappa, square, state.largest),
  };

  return {
    state,
    async init() {
      evaluate();
      normal(point, gradient, trial);
      dot(gradient, trial, numbers, 0);
      dot(gradient, gradient, numbers, 1);
      const [bend = NaN, square = NaN] = await device.read(numbers);
      if (bend > 0) state.damping = (damping * bend) / square;
    },
    async step() {
      const model = await newtonStep(system, work, accuracy);
      if (model.square === 0) return restsHere;
      state.largest = Math.max(state.largest, model.square);
      copy(point, trial);
      axpy(1, work.step, trial);
      valueAndGradient(trial, trialValue, trialGradient);
      copy(value, presentValue);
      dot(work.step, work.step, numbers, 2);
      dot(trialGradient, trialGradient, numbers, 3);
      const [after = NaN, before = NaN, stepSquare = NaN, newSquare = NaN] = await device.read(numbers);

      const accept = () => {
        copy(trial, point);
        copy(trialValue, value);
        copy(trialGradient, gradient);
      };
      // of the model without damping
      const predicted = model.decrease + 0.5 * state.damping * stepSquare;
      if (predicted <= 4 * eps * Math.abs(before) || isRounding(model.square, state.largest, device.dtype)) {
        if (!(newSquare < model.square)) return { stop: 'stalled', rule: 'precision-floor' } as const;
        accept();
        return undefined;
      }
      const rho = (before - after) / predicted;
      if (rho > acceptance) {
        accept();
        const t = 2 * rho - 1;
        state.damping *= Math.max(1 / 3, 1 - t * t * t);
        state.growth = 2;
      } else {
        state.damping *= state.growth;
        state.growth *= 2;
      }
      return undefined;
    },
  };
}
