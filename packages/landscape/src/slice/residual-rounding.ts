import type { Context, Problem, Vec } from '@lowland/core';
import { norm } from '@lowland/linalg';

import { signs } from '../spectrum/quadrature.ts';

/**
 * What rounding does to the residual near x: 10 eps times the size of what is added up in it, that is of its constant r(0) and of its terms, which
 * relative changes of the variables by random signs bring to light where they cancel. The largest of three.
 */
export function residualRounding({ device, scratch, random }: Pick<Context<never>, 'device' | 'scratch' | 'random'>, residual: Problem<'residual'>['residual']): (x: Vec) => number {
  const [moved, image, turns] = [scratch(), scratch(residual.length), scratch()];
  const { fill, mul } = device.kernels;
  fill(moved, 0);
  residual.evaluate(moved, image);
  const constant = norm(device.host!(image));
  return (x) => {
    let terms = 0;
    for (let probe = 0; probe < 3; probe++) {
      device.write(turns, signs(random('slice', 4 + probe), x.length));
      mul(turns, x, moved);
      residual.jvp(x, moved, image);
      terms = Math.max(terms, norm(device.host!(image)));
    }
    return 10 * Number.EPSILON * (constant + terms);
  };
}
