import { type Infer, number, type Optimizer, options, parseOptions, unitRoundoff } from '@lowland/core';

import type { OptimizerDefinition } from '../definition.ts';
import { firstOrder, type FirstOrderState, restsHere } from '../first-order.ts';
import { dormandPrinceStep } from './dormand-prince.ts';
import { stepFactor } from './step-control.ts';

const schema = options({
  relativeTolerance: number({ above: 0, default: 1e-6, summary: 'Error of a step, relative to |x|.' }),
  absoluteTolerance: number({ above: 0, default: 1e-9, summary: 'Error of a step, a variable (root mean square).' }),
  firstStep: number({ min: 0, default: 0, summary: 'Length of the first step in time; 0: chosen from |x| / |grad f|.' }),
  endTime: number({ min: 0, default: 0, summary: 'Stop when this time is reached; 0: never.' }),
});
export type GradientFlowOptions = Partial<Infer<typeof schema>>;

interface GradientFlowState extends FirstOrderState {
  /** t. */
  time: number;
  /** The next step in time. */
  stepSize: number;
  /** Error of the last step over its tolerance. */
  error: number;
}

/**
 * Gradient flow, the limit of gradient descent for small steps:
 *
 *     x'(t) = -grad f(x(t)),
 *
 * by the embedded Runge-Kutta pair 5(4) of Dormand and Prince 1980 (doi:10.1016/0771-050X(80)90013-3), whose step is chosen so that
 * |error|_2 <= absoluteTolerance sqrt(n) + relativeTolerance |x|_2 (proportional-integral control, Söderlind 2003,
 * doi:10.1145/641876.641877). A step that raises f beyond rounding is rejected too: along the flow df/dt = -|grad f|^2. Where the
 * tolerances allow longer steps, stability keeps them near 3.3 / (largest curvature).
 *
 * It keeps what the flow keeps, to the tolerance: U^T U - V^T V of a factorisation U V^T, which gradient descent lets drift by O(step).
 * The state has the time `time`. One read a trial, six gradients a step. Starts of zero gradient are left alone, saddles included.
 *
 * @throws LOWLAND_E_OPTIONS when an option is out of bounds
 */
export function gradientFlow(given: GradientFlowOptions = {}): Optimizer<'gradient' | 'valueAndGradient'> {
  const chosen = parseOptions(schema, given, 'optimizer "gradient-flow"');
  const { relativeTolerance, absoluteTolerance, firstStep } = chosen;
  const endTime = chosen.endTime === 0 ? Infinity : chosen.endTime;
  return {
    id: 'gradient-flow',
    requires: ['gradient', 'valueAndGradient'],
    options: { ...chosen },
    claims: ['monotone', 'deterministic'],
    readsPerStep: 2,
    start(context) {
      const { device, problem } = context;
      const { copy, dot } = device.kernels;
      const { state: slots, evaluate } = firstOrder(context);
      const { point, gradient, value } = slots;
      const state: GradientFlowState = Object.assign(slots, { time: 0, stepSize: firstStep, error: 1 });
      const vectors = {
        slopes: [context.scratch(), context.scratch(), context.scratch(), context.scratch(), context.scratch()],
        reached: context.scratch(),
        slopeReached: context.scratch(),
      } as const;
      const error = vectors.slopes[0];
      // f at the start and at the end of the step, |error|^2, |x|^2 at both, |grad f|^2
      const numbers = context.scratch(6);
      const [valueBefore, valueReached] = [device.view(numbers, 0, 1), device.view(numbers, 1, 1)];
      const evaluateEnd = () => {
        problem.valueAndGradient(vectors.reached, valueReached, vectors.slopeReached);
      };
      const floor = absoluteTolerance * Math.sqrt(point.length);

      return {
        state,
        init: evaluate,
        async step() {
          if (state.time >= endTime) return { stop: 'converged', rule: 'end-time', detail: `t = ${state.time}` };
          dot(point, point, numbers, 3);
          dot(gradient, gradient, numbers, 5);
          copy(value, valueBefore);
          if (state.stepSize === 0) {
            const [, , , square = NaN, , slope = NaN] = await device.read(numbers);
            if (slope === 0) return restsHere;
            state.stepSize = (0.01 * (Math.sqrt(square) + floor)) / Math.sqrt(slope);
          }
          for (;;) {
            // Squares that overflow, a gradient that is not finite: no step is the right one, nor does a shorter one help.
            if (!(state.stepSize > 0 && state.stepSize < Infinity)) return { stop: 'stalled', rule: 'step-size' };
            const left = endTime - state.time;
            const last = state.stepSize >= left * (1 - 1e-12);
            const h = last ? left : state.stepSize;
            dormandPrinceStep(device, h, point, gradient, vectors, problem.gradient, evaluateEnd, error);
            dot(error, error, numbers, 2);
            dot(vectors.reached, vectors.reached, numbers, 4);
            const [before = NaN, reached = NaN, off = NaN, square = NaN, squareReached = NaN, slope = NaN] = await device.read(numbers);
            if (slope === 0) return restsHere;

            const ratio = Math.sqrt(off) / (floor + relativeTolerance * Math.sqrt(Math.max(square, squareReached)));
            const falls = reached <= before + 8 * unitRoundoff[device.dtype] * Math.abs(before);
            const accepted = ratio <= 1 && falls;
            // What is not finite is far too long a step.
            const factor = Number.isFinite(ratio) && Number.isFinite(reached) ? stepFactor(ratio, state.error) : 0.2;
            if (accepted) {
              state.time = last ? endTime : state.time + h;
              state.stepSize = h * factor;
              state.error = Math.max(ratio, 1e-4);
              copy(vectors.reached, point);
              copy(vectors.slopeReached, gradient);
              copy(valueReached, value);
              return undefined;
            }
            state.stepSize = h * Math.min(factor, falls ? 0.9 : 0.5);
            // Along so short a step x does not change any more.
            if (state.stepSize * Math.sqrt(slope) <= unitRoundoff[device.dtype] * Math.sqrt(square)) return { stop: 'stalled', rule: 'step-size' };
          }
        },
      };
    },
  };
}

export const gradientFlowDefinition: OptimizerDefinition<Infer<typeof schema>, 'gradient' | 'valueAndGradient'> = {
  apiVersion: 1,
  id: 'gradient-flow',
  summary: 'Follows the gradient flow to a tolerance: the path that gradient descent approximates.',
  whenToUse: 'To study the path itself: conserved quantities, implicit bias, which minimum a start flows to. To minimise, other methods are faster.',
  formula: "x'(t) = -grad f(x(t))",
  reference: 'Dormand and Prince 1980, doi:10.1016/0771-050X(80)90013-3',
  requires: ['gradient', 'valueAndGradient'],
  options: schema,
  create: gradientFlow,
};
