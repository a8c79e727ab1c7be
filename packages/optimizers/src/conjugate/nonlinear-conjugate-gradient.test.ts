import { asyncBackend } from '@lowland/core/testing';
import { matrixFactorization, rosenbrock, symmetricFactorization } from '@lowland/objectives';
import { describe, expect, it } from 'vitest';

import { diagonal, iterationsTo, linearSpectrum, median, pointOf, randomPoint, run, withSpectrum } from '../../test/fixtures.ts';
import { quadratic } from '../../test/quadratic.ts';
import { fixed } from '../gradient-descent/fixed.ts';
import { gradientDescent } from '../gradient-descent/gradient-descent.ts';
import { scaled } from '../scaled/scaled-geometry.ts';
import { conjugations } from './conjugations.ts';
import { nonlinearConjugateGradient } from './nonlinear-conjugate-gradient.ts';

const variants = ['hager-zhang', 'polak-ribiere'] as const;

describe('conjugations', () => {
  // on a quadratic with exact steps <d, g> = <b, g> = 0 and <d, b> = -<b, b>: every beta is that of linear conjugate gradients
  it.each(variants)('%s is <g,g> / <b,b> after exact steps on a quadratic', (name) => {
    expect(conjugations[name]({ gg: 3, bg: 0, bb: 5, dg: 0, db: -5, dd: 7 })).toBeCloseTo(3 / 5, 15);
  });

  it.each(variants)('%s keeps a lower bound', (name) => {
    const beta = conjugations[name]({ gg: 4, bg: 6, bb: 10, dg: 1, db: -1, dd: 10 });
    expect(beta).toBe(name === 'polak-ribiere' ? 0 : -0.04);
  });
});

describe.each(variants)('nonlinearConjugateGradient, %s', (conjugation) => {
  const method = nonlinearConjugateGradient({ conjugation });

  it('needs about as many steps as a quadratic has curvatures', async () => {
    const problem = quadratic([1, 10, 100, 1000]);
    const { trace } = await run(problem, nonlinearConjugateGradient({ conjugation, curvature: 1e-6 }), { iterations: 8 });
    expect(trace.at(-1)!.value).toBeLessThan(1e-16 * trace[0]!.value);
  });

  // catalogue.md P1: condition 100, start 0.1, to 1e-8: 296 iterations, gradient descent 25604
  it('solves a factorization of condition 100 in a few hundred steps', async () => {
    const iterations: number[] = [];
    for (const seed of [1, 2, 3, 4, 5]) {
      const sigma = linearSpectrum(4, 100);
      const problem = matrixFactorization({ target: withSpectrum(sigma, 40, 30, seed), rank: 4, balance: 0 });
      const bound = 0.5 * (1e-8 * Math.hypot(...sigma)) ** 2;
      iterations.push(await iterationsTo(bound, problem, method, { point: randomPoint(problem.layout, 0.1, seed), iterations: 1500 }));
    }
    expect(median(iterations)).toBeLessThan(600);
    expect(median(iterations)).toBeGreaterThan(100);
  });

  it('does not see the condition number in the scaled geometry', async () => {
    const problem = matrixFactorization({ target: withSpectrum([1, 0.1, 1e-3], 12, 9, 1), rank: 3, balance: 0 });
    const scaledMethod = nonlinearConjugateGradient({ conjugation, geometry: scaled({ adaptive: 0.5 }) });
    const { trace } = await run(problem, scaledMethod, { point: randomPoint(problem.layout, 0.3, 1), iterations: 60 });
    expect(trace.at(-1)!.value).toBeLessThan(1e-20 * trace[0]!.value);
  });

  it('ends at the precision floor when asked for more than f64 holds', async () => {
    const problem = symmetricFactorization({ target: withSpectrum([3, 1, -2], 6, 6, 1, true), rank: 2 });
    const { stop, gradientNorm, value } = await run(problem, method, { point: randomPoint(problem.layout, 1, 2), iterations: 5000 });
    expect(stop).toMatchObject({ reason: 'stalled', rule: 'precision-floor' });
    expect(gradientNorm).toBeLessThan(1e-12);
    expect(Math.abs(value - 1)).toBeLessThan(1e-14); // f* = 1/4 (-2)^2
  });

  it('ends where the gradient is rounding, however small the value', async () => {
    const { stop, value } = await run(rosenbrock({}), method, { seed: 1, iterations: 500 });
    expect(['precision-floor', 'zero-gradient']).toContain(stop.rule);
    expect(value).toBeLessThan(1e-25);
  });

  it('rests at a saddle that is exactly stationary', async () => {
    const problem = symmetricFactorization({ target: diagonal([4, 1], 3), rank: 2 });
    const point = pointOf(problem.layout, [2, 0, 0, 0, 0, 0]);
    const { stop, point: end } = await run(problem, method, { point, iterations: 10 });
    expect(stop).toMatchObject({ reason: 'converged', rule: 'zero-gradient' });
    expect(end.data).toEqual(point.data);
  });

  it('takes starts of any size', async () => {
    const problem = symmetricFactorization({ target: diagonal([4, 1], 3), rank: 2 });
    for (const scale of [1e-8, 1, 1e6]) {
      const { value } = await run(problem, method, { point: randomPoint(problem.layout, scale, 2), iterations: 500 });
      expect(value).toBeLessThan(1e-18);
    }
  });

  it('makes two reads an iteration and one a trial', async () => {
    const problem = symmetricFactorization({ target: diagonal([4, 1], 3), rank: 2 });
    const backend = asyncBackend({ reads: 'microtask' });
    const { counts, iterations } = await run(problem, method, { seed: 1, iterations: 12, backend });
    const driver = await run(problem, gradientDescent({ step: fixed({ step: 1e-3 }) }), { seed: 1, iterations: 12, backend });
    const trials = counts.method['valueAndGradient']! - 1;
    expect(iterations).toBe(12);
    // in the first step no products, but the length of the point
    expect(counts.reads - driver.counts.reads).toBe(2 * iterations + trials);
  });
});
