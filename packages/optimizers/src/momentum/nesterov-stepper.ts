import type { Context, Stepper, Vec } from '@lowland/core';

import { firstOrder, type FirstOrderState } from '../first-order.ts';
import type { BoundGeometry } from '../gradient-descent/geometry.ts';
import { createMove } from './move.ts';

export interface NesterovSettings {
  readonly step: number;
  /** beta; absent: the increasing sequence. */
  readonly momentum: number | undefined;
  readonly restart: boolean;
}

export interface NesterovState extends FirstOrderState {
  /** y - x: how far the extrapolated point, which is `point`, lies ahead of the iterate. */
  lead: Vec;
  step: number;
  /** beta where it is constant, else NaN. */
  momentum: number;
  /** t of the sequence. */
  t: number;
}

/**
 * The steps of Nesterov's method at its extrapolated points. With w = y - x,
 *
 *     v = w - s g(y),   x+ = y - s g(y),   w+ = beta v,   y+ = x+ + w+ = y + (w+ - s g(y)).
 *
 * So one evaluation a step is at the point of the state. `step` and `momentum` are slots: a method may set them at its start.
 */
export function nesterovStepper(
  context: Context<'valueAndGradient'>,
  geometry: BoundGeometry,
  { step, momentum = NaN, restart }: NesterovSettings,
): Stepper<NesterovState> {
  const { device } = context;
  const { axpy, copy, dot, fill, scal } = device.kernels;
  const { state: slots, evaluate } = firstOrder(context);
  const { point, gradient, value } = slots;
  const lead = context.state();
  const state: NesterovState = Object.assign(slots, { lead, step, momentum, t: 1 });
  const direction = context.scratch();
  const slope = context.scratch(1);
  const move = createMove(context, geometry, point);

  /** beta of the next extrapolation: (t - 1) / t+ with t+ = (1 + sqrt(1 + 4 t^2)) / 2. */
  const nextMomentum = (): number => {
    if (!Number.isNaN(state.momentum)) return state.momentum;
    const { t } = state;
    state.t = (1 + Math.sqrt(1 + 4 * t * t)) / 2;
    return (t - 1) / state.t;
  };
  /** lead = v = x+ - x, direction = -s g */
  const descend = () => {
    copy(geometry.gradient(point, gradient), direction);
    scal(-state.step, direction);
    axpy(1, direction, lead);
  };
  const advance = () => {
    scal(nextMomentum(), lead);
    axpy(1, lead, direction);
    move(direction, lead);
    evaluate();
  };
  /** y+ = x+ */
  const forget = () => {
    fill(lead, 0);
    state.t = 1;
    move(direction, lead);
    evaluate();
  };

  const { refresh } = geometry;
  const accelerate = () => {
    descend();
    advance();
  };
  const accelerateOrRestart = async () => {
    await refresh?.(value);
    descend();
    if (restart) dot(gradient, lead, slope);
    if (restart && (await device.scalar(slope)) > 0) forget();
    else advance();
  };
  return { state, init: evaluate, step: restart || refresh !== undefined ? accelerateOrRestart : accelerate };
}
