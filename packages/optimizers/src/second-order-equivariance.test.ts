import { createPoint, type Optimizer, type Point } from '@lowland/core';
import { matrixFactorization } from '@lowland/objectives';
import { describe, expect, it } from 'vitest';

import { general, inverseTransposed, rotation, violation } from '../test/equivariance.ts';
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
