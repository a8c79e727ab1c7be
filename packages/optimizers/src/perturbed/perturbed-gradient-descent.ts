import { type Context, type Optimizer, parseOptions, type Vec } from '@lowland/core';

import type { OptimizerDefinition } from '../definition.ts';
import { firstOrder, type FirstOrderState } from '../first-order.ts';
import { drawnBy, noiseKernels } from '../langevin/noise.ts';
import { type PerturbationOptions, perturbationSchema, type PerturbationSettings, thresholds } from './thresholds.ts';

interface PerturbedState extends FirstOrderState {
  /** x~, the point before the last noise, and its value. */
  anchor: Vec;
  anchorValue: number;
  /** t - t_noise */
  sinceNoise: number;
  perturbations: number;
  /** Delta_f */
  valueDrop: number;
}

/**
 * Perturbed gradient descent (Jin, Ge, Netrapalli, Kakade and Jordan 2017, arXiv:1703.00887, Algorithm 2):
 *
 *     if |grad f(x)| <= g_thres and t - t_noise > t_thres:  x~ = x, t_noise = t, x += uniform in the ball of radius r
 *     if t - t_noise = t_thres and f(x) - f(x~) > -f_thres: return x~
 *     x = x - eta grad f(x)
 *
 * It leaves strict saddles and rests at none, so it is stopped by its own return or a budget, as by default: a rule on the
 * gradient would end the run at the first saddle. `thresholds` gives the constants of both modes.
 *
 * One read a step, one more with noise.
 *
 * @throws LOWLAND_E_OPTIONS when an option is out of bounds
 */
export function perturbedGradientDescent(given: PerturbationOptions = {}): Optimizer<'valueAndGradient'> {
  const settings = parseOptions(perturbationSchema, given, 'optimizer "perturbed-gradient-descent"');
  return {
    id: 'perturbed-gradient-descent',
    requires: ['valueAndGradient'],
    options: { ...settings },
    claims: ['escapesSaddles'],
    readsPerStep: 2,
    ensemble: { method: 'perturbed-gradient-descent', parameters: (variables, value) => ensembleNumbers(settings, variables, value), noise: settings.noise },
    ...noiseKernels(settings.noise),
    start: (context) => start(context, settings),
  };
}

export const perturbedGradientDescentDefinition: OptimizerDefinition<PerturbationSettings, 'valueAndGradient'> = {
  apiVersion: 1,
  id: 'perturbed-gradient-descent',
  summary: 'Gradient descent that adds noise where the gradient is small, and so leaves strict saddles.',
  whenToUse: 'To leave strict saddles with gradients alone, with a guarantee in its theory mode. With Hessian-vector products `cubic-regularisation` and `trust-region` are faster.',
  formula: 'x+ = x - eta grad f(x); where |grad f| is small: x += uniform in the ball of radius r',
  reference: 'Jin, Ge, Netrapalli, Kakade and Jordan 2017, arXiv:1703.00887',
  requires: ['valueAndGradient'],
  options: perturbationSchema,
  create: perturbedGradientDescent,
};

function ensembleNumbers(settings: PerturbationSettings, variables: number, start: number): readonly number[] {
  const { step, radius, gradient, value, steps } = thresholds(settings, variables, settings.valueDrop ?? start);
  return [step, radius, gradient, value, steps, settings.stopWhenCertified ? 1 : 0];
}

function start(context: Context<'valueAndGradient'>, settings: PerturbationSettings) {
  const { device } = context;
  const { axpy, copy, dot } = device.kernels;
  const draw = drawnBy(device, settings.noise);
  const { state: slots, evaluate } = firstOrder(context);
  const { point, value, gradient } = slots;
  const variables = point.length;
  const state: PerturbedState = Object.assign(slots, {
    anchor: context.state(),
    anchorValue: Number.NaN,
    sinceNoise: Number.POSITIVE_INFINITY,
    perturbations: 0,
    valueDrop: settings.valueDrop ?? Number.NaN,
  });
  const numbers = context.scratch(2);
  const valueThere = device.view(numbers, 0, 1);
  const normals = context.scratch(variables + 2);
  const ball = device.view(normals, 0, variables);

  /** The first d coordinates of a uniform point of the sphere in d + 2 dimensions are uniform in the ball: no d-th root is drawn. */
  const perturb = async (radius: number) => {
    draw(context.random('perturbation', state.perturbations++), normals);
    dot(normals, normals, numbers);
    axpy(radius / Math.sqrt(await device.scalar(numbers)), ball, point);
    evaluate();
  };

  return {
    state,
    async init() {
      evaluate();
      if (settings.valueDrop === undefined) state.valueDrop = await device.scalar(value);
    },
    async step() {
      const bounds = thresholds(settings, variables, state.valueDrop);
      copy(value, valueThere);
      dot(gradient, gradient, numbers, 1);
      const [f = Number.NaN, square = Number.NaN] = await device.read(numbers);

      if (Math.sqrt(square) <= bounds.gradient && state.sinceNoise > bounds.steps) {
        copy(point, state.anchor);
        state.anchorValue = f;
        state.sinceNoise = 0;
        await perturb(bounds.radius);
      } else if (settings.stopWhenCertified && state.sinceNoise === bounds.steps && f - state.anchorValue > -bounds.value) {
        copy(state.anchor, point);
        evaluate();
        return { stop: 'converged', rule: 'second-order-stationary' } as const;
      }
      axpy(-bounds.step, gradient, point);
      evaluate();
      state.sinceNoise++;
      return undefined;
    },
  };
}
