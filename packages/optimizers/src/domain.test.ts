/** Methods on a loss that is infinite outside of its domain: counts with the identity link, z >= -beta. */
import { normals, streamKey, type Capability, type Objective, type Optimizer } from '@lowland/core';
import { generateEntries, matrixCompletion } from '@lowland/objectives';
import { describe, expect, it } from 'vitest';

import { run } from '../test/fixtures.ts';
import { armijo, cubicRegularisation, gradientDescent, lbfgs, newtonCg, nonlinearConjugateGradient, scaled, trustRegion } from './index.ts';

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
