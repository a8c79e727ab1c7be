/** What methods of conjugate gradients keep of their last step. */
import type { Device, Vec } from '@lowland/core';

import { atFloor, type FloorMemory, noFloorYet } from '../floor.ts';
import type { FirstOrderState } from '../first-order.ts';
import type { Line } from '../line.ts';

export interface ConjugateState extends FirstOrderState, FloorMemory {
  /** The last direction and the last steepest one, carried to the point. */
  direction: Vec;
  before: Vec;
  /** The last search: its step, 0 before the first, its slope, and the value where it began. */
  lastStep: number;
  lastSlope: number;
  lastValue: number;
}

/** Before the first step. */
export const noStepYet = { lastStep: 0, lastSlope: 0, lastValue: 0, ...noFloorYet } as const;

/** Whether the run stands where rounding lets it fall no further; `square` is |grad f|^2. */
export const standsAtFloor = (state: ConjugateState, square: number, { dtype }: Pick<Device, 'dtype'>): boolean =>
  atFloor(state, square, -0.5 * state.lastStep * state.lastSlope, state.lastValue, dtype) && state.lastStep > 0;

/** The point moves to where the search was accepted, and the direction and `steepest` come along. */
export function moveAlong(line: Line, state: ConjugateState, steepest: Vec, { kernels }: Pick<Device, 'kernels'>, { step }: { readonly step: number }, { slope, value }: { readonly slope: number; readonly value: number }): void {
  line.carry(steepest, state.before);
  kernels.copy(line.carried(), state.direction);
  line.accept();
  state.lastStep = step;
  state.lastSlope = slope;
  state.lastValue = value;
}
