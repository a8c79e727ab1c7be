import { anyOf, maxIterations, solve, valueBelow } from '@lowland/core';
import { cpu } from '@lowland/linalg';
import { matrixFactorization, symmetricFactorization } from '@lowland/objectives';
import { describe, expect, it } from 'vitest';

import { diagonal, pointOf, randomPoint, run, withSpectrum } from '../../test/fixtures.ts';
import { newtonCg } from './newton-cg.ts';

describe('newtonCg', () => {
  // catalogue.md P1: 40 x 30, rank 4, condition 100, start of 0.1 gauss, to 1e-8 relative: 26 iterations, 200 Hessian-vector products
  it('needs tens of iterations and hundreds of Hessian-vector products at condition 100', async () => {
    const sigma = [1, 0.2, 0.05, 0.01];
    const square = sigma.reduce((sum, s) => sum + s * s, 0);
    const runs = await Promise.all(
      [1, 2, 3, 4, 5].map((seed) => {
        const problem = matrixFactorization({ target: withSpectrum(sigma, 40, 30, seed), rank: 4 });
        const stop = anyOf(valueBelow(0.5e-16 * square), maxIterations(200));
        return solve(problem, newtonCg(), { backend: cpu(), point: randomPoint(problem.layout, 0.1, seed), stop });
      }),
    );
    for (const { stop, iterations, counts } of runs) {
      expect(stop.rule).toBe('value-below');
      expect(iterations).toBeLessThan(52);
      expect(counts.method['hessianVectorProduct']).toBeLessThan(400);
    }
  });

  it('converges superlinearly', async () => {
    const problem = matrixFactorization({ target: withSpectrum([2, 1, 0.5], 8, 7, 1), rank: 3 });
    const { trace } = await run(problem, newtonCg(), { point: randomPoint(problem.layout, 0.3, 1), iterations: 100 });
    const norms = trace.map(({ gradientNorm }) => gradientNorm).filter((norm) => norm > 1e-14);
    const late = norms.findIndex((norm) => norm < 1e-3);
    expect(late).toBeGreaterThan(0);
    expect(norms.length - late).toBeLessThanOrEqual(6);
    expect(norms.at(-1)).toBeLessThan(1e-7);
  });

  it('leaves a saddle that it does not start on exactly', async () => {
    const problem = symmetricFactorization({ target: diagonal([4, 1], 3), rank: 2 });
    const { value } = await run(problem, newtonCg(), { point: pointOf(problem.layout, [2, 0, 0, 1e-8, 0, 0]), iterations: 50 });
    expect(value).toBeLessThan(1e-16);
  });

  it('rests at a saddle that is exactly stationary', async () => {
    const problem = symmetricFactorization({ target: diagonal([4, 1], 3), rank: 2 });
    const point = pointOf(problem.layout, [2, 0, 0, 0, 0, 0]);
    const { stop, point: end } = await run(problem, newtonCg(), { point, iterations: 10 });
    expect(stop.rule).toBe('zero-gradient');
    expect(end.data).toEqual(point.data);
  });

  it.each([-60, 60])('takes the same steps in units of 2^%i', async (power) => {
    const target = withSpectrum([5, 3, 2, 1], 6, 6, 4, true);
    const at = (size: number) => symmetricFactorization({ target: { ...target, values: target.values.map((x) => size * x) }, rank: 2 });
    const start = randomPoint(at(1).layout, 0.3, 1);
    const plain = await run(at(1), newtonCg(), { point: start, iterations: 12 });
    const other = await run(at(4 ** power), newtonCg(), { point: pointOf(start.layout, Array.from(start.data, (x) => x * 2 ** power)), iterations: 12 });
    expect(other.trace.map(({ value }) => value / 16 ** power)).toEqual(plain.trace.map(({ value }) => value));
  });

  it('ends at the precision floor', async () => {
    const problem = symmetricFactorization({ target: withSpectrum([5, 3, 2, 1], 6, 6, 4, true), rank: 2 });
    const { stop, gradientNorm } = await run(problem, newtonCg(), { point: randomPoint(problem.layout, 1, 1), iterations: 500 });
    expect(stop).toMatchObject({ reason: 'stalled', rule: 'precision-floor' });
    expect(gradientNorm).toBeLessThan(1e-13);
  });
});
