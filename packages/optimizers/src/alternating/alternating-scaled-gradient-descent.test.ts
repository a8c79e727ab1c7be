import { blockOf, createPoint, type Point } from '@lowland/core';
import { matrix, multiply, thinSvd } from '@lowland/linalg';
import { matrixFactorization, symmetricFactorization } from '@lowland/objectives';
import { describe, expect, it } from 'vitest';

import { iterationsTo, linearSpectrum, pointOf, randomPoint, run, withSpectrum } from '../../test/fixtures.ts';
import { alternatingScaledGradientDescent } from './alternating-scaled-gradient-descent.ts';

/** 100 x 100, rank 5. */
function instance(kappa: number, columns: number) {
  const sigma = linearSpectrum(5, kappa);
  return { problem: matrixFactorization({ target: withSpectrum(sigma, 100, 100, 1), rank: columns, balance: 0 }), size: Math.hypot(...sigma) };
}

describe('alternatingScaledGradientDescent', () => {
  // F20, catalogue.md P11: after one step about 1e-9 (rounding of the pseudo-inverse), after two below 1e-13
  it.each([5, 10, 15])('with Gauss-Newton steps fits condition 1e4 by %i columns in two', async (columns) => {
    const { problem, size } = instance(1e4, columns);
    const { trace } = await run(problem, alternatingScaledGradientDescent({ step: 1 }), { point: randomPoint(problem.layout, 0.1, columns), iterations: 2 });
    const error = trace.map(({ value }) => Math.sqrt(2 * value) / size);
    expect(error[1]).toBeLessThan(1e-7);
    expect(error[2]).toBeLessThan(1e-13);
  });

  // catalogue.md P11: 35 iterations to 1e-10 at both
  it.each([10, 1e4])('with half steps needs as many iterations at condition %f as at any', async (kappa) => {
    const { problem, size } = instance(kappa, 10);
    const iterations = await iterationsTo(0.5 * (1e-10 * size) ** 2, problem, alternatingScaledGradientDescent(), { point: randomPoint(problem.layout, 0.1, 1), iterations: 100 });
    expect(iterations).toBeGreaterThan(25);
    expect(iterations).toBeLessThan(45);
  });

  it('cuts what is rounding: a cut below it spoils the fit with rank to spare', async () => {
    const { problem, size } = instance(10, 15);
    const point = randomPoint(problem.layout, 0.1, 1);
    const error = async (rcond: number) => Math.sqrt(2 * (await run(problem, alternatingScaledGradientDescent({ step: 1, rcond }), { point, iterations: 1 })).value) / size;
    expect(await error(1e-12)).toBeLessThan(1e-10);
    // a cut above 1 / kappa^2 = 1e-2 loses directions of the matrix
    expect(await error(0.3)).toBeGreaterThan(1e-2);
  });

  it('goes on from a rank-deficient factor, where the Gram matrix has no inverse', async () => {
    const problem = matrixFactorization({ target: withSpectrum([3, 2], 8, 7, 1), rank: 3, balance: 0 });
    const start = randomPoint(problem.layout, 1, 2);
    for (let i = 0; i < 7; i++) blockOf(start, 'V')[3 * i + 2] = 0;
    const { value, stop } = await run(problem, alternatingScaledGradientDescent(), { point: start, iterations: 60 });
    expect(stop.reason).toBe('budget');
    expect(value).toBeLessThan(1e-20);
  });

  it('halves the error of X X^T a step once near', async () => {
    const problem = symmetricFactorization({ target: withSpectrum([3, 1, 0.1], 9, 9, 1, true), rank: 3 });
    const { trace } = await run(problem, alternatingScaledGradientDescent({ step: 0.5 }), { point: randomPoint(problem.layout, 0.5, 1), iterations: 120 });
    const small = trace.findIndex(({ value }) => value < 1e-14);
    expect(small).toBeGreaterThan(0);
    expect(Math.sqrt(trace[small + 5]!.value / trace[small + 4]!.value)).toBeLessThan(0.51);
  });

  // rigour.md E3 for the exact rank: tolerance 1e-12 cond(Q)^2 after 20 steps
  it('is equivariant under GL(r) where the factors have full rank', async () => {
    const problem = matrixFactorization({ target: withSpectrum([3, 2, 1, 0.5], 7, 6, 1), rank: 3, balance: 0 });
    const start = randomPoint(problem.layout, 1, 4);
    const q = matrix(3, 3, Float64Array.of(2, 1, 0, 0, 1, -1, 0, 0, 0.5));
    const inverseTransposed = matrix(3, 3, Float64Array.of(0.5, 0, 0, -0.5, 1, 0, -1, 2, 2));
    const moved = createPoint(problem.layout);
    blockOf(moved, 'U').set(multiply(matrix(7, 3, blockOf(start, 'U')), q).data);
    blockOf(moved, 'V').set(multiply(matrix(6, 3, blockOf(start, 'V')), inverseTransposed).data);
    const product = async (point: Point) => {
      const { point: end } = await run(problem, alternatingScaledGradientDescent(), { point, iterations: 20 });
      return multiply(matrix(7, 3, blockOf(end, 'U')), matrix(6, 3, blockOf(end, 'V')), { transposeB: true }).data;
    };
    const [plain, other] = [await product(start), await product(moved)];
    const { s } = thinSvd(q);
    expect(Math.hypot(...plain.map((x, k) => x - other[k]!))).toBeLessThan(1e-12 * (s[0]! / s[2]!) ** 2 * Math.hypot(...plain));
  });

  it('rests at zero and at the minimum', async () => {
    const problem = symmetricFactorization({ target: { rows: 3, cols: 3, values: Float64Array.of(4, 0, 0, 0, 1, 0, 0, 0, 0) }, rank: 2 });
    for (const numbers of [[0, 0, 0, 0, 0, 0], [2, 0, 0, 1, 0, 0]]) {
      const { point } = await run(problem, alternatingScaledGradientDescent(), { point: pointOf(problem.layout, numbers), iterations: 5 });
      expect(Array.from(point.data)).toEqual(numbers);
    }
  });
});
