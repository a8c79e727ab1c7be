import { type Context, type Stepper, unitRoundoff, type Vec } from '@lowland/core';
import { wolfeSearch } from '@lowland/linalg';

import { firstOrder, type FirstOrderState, restsHere } from '../first-order.ts';
import { isRounding } from '../floor.ts';
import { flatLines } from '../gradient-descent/geometry.ts';
import { createLine } from '../line.ts';
import { newtonStep, newtonWork, superlinear } from './conjugate-gradient.ts';

export interface LineSearchNewtonSettings {
  readonly kappa: number;
  readonly maxInner?: number | undefined;
  readonly decrease: number;
  readonly curvature: number;
}

interface LineSearchNewtonState extends FirstOrderState {
  /** The largest squared gradient norm met. */
  largest: number;
  /** The lowest one since values could not tell. */
  lowest: number;
}

/**
 * x+ = x + t s with H s about -grad f(x) by conjugate gradients and t by a strong Wolfe search from 1. What H is (the Hessian,
 * Gauss and Newton's J^T J) is the caller's: out = H(x) v.
 *
 * Where the predicted decrease is below 4 eps |f|, or the gradient is rounding, values cannot tell. There the run goes on while
 * gradients shrink, and ends `stalled` by `precision-floor` once they do not.
 */
export function lineSearchNewton(
  context: Context<'valueAndGradient'>,
  curvature: (x: Vec, v: Vec, out: Vec) => void,
  { kappa, maxInner, ...wolfe }: LineSearchNewtonSettings,
): Stepper<LineSearchNewtonState> {
  const { device } = context;
  const { state: slots, evaluate } = firstOrder(context);
  const state: LineSearchNewtonState = Object.assign(slots, { largest: 0, lowest: Infinity });
  const eps = 2 * unitRoundoff[device.dtype];
  const { point, gradient } = state;
  const line = createLine(context, flatLines(context), state);
  const work = newtonWork(context);
  const system = { device, gradient, curvature: (v: Vec, out: Vec) => { curvature(point, v, out); } };
  const accuracy = {
    maxIterations: maxInner ?? point.length,
    forcing: (square: number) => superlinear(kappa, square, state.largest),
  };
  return {
    state,
    init: evaluate,
    async step() {
      const model = await newtonStep(system, work, accuracy);
      if (model.square === 0) return restsHere;
      const sample = await line.start(work.step, 1);
      state.largest = Math.max(state.largest, model.square);
      const blind = model.decrease <= 4 * eps * Math.abs(sample.value) || isRounding(model.square, state.largest, device.dtype);
      if (!(sample.slope < 0) || (blind && !(model.square < state.lowest))) return { stop: 'stalled', rule: 'precision-floor' } as const;
      state.lowest = blind ? model.square : Infinity;
      const found = await wolfeSearch(line.at, sample, 1, { ...wolfe, dtype: device.dtype });
      if (found.accepted === undefined) return { stop: 'stalled', rule: blind ? 'precision-floor' : found.failure } as const;
      line.accept();
      return undefined;
    },
  };
}
