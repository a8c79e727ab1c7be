import { LowlandError, type Evaluated, type Point } from '@lowland/core';
import { norm } from '@lowland/linalg';

import type { PhaseProblem } from './problem.ts';
import { squaresOf, widthOf } from './vectors.ts';

const unit = 2 ** -53;

/**
 * f on the host, and what rounding can do to it: z_k is off by (2 n + 8) 2^-53 |a_k| |x|, and a residual by twice that times |z_k|, for amplitudes
 * by that itself, so that vectors whose products with x cancel do not pass for an exact fit.
 *
 * @throws LOWLAND_E_SHAPE when the point is none of this problem
 */
export function evaluated({ vectors, smoothing, weight, data, length }: PhaseProblem, { data: x }: Point): Evaluated {
  if (x.length !== length) throw new LowlandError('LOWLAND_E_SHAPE', `A point of this problem has ${length} numbers, ${x.length} were given.`, { details: { expected: length, given: x.length } });
  const z = new Float64Array(vectors.count * widthOf(vectors));
  vectors.image(x, z);
  const size = norm(x);
  const terms = vectors.count;
  let [value, blur] = [0, 0];
  squaresOf(vectors, z).forEach((square, k) => {
    const delta = (2 * vectors.size + 8) * unit * Math.sqrt(vectors.squaredNorm(k)) * size;
    const compared = smoothing === undefined ? square : Math.sqrt(square + smoothing * smoothing);
    const residual = compared - data[k]!;
    const off = (smoothing === undefined ? (2 * Math.sqrt(square) + delta) * delta : delta) + 4 * unit * (compared + Math.abs(data[k]!));
    value += weight * residual * residual;
    blur += weight * (2 * Math.abs(residual) + off) * off;
  });
  return { value, terms, absoluteSum: value + blur / (4 * (terms + 10) * unit) };
}
