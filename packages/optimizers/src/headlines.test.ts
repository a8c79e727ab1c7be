/** The headline reproductions of catalogue.md, Part 4, that concern first-order methods, in small. */
import { normals, type Optimizer, streamKey } from '@lowland/core';
import { matrixCompletion, matrixFactorization, symmetricFactorization } from '@lowland/objectives';
import { describe, expect, it } from 'vitest';

import { iterationsTo, linearSpectrum, median, randomPoint, run, withSpectrum } from '../test/fixtures.ts';
import { alternatingScaledGradientDescent, fixed, gradientDescent, preconditionedGradientDescent, scaled, scaledGradientDescent, spectral } from './index.ts';

const seeds = [1, 2, 3, 4, 5];
const descend = (step: number) => gradientDescent({ step: fixed({ step }) });
/** |X X^T - M|_F <= bound for f = 1/4 |X X^T - M|_F^2 */
const residual = (bound: number) => bound ** 2 / 4;

describe('H2, completion from spectral factors: ScaledGD does not see the condition number, gradient descent does', () => {
  /** 300 x 300, rank 5, entries seen with probability 0.3. */
  function instance(kappa: number, seed: number) {
    const [size, rank, p] = [300, 5, 0.3];
    const { values } = withSpectrum(linearSpectrum(rank, kappa), size, size, seed);
    const draws = new Float64Array(size * size);
    normals(streamKey(seed, 'seen', 0), draws);
    const below = -0.524401; // the quantile of p = 0.3
    const cells = Int32Array.from(Array.from(draws.keys()).filter((k) => draws[k]! < below));
    const entries = { rows: size, cols: size, row: cells.map((k) => Math.floor(k / size)), col: cells.map((k) => k % size), values: Float64Array.from(cells, (k) => values[k]!) };
    const problem = matrixCompletion({ entries, rank, center: 'none' });
    // |X - M| <= 1e-10 |M| on the entries seen
    const goal = 0.5 * entries.values.reduce((sum, x) => sum + x * x, 0) * 1e-20;
    return { problem, goal, step: fixed({ step: 0.5 / p }) };
  }

  // F17, F18 as amended: medians of 5 seeds; 300 x 300, rank 5, p = .3: 90 / 102 and 90 / 2546 iterations at condition 1 / 20
  it('at 300 x 300, rank 5, p = 0.3', async () => {
    const ratios: Record<'scaled' | 'plain', number[]> = { scaled: [], plain: [] };
    for (const seed of seeds) {
      const [easy, hard] = [instance(1, seed), instance(20, seed)];
      const count = ({ problem, goal, step }: typeof easy, geometry?: ReturnType<typeof scaled>) =>
        iterationsTo(goal, problem, geometry === undefined ? gradientDescent({ step }) : gradientDescent({ step, geometry }), { init: spectral(), seed, iterations: 6000 });
      ratios.scaled.push((await count(hard, scaled())) / (await count(easy, scaled())));
      ratios.plain.push((await count(hard)) / (await count(easy)));
    }
    expect(median(ratios.scaled)).toBeLessThanOrEqual(1.3);
    expect(median(ratios.plain)).toBeGreaterThanOrEqual(15);
    expect(median(ratios.plain)).toBeLessThan(Infinity);
  });
});

describe('H3, ScaledGD(lambda): 30 x 30, rank 2, 6 columns, start 1e-6, to 1e-6', () => {
  const instance = (kappa: number, seed: number) => {
    const problem = symmetricFactorization({ target: withSpectrum([1, 1 / kappa], 30, 30, seed, true), rank: 6 });
    return { problem, goal: residual(1e-6 * Math.hypot(1, 1 / kappa)), point: randomPoint(problem.layout, 1e-6, seed) };
  };
  const medianOf = async (kappa: number, method: Optimizer<'valueAndGradient' | 'factors'>, iterations: number) => {
    const counts: number[] = [];
    for (const seed of seeds) {
      const { problem, goal, point } = instance(kappa, seed);
      counts.push(await iterationsTo(goal, problem, method, { point, iterations }));
    }
    return median(counts);
  };

  // 34 / 29 / 25 iterations; gradient descent 68 / 586 / 5090
  it.each([1, 10, 100])('needs at most 50 iterations at condition %i, gradient descent 40 kappa', async (kappa) => {
    expect(await medianOf(kappa, scaledGradientDescent({ step: fixed({ step: 0.3 }), damping: 0.2 / kappa, adaptive: 0 }), 200)).toBeLessThanOrEqual(50);
    const { problem, goal, point } = instance(kappa, 1);
    expect(await iterationsTo(goal, problem, descend(0.3), { point, iterations: 60 * kappa + 60 })).toBeGreaterThanOrEqual(40 * kappa);
  });

  // P12: the fixed damping stalls from a large start, that of the residual does not
  it('stalls from a large start, where PrecGD does not', async () => {
    const { problem } = instance(2, 1);
    const point = randomPoint(problem.layout, 0.3, 1);
    const scaledLambda = scaledGradientDescent({ step: fixed({ step: 0.3 }), damping: 1e-3, adaptive: 0 });
    expect(await iterationsTo(residual(1e-9), problem, scaledLambda, { point, iterations: 3000 })).toBe(Infinity);
    expect(await iterationsTo(residual(1e-9), problem, preconditionedGradientDescent(), { point, iterations: 3000 })).toBeLessThan(300);
  });
});

describe('H4, rank to spare: 20 x 20, rank 2, 4 columns', () => {
  const target = (seed: number) => withSpectrum([1, 0.5], 20, 20, seed, true);

  // F22: the residual of gradient descent goes like 1 / k; 3.4e-2, 3.5e-3, 3.5e-4 at k = 1e2, 1e3, 1e4
  it('slows gradient descent down to 1 / k', async () => {
    const problem = symmetricFactorization({ target: target(1), rank: 4 });
    const { trace } = await run(problem, descend(0.2), { point: randomPoint(problem.layout, 0.3, 1), iterations: 10_000 });
    const slope = (from: number, to: number) => (0.5 * Math.log(trace[to]!.value / trace[from]!.value)) / Math.log(to / from);
    expect(slope(100, 10_000)).toBeGreaterThan(-1.1);
    expect(slope(100, 10_000)).toBeLessThan(-0.9);
    expect(2 * Math.sqrt(trace[1000]!.value)).toBeGreaterThan(1.7e-3);
    expect(2 * Math.sqrt(trace[1000]!.value)).toBeLessThan(7e-3);
  });

  // F23: 120 iterations to 1e-12, band 250
  it('not PrecGD, whose rate stays linear', async () => {
    const counts: number[] = [];
    for (const seed of seeds) {
      const problem = symmetricFactorization({ target: target(seed), rank: 4 });
      counts.push(await iterationsTo(residual(1e-12), problem, preconditionedGradientDescent(), { point: randomPoint(problem.layout, 0.3, seed), iterations: 400 }));
    }
    expect(median(counts)).toBeLessThanOrEqual(250);
  });

  // P13: gradient descent on unequal factors of U V^T, 949 iterations
  it('nor gradient descent on two factors of unequal size', async () => {
    const problem = matrixFactorization({ target: target(1), rank: 4, balance: 0 });
    const point = randomPoint(problem.layout, 0.3, 1);
    point.data.fill(0, 20 * 4);
    expect(await iterationsTo(0.5e-24, problem, descend(0.2), { point, iterations: 4000 })).toBeLessThanOrEqual(4000);
  });

  it('nor Gauss-Newton steps by pseudo-inverses: two fit to rounding', async () => {
    const problem = matrixFactorization({ target: target(1), rank: 4, balance: 0 });
    const { value } = await run(problem, alternatingScaledGradientDescent({ step: 1 }), { point: randomPoint(problem.layout, 0.3, 1), iterations: 2 });
    expect(Math.sqrt(2 * value)).toBeLessThan(1e-14 * 10);
  });
});
