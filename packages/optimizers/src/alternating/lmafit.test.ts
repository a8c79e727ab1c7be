import { anyOf, blockOf, errorCode, maxIterations, solve, valueBelow } from '@lowland/core';
import { cpu, matrix, multiply } from '@lowland/linalg';
import { generateEntries, matrixCompletion, matrixFactorization, matrixSensing, symmetricFactorization } from '@lowland/objectives';
import { describe, expect, it } from 'vitest';

import { pointOf, randomPoint, run, withSpectrum } from '../../test/fixtures.ts';
import { lmafit, type LmafitOptions } from './lmafit.ts';
import { estimateRank } from './rank-estimate.ts';

const recover = (rank: number, options: LmafitOptions, seed: number, density = 0.4) => {
  const { data, truth } = generateEntries({ rows: 80, cols: 70, rank: 3, density }, seed);
  const problem = matrixCompletion({ entries: data, rank, center: 'none', truth });
  return solve(problem, lmafit(options), { backend: cpu(), seed, stop: anyOf(valueBelow(1e-16), maxIterations(1000)) });
};

describe('lmafit', () => {
  it('is alternating least squares on the filled matrix where there is no relaxation', async () => {
    const [m, n] = [6, 5];
    const truth = withSpectrum([3, 1], m, n, 1);
    const cells = Array.from({ length: 24 }, (_, k) => (k * 11) % 30).sort((a, b) => a - b);
    const entries = { rows: m, cols: n, row: Int32Array.from(cells, (c) => Math.floor(c / n)), col: Int32Array.from(cells, (c) => c % n), values: Float64Array.from(cells, (c) => truth.values[c]!) };
    const problem = matrixCompletion({ entries, rank: 1, center: 'none' });
    const start = randomPoint(problem.layout, 1, 1);
    const { point } = await run(problem, lmafit({ maxRelaxation: 1 }), { point: start, iterations: 1 });

    const [u, v] = [matrix(m, 1, blockOf(start, 'U').slice()), matrix(n, 1, blockOf(start, 'V').slice())];
    const z = multiply(u, v, { transposeB: true });
    cells.forEach((c) => (z.data[c] = truth.values[c]!));
    const square = (x: Float64Array) => x.reduce((sum, value) => sum + value * value, 0);
    const left = multiply(z, v).data.map((value) => value / square(v.data));
    const right = multiply(z, matrix(m, 1, left), { transposeA: true }).data.map((value) => value / square(left));
    blockOf(point, 'U').forEach((value, i) => expect(value).toBeCloseTo(left[i]!, 10));
    blockOf(point, 'V').forEach((value, j) => expect(value).toBeCloseTo(right[j]!, 10));
  });

  it.each([1, 2, 3])('recovers, over-relaxed in less than half of the steps, seed %i', async (seed) => {
    const plain = await recover(3, { maxRelaxation: 1 }, seed);
    const relaxed = await recover(3, {}, seed);
    expect(plain.stop.rule).toBe('value-below');
    expect(relaxed.stop.rule).toBe('value-below');
    expect(relaxed.iterations).toBeLessThan(plain.iterations / 2);
  });

  it.each([1, 2, 3])('finds the rank among twice as many columns, and recovers, seed %i', async (seed) => {
    const { stop, checkpoint, point } = await recover(6, { rankJump: 3 }, seed, 0.6);
    expect(stop.rule).toBe('value-below');
    expect(checkpoint().state).toMatchObject({ rank: 3 });
    blockOf(point, 'U').forEach((value, k) => { if (k % 6 >= 3) expect(value).toBe(0); });
  });

  it('serves maps of any norm', async () => {
    const [rows, cols] = [6, 5];
    const matrices = matrix(60, rows * cols, randomPoint({ blocks: [{ name: 'A', shape: [60, rows * cols] }] }, 3, 1).data).data;
    const truth = withSpectrum([2, 1], rows, cols, 2);
    const values = Float64Array.from({ length: 60 }, (_, k) => truth.values.reduce((sum, value, i) => sum + value * matrices[k * rows * cols + i]!, 0));
    const problem = matrixSensing({ measurements: { rows, cols, values, ensemble: { kind: 'dense', matrices } }, rank: 2 });
    const { value, trace } = await run(problem, lmafit(), { seed: 1, iterations: 3000, stop: valueBelow(1e-16) });
    expect(value).toBeLessThan(1e-16);
    trace.slice(1).forEach((seen, k) => expect(seen.value).toBeLessThanOrEqual(trace[k]!.value));
  });

  it('ends at its floor, and refuses a single factor', async () => {
    const noisy = matrixFactorization({ target: withSpectrum([3, 2, 1], 6, 5, 1), rank: 2, balance: 0 });
    const { stop, value } = await run(noisy, lmafit(), { seed: 1, iterations: 2000 });
    expect(stop).toMatchObject({ reason: 'stalled', rule: 'precision-floor' });
    expect(value).toBeCloseTo(0.5, 12);
    const single = symmetricFactorization({ target: withSpectrum([3, 2], 4, 4, 1, true), rank: 1 });
    const refused: unknown = await run(single, lmafit(), { point: pointOf(single.layout, [1, 1, 1, 1]), iterations: 1 }).catch((error: unknown) => error);
    expect(errorCode(refused)).toBe('LOWLAND_E_FACTORS');
  });
});

describe('estimateRank', () => {
  const gram = (a: ReturnType<typeof matrix>) => multiply(a, a, { transposeA: true });
  const factor = (rows: number, index: number) => matrix(rows, 4, randomPoint({ blocks: [{ name: 'A', shape: [rows, 4] }] }, 1, index).data);

  it('keeps what lies before the drop, balanced', () => {
    // U = A diag(d): the spectrum of U V^T falls steeply after two
    const u = matrix(9, 4, factor(9, 1).data.map((value, k) => value * [1, 0.8, 1e-3, 1e-3][k % 4]!));
    const v = factor(8, 2);
    const found = estimateRank(gram(u), gram(v), 4, 10)!;
    expect(found.rank).toBe(2);
    const [left, right] = [multiply(u, found.left), multiply(v, found.right)];
    gram(left).data.forEach((value, k) => expect(value).toBeCloseTo(gram(right).data[k]!, 8));
    const [whole, kept] = [multiply(u, v, { transposeB: true }), multiply(left, right, { transposeB: true })];
    const rest = whole.data.map((value, k) => value - kept.data[k]!);
    expect(Math.hypot(...rest)).toBeLessThan(0.1);
    expect(Math.hypot(...rest)).toBeGreaterThan(0);
  });

  it('finds nothing where the values fall evenly', () => {
    expect(estimateRank(gram(factor(30, 1)), gram(factor(30, 2)), 4, 10)).toBeUndefined();
    expect(estimateRank(gram(factor(30, 1)), gram(factor(30, 2)), 2, 1)).toBeUndefined();
  });
});
