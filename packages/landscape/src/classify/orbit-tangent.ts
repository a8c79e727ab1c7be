/**
 * The tangent space of the orbit through a point.
 */
import { type Context, LowlandError, type Problem, type Vec, words } from '@lowland/core';
import { type Matrix, matrix, orthonormalize } from '@lowland/linalg';

/** Above so many entries the directions are not held. */
const mostEntries = 2 ** 27;

/**
 * Orthonormal columns that span the directions of the symmetry group at x, by SVD with relative cut 1e-8; none where the objective names no group.
 *
 * Large groups on few variables, such as the rotations of 300 of them, have far more generators than directions: of more than four a variable,
 * random signed sums in four columns a variable stand for them (a count sketch), which span the same space but for bad luck, and nothing else.
 *
 * @throws LOWLAND_E_MEMORY where they would take more than 1 GiB
 */
export function orbitTangent(context: Context<never, 'symmetry'>, x: Vec): Matrix {
  const symmetry = (context.problem as Partial<Pick<Problem<'symmetry'>, 'symmetry'>>).symmetry;
  const generators = symmetry?.dimension ?? 0;
  const n = x.length;
  if (symmetry === undefined || generators === 0) return matrix(n, 0);
  const count = Math.min(generators, 4 * n);
  if (n * count > mostEntries) {
    const size = ((8 * n * count) / 2 ** 30).toFixed(1);
    throw new LowlandError('LOWLAND_E_MEMORY', `The ${count} directions of ${symmetry.group} at a point of ${n} variables take ${size} GiB, more than 1. Take fewer columns, or an objective without this symmetry (a balancing term or a penalty leaves O(r) of GL(r)).`, { details: { given: n * count, most: mostEntries } });
  }
  const directions = matrix(n, count);
  const draws = new Uint32Array(count === generators ? 0 : generators);
  words(context.random('orbit', 0), draws);
  const out = context.scratch();
  for (let k = 0; k < generators; k++) {
    symmetry.generator(x, k, out);
    const column = context.device.host!(out);
    const draw = draws[k];
    const at = draw === undefined ? k : (draw >>> 1) % count;
    const sign = draw === undefined || (draw & 1) === 0 ? 1 : -1;
    for (let i = 0; i < n; i++) directions.data[i * count + at]! += sign * column[i]!;
  }
  return orthonormalize(directions, 1e-8);
}
