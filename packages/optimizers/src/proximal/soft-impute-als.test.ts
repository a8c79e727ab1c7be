import { anyOf, gradientTolerance, maxIterations, plan, solve, type Capability, type Objective } from '@lowland/core';
import { asyncBackend, optimizerChecks } from '@lowland/core/testing';
import { cpu, hostKernels, matrix, multiply } from '@lowland/linalg';
import { convexForm, generateEntries, matrixCompletion, matrixFactorization, symmetricFactorization } from '@lowland/objectives';
import { describe, expect, it } from 'vitest';

import { randomPoint, withSpectrum } from '../../test/fixtures.ts';
import { softImpute, softImputeAls } from '../index.ts';

const { data: entries } = generateEntries({ rows: 30, cols: 25, rank: 2, density: 0.5, noise: 0.1 }, 1);

describe('soft-impute by alternating ridge regressions', () => {
  it('tends to the matrix of soft-impute where its rank suffices', async () => {
    const factored = matrixCompletion({ entries, rank: 8, lambda: 2, center: 'none' });
    const stop = anyOf(gradientTolerance(1e-8), maxIterations(5000));
    const [als, whole] = [await solve(factored, softImputeAls(), { backend: cpu(), stop }), await solve(convexForm(factored), softImpute(), { backend: cpu(), stop })];
    expect(als.stop.rule).toBe('gradient-tolerance');
    const product = multiply(matrix(30, 8, als.point.data.subarray(0, 240)), matrix(25, 8, als.point.data.subarray(240)), { transposeB: true }).data;
    const [difference, size] = [product.map((x, k) => x - whole.point.data[k]!), whole.point.data].map((x) => Math.hypot(...x)) as [number, number];
    expect(difference / size).toBeLessThan(1e-5);
    expect(Math.abs(als.value - whole.value)).toBeLessThan(1e-9 * whole.value);
  });

  it('lowers the singular values of a matrix that is observed in full', async () => {
    const objective = matrixFactorization({ target: withSpectrum([5, 3], 9, 7, 2), rank: 2, balance: 0, lambda: 0.5 });
    const { value } = await solve(objective, softImputeAls(), { backend: cpu(), seed: 3, stop: maxIterations(40) });
    // 1/2 lambda^2 + lambda (sigma - lambda) for each singular value.
    expect(value).toBeCloseTo(2 * 0.125 + 0.5 * (4.5 + 2.5), 10);
  });

  it('is refused for X X^T, without a penalty, and for losses of unbounded curvature', async () => {
    const psd = symmetricFactorization({ target: withSpectrum([3, 1], 5, 5, 1, true), rank: 2, lambda: 0.1 });
    expect(plan(psd, softImputeAls(), cpu()).refusals).toMatchObject([{ code: 'LOWLAND_E_FACTORS' }]);
    const free = matrixCompletion({ entries, rank: 2 });
    expect(plan(free, softImputeAls(), cpu()).refusals).toMatchObject([{ code: 'LOWLAND_E_PENALTY', message: expect.stringContaining('needs penalty, ') as string }]);
    await expect(solve(free, softImputeAls(), { backend: cpu() })).rejects.toMatchObject({ code: 'LOWLAND_E_PENALTY' });
    const counts = { ...entries, values: entries.values.map((value) => Math.round(Math.abs(value))) };
    for (const loss of ['poisson', 'poisson-identity'] as const) {
      const { refusals } = plan(matrixCompletion({ entries: counts, rank: 2, lambda: 1, loss }), softImputeAls(), cpu());
      expect(refusals).toMatchObject([{ code: 'LOWLAND_E_CAPABILITY', message: expect.stringMatching(/needs smoothness, .*the curvature of its loss has no bound/) as string }]);
    }
  });
});

const weighted = { ...entries, weights: entries.values.map((_, k) => 0.5 + (k % 3)) };
describe.each([
  ['completion', matrixCompletion({ entries, rank: 3, lambda: 1 })],
  ['weighted one-bit completion', matrixCompletion({ entries: { ...weighted, values: entries.values.map((value) => Number(value > 0)) }, rank: 3, lambda: 1, loss: 'logistic' })],
  ['factorization, balanced', matrixFactorization({ target: withSpectrum([3, 2, 1], 7, 6, 1), rank: 3, lambda: 0.2 })],
] as unknown as [string, Objective<Capability>][])('on %s', (_name, objective) => {
  const asynchronous = asyncBackend({ reads: 'microtask', extra: hostKernels });
  it.each(optimizerChecks({ optimizer: softImputeAls(), objective, backend: cpu(), asynchronous, point: randomPoint(objective.layout, 0.6, 1) }))('$name', (check) => check.run());
});
