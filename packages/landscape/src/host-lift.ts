import { type Lift, LowlandError, type Objective, type Routes } from '@lowland/core';

/**
 * The lift of another objective than the one that is bound; lifts work on the host alone.
 *
 * @throws LOWLAND_E_CAPABILITY where it has none
 */
export function hostLift(objective: Objective<never> | Objective<'lift'>, why: string): Lift {
  const [route] = (objective.routes as Partial<Routes<'lift', undefined>>).lift ?? [];
  if (route === undefined) throw new LowlandError('LOWLAND_E_CAPABILITY', why);
  return route.bind(undefined, undefined as never, undefined as never);
}
