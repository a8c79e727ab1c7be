import type { Context, Stepper, Vec } from '@lowland/core';
import { wolfeSearch } from '@lowland/linalg';

import { firstOrder, type FirstOrderState, restsHere } from '../first-order.ts';
import { atFloor, type FloorMemory, noFloorYet } from '../floor.ts';
import { flatLines } from '../gradient-descent/geometry.ts';
import { createLine } from '../line.ts';
import { newtonStep, newtonWork, superlinear } from './conjugate-gradient.ts';

export interface LineSearchNewtonSettings {
  readonly kappa: number;
  readonly maxInner?: number | undefined;
  readonly decrease: number;
  readonly curvature: number;
}

interface LineSearchNewtonState extends FirstOrderState, FloorMemory {}

/**
 * x+ = x + t s with H s about -grad f(x) by conjugate gradients and t by a strong Wolfe search from 1. What H is (the Hessian,
 * Gauss and Newton's J^T J) is the caller's: out = H(x) v.
 */
export function lineSearchNewton(
  context: Context<'valueAndGradient'>,
  curvature: (x: Vec, v: Vec, out: Vec) => void,
  { kappa, maxInner, ...wolfe }: LineSearchNewtonSettings,
): Stepper<LineSearchNewtonState> {
  const { device } = context;
  const { state: slots, evaluate } = firstOrder(context);
  const state: LineSearchNewtonState = Object.assign(slots, noFloorYet);
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
      if (!(sample.slope < 0) || atFloor(state, model.square, model.decrease, sample.value, device.dtype)) {
        return { stop: 'stalled', rule: 'precision-floor' } as const;
      }
      const found = await wolfeSearch(line.at, sample, 1, { ...wolfe, dtype: device.dtype });
      if (found.accepted === undefined) return { stop: 'stalled', rule: found.failure } as const;
      line.accept();
      return undefined;
    },
  };
}
