import { blockOf, type Objective, plan } from '@lowland/core';
import { cpu, matrix, multiply } from '@lowland/linalg';
import { matrixCompletion, matrixFactorization, symmetricFactorization } from '@lowland/objectives';
import { describe, expect, it } from 'vitest';

import { iterationsTo, linearSpectrum, median, randomPoint, run, withSpectrum } from '../../test/fixtures.ts';
import { fixed } from '../gradient-descent/fixed.ts';
import { gradientDescent } from '../gradient-descent/gradient-descent.ts';
import { alternatingGradientDescent } from './alternating-gradient-descent.ts';

describe('alternatingGradientDescent', () => {
  it('moves U, then V with the new U', async () => {
    const target = withSpectrum([2, 1], 5, 4, 1);
    const problem = matrixFactorization({ target, rank: 2, balance: 0 });
    const start = randomPoint(problem.layout, 0.5, 1);
    const [u, v, m] = [matrix(5, 2, blockOf(start, 'U')), matrix(4, 2, blockOf(start, 'V')), target.values];
    const residual = (left: typeof u) => matrix(5, 4, multiply(left, v, { transposeB: true }).data.map((x, k) => x - m[k]!));
    const next = matrix(5, 2, multiply(residual(u), v).data.map((g, k) => u.data[k]! - 0.1 * g));
    const right = multiply(residual(next), next, { transposeA: true }).data.map((g, k) => v.data[k]! - 0.1 * g);
    const { point } = await run(problem, alternatingGradientDescent({ step: 0.1 }), { point: start, iterations: 1 });
    blockOf(point, 'U').forEach((x, k) => expect(x).toBeCloseTo(next.data[k]!, 14));
    blockOf(point, 'V').forEach((x, k) => expect(x).toBeCloseTo(right[k]!, 14));
  });

  it('makes do with whole gradients where there are no others, and the plan says so', async () => {
    const problem = matrixFactorization({ target: withSpectrum([2, 1], 5, 4, 1), rank: 2, balance: 0 });
    const { blockGradient, ...routes } = problem.routes;
    expect(blockGradient.length).toBeGreaterThan(0);
    const without = { ...problem, routes } as unknown as Objective<'valueAndGradient'>;
    const [method, point] = [alternatingGradientDescent({ step: 0.1 }), randomPoint(problem.layout, 0.5, 1)];
    expect(plan(problem, method, cpu()).warnings).toEqual([]);
    expect(plan(without, method, cpu()).warnings).toEqual([expect.stringContaining('blockGradient')]);
    const [blocks, whole] = [await run(problem, method, { point, iterations: 20 }), await run(without as typeof problem, method, { point, iterations: 20 })];
    whole.point.data.forEach((x, k) => expect(x).toBeCloseTo(blocks.point.data[k]!, 12));
    expect(blocks.counts.method).toEqual({ blockGradient: 40 });
    expect(whole.counts.method).toEqual({ gradient: 40 });
  });

  it('is gradient descent where there is one factor, bit for bit', async () => {
    const problem = symmetricFactorization({ target: withSpectrum([2, 1], 5, 5, 1, true), rank: 2 });
    const point = randomPoint(problem.layout, 0.5, 1);
    const alternating = await run(problem, alternatingGradientDescent({ step: 0.05 }), { point, iterations: 40 });
    const plain = await run(problem, gradientDescent({ step: fixed({ step: 0.05 }) }), { point, iterations: 40 });
    expect(alternating.point.data).toEqual(plain.point.data);
  });

  // F25: 100 x 100, rank 5, 10 columns, to 1e-6: 10 / 20 / 50 / 90 iterations, bands twice that; a Gaussian start needs many more
  it.each([
    [1, 20],
    [2, 40],
    [5, 100],
    [10, 200],
  ])('from a sketch needs few iterations at condition %i', async (kappa, band) => {
    const sigma = linearSpectrum(5, kappa);
    const goal = 0.5 * (1e-6 * Math.hypot(...sigma)) ** 2;
    const [sketched, gaussian]: [number[], number[]] = [[], []];
    for (const seed of [1, 2, 3, 4, 5]) {
      const problem = matrixFactorization({ target: withSpectrum(sigma, 100, 100, seed), rank: 10, balance: 0 });
      sketched.push(await iterationsTo(goal, problem, alternatingGradientDescent({ start: 'sketch' }), { seed, iterations: 300 }));
      gaussian.push(await iterationsTo(goal, problem, alternatingGradientDescent({ step: 0.5 }), { point: randomPoint(problem.layout, 0.1, seed), iterations: 1000 }));
    }
    expect(median(sketched)).toBeLessThanOrEqual(band);
    expect(median(gaussian)).toBeGreaterThan(3 * median(sketched));
  });

  it('sketches data of any scale, with a step to match', async () => {
    for (const unit of [1e-6, 1, 1e6]) {
      const sigma = [unit, 0.5 * unit];
      const problem = matrixFactorization({ target: withSpectrum(sigma, 12, 9, 3), rank: 4, balance: 0 });
      const { trace } = await run(problem, alternatingGradientDescent({ start: 'sketch' }), { seed: 1, iterations: 100 });
      expect(trace.at(-1)!.value).toBeLessThan(1e-12 * trace[0]!.value);
    }
  });

  it('starts completion from its zero-filled data', async () => {
    const truth = withSpectrum([4, 2], 30, 25, 2);
    const cells = Array.from({ length: 450 }, (_, k) => (k * 401) % 750).sort((a, b) => a - b);
    const entries = {
      rows: 30,
      cols: 25,
      row: Int32Array.from(cells, (cell) => Math.floor(cell / 25)),
      col: Int32Array.from(cells, (cell) => cell % 25),
      values: Float64Array.from(cells, (cell) => truth.values[cell]!),
    };
    const problem = matrixCompletion({ entries, rank: 2, center: 'none' });
    const { trace } = await run(problem, alternatingGradientDescent({ start: 'sketch' }), { seed: 1, iterations: 1500 });
    expect(trace.at(-1)!.value).toBeLessThan(1e-6 * trace[0]!.value);
  });

  it('sketches one product of two factors alone', async () => {
    const problem = symmetricFactorization({ target: withSpectrum([2, 1], 4, 4, 1, true), rank: 2 });
    await expect(run(problem, alternatingGradientDescent({ start: 'sketch' }), { iterations: 1 })).rejects.toMatchObject({ code: 'LOWLAND_E_FACTORS' });
  });
});
