import { analyse, type Analysis, type Backend, type Constraints, type Context, createPoint, layoutLength, type Objective, type Vec } from '@lowland/core';

import type { Place } from './in-factors.ts';

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
      constraints.multipliers(x, l);
      // dependent gradients of constraints leave a choice: the least multipliers
      if (!(await device.read(l)).every(Number.isFinite)) await leastMultipliers(constraints, x, gradient, l, { device, scratch });
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

/** l = the solution of least norm of c' c'^T l = -c' gradient, by conjugate gradients from zero. */
async function leastMultipliers(constraints: Constraints, x: Vec, gradient: Vec, l: Vec, { device, scratch }: Pick<Context<never>, 'device' | 'scratch'>): Promise<void> {
  const { axpy, copy, dot, fill, scal } = device.kernels;
  const [rest, direction, image] = [scratch(constraints.length), scratch(constraints.length), scratch(constraints.length)];
  const [pull, number] = [scratch(x.length), scratch(1)];
  const inner = async (a: Vec, b: Vec): Promise<number> => {
    dot(a, b, number);
    return device.scalar(number);
  };
  fill(l, 0);
  constraints.jvp(x, gradient, rest);
  scal(-1, rest);
  copy(rest, direction);
  let square = await inner(rest, rest);
  const enough = 1e-28 * square;
  for (let k = 0; k < 2 * constraints.length && square > enough; k++) {
    constraints.vjp(x, direction, pull);
    constraints.jvp(x, pull, image);
    const step = square / (await inner(pull, pull));
    axpy(step, direction, l);
    axpy(-step, image, rest);
    const next = await inner(rest, rest);
    scal(next / square, direction);
    axpy(1, rest, direction);
    square = next;
  }
}
