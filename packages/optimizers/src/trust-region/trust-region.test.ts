import { blockOf, createPoint } from '@lowland/core';
import { matrixFactorization, symmetricFactorization } from '@lowland/objectives';
import { describe, expect, it } from 'vitest';

import { diagonal, pointOf, randomPoint, run, withSpectrum } from '../../test/fixtures.ts';
import { trustRegion } from './trust-region.ts';

describe('trustRegion', () => {
  // founding-papers.md 3.6 as amended: every stationary point but the minimum is a strict saddle, so random starts arrive
  it.each([1, 2, 3, 4, 5])('reaches the global minimum of a factorization from random start %i', async (seed) => {
    const problem = symmetricFactorization({ target: diagonal([5, 3, 2, 1, -0.5, -1.5]), rank: 3 });
    const { value, iterations } = await run(problem, trustRegion(), { point: randomPoint(problem.layout, 0.1, seed), iterations: 200 });
    expect(value - 0.875).toBeLessThanOrEqual(1e-10 * 10.375);
    expect(iterations).toBeLessThan(100);
  });

  it('converges quadratically where the Hessian is definite off the orbit', async () => {
    const problem = matrixFactorization({ target: withSpectrum([2, 1, 0.5], 8, 7, 1), rank: 3 });
    const { trace } = await run(problem, trustRegion(), { point: randomPoint(problem.layout, 0.3, 1), iterations: 100 });
    const norms = trace.map(({ gradientNorm }) => gradientNorm).filter((norm) => norm > 1e-14);
    const late = norms.findIndex((norm) => norm < 1e-3);
    expect(late).toBeGreaterThan(0);
    expect(norms.length - late).toBeLessThanOrEqual(4);
    expect(norms.at(-1)).toBeLessThan(1e-7);
  });

  it('leaves a saddle that it does not start on exactly', async () => {
    const problem = symmetricFactorization({ target: diagonal([4, 1], 3), rank: 2 });
    const { value, iterations } = await run(problem, trustRegion(), { point: pointOf(problem.layout, [2, 0, 0, 1e-8, 0, 0]), iterations: 50 });
    expect(value).toBeLessThan(1e-16);
    expect(iterations).toBeLessThan(30);
  });

  it('rests at a saddle that is exactly stationary', async () => {
    const problem = symmetricFactorization({ target: diagonal([4, 1], 3), rank: 2 });
    const point = pointOf(problem.layout, [2, 0, 0, 0, 0, 0]);
    const { stop, point: end } = await run(problem, trustRegion(), { point, iterations: 10 });
    expect(stop.rule).toBe('zero-gradient');
    expect(end.data).toEqual(point.data);
  });

  it.each([-60, -20, 20, 60])('takes the same steps in units of 2^%i', async (power) => {
    // f goes with the square of the unit, x with its root; powers of four are exact
    const unit = 4 ** power;
    const target = withSpectrum([5, 3, 2, 1], 6, 6, 4, true);
    const at = (size: number) => symmetricFactorization({ target: { ...target, values: target.values.map((x) => size * x) }, rank: 2 });
    const start = randomPoint(at(1).layout, 0.3, 1);
    const options = trustRegion({ theta: 0 });
    const plain = await run(at(1), options, { point: start, iterations: 12 });
    const other = await run(at(unit), options, { point: pointOf(start.layout, Array.from(start.data, (x) => x * 2 ** power)), iterations: 12 });
    expect(other.trace.map(({ value }) => value / unit ** 2)).toEqual(plain.trace.map(({ value }) => value));
  });

  it('ends at the precision floor', async () => {
    const problem = symmetricFactorization({ target: withSpectrum([5, 3, 2, 1], 6, 6, 4, true), rank: 2 });
    const { stop, gradientNorm } = await run(problem, trustRegion(), { point: randomPoint(problem.layout, 1, 1), iterations: 500 });
    expect(stop).toMatchObject({ reason: 'stalled', rule: 'precision-floor' });
    expect(gradientNorm).toBeLessThan(1e-13);
  });

  it('polishes a point rounded to f32 in a handful of steps', async () => {
    const problem = symmetricFactorization({ target: withSpectrum([5, 3, 2], 6, 6, 4, true), rank: 2 });
    const exact = await run(problem, trustRegion(), { point: randomPoint(problem.layout, 1, 1), iterations: 500 });
    const rounded = createPoint(problem.layout, Float64Array.from(blockOf(exact.point, 'X'), Math.fround));
    const polished = await run(problem, trustRegion(), { point: rounded, iterations: 4 });
    expect(polished.trace[0]!.gradientNorm).toBeGreaterThan(1e-8);
    expect(polished.gradientNorm).toBeLessThan(1e-13);
  });
});
