import { errorCode } from '@lowland/core';
import { generateEntries, matrixCompletion, matrixFactorization, symmetricFactorization } from '@lowland/objectives';
import { describe, expect, it } from 'vitest';

import { pointOf, randomPoint, run, withSpectrum } from '../../test/fixtures.ts';
import { alternatingConjugateGradients } from './alternating-conjugate-gradients.ts';
import { alternatingLeastSquares } from './alternating-least-squares.ts';

describe('alternatingConjugateGradients', () => {
  const { data, truth } = generateEntries({ rows: 30, cols: 25, rank: 2, density: 0.6 }, 1);
  const problem = matrixCompletion({ entries: data, rank: 2, lambda: 0.1, center: 'none', truth });

  it('is alternating least squares where blocks are solved to the end', async () => {
    const point = randomPoint(problem.layout, 1, 1);
    const exact = await run(problem, alternatingLeastSquares(), { point, iterations: 10 });
    const inexact = await run(problem, alternatingConjugateGradients({ inner: 60, tolerance: 0 }), { point, iterations: 10 });
    inexact.trace.forEach(({ value }, k) => expect(Math.abs(value / exact.trace[k]!.value - 1)).toBeLessThan(1e-6));
  });

  it.each([1, 2, 5])('lowers the value in every step with %i inner iterations, and gets there', async (inner) => {
    const { trace, gradientNorm } = await run(problem, alternatingConjugateGradients({ inner }), { seed: 1, iterations: 400 });
    trace.slice(1).forEach(({ value }, k) => expect(value).toBeLessThanOrEqual(trace[k]!.value * (1 + 1e-12)));
    expect(gradientNorm).toBeLessThan(1e-6 * trace[0]!.gradientNorm);
  });

  it('rests at zero factors, and refuses a factor that multiplies itself', async () => {
    const factorization = matrixFactorization({ target: withSpectrum([3, 2], 4, 4, 1), rank: 1, balance: 0 });
    const { stop } = await run(factorization, alternatingConjugateGradients(), { point: pointOf(factorization.layout, [0, 0, 0, 0, 0, 0, 0, 0]), iterations: 5 });
    expect(stop.rule).toBe('zero-gradient');
    const single = symmetricFactorization({ target: withSpectrum([3, 2], 4, 4, 1, true), rank: 1 });
    const refused: unknown = await run(single, alternatingConjugateGradients(), { iterations: 1 }).catch((error: unknown) => error);
    expect(errorCode(refused)).toBe('LOWLAND_E_FACTORS');
  });
});
