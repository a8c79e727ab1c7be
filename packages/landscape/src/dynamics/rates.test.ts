import { normals, streamKey } from '@lowland/core';
import { matrix, symmetricEigenvalues } from '@lowland/linalg';
import { expect, it } from 'vitest';

import { eigenvaluesOf } from './general-eigenvalues.ts';
import { leavingRate, nonreversibleRate, rotationMatrix, underdampedRate } from './rates.ts';

const diagonal = (...entries: number[]) => {
  const out = matrix(entries.length, entries.length);
  entries.forEach((entry, i) => (out.data[i * (entries.length + 1)] = entry));
  return out;
};
const random = (size: number, seed: number) => {
  const out = matrix(size, size);
  normals(streamKey(seed, 'rates', 0), out.data);
  return out;
};

// F27
it.each([[0, 1], [1, 1], [2, 1], [3, 1], [1, 4], [2, 0.3], [7, 25]])('mu* in closed form, a = %d, k = %d', (a, k) => {
  const mu = (k - 1 - Math.sqrt((k - 1) ** 2 + 4 * k * (1 + a * a))) / 2;
  expect(Math.abs(leavingRate(diagonal(-1, k), rotationMatrix(2, a)) / mu - 1)).toBeLessThan(1e-12);
});

// P5: .1 at a = 0, .202 at a = 1, tr / d = 5.05 from a = 5 on
it('the nonreversible rate rises from m to tr H / n', () => {
  const rate = (a: number) => nonreversibleRate(diagonal(0.1, 10), rotationMatrix(2, a));
  expect(rate(0)).toBeCloseTo(0.1, 12);
  expect(rate(1)).toBeCloseTo((10.1 - Math.sqrt(10.1 ** 2 - 4 * 2)) / 2, 12);
  expect(Math.round(1000 * rate(1))).toBe(202);
  for (const a of [5, 10, 50]) expect(rate(a)).toBeCloseTo(5.05, 12);
});

// F29
it('with inertia the best rate is sqrt m, at gamma = 2 sqrt m', () => {
  const best = 2 * Math.sqrt(0.1);
  expect(Math.abs(underdampedRate(0.1, best) / Math.sqrt(0.1) - 1)).toBeLessThan(1e-6);
  for (const factor of [0.8, 0.99, 1.01, 1.3]) expect(underdampedRate(0.1, factor * best)).toBeLessThan(Math.sqrt(0.1));
});

it('leaving and nonreversible rates agree with the eigenvalues of general matrices', () => {
  for (let seed = 0; seed < 10; seed++) {
    const n = 2 + seed;
    const hessian = diagonal(-1, ...Array.from({ length: n - 1 }, (_, i) => 1 + i));
    const a = random(n, seed);
    const j = matrix(n, n);
    for (let i = 0; i < n; i++) for (let k = 0; k < n; k++) j.data[i * n + k] = a.data[i * n + k]! - a.data[k * n + i]!;
    expect(leavingRate(hessian, j)).toBeCloseTo(nonreversibleRate(hessian, j), 10);
  }
});

it('refuses what is no pass', () => {
  for (const hessian of [diagonal(1, 2), diagonal(-1, -2), diagonal(-1, 0)]) expect(() => leavingRate(hessian, rotationMatrix(2, 1))).toThrow(expect.objectContaining({ code: 'LOWLAND_E_OPTIONS' }) as Error);
});

it('eigenvalues: trace and trace of the square, companion and symmetric matrices, pairs', () => {
  for (const n of [1, 2, 3, 8, 25]) {
    const a = random(n, n);
    const { re, im } = eigenvaluesOf(a);
    const trace = a.data.reduce((sum, value, at) => (at % (n + 1) === 0 ? sum + value : sum), 0);
    let square = 0;
    for (let i = 0; i < n; i++) for (let k = 0; k < n; k++) square += a.data[i * n + k]! * a.data[k * n + i]!;
    expect(re.reduce((sum, x) => sum + x, 0)).toBeCloseTo(trace, 10);
    expect(im.reduce((sum, x) => sum + x, 0)).toBeCloseTo(0, 10);
    expect(re.reduce((sum, x, k) => sum + x * x - im[k]! ** 2, 0)).toBeCloseTo(square, 9);
    const symmetric = matrix(n, n);
    for (let i = 0; i < n; i++) for (let k = 0; k < n; k++) symmetric.data[i * n + k] = a.data[i * n + k]! + a.data[k * n + i]!;
    const own = [...eigenvaluesOf(symmetric).re].sort((x, y) => y - x);
    symmetricEigenvalues(symmetric).forEach((value, k) => expect(own[k]).toBeCloseTo(value, 10));
  }
  // x^4 - 1
  const companion = matrix(4, 4);
  companion.data.set([0, 0, 0, 1, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0]);
  const { re, im } = eigenvaluesOf(companion);
  const roots = Array.from(re, (x, k) => [Math.round(1e10 * x) / 1e10 + 0, Math.round(1e10 * im[k]!) / 1e10 + 0]).sort((x, y) => x[0]! - y[0]! || x[1]! - y[1]!);
  expect(roots).toEqual([[-1, 0], [0, -1], [0, 1], [1, 0]]);
});
