import { analyse, type Analysis, type Backend, type Capability, type Objective, type Point } from '@lowland/core';

/** An objective and a point of its layout. */
export interface Place {
  readonly objective: Objective<Capability>;
  readonly point: Point;
}

/**
 * The same matrix in factors, where certificates and verdicts are at home: of a problem in X itself, or in singular triples, the factored
 * problem behind it and the balanced factors (capability `factored`). Other places are left as they are.
 */
export async function inFactors(place: Place, backend: Backend): Promise<Place> {
  const { objective, point } = place;
  if (!('factored' in objective.routes)) return place;
  const factors: Analysis<'factored', Place> = {
    id: 'in-factors',
    requires: ['factored'],
    dtype: 'any',
    run: ({ problem }, _x, host) => problem.factored.at(host),
  };
  return analyse(objective as Objective<'factored'>, factors, point, backend);
}
