import { plan, type Tracker } from '@lowland/core';
import { cpu } from '@lowland/linalg';
import { matrixCompletion, matrixFactorization, symmetricFactorization } from '@lowland/objectives';
import { runs } from '@lowland/vitest-config/full';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { diagonal, pointOf, randomPoint, run, withSpectrum } from '../../test/fixtures.ts';
import { quadratic } from '../../test/quadratic.ts';
import { scaled } from '../scaled/scaled-geometry.ts';
import { gradientDescent } from './gradient-descent.ts';
import { polyak } from './polyak.ts';

const method = gradientDescent({ step: polyak() });
const distance: Tracker<never, number> = {
  id: 'distance',
  requires: [],
  start: ({ device }) => async ({ point }) => Math.hypot(...(await device.read(point))),
};

describe('polyak', () => {
  it('halves the distance on a parabola, bit for bit', async () => {
    const { point } = await run(quadratic([3]), method, { point: pointOf({ blocks: [{ name: 'x', shape: [1] }] }, [8]), iterations: 5 });
    expect(point.data).toEqual(Float64Array.of(0.25));
  });

  it('never moves away from the minimiser of a convex function', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.double({ min: 1e-3, max: 1e3, noNaN: true }), { minLength: 1, maxLength: 6 }), fc.integer({ min: 0, max: 1e6 }), async (a, seed) => {
        const problem = quadratic(a);
        const { trace } = await run(problem, method, { point: randomPoint(problem.layout, 1, seed), iterations: 30, trackers: [distance] });
        const distances = trace.map(({ tracked }) => tracked!['distance'] as number);
        distances.slice(1).forEach((d, t) => expect(d).toBeLessThanOrEqual(distances[t]! * (1 + 1e-14)));
      }),
      { numRuns: runs(300), seed: 5 },
    );
  });

  // f is 1/2 |g|^2 in the scaled norm near the factors, so the step tends to 1/2, the rate of ScaledGD at 1/2 (F19)
  it('contracts the residual by a half a step in the scaled geometry, whatever the condition number', async () => {
    const problem = matrixFactorization({ target: withSpectrum([1, 0.1, 0.01], 12, 9, 1), rank: 3, balance: 0 });
    const scaledPolyak = gradientDescent({ step: polyak(), geometry: scaled({ adaptive: 0.5 }) });
    const { trace } = await run(problem, scaledPolyak, { point: randomPoint(problem.layout, 0.3, 1), iterations: 400 });
    const small = trace.findIndex(({ value }) => value < 1e-14);
    expect(small).toBeGreaterThan(0);
    expect(small).toBeLessThan(60);
    expect(Math.sqrt(trace[small + 8]!.value / trace[small + 7]!.value)).toBeCloseTo(0.5, 2);
  });

  it('ends where values cannot tell it from a least value that is not zero', async () => {
    const problem = symmetricFactorization({ target: diagonal([3, 1, -2], 4), rank: 2 });
    const { stop, value } = await run(problem, method, { point: randomPoint(problem.layout, 1, 2), iterations: 10_000 });
    expect(stop).toMatchObject({ reason: 'converged', rule: 'optimum' });
    expect(value - 1).toBeLessThan(1e-12); // f* = 1/4 (-2)^2
    const early = await run(problem, gradientDescent({ step: polyak({ optimum: 1.5 }) }), { point: randomPoint(problem.layout, 1, 2), iterations: 10_000 });
    expect(early.stop.rule).toBe('optimum');
    expect(early.value).toBeGreaterThan(1);
  });

  it('keeps its longest step, which it needs near a saddle', async () => {
    const problem = symmetricFactorization({ target: diagonal([4, 1], 3), rank: 2 });
    const point = pointOf(problem.layout, [2, 0, 0, 1e-9, 0, 0]);
    const free = await run(problem, method, { point, iterations: 1 });
    expect(Math.hypot(...free.point.data)).toBeGreaterThan(1e6);
    const { value } = await run(problem, gradientDescent({ step: polyak({ most: 0.1 }) }), { point, iterations: 1000 });
    expect(value).toBeLessThan(1e-20);
  });

  it('needs an optimum: of the objective, or as an option', async () => {
    const { truth, ...routes } = quadratic([1, 2]).routes;
    const without = { ...quadratic([1, 2]), routes };
    expect(truth).toHaveLength(1);
    const refused = plan(without, method, cpu());
    expect(refused.ok).toBe(false);
    expect(refused.refusals[0]).toMatchObject({ code: 'LOWLAND_E_CAPABILITY', message: expect.stringContaining('truth') as string });
    expect(plan(without, gradientDescent({ step: polyak({ optimum: 0 }) }), cpu()).ok).toBe(true);

    const entries = { rows: 2, cols: 2, row: Int32Array.of(0, 1, 1), col: Int32Array.of(0, 0, 1), values: Float64Array.of(1, 2, 3) };
    const completion = matrixCompletion({ entries, rank: 1, lambda: 0.1 });
    const needs = { code: 'LOWLAND_E_OPTIMUM', message: expect.stringContaining('needs optimum, the least value, which objective "matrix-completion" does not know') as string };
    expect(plan(completion, method, cpu()).refusals).toEqual([needs]);
    expect(plan(completion, gradientDescent({ step: polyak({ optimum: 0 }) }), cpu()).ok).toBe(true);
    await expect(run(completion, method, { iterations: 1 })).rejects.toMatchObject(needs);
  });

  it('refuses an optimum that is no number', () => {
    expect(() => polyak({ optimum: Number.NaN })).toThrow(expect.objectContaining({ code: 'LOWLAND_E_OPTIONS' }) as Error);
  });
});
