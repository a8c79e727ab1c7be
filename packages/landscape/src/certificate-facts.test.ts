/** The facts behind certificates (founding-papers 12 to 17), each against dense numbers of its own. */
import { analyse, createPoint, maxIterations, normals, type Objective, solve, streamKey } from '@lowland/core';
import { cpu, matrix, type Matrix, multiply, symmetricEigen, symmetricEigenvalues } from '@lowland/linalg';
import { matrixFactorization, symmetricFactorization, symmetricSensing } from '@lowland/objectives';
import { lbfgs } from '@lowland/optimizers';
import { describe, expect, it } from 'vitest';

import { values, withEigenvalues } from '../test/orthogonal.ts';
import { certifyPoint } from './certify.ts';

const backend = cpu();
const draw = (length: number, seed: number, index = 0): Float64Array => {
  const out = new Float64Array(length);
  normals(streamKey(seed, 'certificate facts', index), out);
  return out;
};
const inner = (a: Float64Array, b: Float64Array): number => a.reduce((sum, value, k) => sum + value * b[k]!, 0);
const norm = (a: Float64Array): number => Math.sqrt(inner(a, a));
const least = (a: Matrix): number => symmetricEigenvalues(a).at(-1)!;

/** Gradient and Hessian of an objective, dense. */
async function derivatives(objective: unknown, x: Float64Array): Promise<{ value: number; gradient: Float64Array; hessian: Matrix }> {
  const made = objective as Objective<'value' | 'gradient' | 'hessianVectorProduct'>;
  const size = x.length;
  return analyse(
    made,
    {
      id: 'dense',
      requires: ['value', 'gradient', 'hessianVectorProduct'],
      dtype: 'f64',
      async run({ problem, device, scratch }, at) {
        const [v, out, number] = [scratch(), scratch(), scratch(1)];
        problem.value(at, number);
        problem.gradient(at, out);
        const gradient = device.host!(out).slice() as Float64Array;
        const hessian = matrix(size, size);
        for (let k = 0; k < size; k++) {
          device.write(v, Float64Array.from({ length: size }, (_, i) => Number(i === k)));
          problem.hessianVectorProduct(at, v, out);
          hessian.data.set(device.host!(out), k * size);
        }
        for (let i = 0; i < size; i++) for (let j = 0; j < i; j++) hessian.data[i * size + j] = hessian.data[j * size + i] = (hessian.data[i * size + j]! + hessian.data[j * size + i]!) / 2;
        return { value: await device.scalar(number), gradient, hessian };
      },
    },
    createPoint(made.layout, x),
    backend,
  );
}

describe('12: phi convex, S = grad phi(U U^T)', () => {
  const [n, r, m, mu] = [4, 3, 12, 0.4];
  const matrices = draw(m * n * n, 1);
  const b = draw(m, 2);
  const symmetric = matrices.map((value, k) => {
    const at = k % (n * n);
    return (value + matrices[k - at + (at % n) * n + Math.floor(at / n)]!) / 2;
  });
  const image = (x: Matrix): Float64Array => Float64Array.from({ length: m }, (_, k) => inner(symmetric.subarray(k * n * n, (k + 1) * n * n), x.data));
  /** mu I + a*(a(X) - b) */
  const slopeAt = (x: Matrix): Matrix => {
    const s = matrix(n, n, Float64Array.from({ length: n * n }, (_, e) => (e % (n + 1) === 0 ? mu : 0)));
    image(x).forEach((z, k) => s.data.forEach((_, e) => (s.data[e]! += (z - b[k]!) * symmetric[k * n * n + e]!)));
    return s;
  };
  const lipschitz = (): number => {
    const a = matrix(m, n * n, symmetric);
    return symmetricEigenvalues(multiply(a, a, { transposeB: true }))[0]!;
  };
  const objective = (rank: number) => symmetricSensing({ measurements: { rows: n, cols: n, values: b, ensemble: { kind: 'dense', matrices } }, rank, lambda: mu });

  it('grad f = 2 S U, the gap bounds of 12.2 and 14 hold at every point, and that of 14 is the tighter', async () => {
    const full = objective(n);
    const { value: optimum } = await solve(full, lbfgs(), { backend });
    const made = objective(r);
    for (let k = 0; k < 40; k++) {
      const u = matrix(n, r, draw(n * r, 10 + k).map((x) => [0.05, 0.5, 2][k % 3]! * x));
      const x = multiply(u, u, { transposeB: true });
      const s = slopeAt(x);
      const { value, gradient } = await derivatives(made, u.data);
      expect(norm(gradient.map((entry, i) => entry - 2 * multiply(s, u).data[i]!))).toBeLessThan(1e-10 * (1 + norm(gradient)));
      expect(inner(s.data, x.data)).toBeCloseTo(inner(gradient, u.data) / 2, 8);
      const byTrace = inner(s.data, x.data) + (value / mu) * Math.max(0, -least(s));
      expect(byTrace).toBeGreaterThanOrEqual(value - optimum - 1e-9);
      const { gap } = await certifyPoint(made, createPoint(made.layout, u.data), { backend });
      expect(gap!).toBeGreaterThanOrEqual(value - optimum - 1e-9);
      expect(gap!).toBeLessThanOrEqual(byTrace + 1e-6 * Math.abs(byTrace));
    }
  });

  it('12.3: the Hessian bounds the least eigenvalue of S, up to the least singular value of U; rank-deficient second-order points are global (12.1b)', async () => {
    const made = objective(r);
    const l = lipschitz();
    for (let k = 0; k < 60; k++) {
      const u = matrix(n, r, draw(n * r, 100 + k).map((x, i) => (i % r === 2 && k % 2 === 0 ? 0 : 0.7 * x)));
      const { hessian } = await derivatives(made, u.data);
      const smallest = Math.sqrt(Math.max(0, symmetricEigen(multiply(u, u, { transposeA: true })).values.at(-1)!));
      const s = slopeAt(multiply(u, u, { transposeB: true }));
      expect(least(s)).toBeGreaterThanOrEqual(least(hessian) / 2 - 2 * l * smallest ** 2 - 1e-9);
    }
    // with a column to spare the minimum has dependent columns, and S there is psd
    const wide = objective(n);
    const { point } = await solve(wide, lbfgs(), { backend, seed: 3 });
    const u = matrix(n, n, point.data);
    expect(symmetricEigen(multiply(u, u, { transposeA: true })).values.at(-1)!).toBeLessThan(1e-6);
    expect(least(slopeAt(multiply(u, u, { transposeB: true })))).toBeGreaterThan(-1e-5);
    expect((await certifyPoint(wide, point, { backend })).kind).toBe('global-minimum');
  });
});

describe('13: a known matrix', () => {
  it('of the six pairs of four eigenvalues the first alone passes lambda_max(M - X X^T) <= lambda_r(X X^T), and it alone is certified', async () => {
    const levels = [5, 3, 2, 1];
    const { m, q } = withEigenvalues([...levels, -0.5], 7);
    const objective = symmetricFactorization({ target: values(m), rank: 2 });
    const accepted: string[] = [];
    for (let i = 0; i < 4; i++) {
      for (let j = i + 1; j < 4; j++) {
        const x = matrix(5, 2, Float64Array.from({ length: 10 }, (_, k) => q.data[Math.floor(k / 2) * 5 + (k % 2 === 0 ? i : j)]! * Math.sqrt(levels[k % 2 === 0 ? i : j]!)));
        const product = multiply(x, x, { transposeB: true });
        const left = matrix(5, 5, m.data.map((value, k) => value - product.data[k]!));
        const passes = symmetricEigenvalues(left)[0]! <= symmetricEigenvalues(product)[1]! + 1e-12;
        const { kind } = await certifyPoint(objective, createPoint(objective.layout, x.data), { backend });
        expect(kind === 'global-minimum').toBe(passes);
        if (passes) accepted.push(`${i}${j}`);
      }
    }
    expect(accepted).toEqual(['01']);
  });

  it('8.8 with a = identity: a point that is nearly second-order is near the planted matrix', async () => {
    const c = 2 * (Math.SQRT2 - 1);
    const { m } = withEigenvalues([3, 1, 0, 0], 4);
    const objective = symmetricFactorization({ target: values(m), rank: 2 });
    let checked = 0;
    for (let k = 0; k < 60; k++) {
      const x = matrix(4, 2, draw(8, 300 + k));
      const { point } = await solve(objective, lbfgs(), { backend, point: createPoint(objective.layout, x.data), stop: maxIterations(k % 12) });
      const { gradient, hessian } = await derivatives(objective, point.data);
      // twice the factorization is 1/2 |U U^T - M|^2
      const [g, gamma] = [2 * norm(gradient), Math.max(0, -2 * least(hessian))];
      if (!(gamma < c)) continue;
      const u = matrix(4, 2, point.data);
      const apart = norm(multiply(u, u, { transposeB: true }).data.map((value, e) => value - m.data[e]!));
      expect(apart).toBeLessThanOrEqual((4 * g) / (Math.sqrt(c) * (1 - gamma / c)) + 1e-9);
      checked++;
    }
    expect(checked).toBeGreaterThan(5);
  });
});

it('15: at the optimum |G| / lambda is 1 to seven digits, and the gap is as small', async () => {
  const target = { rows: 6, cols: 5, values: draw(30, 9) };
  const objective = matrixFactorization({ target, rank: 5, balance: 0, lambda: 0.8 });
  const { point } = await solve(objective, lbfgs(), { backend });
  const { normBound, relativeGap } = await certifyPoint(objective, point, { backend });
  expect(normBound!.value / 0.8).toBeCloseTo(1, 6);
  expect(relativeGap!).toBeLessThan(1e-6);
});

it('17: without a penalty S is not psd at the optimum of a low rank, since the relaxation fits the noise: not certified', async () => {
  const n = 4;
  const matrices = draw(10 * n * n, 20);
  const truth = draw(n, 21);
  const noise = draw(10, 22);
  const b = Float64Array.from({ length: 10 }, (_, k) => noise[k]! + truth.reduce((sum, x, i) => sum + x * truth.reduce((row, y, j) => row + y * matrices[k * n * n + i * n + j]!, 0), 0));
  const objective = symmetricSensing({ measurements: { rows: n, cols: n, values: b, ensemble: { kind: 'dense', matrices } }, rank: 1 });
  const { point, value } = await solve(objective, lbfgs(), { backend });
  const certificate = await certifyPoint(objective, point, { backend });
  expect(certificate.kind).toBe('not-certified');
  const { value: relaxed } = await solve(symmetricSensing({ measurements: { rows: n, cols: n, values: b, ensemble: { kind: 'dense', matrices } }, rank: n }), lbfgs(), { backend });
  expect(relaxed).toBeLessThan(0.99 * value);
  expect(certificate.gap!).toBeGreaterThanOrEqual(value - relaxed - 1e-9);
});
