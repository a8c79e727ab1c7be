import { analyse, createPoint, normals, type Objective, streamKey } from '@lowland/core';
import { cpu, diagonal, gram, lanczos, matrix, multiply, norm, subtract, symmetricOperator, type Matrix } from '@lowland/linalg';
import { matrixCompletion, rosenbrock } from '@lowland/objectives';
import { describe, expect, it } from 'vitest';

import { gaussian, orthonormal, withEigenvalues, withSingularValues } from '../../test/orthogonal.ts';
import type { SecondOrder } from '../classify/hessian.ts';
import { lobpcg } from './lobpcg.ts';
import { spectrum, type Spectrum, type SpectrumOptions } from './spectrum.ts';

const nothing = (n: number): Matrix => matrix(n, 0);
const identityError = (q: Matrix): number => norm(subtract(gram(q), diagonal(new Float64Array(q.cols).fill(1))).data);

describe('lobpcg', () => {
  it('finds the lowest eigenpairs as often as their multiplicity, up to the block, with true residuals', () => {
    const eigenvalues = [-3, -3, -3, -1, 0, 0, 0.5, ...Array.from({ length: 33 }, (_, k) => 1 + k / 5)];
    for (let seed = 0; seed < 10; seed++) {
      const { m } = withEigenvalues(eigenvalues, seed);
      const found = lobpcg(symmetricOperator(m), { start: gaussian(40, 5, seed), count: 4, tolerance: 1e-9, maxProducts: 1000, deflate: nothing(40) });
      expect(found.converged).toBe(true);
      [-3, -3, -3, -1].forEach((value, k) => { expect(found.values[k]).toBeCloseTo(value, 9); });
      expect(identityError(found.vectors)).toBeLessThan(1e-12);
      const off = subtract(multiply(m, found.vectors), multiply(found.vectors, diagonal(found.values)));
      for (let j = 0; j < 4; j++) expect(Math.hypot(...Array.from({ length: 40 }, (_, i) => off.data[i * 4 + j]!))).toBeCloseTo(found.residuals[j]!, 11);
    }
  });

  it('keeps to the complement of what is deflated, and ends where that is used up', () => {
    const { m, q } = withEigenvalues([-5, -4, 1, 2, 3, 4], 1);
    const lowest = matrix(6, 2);
    for (let i = 0; i < 6; i++) for (let k = 0; k < 2; k++) lowest.data[2 * i + k] = q.data[6 * i + k]!;
    const found = lobpcg(symmetricOperator(m), { start: gaussian(6, 3, 2), count: 3, tolerance: 1e-12, maxProducts: 100, deflate: lowest });
    expect([...found.values].map((value) => Math.round(1e9 * value) / 1e9)).toEqual([1, 2, 3]);
    expect(norm(multiply(lowest, found.vectors, { transposeA: true }).data)).toBeLessThan(1e-12);
    // of a space of four dimensions four are found, whatever the tolerance
    const all = lobpcg(symmetricOperator(m), { start: gaussian(6, 6, 3), count: 6, tolerance: -1, maxProducts: 100, deflate: lowest });
    expect([...all.values].map((value) => Math.round(1e9 * value) / 1e9)).toEqual([1, 2, 3, 4]);
    expect(all.products).toBeLessThan(20);
  });

  it('needs few products with the inverse of a nearby matrix, where Lanczos needs many', () => {
    const n = 300;
    const eigenvalues = Float64Array.from({ length: n }, (_, k) => 1e-4 * (1 + k) ** 2);
    const rotation = orthonormal(n, n, 7);
    const noise = gaussian(n, n, 8).data;
    // Half of each eigenvalue or twice, in the same eigenvectors: T is off by a factor of four.
    const a = multiply(multiply(rotation, diagonal(eigenvalues)), rotation, { transposeB: true });
    const t = multiply(multiply(rotation, diagonal(eigenvalues.map((value, k) => 2 ** Math.tanh(noise[k]!) / value))), rotation, { transposeB: true });
    const precondition = (v: Float64Array): Float64Array => multiply(t, matrix(n, 1, v)).data;
    const options = { start: gaussian(n, 3, 9), count: 1, tolerance: 1e-10 * eigenvalues[n - 1]!, maxProducts: 2000, deflate: nothing(n) };
    const quick = lobpcg(symmetricOperator(a), { ...options, precondition });
    const krylov = lanczos(symmetricOperator(a), { key: streamKey(1, 'lanczos', 0), which: 'smallest', maxSteps: 2000 });
    expect(quick.converged && krylov.converged).toBe(true);
    expect(quick.values[0]).toBeCloseTo(1e-4, 10);
    expect(quick.products).toBeLessThan(krylov.steps / 2);
  });
});

describe('the lower end of a spectrum', () => {
  const backend = cpu();
  const at = (objective: unknown, x: Float64Array, options: SpectrumOptions): Promise<Spectrum> => {
    const twice = objective as Objective<SecondOrder>;
    return analyse(twice, spectrum({ probes: 0, traceProducts: 0, failureProbability: 0, ...options }), createPoint(twice.layout, x), backend);
  };

  it('at an ill-conditioned minimum of completion: preconditioned by the factors it takes less than half the products', async () => {
    const [rows, cols, s] = [60, 60, [10, 1, 0.01]];
    const { m, u, v } = withSingularValues(rows, cols, s, 3);
    const cells = Array.from({ length: rows * cols }, (_, k) => k).filter((k) => (7919 * k + 3 * (k % 101)) % 10 < 6);
    const entries = { rows, cols, row: Int32Array.from(cells, (k) => Math.floor(k / cols)), col: Int32Array.from(cells, (k) => k % cols), values: Float64Array.from(cells, (k) => m.data[k]!) };
    const objective = matrixCompletion({ entries, rank: 3, center: 'none' });
    const x = Float64Array.from([u, v].flatMap((side) => [...side.data].map((entry, k) => entry * Math.sqrt(s[k % 3]!))));
    const exact = (await at(objective, x, { steps: 10, denseVariables: 400 })).eigenvalues!;
    const few = await at(objective, x, { count: 1, steps: 60, denseVariables: 0 });
    expect(few).toMatchObject({ method: 'lobpcg', converged: true });
    expect(Math.abs(few.smallest[0]!.value - exact[0]!)).toBeLessThan(1e-10 * exact.at(-1)!);
    const krylov = await at(objective, x, { count: 1, steps: 1000, denseVariables: 0, method: 'lanczos' });
    expect(krylov).toMatchObject({ method: 'lanczos', converged: true });
    expect(few.products).toBeLessThan(krylov.products / 2);
    // Copies are told apart from other eigenvalues.
    const five = await at(objective, x, { count: 5, steps: 400, method: 'lobpcg', denseVariables: 0 });
    five.smallest.forEach(({ value, residual }, k) => {
      expect(residual).toBeLessThanOrEqual(1e-10 * exact.at(-1)!);
      expect(Math.abs(value - exact[k]!)).toBeLessThan(1e-9 * exact.at(-1)!);
    });
  });

  it('without factors only where it is asked for', async () => {
    const objective = rosenbrock({ dimension: 60 });
    const x = new Float64Array(60);
    normals(streamKey(2, 'point', 0), x);
    expect(await at(objective, x, { count: 2, steps: 8 })).toMatchObject({ method: 'lanczos', converged: false });
    const asked = await at(objective, x, { count: 2, steps: 600, method: 'lobpcg' });
    expect(asked.method).toBe('lobpcg');
    asked.smallest.forEach(({ value }, k) => { expect(Math.abs(value - asked.eigenvalues![k]!)).toBeLessThan(1e-9 * asked.eigenvalues!.at(-1)!); });
  });
});
