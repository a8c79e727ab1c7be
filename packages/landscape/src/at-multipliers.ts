import { analyse, type Analysis, type Backend, createPoint, layoutLength, type Objective } from '@lowland/core';

import type { Place } from './in-factors.ts';
import { multipliersAt } from './multipliers.ts';

/** A point counts as a solution of a constrained problem up to so much, relative to the terms that cancel. */
const tolerance = 1e-6;

/**
 * Where a point of a constrained problem is feasible and stationary with its least-squares multipliers l (those of least norm where there are many), the same point of the augmented
 * Lagrangian with these: whatever merit function led there, certificates and verdicts are then about the constrained problem, since the least value
 * of the augmented Lagrangian is never above that of the problem. Other places are left as they are: the minimum of a penalty is not feasible.
 */
export async function atMultipliers(place: Place, backend: Backend): Promise<Place> {
  const { objective, point } = place;
  if (!('constraints' in objective.routes)) return place;
  const estimate: Analysis<'constraints', Place> = {
    id: 'at-multipliers',
    requires: ['constraints'],
    dtype: 'f64',
    async run({ problem, device, scratch }, x) {
      const { constraints, layout } = problem;
      const { axpy, dot, fill } = device.kernels;
      const [c, origin, l, none] = [scratch(constraints.length), scratch(constraints.length), scratch(constraints.length), scratch(constraints.length)];
      const [gradient, pull] = [scratch(layoutLength(layout)), scratch(layoutLength(layout))];
      const squares = scratch(5);
      constraints.evaluate(x, c);
      fill(pull, 0);
      constraints.evaluate(pull, origin);
      fill(none, 0);
      constraints.lagrangian(x, none, 0, scratch(1), gradient);
      await multipliersAt(constraints, x, gradient, l, { device, scratch });
      constraints.vjp(x, l, pull);
      [c, origin, gradient, pull].forEach((vector, k) => {
        dot(vector, vector, squares, k);
      });
      axpy(1, pull, gradient);
      dot(gradient, gradient, squares, 4);
      const [infeasibility = NaN, size = NaN, phi = NaN, share = NaN, rest = NaN] = (await device.read(squares)).map(Math.sqrt);
      if (!(infeasibility <= tolerance * (1 + size) && rest <= tolerance * (1 + phi + share))) return place;
      return { objective: constraints.augmented(await device.read(l)), point: createPoint(layout, point.data) };
    },
  };
  return analyse(objective as Objective<'constraints'>, estimate, point, backend);
}
