import { blockOf, createPoint, normals, type Optimizer, type Point, streamKey } from '@lowland/core';
import { frobeniusNorm, matrix, type Matrix, multiply, subtract, thinQr } from '@lowland/linalg';
import { matrixFactorization } from '@lowland/objectives';

import { randomPoint, run, withSpectrum } from './fixtures.ts';

const draws = matrix(3, 3);
normals(streamKey(3, 'rotation', 0), draws.data);
export const rotation = thinQr(draws).q;
export const general = matrix(3, 3, Float64Array.of(2, 1, 0, 0, 1, -1, 0, 0, 0.5));
export const inverseTransposed = matrix(3, 3, Float64Array.of(0.5, 0, 0, -0.5, 1, 0, -1, 2, 2));

/** How far, relatively, the products U V^T after some steps are from those of the start acted on by (U Q, V Q^-T), generic and of unit scale. */
export async function violation(
  method: Optimizer<'valueAndGradient' | 'gradient' | 'hessianVectorProduct' | 'residual' | 'factors', 'blockGradient'>,
  q: Matrix,
  qInverseTransposed: Matrix,
  iterations = 20,
): Promise<number> {
  const problem = matrixFactorization({ target: withSpectrum([3, 2, 1, 0.5], 7, 6, 1), rank: 3, balance: 0 });
  const start = randomPoint(problem.layout, 1, 4);
  const moved = createPoint(problem.layout);
  blockOf(moved, 'U').set(multiply(matrix(7, 3, blockOf(start, 'U')), q).data);
  blockOf(moved, 'V').set(multiply(matrix(6, 3, blockOf(start, 'V')), qInverseTransposed).data);
  const product = async (point: Point) => {
    const { point: end } = await run(problem, method, { point, iterations });
    return multiply(matrix(7, 3, blockOf(end, 'U')), matrix(6, 3, blockOf(end, 'V')), { transposeB: true });
  };
  const plain = await product(start);
  return frobeniusNorm(subtract(plain, await product(moved))) / frobeniusNorm(plain);
}
