import type { Context, Vec } from '@lowland/core';

import type { BoundGeometry } from '../gradient-descent/geometry.ts';

/** point <- retract(point, 1, direction), and the vector `carried` (it may be `direction`) goes along to the new point. */
export type Move = (direction: Vec, carried: Vec) => void;

export function createMove(context: Context<never>, geometry: BoundGeometry, point: Vec): Move {
  if (geometry.flat) return (direction) => { geometry.retract(point, 1, direction, point); };
  const { copy } = context.device.kernels;
  const next = context.scratch();
  const there = context.scratch();
  return (direction, carried) => {
    geometry.retract(point, 1, direction, next);
    geometry.transport(point, next, carried, there);
    copy(next, point);
    copy(there, carried);
  };
}
