import { blockOf, gradientTolerance, type Optimizer, type Point } from '@lowland/core';
import { frobeniusNorm, matrix, multiply, subtract, symmetricEigen } from '@lowland/linalg';
import { matrixFactorization, symmetricFactorization } from '@lowland/objectives';
import { runs } from '@lowland/vitest-config/full';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { diagonal, iterationsTo, linearSpectrum, median, pointOf, randomPoint, run, withSpectrum } from '../../test/fixtures.ts';
import { adam } from '../adam/adam.ts';
import { armijo } from './armijo.ts';
import { barzilaiBorwein } from './barzilai-borwein.ts';
import { fixed } from './fixed.ts';
import { gradientDescent } from './gradient-descent.ts';

const descend = (step: number) => gradientDescent({ step: fixed({ step }) });

describe('fixed step', () => {
  /** M = diag(3, 1, 0), X within 1e-6 of diag(sqrt 3, 1). */
  const objective = symmetricFactorization({ target: diagonal([3, 1], 3), rank: 2 });
  const nearMinimum = pointOf(objective.layout, [Math.sqrt(3) + 3e-7, 2e-7, -1e-7, 1 - 4e-7, 5e-7, 1e-7]);

  // founding-papers.md 3.4 and golden number 8: max(|1 - eta mu|, |1 - eta L|), mu = 1, L = 6
  it.each([
    [0.1, 0.9],
    [2 / 7, 0.714286],
    [0.3, 0.8],
    [0.33, 0.98],
    [0.335, 1.01],
  ])('has the local rate of the spectrum: step %f, rate %f', async (step, rate) => {
    const { trace } = await run(objective, descend(step), { point: nearMinimum, iterations: 46 });
    const [late, end] = [trace[36]!, trace[46]!];
    expect(Math.abs((end.gradientNorm / late.gradientNorm) ** 0.1 - rate)).toBeLessThan(1e-3);
  });

  it('diverges just above 1/3, and settles just below', async () => {
    const above = await run(objective, descend(0.335), { point: nearMinimum, iterations: 2000 });
    expect(above.gradientNorm).toBeGreaterThan(0.01);
    const below = await run(objective, descend(0.33), { point: nearMinimum, iterations: 2000 });
    expect(below.gradientNorm).toBeLessThan(1e-12);
  });

  it('ends a run that diverges, and keeps the last finite point', async () => {
    const { stop, point, value } = await run(objective, descend(5), { point: randomPoint(objective.layout, 1, 1), iterations: 1000 });
    expect(stop.reason).toBe('diverged');
    expect(point.data.every(Number.isFinite)).toBe(true);
    expect(Number.isFinite(value)).toBe(true);
  });

  it('falls at every step and keeps |X| <= R for steps up to 1 / (3 R^2) (founding-papers.md 3.7)', async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: 1e6 }), fc.double({ min: 0.1, max: 5, noNaN: true }), async (seed, scale) => {
        const target = withSpectrum([2, 0.7, 0.1], 4, 4, seed, true);
        const problem = symmetricFactorization({ target, rank: 2 });
        const point = randomPoint(problem.layout, scale, seed);
        const bound = Math.max(2, spectralNorm(point) ** 2);
        const solution = await run(problem, descend(1 / (3 * bound)), { point, iterations: 30 });
        expect(spectralNorm(solution.point)).toBeLessThanOrEqual(Math.sqrt(bound) * (1 + 1e-12));
        solution.trace.slice(1).forEach(({ value }, t) => expect(value).toBeLessThanOrEqual(solution.trace[t]!.value * (1 + 1e-14)));
      }),
      { numRuns: runs(500), seed: 37 },
    );
  });

  it('loses excess columns like 1 / k: f_k about (p - r) / (16 eta^2 k^2) (founding-papers.md 3.4)', async () => {
    const problem = symmetricFactorization({ target: diagonal([1], 3), rank: 2 });
    const { value } = await run(problem, descend(0.1), { point: randomPoint(problem.layout, 0.5, 3), iterations: 16_000 });
    const law = 1 / (16 * 0.1 ** 2 * 16_000 ** 2);
    expect(value / law).toBeGreaterThan(0.8);
    expect(value / law).toBeLessThan(1.1);
  });
});

describe('drift of the imbalance D = U^T U - V^T V', () => {
  const target = withSpectrum([1, 0.6, 0.3], 6, 5, 1);
  const problem = matrixFactorization({ target, rank: 3, balance: 0 });
  const factors = (point: Point) => ({ u: matrix(6, 3, blockOf(point, 'U')), v: matrix(5, 3, blockOf(point, 'V')) });
  const imbalance = (point: Point) => {
    const { u, v } = factors(point);
    const [uu, vv] = [multiply(u, u, { transposeA: true }), multiply(v, v, { transposeA: true })];
    return uu.data.map((x, k) => x - vv.data[k]!);
  };

  // F01 and golden number 9: D+ = D + eta^2 [(G V)^T G V - (G^T U)^T G^T U] exactly
  it('follows its law at one step to rounding', async () => {
    for (const [seed, eta] of [[1, 0.3], [2, 0.05], [3, 1]] as const) {
      const point = randomPoint(problem.layout, 0.7, seed);
      const { u, v } = factors(point);
      const product = multiply(u, v, { transposeB: true });
      const g = matrix(6, 5, product.data.map((x, k) => x - target.values[k]!));
      const gv = multiply(g, v);
      const gu = multiply(g, u, { transposeA: true });
      const [left, right] = [multiply(gv, gv, { transposeA: true }), multiply(gu, gu, { transposeA: true })];
      const before = imbalance(point);
      const after = imbalance((await run(problem, descend(eta), { point, iterations: 1 })).point);
      after.forEach((x, k) => expect(Math.abs(x - before[k]! - eta ** 2 * (left.data[k]! - right.data[k]!))).toBeLessThan(1e-14 * 30));
    }
  });

  // F02: the total drift at fixed time is of first order in eta
  it('halves with the step over a fixed time', async () => {
    const point = randomPoint(problem.layout, 0.5, 4);
    const start = imbalance(point);
    const drift = async (eta: number) => {
      const { point: end } = await run(problem, descend(eta), { point, iterations: Math.round(20 / eta) });
      return Math.hypot(...imbalance(end).map((x, k) => x - start[k]!));
    };
    const drifts = [await drift(0.02), await drift(0.01), await drift(0.005)];
    expect(drifts[0]! / drifts[1]!).toBeGreaterThan(1.9);
    expect(drifts[0]! / drifts[1]!).toBeLessThan(2.1);
    expect(drifts[1]! / drifts[2]!).toBeGreaterThan(1.95);
    expect(drifts[1]! / drifts[2]!).toBeLessThan(2.05);
  });
});

// catalogue.md P26: Adam keeps no balance, its drift is of first order in the step already
it('the drift of one step is of second order for gradient descent, of first for Adam', async () => {
  const problem = matrixFactorization({ target: withSpectrum([1, 0.6, 0.3], 6, 5, 1), rank: 3, balance: 0 });
  const point = randomPoint(problem.layout, 0.7, 1);
  const imbalance = (at: Point) => {
    const [u, v] = [matrix(6, 3, blockOf(at, 'U')), matrix(5, 3, blockOf(at, 'V'))];
    return subtract(multiply(u, u, { transposeA: true }), multiply(v, v, { transposeA: true }));
  };
  const drift = async (method: Optimizer<'valueAndGradient'>) => frobeniusNorm(subtract(imbalance((await run(problem, method, { point, iterations: 1 })).point), imbalance(point)));
  expect((await drift(descend(0.02))) / (await drift(descend(0.01)))).toBeCloseTo(4, 8);
  expect((await drift(adam({ step: 0.02 }))) / (await drift(adam({ step: 0.01 })))).toBeLessThan(2.2);
});

describe('large steps on 1/2 (mu - x y)^2', () => {
  const start = fc.double({ min: -6, max: 6, noNaN: true });

  // F42, catalogue.md P27: at steps below 4 / (x^2 + y^2 + 4 mu) of the start the run converges, and balances: (|x| - |y|)^2 <= 2 / h - 2 mu
  it('converge to balanced factors', async () => {
    await fc.assert(
      fc.asyncProperty(start, start, fc.double({ min: 0.2, max: 3, noNaN: true }), fc.double({ min: 0.3, max: 1, noNaN: true }), async (x, y, mu, part) => {
        fc.pre(Math.hypot(x, y) > 0.1 && Math.abs(x + y) > 0.01);
        const problem = matrixFactorization({ target: diagonal([mu]), rank: 1, balance: 0 });
        const step = (3.9 * part) / (x * x + y * y + 4 * mu);
        const { point, value } = await run(problem, descend(step), { point: pointOf(problem.layout, [x, y]), iterations: 3000, stop: gradientTolerance(1e-10) });
        expect(value).toBeLessThan(1e-6);
        expect((Math.abs(point.data[0]!) - Math.abs(point.data[1]!)) ** 2).toBeLessThanOrEqual((2 / step - 2 * mu) * (1 + 1e-3));
      }),
      { numRuns: runs(2000), seed: 27 },
    );
  });

  it('end balanced where small steps do not', async () => {
    const problem = matrixFactorization({ target: diagonal([1]), rank: 1, balance: 0 });
    const end = async (step: number) => (await run(problem, descend(step), { point: pointOf(problem.layout, [8, 0.5]), iterations: 20_000 })).point.data;
    const [large, small] = [await end(0.0571), await end(0.001)];
    expect(large[0]! ** 2 + large[1]! ** 2).toBeLessThan(20);
    expect(small[0]! ** 2 - small[1]! ** 2).toBeCloseTo(63.7, 0);
  });
});

describe('armijo', () => {
  it('never rises, from far away too, and doubles its step when it can', async () => {
    const problem = symmetricFactorization({ target: diagonal([3, 1, -2], 4), rank: 2 });
    const { trace, counts, iterations } = await run(problem, gradientDescent(), { point: randomPoint(problem.layout, 10, 5), iterations: 300 });
    trace.slice(1).forEach(({ value }, t) => expect(value).toBeLessThanOrEqual(trace[t]!.value));
    expect(trace.at(-1)!.value - 1).toBeLessThan(1e-10); // f* = 1/4 (-2)^2
    expect(counts.method['valueAndGradient']!).toBeLessThan(3 * iterations);
  });
});

// catalogue.md P1: 30 x 20, rank 3, condition 10, start 0.1, to f < 1e-20: 733 and 298 iterations
it.each([
  ['steps of 0.5', fixed({ step: 0.5 }), 733],
  ['armijo', armijo(), 298],
] as const)('takes the iterations of the catalogue with %s', async (_, step, expected) => {
  const counts: number[] = [];
  for (const seed of [1, 2, 3, 4, 5]) {
    const problem = matrixFactorization({ target: withSpectrum(linearSpectrum(3, 10), 30, 20, seed), rank: 3, balance: 0 });
    counts.push(await iterationsTo(1e-20, problem, gradientDescent({ step }), { point: randomPoint(problem.layout, 0.1, seed), iterations: 3000 }));
  }
  expect(median(counts)).toBeGreaterThan(0.6 * expected);
  expect(median(counts)).toBeLessThan(1.7 * expected);
});

describe('barzilai-borwein', () => {
  // catalogue.md P1: without the nonmonotone search it runs off to infinity at this condition number
  it.each([1, 2] as const)('variant %i solves a factorization of condition 100', async (variant) => {
    const target = withSpectrum([1, 0.3, 0.1, 0.01], 40, 30, 2);
    const problem = matrixFactorization({ target, rank: 4 });
    const { value, trace } = await run(problem, gradientDescent({ step: barzilaiBorwein({ variant }) }), {
      point: randomPoint(problem.layout, 0.1, 6),
      iterations: 2000,
    });
    expect(value).toBeLessThan(1e-16 * trace[0]!.value);
  });
});

it('refuses steps that are none', () => {
  expect(() => fixed({ step: 0 })).toThrow(expect.objectContaining({ code: 'LOWLAND_E_OPTIONS' }) as Error);
  expect(() => armijo({ shrink: Number.NaN })).toThrow(expect.objectContaining({ code: 'LOWLAND_E_OPTIONS' }) as Error);
  expect(() => barzilaiBorwein({ memory: 1.5 })).toThrow(expect.objectContaining({ code: 'LOWLAND_E_OPTIONS' }) as Error);
});

function spectralNorm(point: Point): number {
  const x = matrix(4, 2, point.data);
  return Math.sqrt(symmetricEigen(multiply(x, x, { transposeA: true })).values[0]!);
}
