import { gradientTolerance, type Optimizer } from '@lowland/core';
import { asyncBackend } from '@lowland/core/testing';
import { matrixCompletion, matrixFactorization, rosenbrock, symmetricFactorization } from '@lowland/objectives';
import { describe, expect, it } from 'vitest';

import { diagonal, pointOf, randomPoint, run, withSpectrum } from '../../test/fixtures.ts';
import { fixed } from '../gradient-descent/fixed.ts';
import { gradientDescent } from '../gradient-descent/gradient-descent.ts';
import { lbfgs } from './lbfgs.ts';

/** Noisy observations of a 60 x 50 matrix of rank 3, penalised: a least value far from zero. */
function completion() {
  const { values } = withSpectrum([30, 20, 10], 60, 50, 3);
  const cells = Array.from({ length: 1500 }, (_, k) => (k * 1009) % 3000).sort((a, b) => a - b);
  const noise = randomPoint({ blocks: [{ name: 'noise', shape: [1500] }] }, 0.05, 5).data;
  return matrixCompletion({
    entries: {
      rows: 60,
      cols: 50,
      row: Int32Array.from(cells, (cell) => Math.floor(cell / 50)),
      col: Int32Array.from(cells, (cell) => cell % 50),
      values: Float64Array.from(cells, (cell, k) => values[cell]! + noise[k]!),
    },
    rank: 6,
    lambda: 0.3,
    center: 'none',
  });
}

describe('lbfgs', () => {
  it.each([1, 2, 3])('brings a penalised completion to 1e-12 of its first gradient, from start %i', async (seed) => {
    const { stop, counts, iterations } = await run(completion(), lbfgs(), { seed, iterations: 5000, stop: gradientTolerance(1e-12) });
    expect(stop.reason).toBe('converged');
    // the first trial is nearly always accepted, so an iteration is an evaluation
    expect(counts.method['valueAndGradient']!).toBeLessThan(1.15 * iterations + 10);
  });

  it('ends at the precision floor when asked for more than f64 holds', async () => {
    const { stop, gradientNorm, trace } = await run(completion(), lbfgs(), { seed: 1, iterations: 20_000 });
    expect(stop).toMatchObject({ reason: 'stalled', rule: 'precision-floor' });
    expect(gradientNorm / trace[0]!.gradientNorm).toBeLessThan(1e-12);
  });

  it('never lets the value rise by more than rounding', async () => {
    const { trace } = await run(completion(), lbfgs(), { seed: 2, iterations: 400 });
    trace.slice(1).forEach(({ value }, t) => expect(value).toBeLessThanOrEqual(trace[t]!.value * (1 + 1e-13)));
  });

  // catalogue.md P1: condition 100, start 0.1, to 1e-8: 147 iterations; gradient descent 25604
  it('solves a factorization of condition 100 in a few hundred iterations', async () => {
    const problem = matrixFactorization({ target: withSpectrum([1, 0.3, 0.1, 0.01], 40, 30, 2), rank: 4, balance: 0 });
    const { value, iterations } = await run(problem, lbfgs(), { point: randomPoint(problem.layout, 0.1, 1), iterations: 1000, stop: gradientTolerance(1e-12) });
    expect(value).toBeLessThan(1e-16);
    expect(iterations).toBeLessThan(600);
  });

  it('takes starts of any size, and a memory of one', async () => {
    const problem = symmetricFactorization({ target: diagonal([4, 1], 3), rank: 2 });
    for (const scale of [1e-8, 1, 1e6]) {
      const { value } = await run(problem, lbfgs({ memory: 1 }), { point: randomPoint(problem.layout, scale, 2), iterations: 500 });
      expect(value).toBeLessThan(1e-20);
    }
  });

  // the curvature of the fit in a column is its square: 1e-4 to 1 without the scaling, 1 to 2 with it
  it('has the conditioning of X where columns are scaled and those of the start are ordered', async () => {
    const sigma = [1, 0.3, 0.1, 0.03, 0.01];
    const problem = symmetricFactorization({ target: diagonal(sigma, 8), rank: 5 });
    const near = randomPoint(problem.layout, 1, 4).data;
    const point = pointOf(problem.layout, Array.from(near, (x, k) => Math.sqrt(sigma[k % 5]!) * (0.02 * x + (k % 5 === Math.floor(k / 5) ? 1 : 0))));
    const needed = async (scaling: 'none' | 'columns') => (await run(problem, lbfgs({ scaling }), { point, iterations: 2000, stop: gradientTolerance(1e-10) })).iterations;
    const [plain, scaled] = [await needed('none'), await needed('columns')];
    expect(scaled).toBeLessThan(60);
    expect(plain).toBeGreaterThan(2 * scaled);
  });

  it('scales no columns of an objective without factors', async () => {
    await expect(run(rosenbrock(), lbfgs({ scaling: 'columns' }) as Optimizer<'valueAndGradient'>, { iterations: 1 })).rejects.toMatchObject({ code: 'LOWLAND_E_CAPABILITY' });
  });

  it('rests at a saddle that is exactly stationary', async () => {
    const problem = symmetricFactorization({ target: diagonal([4, 1], 3), rank: 2 });
    const point = pointOf(problem.layout, [2, 0, 0, 0, 0, 0]);
    const { stop, point: end } = await run(problem, lbfgs(), { point, iterations: 10 });
    expect(stop).toMatchObject({ reason: 'converged', rule: 'zero-gradient' });
    expect(end.data).toEqual(point.data);
  });

  it('makes two reads an iteration and one a trial', async () => {
    const problem = symmetricFactorization({ target: diagonal([4, 1], 3), rank: 2 });
    const backend = asyncBackend({ reads: 'microtask' });
    const { counts, iterations } = await run(problem, lbfgs(), { seed: 1, iterations: 12, backend });
    const driver = await run(problem, gradientDescent({ step: fixed({ step: 1e-3 }) }), { seed: 1, iterations: 12, backend });
    const trials = counts.method['valueAndGradient']! - 1;
    expect(iterations).toBe(12);
    // one more in the first step, for the length of the point
    expect(counts.reads - driver.counts.reads).toBe(2 * iterations + trials + 1);
  });
});
