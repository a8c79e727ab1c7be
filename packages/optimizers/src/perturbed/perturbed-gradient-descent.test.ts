import { createPoint, parseOptions, solve } from '@lowland/core';
import { cpu } from '@lowland/linalg';
import { symmetricFactorization } from '@lowland/objectives';
import { describe, expect, it } from 'vitest';

import { diagonal, pointOf, run } from '../../test/fixtures.ts';
import { gradientDescent } from '../gradient-descent/gradient-descent.ts';
import { perturbedGradientDescent } from './perturbed-gradient-descent.ts';
import { type PerturbationOptions, perturbationSchema, thresholds as withSettings } from './thresholds.ts';

const thresholds = (given: PerturbationOptions, variables: number, drop: number) => withSettings(parseOptions(perturbationSchema, given, 'test'), variables, drop);

describe('thresholds', () => {
  it('are those of the paper in theory mode', () => {
    const [d, l, rho, epsilon, delta, c, drop] = [100, 7, 2, 1e-3, 0.05, 0.5, 3] as const;
    const chi = 3 * Math.log((d * l * drop) / (c * epsilon ** 2 * delta));
    const found = thresholds({ mode: 'theory', smoothness: l, hessianLipschitz: rho, epsilon, delta, c }, d, drop);
    expect(found.step).toBe(c / l);
    expect(found.radius).toBeCloseTo(((Math.sqrt(c) / chi ** 2) * epsilon) / l, 12);
    expect(found.gradient).toBeCloseTo((Math.sqrt(c) / chi ** 2) * epsilon, 12);
    expect(found.value / ((c / chi ** 3) * Math.sqrt(epsilon ** 3 / rho))).toBeCloseTo(1, 6);
    expect(found.steps).toBe(Math.ceil(((chi / c ** 2) * l) / Math.sqrt(rho * epsilon)));
  });

  it('keep chi at 12 for easy problems, and use c = 3 and a radius of 0.1 in practice', () => {
    const found = thresholds({ smoothness: 1e-9 }, 1, 1e-9);
    expect(found.radius).toBe(0.1);
    expect(found.gradient).toBeCloseTo((Math.sqrt(3) / 144) * 0.01, 12);
  });
});

describe('perturbedGradientDescent', () => {
  const objective = symmetricFactorization({ target: diagonal([4, 1], 3), rank: 2 });
  const optimizer = perturbedGradientDescent({ smoothness: 40 });
  const saddles = [
    ['zero', [0, 0, 0, 0, 0, 0]],
    ['the one that lacks the second eigenvalue', [2, 0, 0, 0, 0, 0]],
  ] as const;

  // rigour.md E4; founding-papers.md 3.6 as amended: f - f* <= 1e-10 f(0), f(0) = 17/4, f* = 0
  it.each(saddles)('leaves %s, where gradient descent rests, and ends by itself at the global minimum', async (_, numbers) => {
    const point = pointOf(objective.layout, numbers);
    const resting = await run(objective, gradientDescent(), { point, iterations: 100 });
    expect(resting.point.data).toEqual(point.data);
    expect(resting.stop.rule).toBe('zero-gradient');
    const { stop, value } = await run(objective, optimizer, { point, iterations: 20_000 });
    expect(stop).toMatchObject({ reason: 'converged', rule: 'second-order-stationary' });
    expect(value).toBeLessThanOrEqual(1e-10 * (17 / 4));
  });

  it.each(saddles)('is not ended at %s by the default stopping rule', async (_, numbers) => {
    const { stop, value } = await solve(objective, optimizer, { backend: cpu(), point: pointOf(objective.layout, numbers) });
    expect(stop.rule).toBe('second-order-stationary');
    expect(value).toBeLessThanOrEqual(1e-10 * (17 / 4));
    const resting = await solve(objective, gradientDescent(), { backend: cpu(), point: pointOf(objective.layout, numbers) });
    expect([resting.iterations, resting.stop.rule]).toEqual([0, 'gradient-tolerance']);
  });

  it('returns from the exact minimum with every bit in place', async () => {
    const point = pointOf(objective.layout, [2, 0, 0, 1, 0, 0]);
    const { stop, point: end, gradientNorm } = await run(objective, optimizer, { point, iterations: 5000 });
    expect(stop.rule).toBe('second-order-stationary');
    expect(end.data).toEqual(point.data);
    expect(gradientNorm).toBe(0);
  });

  it('draws from its seed alone, inside the ball', async () => {
    const point = createPoint(objective.layout);
    const distance = async (seed: number) => {
      const { point: end } = await run(objective, perturbedGradientDescent({ smoothness: 1e9, radius: 0.25 }), { point, iterations: 1, seed });
      return Math.hypot(...end.data);
    };
    const distances = await Promise.all(Array.from({ length: 50 }, (_, seed) => distance(seed)));
    distances.forEach((r) => expect(r).toBeLessThanOrEqual(0.25 * (1 + 1e-9)));
    expect(new Set(distances).size).toBe(50);
    // P(|xi| < r t) = t^6 in six dimensions: all 50 inside 0.9 r has probability 0.53^50
    expect(Math.max(...distances)).toBeGreaterThan(0.9 * 0.25);
    expect(await distance(7)).toBe(distances[7]);
  });

  it('hovers for ever when told not to stop', async () => {
    const point = pointOf(objective.layout, [2, 0, 0, 1, 0, 0]);
    const { stop } = await run(objective, perturbedGradientDescent({ smoothness: 40, stopWhenCertified: false }), { point, iterations: 5000 });
    expect(stop.reason).toBe('budget');
  });
});
