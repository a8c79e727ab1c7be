import { analyse, createPoint, normals, type Objective, streamKey } from '@lowland/core';
import { cpu, matrix, multiply, scaleColumns, symmetricEigen, symmetricEigenvalues, type SymmetricOperator } from '@lowland/linalg';
import { matrixFactorization, symmetricFactorization } from '@lowland/objectives';
import { describe, expect, it } from 'vitest';

import { dense } from '../../test/dense.ts';
import { hutchPlusPlus } from './hutch.ts';
import { spectralDensity, stochasticLanczos, traceOf } from './quadrature.ts';
import { spectrum, type Spectrum, type SpectrumOptions } from './spectrum.ts';

const backend = cpu();
type Twice = Objective<'value' | 'gradient' | 'hessianVectorProduct'>;
const at = (objective: unknown, numbers: ArrayLike<number>, options: SpectrumOptions = {}): Promise<Spectrum> => {
  const twice = objective as Twice;
  return analyse(twice, spectrum(options), createPoint(twice.layout, Float64Array.from(numbers)), backend);
};
const diagonalMatrix = (entries: readonly number[], rows: number, cols: number) => {
  const values = new Float64Array(rows * cols);
  entries.forEach((entry, i) => (values[i * cols + i] = entry));
  return { rows, cols, values };
};
/** (U, V) with U = V = diag(sqrt(s)) on the kept columns. */
const balanced = (kept: readonly number[], rows: number, cols: number) =>
  [rows, cols].flatMap((size) => [...diagonalMatrix(kept.map(Math.sqrt), size, kept.length).values]);
/** A diagonal operator. */
const operatorOf = (entries: ArrayLike<number>): SymmetricOperator => ({
  size: entries.length,
  apply: (x, out) => { x.forEach((xi, i) => (out[i] = entries[i]! * xi)); },
});

describe('at the saddle of a factorization that keeps 3 of (3, 2, 1), with 66 variables', () => {
  const problem = matrixFactorization({ target: diagonalMatrix([3, 2, 1], 12, 10), rank: 3, balance: 0 });
  const saddle = balanced([3, 0, 0], 12, 10);

  // catalogue.md, Part 0: index 4, nullity 37, least eigenvalue -2
  it('has all eigenvalues, their signs and both ends', async () => {
    const whole = await at(problem, saddle, { deflate: false });
    expect(whole.eigenvalues).toHaveLength(66);
    expect(whole.signs).toEqual({ negative: 4, zero: 37, positive: 25 });
    expect(whole.smallest[0]!.value).toBeCloseTo(-2, 10);
    expect(whole.largest[0]!.value).toBeCloseTo(whole.eigenvalues![65]!, 10);
    expect(whole.lowerBound!.value).toBeLessThanOrEqual(-2);
    expect(whole.lowerBound!.value).toBeGreaterThan(-2 - 1e-6);
    expect(whole.upperBound!.value).toBeGreaterThanOrEqual(whole.eigenvalues![65]!);
    const quotient = await at(problem, saddle);
    expect(quotient.group).toBe('GL(3)');
    expect(quotient.deflated).toBe(5);
    expect(quotient.signs).toEqual({ negative: 4, zero: 32, positive: 25 });
  });

  it('finds copies of eigenvalues as often as told to', async () => {
    const { smallest } = await at(problem, saddle, { copies: 4, count: 4 });
    const sorted = (await at(problem, saddle)).eigenvalues!;
    smallest.forEach(({ value, residual }, k) => {
      expect(value).toBeCloseTo(sorted[k]!, 8);
      expect(residual).toBeLessThan(1e-8);
    });
    const distinct = (await at(problem, saddle, { count: 2 })).smallest.map(({ value }) => value);
    expect(distinct[0]).toBeCloseTo(-2, 9);
    expect(distinct[1]).toBeCloseTo(-1, 9);
  });

  // F43 as amended in rigour.md G
  it('estimates trace and count within their errors (F43)', async () => {
    const { eigenvalues, negativeEstimate, trace, density } = await at(problem, saddle, { deflate: false, probes: 20, probeSteps: 30 });
    const exact = eigenvalues!.reduce((sum, value) => sum + value, 0);
    expect(exact).toBeCloseTo(66, 10);
    expect(Math.abs(negativeEstimate!.value - 4)).toBeLessThan(3);
    expect(Math.abs(trace!.value - exact)).toBeLessThanOrEqual(5 * trace!.standardError + 1e-9);
    const { points, values } = density!;
    // By signs z the variance of z^T phi(H) z is 2 |off-diagonal of phi(H)|_F^2, phi the Gaussian of the density; 30 steps see all eigenvalues.
    const problemAt = dense(problem);
    const { values: exactValues, vectors } = symmetricEigen(problemAt.hessian(Float64Array.from(saddle)));
    problemAt[Symbol.dispose]();
    const phi = (value: number, t: number): number => Math.exp(-0.5 * ((t - value) / density!.width) ** 2) / (density!.width * Math.sqrt(2 * Math.PI));
    density!.points.forEach((t, at) => {
      if (at % 10 > 0) return;
      const f = multiply(scaleColumns(vectors, exactValues.map((value) => phi(value, t))), vectors, { transposeB: true });
      const offDiagonal = f.data.reduce((sum, entry, k) => (k % 67 === 0 ? sum : sum + entry * entry), 0);
      expect(Math.abs(66 * density!.values[at]! - exactValues.reduce((sum, value) => sum + phi(value, t), 0))).toBeLessThanOrEqual(5 * Math.sqrt((2 * offDiagonal) / 20) + 1e-6);
    });
    let mass = 0;
    for (let i = 1; i < points.length; i++) mass += ((points[i]! - points[i - 1]!) * (values[i]! + values[i - 1]!)) / 2;
    expect(mass).toBeCloseTo(1, 2);
  });
});

it('F43: the mean of quadratic forms by signs lies within five of its standard deviations', () => {
  const size = 40;
  const a = matrix(size, size);
  normals(streamKey(5, 'matrix', 0), a.data);
  for (let i = 0; i < size; i++) for (let j = 0; j < i; j++) a.data[i * size + j] = a.data[j * size + i]!;
  const operator: SymmetricOperator = { size, apply: (x, out) => { for (let i = 0; i < size; i++) out[i] = x.reduce((sum, xj, j) => sum + a.data[i * size + j]! * xj, 0); } };
  let [trace, offDiagonal] = [0, 0];
  for (let i = 0; i < size; i++) for (let j = 0; j < size; j++) if (i === j) trace += a.data[i * size + i]!; else offDiagonal += a.data[i * size + j]! ** 2;
  for (let seed = 0; seed < 20; seed++) {
    const rules = stochasticLanczos(operator, { key: streamKey(seed, 'probe', 0), probes: 20, steps: 20 });
    expect(Math.abs(traceOf(rules, (node) => node).value - trace)).toBeLessThanOrEqual(5 * Math.sqrt((2 * offDiagonal) / 20));
    // signs have |z|^2 = n, so the measure has the right mass exactly
    expect(traceOf(rules, () => 1).value).toBeCloseTo(size, 9);
  }
  const exact = symmetricEigenvalues(a);
  const rules = stochasticLanczos(operator, { key: streamKey(1, 'probe', 0), probes: 400, steps: 40 });
  const { value, standardError } = traceOf(rules, (node) => (node < -2 ? 1 : 0));
  expect(Math.abs(value - exact.filter((lambda) => lambda < -2).length)).toBeLessThanOrEqual(5 * standardError);
});

describe('hutchPlusPlus', () => {
  it('is exact for few large eigenvalues, and within its error for many', () => {
    const few = hutchPlusPlus(operatorOf([5, -3, 2, ...new Array<number>(57).fill(0)]), { key: streamKey(1, 'trace', 0), products: 30 });
    expect(few.value).toBeCloseTo(4, 10);
    const harmonic = Float64Array.from({ length: 300 }, (_, i) => 1 / (1 + i));
    const exact = harmonic.reduce((sum, x) => sum + x, 0);
    let misses = 0;
    for (let seed = 0; seed < 40; seed++) {
      // A diagonal operator has no variance under signs, so it is turned by a reflection first.
      const w = new Float64Array(300);
      normals(streamKey(seed, 'reflection', 0), w);
      const length = w.reduce((sum, x) => sum + x * x, 0);
      const reflect = (x: Float64Array) => {
        const inner = x.reduce((sum, xi, i) => sum + xi * w[i]!, 0);
        return x.map((xi, i) => xi - (2 * inner * w[i]!) / length);
      };
      const turned: SymmetricOperator = { size: 300, apply: (x, out) => { out.set(reflect(reflect(x).map((xi, i) => harmonic[i]! * xi))); } };
      const { value, standardError, products } = hutchPlusPlus(turned, { key: streamKey(seed, 'trace', 0), products: 60 });
      expect(products).toBeLessThanOrEqual(60);
      if (Math.abs(value - exact) > 3 * standardError) misses++;
    }
    // about 0.5 % of draws of a t law with 19 degrees of freedom are that far off
    expect(misses).toBeLessThanOrEqual(4);
  });

  it('takes every eigenvalue of a small operator exactly', () => {
    const { value, standardError } = hutchPlusPlus(operatorOf([1, 2, 4]), { key: streamKey(1, 'trace', 0), products: 60 });
    expect(value).toBeCloseTo(7, 12);
    expect(standardError).toBe(0);
  });
});

it('spectralDensity puts mass where the nodes are', () => {
  const { points, values, width } = spectralDensity([{ nodes: Float64Array.of(0, 10), weights: Float64Array.of(3, 1) }], 4, { count: 401, width: 0.2 });
  expect(width).toBe(0.2);
  const mass = (from: number, to: number) => points.reduce((sum, t, i) => (t >= from && t < to ? sum + values[i]! * (points[1]! - points[0]!) : sum), 0);
  expect(mass(-1, 1)).toBeCloseTo(0.75, 3);
  expect(mass(9, 11)).toBeCloseTo(0.25, 3);
});

it.each([{ count: 0 }, { steps: 1.5 }, { failureProbability: 1 }, { probes: NaN }])('refuses %o', (options) => {
  expect(() => spectrum(options)).toThrow(expect.objectContaining({ code: 'LOWLAND_E_OPTIONS' }));
});

it('restricts to a block, where the Hessian of a factorization is that of least squares', async () => {
  const problem = matrixFactorization({ target: diagonalMatrix([3, 2], 4, 3), rank: 2, balance: 0 });
  // d^2/dU^2 of 1/2 |U V^T - M|^2 is (V^T V) on every row of U
  const point = [...new Array<number>(8).fill(0.3), 2, 0, 0, 1, 0, 0];
  const { eigenvalues, block, deflated } = await at(problem, point, { block: 'U' });
  expect([block, deflated]).toEqual(['U', 0]);
  expect([...eigenvalues!].map((value) => Math.round(value * 1e9) / 1e9)).toEqual([1, 1, 1, 1, 4, 4, 4, 4]);
  await expect(at(problem, point, { block: 'W' })).rejects.toMatchObject({ code: 'LOWLAND_E_OPTIONS' });
});

// rigour.md B3: by 4.5 with c = 1/8 the least eigenvalue off the orbit is sigma_r, 1980 times, the largest 2 sigma_1
it('finds both ends at a 1000 x 1000 minimum of rank 10 within 60 products', async () => {
  const sigma = Array.from({ length: 10 }, (_, k) => 10 - 0.9 * k);
  const problem = matrixFactorization({ target: diagonalMatrix(sigma, 1000, 1000), rank: 10, balance: 1 / 8 });
  const found = await at(problem, balanced(sigma, 1000, 1000), { count: 1, steps: 60, failureProbability: 0, probes: 0, traceProducts: 0 });
  expect(found.products).toBeLessThanOrEqual(60);
  expect(found.deflated).toBe(45);
  expect(Math.abs(found.smallest[0]!.value / 1.9 - 1)).toBeLessThan(1e-8);
  expect(Math.abs(found.largest[0]!.value / 20 - 1)).toBeLessThan(1e-8);
});

// rigour.md B3: founding-papers 3.3 at S = {9, 7, 5}, r = 4: -lambda_i of the empty column and lambda_j - lambda_i
it('finds the five lowest distinct eigenvalues of a saddle within 60 products, and their copies by the block', async () => {
  const [n, kept] = [600, [9, 7, 5]];
  const lambda = [9, 8.5, 7, 6, 5, 2, ...new Array<number>(n - 6).fill(0)];
  const problem = symmetricFactorization({ target: diagonalMatrix(lambda, n, n), rank: 4 });
  const saddle = new Float64Array(4 * n);
  kept.forEach((value, column) => (saddle[4 * lambda.indexOf(value) + column] = Math.sqrt(value)));
  const missing = lambda.filter((value) => !kept.includes(value));
  const exact = [...missing.map((i) => -i), ...kept.flatMap((j) => missing.map((i) => j - i))].sort((a, b) => a - b);
  expect([...new Set(exact)].slice(0, 5)).toEqual([-8.5, -6, -3.5, -2, -1.5]);
  const options = { count: 5, steps: 60, failureProbability: 0, probes: 0, traceProducts: 0, method: 'lanczos' } as const;
  const found = await at(problem, saddle, options);
  expect(found.products).toBeLessThanOrEqual(60);
  expect(found).toMatchObject({ converged: true, deflated: 6 });
  [-8.5, -6, -3.5, -2, -1.5].forEach((value, k) => { expect(Math.abs(found.smallest[k]!.value - value)).toBeLessThan(1e-10 * 18); });
  // Zero, of the empty column and of every missing zero, is there 594 times: a block of two finds it twice.
  const twice = await at(problem, saddle, { ...options, count: 8, copies: 2, steps: 300 });
  [-8.5, -6, -3.5, -2, -1.5, -1, 0, 0].forEach((value, k) => { expect(Math.abs(twice.smallest[k]!.value - value)).toBeLessThan(1e-9); });
});
