import { full, runs } from '@lowland/vitest-config/full';
import fc from 'fast-check';
import { afterEach, describe, expect, it, vi } from 'vitest';

import { epsilon, filled, gaussian, withSpectrum } from '../test/fixtures.ts';
import { symmetricEigen, type SymmetricEigen } from './eigen.ts';
import { frobeniusNorm, identity, matrix, scaleColumns, subtract, type Matrix } from './matrix.ts';
import { gram, multiply } from './multiply.ts';
import { powerOfTwoAbove } from './scaling.ts';
import { largestMagnitude } from './vector.ts';

/** max row sum of |AV − VΛ| over ‖A‖ and of |VᵀV − I|, in units of n·ε: upper bounds of the spectral norms, up to √n. */
function errors(a: Matrix, { values, vectors }: SymmetricEigen): { residual: number; orthogonality: number } {
  const n = a.rows;
  const unit = powerOfTwoAbove(largestMagnitude(a.data) || 1);
  const whole = filled(n, n, (i, j) => a.data[Math.max(i, j) * n + Math.min(i, j)]! / unit);
  const scaled = values.map((x) => x / unit);
  const size = Math.max(Math.abs(scaled[0]!), Math.abs(scaled[n - 1]!)) || 1;
  const residual = frobeniusNorm(subtract(multiply(whole, vectors), scaleColumns(vectors, scaled)));
  // ‖·‖₂ lies between ‖·‖_F/√n and ‖·‖_F.
  return { residual: residual / size / (n * epsilon), orthogonality: frobeniusNorm(subtract(gram(vectors), identity(n))) / (n * epsilon) };
}

function expectEigen(a: Matrix): SymmetricEigen {
  const result = symmetricEigen(a);
  const { residual, orthogonality } = errors(a, result);
  expect(residual).toBeLessThanOrEqual(20);
  expect(orthogonality).toBeLessThanOrEqual(20);
  result.values.forEach((x, i) => { expect(x).toBeLessThanOrEqual(i === 0 ? Infinity : result.values[i - 1]!); });
  return result;
}

const symmetric = (n: number, seed: number): Matrix => {
  const g = gaussian(n, n, seed);
  return filled(n, n, (i, j) => g.data[i * n + j]! + g.data[j * n + i]!);
};
const tridiagonal = (n: number, d: (i: number) => number, e: (i: number) => number): Matrix =>
  filled(n, n, (i, j) => (i === j ? d(i) : Math.abs(i - j) === 1 ? e(Math.min(i, j)) : 0));
const spectrum = (value: (i: number, n: number) => number) => (n: number): Matrix => withSpectrum(Array.from({ length: n }, (_, i) => value(i, n)), n);

/** What breaks careless eigensolvers. */
const nasty: Readonly<Record<string, (n: number) => Matrix>> = {
  random: (n) => symmetric(n, n),
  'random of size 1e150': (n) => matrix(n, n, symmetric(n, n).data.map((x) => 1e150 * x)),
  'random of size 1e-150': (n) => matrix(n, n, symmetric(n, n).data.map((x) => 1e-150 * x)),
  'random of size 1e-300': (n) => matrix(n, n, symmetric(n, n).data.map((x) => 1e-300 * x)),
  'random of size 1e307': (n) => matrix(n, n, symmetric(n, n).data.map((x) => 1e307 * x / 8)),
  zero: (n) => matrix(n, n),
  identity: (n) => identity(n),
  'minus identity': (n) => filled(n, n, (i, j) => (i === j ? -1 : 0)),
  ones: (n) => filled(n, n, () => 1),
  'rank 2 of integers': (n) => filled(n, n, (i, j) => i + j),
  arrowhead: (n) => filled(n, n, (i, j) => (i === j ? i : i === n - 1 || j === n - 1 ? 1 : 0)),
  'arrowhead upwards': (n) => filled(n, n, (i, j) => (i === j ? i : i === 0 || j === 0 ? 1 : 0)),
  'second difference': (n) => tridiagonal(n, () => 2, () => -1),
  'prolate Toeplitz': (n) => filled(n, n, (i, j) => (i === j ? 0.5 : Math.sin(Math.PI * 0.5 * (i - j)) / (Math.PI * (i - j)))),
  'Kac, Murdock, Szegő': (n) => filled(n, n, (i, j) => 0.9 ** Math.abs(i - j)),
  Wilkinson: (n) => tridiagonal(n, (i) => Math.abs(i - (n - 1) / 2), () => 1),
  'glued Wilkinson': (n) => tridiagonal(n, (i) => Math.abs((i % 21) - 10), (i) => (i % 21 === 20 ? 1e-9 : 1)),
  'glued Wilkinson, barely': (n) => tridiagonal(n, (i) => Math.abs((i % 21) - 10), (i) => (i % 21 === 20 ? 1e-15 : 1)),
  Clement: (n) => tridiagonal(n, () => 0, (i) => Math.sqrt((i + 1) * (n - 1 - i))),
  Hilbert: (n) => filled(n, n, (i, j) => 1 / (i + j + 1)),
  'graded downwards': (n) => filled(n, n, (i, j) => Math.cos(i * j) * 10 ** (-(i + j) / 4)),
  'graded upwards': (n) => filled(n, n, (i, j) => Math.cos(i * j) * 10 ** ((i + j - 2 * n) / 4)),
  'graded over 1e±150': (n) => filled(n, n, (i, j) => Math.cos(i * j) * 10 ** ((150 * (i + j - n)) / n)),
  'graded tridiagonal': (n) => tridiagonal(n, (i) => 2 ** -i, (i) => 2 ** (-i - 1)),
  blocks: (n) => filled(n, n, (i, j) => (i >> 3 === j >> 3 ? 1 + ((i * j) % 3) : 0)),
  'signs in two dimensions': (n) => filled(n, n, (i, j) => (parity(i & j) === 0 ? 1 : -1)),
  'one large coupling': (n) => tridiagonal(n, (i) => i / n, (i) => (i === n >> 1 ? 1e8 : 1e-3)),
  'two eigenvalues': spectrum((i) => (i % 2 === 0 ? 1 : -1)),
  'one far away': spectrum((i) => (i === 0 ? 1 : 1e-12)),
  'a tight cluster': spectrum((i, n) => (i < n / 2 ? 1 + i * 1e-14 : i / n)),
  'looser clusters': spectrum((i) => (i % 5) + 1e-10 * i),
  'geometric to 1e-16': spectrum((i, n) => 10 ** ((-16 * i) / n)),
  'pairs ±': spectrum((i, n) => (i % 2 === 0 ? 1 : -1) * (i >> 1) / n),
};
const parity = (x: number): number => { let p = 0; for (let k = x; k > 0; k >>= 1) p ^= k & 1; return p; };

const sizes = full ? [2, 3, 24, 25, 49, 50, 64, 65, 100, 128, 131, 200, 257, 300] : [3, 25, 50, 65, 131];
describe.each(Object.entries(nasty))('symmetricEigen: %s', (_, make) => {
  it.each(sizes)('n = %d', (n) => { expectEigen(make(n)); });
  if (full) it('n = 500', { timeout: 60_000 }, () => { expectEigen(make(500)); });
});

describe('symmetricEigen', () => {
  it('has small residual and orthogonal vectors for every size', () => {
    fc.assert(fc.property(fc.integer({ min: 1, max: full ? 300 : 120 }), fc.nat(), (n, seed) => { expectEigen(symmetric(n, seed)); }), { numRuns: runs(300), seed: 21 });
  });
  it('serves large matrices', { timeout: 60_000 }, () => {
    expectEigen(symmetric(full ? 1000 : 400, 5));
  });

  it('finds closed forms', () => {
    for (const n of [7, 40, 150]) {
      const { values } = symmetricEigen(nasty['second difference']!(n));
      values.forEach((x, k) => { expect(Math.abs(x - 2 - 2 * Math.cos(((k + 1) * Math.PI) / (n + 1)))).toBeLessThanOrEqual(20 * n * epsilon); });
      const clement = symmetricEigen(nasty['Clement']!(n)).values;
      clement.forEach((x, k) => { expect(Math.abs(x - (n - 1 - 2 * k))).toBeLessThanOrEqual(20 * n * n * epsilon); });
    }
    expect(symmetricEigen(identity(30))).toEqual({ values: new Float64Array(30).fill(1), vectors: filled(30, 30, (i, j) => (i === 29 - j ? 1 : 0)) });
  });

  it('commutes with powers of two, in bits', () => {
    const a = symmetric(90, 3);
    const one = symmetricEigen(a);
    for (const factor of [2 ** 300, 2 ** -300]) {
      const other = symmetricEigen(matrix(90, 90, a.data.map((x) => factor * x)));
      expect(other.vectors).toEqual(one.vectors);
      expect(other.values).toEqual(one.values.map((x) => factor * x));
    }
  });

  it('has orthogonal vectors for subnormal entries, and eigenvalues to the last subnormal digit', () => {
    const counts = symmetric(40, 2).data.map((x) => Math.round(3 * x));
    const { values, vectors } = symmetricEigen(matrix(40, 40, counts.map((x) => x * Number.MIN_VALUE)));
    const reference = symmetricEigen(matrix(40, 40, counts));
    expect(vectors).toEqual(reference.vectors);
    values.forEach((x, k) => { expect(Math.abs(x / Number.MIN_VALUE - reference.values[k]!)).toBeLessThanOrEqual(0.5); });
  });

  it('reads the lower triangle only, and fixes the signs', () => {
    const a = symmetric(60, 4);
    const spoilt = filled(60, 60, (i, j) => (j > i ? 1e9 : a.data[i * 60 + j]!));
    expect(symmetricEigen(spoilt)).toEqual(symmetricEigen(a));
    const { vectors } = symmetricEigen(a);
    for (let j = 0; j < 60; j++) {
      const column = Array.from({ length: 60 }, (_, i) => vectors.data[i * 60 + j]!);
      const half = Math.max(...column.map(Math.abs)) / 2;
      expect(column.find((x) => Math.abs(x) > half)).toBeGreaterThan(0);
    }
  });
});

describe('symmetricEigen without WebAssembly', () => {
  afterEach(() => {
    vi.unstubAllGlobals();
    vi.resetModules();
  });
  it('gives the same bits', async () => {
    const cases = [...Object.values(nasty).map((make) => make(61)), symmetric(130, 8)];
    const expected = cases.map(symmetricEigen);
    vi.stubGlobal('WebAssembly', undefined);
    vi.resetModules();
    const fresh = await import('./eigen.ts');
    cases.forEach((a, k) => { expect(fresh.symmetricEigen(a)).toEqual(expected[k]); });
  });
});
