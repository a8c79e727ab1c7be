import { type Context, createPoint, type MaybePromise, type Point, type State, type Tracker } from '@lowland/core';

import { type Factored, factorsAt } from '../factored.ts';

/** A tracker that looks at the live point on the host: one read an observation. */
export function pointTracker<R extends 'factors' | 'target' | 'truth', T>(
  id: string,
  requires: readonly R[],
  make: (context: Context<R>) => (point: Point, state: State) => T,
): Tracker<R, T> {
  return {
    id,
    requires,
    start(context) {
      const { device, problem } = context;
      const look = make(context);
      return (state): MaybePromise<T> => {
        const read = device.read(state.point);
        return read instanceof Float64Array ? look(createPoint(problem.layout, read), state) : read.then((data) => look(createPoint(problem.layout, data), state));
      };
    },
  };
}

/** A tracker of the product of the two factors. */
export function factorsTracker<T>(id: string, look: (factored: Factored) => T): Tracker<'factors', T> {
  return pointTracker(id, ['factors'], ({ problem }) => (point) => look(factorsAt(point, problem.factors)));
}
