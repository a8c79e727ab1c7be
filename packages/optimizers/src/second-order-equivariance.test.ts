import { blockOf, createPoint, normals, type Optimizer, type Point, streamKey } from '@lowland/core';
import { frobeniusNorm, matrix, type Matrix, multiply, subtract, thinQr } from '@lowland/linalg';
import { matrixFactorization } from '@lowland/objectives';
import { describe, expect, it } from 'vitest';

import { randomPoint, run, withSpectrum } from '../test/fixtures.ts';
import { alternatingConjugateGradients, gaussNewton, gnmr, levenbergMarquardt, lmafit, newtonCg } from './index.ts';

type Method = Optimizer<'valueAndGradient' | 'hessianVectorProduct' | 'residual' | 'factors'>;

const orthogonal: [name: string, method: Method, iterations: number][] = [
  ['newton-cg', newtonCg(), 15],
  ['gauss-newton', gaussNewton(), 15],
  ['levenberg-marquardt', levenbergMarquardt(), 15],
  ['gnmr, averaging', gnmr(), 10],
  ['gnmr, updating', gnmr({ variant: 'updating' }), 10],
  ['alternating conjugate gradients', alternatingConjugateGradients(), 20],
  ['lmafit', lmafit(), 20],
];
const problem = matrixFactorization({ target: withSpectrum([3, 2, 1, 0.5], 7, 6, 1), rank: 3, balance: 0 });

// rigour.md E3: bit for bit
describe('column sign flips', () => {
  const flip = (point: Point) => createPoint(problem.layout, point.data.map((x, k) => (k % 3 === 1 ? x : -x)));

  it.each(orthogonal)('%s goes the same way', async (_, method, iterations) => {
    const point = randomPoint(problem.layout, 0.7, 1);
    const plain = await run(problem, method, { point, iterations });
    const flipped = await run(problem, method, { point: flip(point), iterations });
    expect(flip(flipped.point).data).toEqual(plain.point.data);
    expect(flipped.counts.method).toEqual(plain.counts.method);
  });
});

/** How far, relatively, the products U V^T after some steps are from those of the start acted on by (U Q, V Q^-T). */
async function violation(method: Method, q: Matrix, inverseTransposed: Matrix, iterations = 20): Promise<number> {
  const start = randomPoint(problem.layout, 1, 4);
  const moved = createPoint(problem.layout);
  blockOf(moved, 'U').set(multiply(matrix(7, 3, blockOf(start, 'U')), q).data);
  blockOf(moved, 'V').set(multiply(matrix(6, 3, blockOf(start, 'V')), inverseTransposed).data);
  const product = async (point: Point) => {
    const { point: end } = await run(problem, method, { point, iterations });
    return multiply(matrix(7, 3, blockOf(end, 'U')), matrix(6, 3, blockOf(end, 'V')), { transposeB: true });
  };
  const plain = await product(start);
  return frobeniusNorm(subtract(plain, await product(moved))) / frobeniusNorm(plain);
}
const draws = matrix(3, 3);
normals(streamKey(3, 'rotation', 0), draws.data);
const rotation = thinQr(draws).q;
const general = matrix(3, 3, Float64Array.of(2, 1, 0, 0, 1, -1, 0, 0, 0.5));
const inverseTransposed = matrix(3, 3, Float64Array.of(0.5, 0, 0, -0.5, 1, 0, -1, 2, 2));

// rigour.md E3: tolerance 1e-12 cond(Q)^2, violations above 1e-3
// LMaFit decides by values alone: it goes as far as they tell
const beforeRounding = 10;
describe('actions on the columns', () => {
  it.each(orthogonal)('%s commutes with rotations', async (name, method) => {
    expect(await violation(method, rotation, rotation, name === 'lmafit' ? beforeRounding : 20)).toBeLessThan(1e-12);
  });

  it('LMaFit commutes with GL(r), Levenberg-Marquardt and GNMR do not', async () => {
    expect(await violation(lmafit(), general, inverseTransposed, beforeRounding)).toBeLessThan(1e-12 * 7 ** 2);
    // before all arrive at the one minimum
    expect(await violation(levenbergMarquardt(), general, inverseTransposed, 2)).toBeGreaterThan(1e-3);
    expect(await violation(gnmr(), general, inverseTransposed, 2)).toBeGreaterThan(1e-3);
  });
});
