import { anyOf, maxIterations, type Point, type Solution, solve, valueBelow } from '@lowland/core';
import { cpu, matrix, symmetricEigen } from '@lowland/linalg';
import { matrixFactorization, symmetricFactorization } from '@lowland/objectives';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { diagonal, pointOf, randomPoint, run, withSpectrum } from '../../test/fixtures.ts';
import { fixed } from '../gradient-descent/fixed.ts';
import { gradientDescent } from '../gradient-descent/gradient-descent.ts';
import { minimizeCubic } from './cubic-model.ts';
import { cubicRegularisation } from './cubic-regularisation.ts';

const model = (t: Float64Array, slope: number, sigma: number, y: ArrayLike<number>): number => {
  const k = y.length;
  let m = slope * y[0]!;
  let square = 0;
  for (let i = 0; i < k; i++) {
    square += y[i]! ** 2;
    for (let j = 0; j < k; j++) m += 0.5 * y[i]! * t[i * k + j]! * y[j]!;
  }
  return m + (sigma / 6) * square ** 1.5;
};

describe('minimizeCubic', () => {
  const entry = fc.double({ min: -3, max: 3, noNaN: true });

  it('finds the global minimum, which no other point undercuts', () => {
    fc.assert(
      fc.property(fc.array(entry, { minLength: 9, maxLength: 9 }), fc.double({ min: 0, max: 3, noNaN: true }), fc.double({ min: 0.1, max: 5, noNaN: true }), fc.array(fc.array(entry, { minLength: 3, maxLength: 3 }), { minLength: 40, maxLength: 40 }), (entries, slope, sigma, others) => {
        const t = Float64Array.from({ length: 9 }, (_, k) => entries[Math.max(k, (k % 3) * 3 + Math.floor(k / 3))]!);
        const { step, decrease, length } = minimizeCubic(symmetricEigen(matrix(3, 3, t.slice())), slope, sigma);
        const least = model(t, slope, sigma, step);
        const size = 1 + Math.abs(least);
        expect(Math.abs(-decrease - least)).toBeLessThan(1e-9 * size);
        expect(length).toBeCloseTo(Math.hypot(...step), 12);
        others.forEach((y) => expect(least).toBeLessThanOrEqual(model(t, slope, sigma, y) + 1e-9 * size));
      }),
      { seed: 1, numRuns: 300 },
    );
  });

  it.each([
    ['nothing but negative curvature', [1, 0, 0, -2], 0],
    ['a slope across it', [1, 0, 0, -2], 1e-3],
    ['a tiny slope along it', [-2, 0, 0, 1], 1e-200],
  ])('solves the hard case: %s', (_, entries, slope) => {
    const t = Float64Array.from(entries);
    const { step, decrease } = minimizeCubic(symmetricEigen(matrix(2, 2, t.slice())), slope, 1);
    // m = -l^3 2/3 at |y| = 2 l / sigma, l = 2
    expect(decrease).toBeGreaterThanOrEqual(16 / 3 - 1e-9);
    expect(Math.hypot(...step)).toBeCloseTo(4, 3);
    expect(model(t, slope, 1, step)).toBeCloseTo(-decrease, 9);
  });
});

describe('cubicRegularisation', () => {
  // catalogue.md F55, P16: 6 x 5, rank 2, spectrum (1, 0.1), 1e-8 away from the saddle at zero, to 1e-24: at most 30 iterations, GD more than 200
  it('leaves the neighbourhood of a saddle within 30 iterations, where gradient descent needs hundreds', async () => {
    for (const seed of [1, 2, 3, 4, 5]) {
      const problem = matrixFactorization({ target: withSpectrum([1, 0.1], 6, 5, seed), rank: 2, balance: 0 });
      const point = randomPoint(problem.layout, 1e-8, seed);
      const stop = anyOf(valueBelow(1e-24), maxIterations(2000));
      const cubic = await solve(problem, cubicRegularisation({ tolerance: 0 }), { backend: cpu(), point, stop });
      expect(cubic.stop.rule).toBe('value-below');
      expect(cubic.iterations).toBeLessThanOrEqual(30);
      const plain = await solve(problem, gradientDescent({ step: fixed({ step: 0.5 }) }), { backend: cpu(), point, stop });
      expect(plain.iterations).toBeGreaterThan(200);
    }
  });

  const objective = symmetricFactorization({ target: diagonal([4, 1], 3), rank: 2 });
  // rigour.md E4
  it.each([
    ['zero', [0, 0, 0, 0, 0, 0]],
    ['the saddle that lacks the second eigenvalue', [2, 0, 0, 0, 0, 0]],
    ['the saddle that lacks the first', [0, 0, 1, 0, 0, 0]],
  ])('leaves %s, from the very point, and ends by itself at the global minimum', async (_, numbers) => {
    const { stop, value, iterations } = await solve(objective, cubicRegularisation(), { backend: cpu(), point: pointOf(objective.layout, numbers) });
    expect(stop).toMatchObject({ reason: 'converged', rule: 'second-order-stationary' });
    expect(value).toBeLessThan(1e-18);
    expect(iterations).toBeLessThan(40);
  });

  it.each([1, 2, 3])('leaves a saddle whose gradient is rounding and blind to the way out, target %i', async (seed) => {
    // X = (2 q_1, 0): all that is not zero lies in the first column, the negative curvature in the second
    const target = withSpectrum([4, 1], 6, 6, seed, true);
    const { vectors } = symmetricEigen(matrix(6, 6, target.values.slice()));
    const problem = symmetricFactorization({ target, rank: 2 });
    const point = pointOf(problem.layout, Array.from({ length: 12 }, (_, k) => (k % 2 === 0 ? 2 * vectors.data[6 * (k / 2)]! : 0)));
    const { stop, value, trace } = await run(problem, cubicRegularisation(), { point, iterations: 100 });
    expect(trace[0]!.gradientNorm).toBeLessThan(1e-13);
    expect(trace[0]!.value).toBeCloseTo(0.25, 12);
    expect(value).toBeLessThan(1e-18);
    expect(stop.rule).toBe('second-order-stationary');
  });

  it('rests at the exact global minimum', async () => {
    const point: Point = pointOf(objective.layout, [2, 0, 0, 1, 0, 0]);
    const { stop, point: end, iterations } = await run(objective, cubicRegularisation(), { point, iterations: 20 });
    expect(stop.rule).toBe('second-order-stationary');
    expect(iterations).toBeLessThanOrEqual(1);
    expect(end.data).toEqual(point.data);
  });

  it.each([1, 2, 3])('reaches the global minimum of a target with negative eigenvalues from random start %i', async (seed) => {
    const problem = symmetricFactorization({ target: diagonal([5, 3, 2, 1, -0.5, -1.5]), rank: 3 });
    const { stop, value } = await solve(problem, cubicRegularisation(), { backend: cpu(), point: randomPoint(problem.layout, 0.1, seed) });
    expect(stop.rule).toBe('second-order-stationary');
    expect(value - 0.875).toBeLessThanOrEqual(1e-10 * 10.375);
  });

  it('relaxes sigma while the model keeps its promises, and takes the same steps in units of 2^60', async () => {
    const at = (size: number) => {
      const target = withSpectrum([2, 1, 0.5], 8, 7, 1);
      return matrixFactorization({ target: { ...target, values: target.values.map((x) => size * x) }, rank: 3 });
    };
    const start = randomPoint(at(1).layout, 0.3, 1);
    const plain = await run(at(1), cubicRegularisation(), { point: start, iterations: 6 });
    const early = await run(at(1), cubicRegularisation(), { point: start, iterations: 1 });
    const sigma = ({ checkpoint }: Solution) => (checkpoint().state as { sigma: number }).sigma;
    expect(sigma(plain)).toBeLessThan(sigma(early) / 4);
    const other = await run(at(4 ** 30), cubicRegularisation(), { point: pointOf(start.layout, Array.from(start.data, (x) => x * 2 ** 30)), iterations: 6 });
    other.trace.forEach(({ value }, k) => expect(value / 16 ** 30 / plain.trace[k]!.value).toBeCloseTo(1, 6));
  });

  it('converges quadratically at the end', async () => {
    const problem = matrixFactorization({ target: withSpectrum([2, 1, 0.5], 8, 7, 1), rank: 3 });
    const { trace } = await run(problem, cubicRegularisation({ tolerance: 0 }), { point: randomPoint(problem.layout, 0.3, 1), iterations: 100 });
    const norms = trace.map(({ gradientNorm }) => gradientNorm).filter((norm) => norm > 1e-13);
    const late = norms.findIndex((norm) => norm < 1e-3);
    expect(late).toBeGreaterThan(0);
    expect(norms.length - late).toBeLessThanOrEqual(6);
  });
});
