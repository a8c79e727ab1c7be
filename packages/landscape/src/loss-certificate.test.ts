/** Certificates of losses that are not least squares: the gap rule of rigour.md A9. */
import { createPoint, gradientNorm, maxIterations, anyOf, normals, solve, streamKey, uniforms, type Capability, type Objective, type Point } from '@lowland/core';
import { cpu } from '@lowland/linalg';
import { matrixCompletion, matrixFactorization, matrixSensing, symmetricCompletion, symmetricFactorization, symmetricSensing } from '@lowland/objectives';
import { lbfgs, trustRegion } from '@lowland/optimizers';
import { runs } from '@lowland/vitest-config/full';
import { describe, expect, it } from 'vitest';

import { certifyPoint } from './certify.ts';
import { solveToCertificate } from './solve-to-certificate.ts';

const backend = cpu();
const draw = (length: number, seed: number, index: number): Float64Array => {
  const out = new Float64Array(length);
  normals(streamKey(seed, 'loss certificate', index), out);
  return out;
};
const labels = (x: Float64Array): Float64Array => x.map((value) => Number(value > 0));
const counts = (x: Float64Array): Float64Array => x.map((value) => Math.floor(2 * Math.abs(value)));
const symmetric = (n: number, x: Float64Array): Float64Array => x.map((_, k) => x[Math.min(k, (k % n) * n + Math.floor(k / n))]!);

type Made = Objective<'value' | 'valueAndGradient' | 'gradient' | 'hessianVectorProduct'>;
const matrixOf = (rows: number, cols: number, values: Float64Array) => ({ rows, cols, values });
const entriesOf = (rows: number, cols: number, values: Float64Array, weights: Float64Array) => {
  const cells = Array.from({ length: rows * cols }, (_, k) => k).filter((k) => weights[k]! > 0);
  const pick = (x: Float64Array) => Float64Array.from(cells, (k) => x[k]!);
  return { rows, cols, row: Int32Array.from(cells, (k) => Math.floor(k / cols)), col: Int32Array.from(cells, (k) => k % cols), values: pick(values), weights: pick(weights) };
};
const measurements = (n: number, values: Float64Array, seed: number) => ({ rows: n, cols: n, values, ensemble: { kind: 'rank-one', left: draw(n * values.length, seed, 5).map((x) => 0.6 * x) } }) as const;

/** Problems of full rank, so that what a local method finds is the optimum of the convex one. */
const cases: readonly (readonly [string, (seed: number) => Made])[] = [
  ['Huber factorization', (seed) => matrixFactorization({ target: matrixOf(5, 4, draw(20, seed, 0)), rank: 4, balance: 0, lambda: 0.4, loss: { id: 'huber', options: { delta: 0.5 } }, weights: draw(20, seed, 1).map(Math.abs) })],
  ['one-bit completion', (seed) => matrixCompletion({ entries: entriesOf(5, 4, labels(draw(20, seed, 0)), draw(20, seed, 1).map((w) => Math.max(0, w + 1))), rank: 4, lambda: 0.3, loss: 'logistic' })],
  ['counts, log link', (seed) => matrixCompletion({ entries: entriesOf(4, 5, counts(draw(20, seed, 0)), draw(20, seed, 1).map(Math.abs)), rank: 4, lambda: 0.5, loss: 'poisson' })],
  ['counts, log link, of X X^T', (seed) => symmetricFactorization({ target: matrixOf(4, 4, symmetric(4, counts(draw(16, seed, 0)))), rank: 4, lambda: 0.4, loss: 'poisson' })],
  ['counts, identity link, of X X^T', (seed) => symmetricSensing({ measurements: measurements(4, counts(draw(9, seed, 0)), seed), rank: 4, lambda: 0.2, normalisation: 'mean', loss: { id: 'poisson-identity', options: { beta: 0.3 } } })],
  ['one-bit sensing', (seed) => matrixSensing({ measurements: { ...measurements(4, labels(draw(12, seed, 0)), seed), linear: draw(16, seed, 2).map((x) => 0.02 * x) }, rank: 4, lambda: 0.5, loss: 'logistic' })],
  ['squares of X X^T, rows penalised', (seed) => symmetricCompletion({ entries: entriesOf(5, 5, symmetric(5, draw(25, seed, 0)), symmetric(5, draw(25, seed, 1).map((w) => Math.max(0, w + 0.8)))), rank: 5, lambda: 0.1, incoherence: 2, alpha: 0.4 })],
];

async function optimum(objective: Made, seed: number): Promise<Point> {
  const rough = await solve(objective, lbfgs(), { backend, seed, stop: anyOf(gradientNorm(1e-11), maxIterations(800)) });
  const fine = await solve(objective, trustRegion(), { backend, seed, point: rough.point, stop: anyOf(gradientNorm(1e-13), maxIterations(40)) });
  return fine.value <= rough.value ? fine.point : rough.point;
}

describe.each(cases)('%s', (_name, make) => {
  it('certifies what a method finds, and its gap is never below the true one', async () => {
    for (let seed = 0; seed < runs(20); seed++) {
      const objective = make(seed);
      const best = await optimum(objective, seed);
      const certificate = await certifyPoint(objective, best, { backend });
      const linear = certificate.reason?.includes('no lower bound') === true;
      // With a linear term nothing bounds the loss from below: then only an excess of exactly 0 is certified.
      if (!linear) expect(certificate).toMatchObject({ kind: 'global-minimum', rule: 'first-order', multiplier: null });
      const zero = await certifyPoint(objective, createPoint(objective.layout), { backend });
      for (const size of [1e-12, 1e-8, 1e-4, 1e-2, 0.3]) {
        const noise = draw(best.data.length, seed, 7);
        const { gap, value, kind } = await certifyPoint(objective, createPoint(best.layout, best.data.map((x, k) => x + size * noise[k]!)), { backend });
        const above = value - certificate.value;
        if (gap !== null) expect(gap).toBeGreaterThanOrEqual(above - 1e-14 * Math.abs(zero.value));
        if (kind === 'global-minimum') expect(above).toBeLessThanOrEqual(1e-6 * Math.max(Math.abs(value), 1e-6 * Math.abs(zero.value)));
      }
      if (zero.gap !== null) expect(zero.gap).toBeGreaterThanOrEqual(zero.value - certificate.value - 1e-14 * Math.abs(zero.value));
    }
  });
});

describe('where the infimum is not attained', () => {
  const separable = matrixOf(2, 2, Float64Array.of(1, 0, 0, 1));
  const far = (objective: Made, x: readonly number[]): Point => createPoint(objective.layout, Float64Array.from(x));

  it('nothing is certified without a penalty, however small the value', async () => {
    const objective = matrixFactorization({ target: separable, rank: 2, balance: 0, loss: 'logistic' });
    const certificate = await certifyPoint(objective, far(objective, [30, -30, -30, 30, 30, -30, -30, 30]), { backend });
    expect(certificate.value).toBeLessThan(1e-300);
    expect(certificate).toMatchObject({ kind: 'not-certified', gap: null });
    expect(certificate.reason).toContain('need not attain its infimum');
    const none = matrixFactorization({ target: matrixOf(2, 2, new Float64Array(4)), rank: 1, balance: 0, loss: 'poisson' });
    expect(await certifyPoint(none, far(none, [30, 30, -30, -30]), { backend })).toMatchObject({ kind: 'not-certified', gap: null });
  });

  it('an exact fit of Huber is certified, since 0 is attained', async () => {
    const objective = matrixFactorization({ target: separable, rank: 2, balance: 0, loss: 'huber' });
    const certificate = await certifyPoint(objective, far(objective, [1, 0, 0, 1, 1, 0, 0, 1]), { backend });
    expect(certificate).toMatchObject({ kind: 'global-minimum', rule: 'lower-bound-zero', value: 0 });
    expect(certificate.gap).toBeLessThan(1e-28);
  });
});

it('refuses rows that are penalised in U V^T: that is no function of the product', async () => {
  const objective = matrixCompletion({ entries: entriesOf(3, 3, draw(9, 1, 0), new Float64Array(9).fill(1)), rank: 1, lambda: 1, incoherence: 1, alpha: 0.1 });
  const certificate = await certifyPoint(objective as Objective<'value'>, createPoint(objective.layout), { backend });
  expect(certificate).toMatchObject({ kind: 'not-certified', reason: 'this objective offers no convex lift and no known target: its penalty on rows is no function of U V^T' });
});

it('rank auto is refused where gradients have no Lipschitz constant, with the reason', async () => {
  const objective = matrixCompletion({ entries: entriesOf(3, 3, labels(draw(9, 1, 0)), new Float64Array(9).fill(1)), rank: 1, lambda: 1, loss: 'poisson' });
  await expect(solveToCertificate(objective, lbfgs(), { backend })).rejects.toMatchObject({ code: 'LOWLAND_E_LOSS' });
});

describe('one-bit matrices (catalogue O12): n = 60, X = 3 u v^T, u, v uniform on [-1, 1]', () => {
  const n = 60;
  const uniform = new Float64Array(2 * n + 2 * n * n);
  uniforms(streamKey(4, 'one-bit'), uniform);
  const [u, v] = [uniform.subarray(0, n), uniform.subarray(n, 2 * n)].map((x) => x.map((y) => 2 * y - 1));
  const values = Float64Array.from({ length: n * n }, (_, k) => Number(uniform[2 * n + k]! < 1 / (1 + Math.exp(-3 * u![Math.floor(k / n)]! * v![k % n]!))));
  const solved = async (objective: Objective<Capability>) => {
    const { point } = await solve(objective as Made, lbfgs(), { backend, seed: 2, stop: anyOf(gradientNorm(1e-9), maxIterations(2000)) });
    return certifyPoint(objective as Made, point, { backend });
  };

  it('all of them observed, lambda = 9, k = 3: rank 1, |G|/lambda = 1.000, certified', async () => {
    const certificate = await solved(matrixFactorization({ target: matrixOf(n, n, values), rank: 3, balance: 0, lambda: 9, loss: 'logistic' }) as unknown as Objective<Capability>);
    expect(certificate).toMatchObject({ kind: 'global-minimum', rank: 1 });
    expect(certificate.normBound!.value / 9).toBeCloseTo(1, 5);
  });

  it('of three tenths, lambda = 6, the zero matrix is the optimum, and certified as such', async () => {
    const weights = uniform.subarray(2 * n + n * n).map((x) => Number(x < 0.3));
    const objective = matrixCompletion({ entries: entriesOf(n, n, values, weights), rank: 3, lambda: 6, loss: 'logistic' });
    const certificate = await solved(objective as unknown as Objective<Capability>);
    expect(certificate.kind).toBe('global-minimum');
    expect((await certifyPoint(objective, createPoint(objective.layout), { backend })).kind).toBe('global-minimum');
    expect(certificate.normBound!.value / 6).toBeLessThan(1);
  });
});

it('relative gaps of rank auto are relative to f(0) as the loss has it, not to the squares of the data', async () => {
  // Half of the squares is 5 10^25, f(0) some 10^13: a millionth of the former would pass any point for a minimum.
  const values = draw(36, 3, 0).map((x, k) => (k === 7 ? 1e13 : x));
  const objective = matrixFactorization({ target: matrixOf(6, 6, values), rank: 1, balance: 0, lambda: 0.3, loss: 'huber' });
  const solution = await solveToCertificate(objective, lbfgs(), { backend, maxRounds: 1, maxIterations: 1 });
  expect(solution.certificate.kind).toBe('not-certified');
});
