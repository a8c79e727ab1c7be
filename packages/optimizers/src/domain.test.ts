/** Methods on a loss that is infinite outside of its domain: counts with the identity link, z >= -beta. */
import { normals, streamKey, type Capability, type Objective, type Optimizer } from '@lowland/core';
import { generateEntries, matrixCompletion } from '@lowland/objectives';
import { describe, expect, it } from 'vitest';

import { randomPoint, run } from '../test/fixtures.ts';
import { armijo, barzilaiBorwein, cubicRegularisation, gradientDescent, gradientFlow, lbfgs, newtonCg, nonlinearConjugateGradient, perturbedGradientDescent, scaled, trustRegion } from './index.ts';

const { data } = generateEntries({ rows: 12, cols: 10, rank: 2, density: 0.7 }, 3);
const noise = new Float64Array(data.values.length);
normals(streamKey(2, 'counts'), noise);
const problem = (least: number) =>
  matrixCompletion({
    entries: { ...data, values: data.values.map((x, k) => Math.max(least, Math.round(3 * Math.abs(x) + noise[k]!))) },
    rank: 2,
    lambda: 0.5,
    loss: { id: 'poisson-identity', options: { beta: 0.1 } },
  }) as unknown as Objective<Capability>;

describe.each<[string, unknown]>([
  ['gradient descent, Armijo', gradientDescent({ step: armijo() })],
  ['gradient descent, Armijo, scaled', gradientDescent({ step: armijo(), geometry: scaled() })],
  ['conjugate gradients', nonlinearConjugateGradient()],
  ['L-BFGS', lbfgs()],
  ['Newton-CG', newtonCg()],
  ['trust region', trustRegion()],
  ['cubic regularisation', cubicRegularisation()],
])('%s', (_name, given) => {
  const method = given as Optimizer<'value'>;

  it('rejects trials outside of the domain and reaches the optimum behind the barrier', async () => {
    const { value, gradientNorm } = await run(problem(1), method, { iterations: 2000 });
    expect(Math.abs(value + 21.9112731263)).toBeLessThan(1e-8);
    expect(gradientNorm).toBeLessThan(1e-6);
  });

  it('falls and ends without a word of divergence at the wall that counts of 0 make', async () => {
    const { trace, value, stop } = await run(problem(0), method, { iterations: 200 });
    expect(value).toBeLessThan(trace[0]!.value);
    expect(trace.every((seen) => Number.isFinite(seen.value))).toBe(true);
    expect(stop.reason).not.toBe('diverged');
  });
});

describe.each<[string, unknown, string]>([
  ['L-BFGS', lbfgs(), 'stalled, line-search'],
  ['conjugate gradients', nonlinearConjugateGradient(), 'stalled, line-search'],
  ['Newton-CG', newtonCg(), 'stalled, line-search'],
  ['trust region', trustRegion(), 'stalled, radius'],
  ['trust region that leaves saddles', trustRegion({ escape: true }), 'stalled, radius'],
  ['cubic regularisation', cubicRegularisation(), 'stalled, regularisation'],
  ['gradient flow', gradientFlow(), 'stalled, step-size'],
  ['gradient descent, Barzilai-Borwein', gradientDescent({ step: barzilaiBorwein() }), 'budget, max-iterations'],
  ['perturbed gradient descent', perturbedGradientDescent({ mode: 'practical', smoothness: 300 }), 'diverged, not-finite'],
])('%s', (_name, given, end) => {
  it.each([1e-3, 0.1])('says how it ends at the wall, where the gradient is large, from a start of size %d', async (size) => {
    const counts = problem(0);
    const { trace, stop } = await run(counts, given as Optimizer<'value'>, { point: randomPoint(counts.layout, size, 1), iterations: 500 });
    expect(trace.findLast((seen) => Number.isFinite(seen.value))!.gradientNorm).toBeGreaterThan(1);
    expect(`${stop.reason}, ${stop.rule}`).toBe(end);
  });
});
