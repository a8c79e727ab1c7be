import { type Definition, options, type Vec } from '@lowland/core';

import { firstOrder, restsHere } from '../first-order.ts';
import type { StepRule } from './step-rule.ts';

/**
 * The step that is exact for the residual's linearisation: f = 1/2 |r|^2 along -v, v the gradient in the geometry, is least at
 *
 *     t = <grad f, v> / |J v|^2,   J the derivative of r at x
 *
 * as far as r is linear. On matrices of fixed rank with r = a(X) - data it is |P G|^2 / |a(P G)|^2, the exact step along the tangent
 * (Wei, Cai, Chan and Leung 2016, arXiv:1603.06610); in the geometry `scaled` it is a step of Gauss-Newton length. No search guards it:
 * the value may rise.
 *
 * One read and one product with J a step.
 */
export function linearised(): StepRule<'residual'> {
  return {
    id: 'linearised',
    requires: ['residual'],
    options: {},
    claims: ['deterministic'],
    readsPerStep: 1,
    start(context, geometry) {
      const { device } = context;
      const { dot } = device.kernels;
      const { residual } = context.problem;
      const { state, evaluate } = firstOrder(context);
      const { point, gradient, value } = state;
      const image = context.scratch(residual.length);
      const numbers = context.scratch(2);
      return {
        state,
        init: evaluate,
        async step() {
          await geometry.refresh?.(value);
          const steepest: Vec = geometry.gradient(point, gradient);
          residual.jvp(point, steepest, image);
          dot(gradient, steepest, numbers, 0);
          dot(image, image, numbers, 1);
          const [slope = NaN, square = NaN] = await device.read(numbers);
          if (slope === 0) return restsHere;
          geometry.retract(point, -slope / square, steepest, point);
          evaluate();
          return undefined;
        },
      };
    },
  };
}

export const linearisedDefinition = {
  apiVersion: 1,
  id: 'linearised',
  summary: 'Exact for the linearised residual: no trial, and no step to choose.',
  whenToUse: 'For least-squares problems: a good step at the cost of one product with the Jacobian.',
  formula: 't = <grad f, v> / |J v|^2',
  reference: 'Wei, Cai, Chan and Leung 2016, arXiv:1603.06610; Vandereycken 2013, arXiv:1209.3834',
  requires: ['residual'],
  options: options({}),
  create: linearised,
} as const satisfies Definition<object, StepRule<'residual'>>;
