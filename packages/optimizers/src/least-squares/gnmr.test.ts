import { anyOf, type Capability, createPoint, maxIterations, normals, type Objective, plan, solve, streamKey, valueBelow } from '@lowland/core';
import { cpu, matrix, thinSvd } from '@lowland/linalg';
import { matrixCompletion, matrixFactorization, symmetricSensing } from '@lowland/objectives';
import { describe, expect, it } from 'vitest';

import { pointOf, run, withSpectrum } from '../../test/fixtures.ts';
import { gnmr } from './gnmr.ts';

/** `oversampling` observations for each degree of freedom, and the paper's start. */
function completion(rows: number, cols: number, sigma: readonly number[], oversampling: number, seed: number) {
  const rank = sigma.length;
  const truth = withSpectrum(sigma, rows, cols, seed);
  const order = new Float64Array(rows * cols);
  normals(streamKey(seed, 'cells'), order);
  const count = Math.round(oversampling * rank * (rows + cols - rank));
  const cells = Int32Array.from(order.keys()).sort((a, b) => order[a]! - order[b]!).slice(0, count).sort();
  const values = Float64Array.from(cells, (cell) => truth.values[cell]!);
  const entries = { rows, cols, row: cells.map((cell) => Math.floor(cell / cols)), col: cells.map((cell) => cell % cols), values };
  const problem = matrixCompletion({ entries, rank, center: 'none', truth });
  const filled = matrix(rows, cols);
  cells.forEach((cell, e) => (filled.data[cell] = values[e]!));
  const { u, v } = thinSvd(filled);
  const leading = (q: typeof u) => Array.from({ length: q.rows * rank }, (_, k) => q.data[Math.floor(k / rank) * q.cols + (k % rank)]!);
  return { problem, point: pointOf(problem.layout, [...leading(u), ...leading(v)]), square: sigma.reduce((sum, s) => sum + s * s, 0) };
}

describe('gnmr', () => {
  // catalogue.md F46 as restated in rigour.md G: 60 x 70, rank 3, twice the degrees of freedom, 5 seeds, at least 4 recover within 60
  it('recovers from twice as many observations as degrees of freedom', async () => {
    const runs = await Promise.all(
      [1, 2, 3, 4, 5].map((seed) => {
        const { problem, point, square } = completion(60, 70, [1, 0.55, 0.1], 2, seed);
        return solve(problem, gnmr(), { backend: cpu(), point, stop: anyOf(valueBelow(0.5e-20 * square), maxIterations(60)) });
      }),
    );
    const recovered = runs.filter(({ stop }) => stop.rule === 'value-below');
    expect(recovered.length).toBeGreaterThanOrEqual(4);
  });

  it.each(['averaging', 'updating'] as const)('converges quadratically: %s', async (variant) => {
    const { problem, point } = completion(30, 25, [1, 0.8], 4, 1);
    const { trace } = await run(problem, gnmr({ variant }), { point, iterations: 40 });
    const errors = trace.map(({ value }) => Math.sqrt(2 * value)).filter((error) => error > 1e-14);
    const late = errors.findIndex((error) => error < 1e-2);
    expect(late).toBeGreaterThan(0);
    expect(errors.length - late).toBeLessThanOrEqual(4);
  });

  it.each([
    ['averaging', [1, 1]],
    ['updating', [1.1, 0.9]],
    ['setting', [0.9, 1.1]],
  ] as const)('treats an imbalance as said: %s', async (variant, expected) => {
    // u v is met exactly, so that only the imbalance is left
    const problem = matrixFactorization({ target: { rows: 1, cols: 1, values: Float64Array.of(1.1 * 0.9) }, rank: 1, balance: 0 });
    const { point } = await run(problem, gnmr({ variant }), { point: pointOf(problem.layout, [1.1, 0.9]), iterations: 1 });
    // up to what is of second order
    expect(Math.abs(point.data[0]! - expected[0])).toBeLessThan(0.04);
    expect(Math.abs(point.data[1]! - expected[1])).toBeLessThan(0.04);
  });

  // catalogue.md, Part 7: needs a residual
  it('is refused by a problem that is no sum of squares', () => {
    const measurements = { rows: 2, cols: 2, values: Float64Array.of(1), ensemble: { kind: 'dense', matrices: Float64Array.of(1, 0, 0, 0) }, linear: Float64Array.of(1, 0, 0, 1) } as const;
    const linear = symmetricSensing({ measurements, rank: 1 }) as Objective<Capability>;
    const { ok, refusals } = plan(linear, gnmr(), cpu());
    expect(ok).toBe(false);
    expect(refusals.map(({ message }) => message).join()).toContain('residual');
  });

  it('stays where it is at zero factors', async () => {
    const problem = matrixFactorization({ target: withSpectrum([2, 1], 4, 4, 1), rank: 2, balance: 0 });
    const { point } = await run(problem, gnmr(), { point: createPoint(problem.layout), iterations: 3 });
    expect(point.data.every((x) => x === 0)).toBe(true);
  });
});
