import { anyOf, type Capability, maxIterations, type Objective, type Optimizer, solve, valueBelow } from '@lowland/core';
import { cpu } from '@lowland/linalg';
import { matrixFactorization, symmetricFactorization } from '@lowland/objectives';
import { describe, expect, it } from 'vitest';

import { diagonal, pointOf, randomPoint, run, withSpectrum } from '../../test/fixtures.ts';
import { gaussNewton } from './gauss-newton.ts';
import { levenbergMarquardt } from './levenberg-marquardt.ts';

const methods: [string, Optimizer<'valueAndGradient' | 'residual'>][] = [
  ['gaussNewton', gaussNewton()],
  ['levenbergMarquardt', levenbergMarquardt()],
];

describe.each(methods)('%s', (_, optimizer) => {
  // the problem of the comparison in catalogue.md P1, where Newton-CG takes 26 iterations
  it.each([0, 1 / 8])('fits at condition 100 within tens of iterations, balance %d', async (balance) => {
    const sigma = [1, 0.2, 0.05, 0.01];
    const square = sigma.reduce((sum, s) => sum + s * s, 0);
    for (const seed of [1, 2, 3, 4, 5]) {
      const problem = matrixFactorization({ target: withSpectrum(sigma, 40, 30, seed), rank: 4, balance });
      const stop = anyOf(valueBelow(0.5e-16 * square), maxIterations(40));
      const solution = await solve(problem as Objective<Capability>, optimizer, { backend: cpu(), point: randomPoint(problem.layout, 0.1, seed), stop });
      expect(solution.stop.rule).toBe('value-below');
    }
  });

  it('converges superlinearly where the residual vanishes', async () => {
    const problem = matrixFactorization({ target: withSpectrum([2, 1, 0.5], 8, 7, 1), rank: 3 });
    const { trace } = await run(problem, optimizer, { point: randomPoint(problem.layout, 0.3, 1), iterations: 100 });
    const norms = trace.map(({ gradientNorm }) => gradientNorm).filter((norm) => norm > 1e-13);
    const late = norms.findIndex((norm) => norm < 1e-2);
    expect(late).toBeGreaterThan(0);
    expect(norms.length - late).toBeLessThanOrEqual(8);
    expect(norms.at(-1)).toBeLessThan(1e-7);
  });

  // founding-papers.md 3.6: f* is the rest of the spectrum; residuals do not vanish, and convergence is linear
  it('reaches the global minimum where the residual does not vanish', async () => {
    const problem = symmetricFactorization({ target: diagonal([5, 3, 2, 1, -0.5, -1.5]), rank: 3 });
    const { value } = await run(problem, optimizer, { point: randomPoint(problem.layout, 0.1, 1), iterations: 300 });
    expect(value - 0.875).toBeLessThanOrEqual(1e-10 * 10.375);
  });

  it('rests at a saddle that is exactly stationary', async () => {
    const problem = symmetricFactorization({ target: diagonal([4, 1], 3), rank: 2 });
    const point = pointOf(problem.layout, [2, 0, 0, 0, 0, 0]);
    const { stop, point: end } = await run(problem, optimizer, { point, iterations: 10 });
    expect(stop.rule).toBe('zero-gradient');
    expect(end.data).toEqual(point.data);
  });

  it.each([-60, 60])('takes the same steps in units of 2^%i', async (power) => {
    const target = withSpectrum([5, 3, 2, 1], 6, 6, 4, true);
    const at = (size: number) => symmetricFactorization({ target: { ...target, values: target.values.map((x) => size * x) }, rank: 2 });
    const start = randomPoint(at(1).layout, 0.3, 1);
    const plain = await run(at(1), optimizer, { point: start, iterations: 12 });
    const other = await run(at(4 ** power), optimizer, { point: pointOf(start.layout, Array.from(start.data, (x) => x * 2 ** power)), iterations: 12 });
    expect(other.trace.map(({ value }) => value / 16 ** power)).toEqual(plain.trace.map(({ value }) => value));
  });

  it('ends at the precision floor', async () => {
    const problem = symmetricFactorization({ target: withSpectrum([5, 3, 2, 1], 6, 6, 4, true), rank: 2 });
    const { stop, gradientNorm } = await run(problem, optimizer, { point: randomPoint(problem.layout, 1, 1), iterations: 1000 });
    expect(stop).toMatchObject({ reason: 'stalled', rule: 'precision-floor' });
    expect(gradientNorm).toBeLessThan(1e-11);
  });
});
