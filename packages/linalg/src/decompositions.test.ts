import { runs } from '@lowland/vitest-config/full';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { symmetricEigen } from './eigen.ts';
import { add, diagonal, frobeniusNorm, matrix, matrixFromRows, scaleColumns, subtract, transpose, type Matrix } from './matrix.ts';
import { multiply } from './multiply.ts';
import { orthonormalize, projectOut } from './orthonormalize.ts';
import { thinQr } from './qr.ts';
import { thinSvd } from './svd.ts';
import { norm } from './vector.ts';
import { defect, epsilon, families, filled, gaussian, shapes, withSingularValues } from '../test/fixtures.ts';

/** Residuals are compared at unit size, so that measuring them neither over- nor underflows. */
const unitSize = (a: Matrix): { unit: Matrix; size: number } => {
  const size = frobeniusNorm(a) || 1;
  return { unit: matrix(a.rows, a.cols, a.data.map((x) => x / size)), size };
};

const entries = fc.tuple(fc.integer({ min: 1, max: 24 }), fc.integer({ min: 1, max: 24 }), fc.integer({ min: 0, max: 24 }), fc.nat());
/** Random matrices of every shape, half of them of low rank with integer factors. */
const anyMatrix = entries.map(([rows, cols, rank, seed]) => {
  const u = gaussian(rows, rank, seed);
  const v = gaussian(rank, cols, seed + 1);
  return multiply(matrix(rows, rank, u.data.map(Math.round)), seed % 2 === 0 ? matrix(rank, cols, v.data.map(Math.round)) : v);
});

function expectQr(a: Matrix): void {
  const { q, r } = thinQr(a);
  const k = Math.min(a.rows, a.cols);
  const tolerance = 20 * Math.max(a.rows, a.cols) * epsilon;
  expect([q.rows, q.cols, r.rows, r.cols]).toEqual([a.rows, k, k, a.cols]);
  const { unit, size } = unitSize(a);
  expect(frobeniusNorm(subtract(multiply(q, matrix(k, a.cols, r.data.map((x) => x / size))), unit))).toBeLessThanOrEqual(tolerance);
  expect(defect(q)).toBeLessThanOrEqual(tolerance);
  for (let i = 0; i < k; i++) {
    for (let j = 0; j < i; j++) expect(r.data[i * a.cols + j]).toBe(0);
    expect(r.data[i * a.cols + i]).toBeGreaterThanOrEqual(0);
  }
}

function expectSvd(a: Matrix): void {
  const { u, s, v } = thinSvd(a);
  const k = Math.min(a.rows, a.cols);
  const tolerance = 20 * Math.max(a.rows, a.cols) * epsilon;
  expect([u.rows, u.cols, s.length, v.rows, v.cols]).toEqual([a.rows, k, k, a.cols, k]);
  const { unit, size } = unitSize(a);
  const product = multiply(scaleColumns(u, s.map((x) => x / size)), v, { transposeB: true });
  expect(frobeniusNorm(subtract(product, unit))).toBeLessThanOrEqual(tolerance);
  expect(defect(u)).toBeLessThanOrEqual(tolerance);
  expect(defect(v)).toBeLessThanOrEqual(tolerance);
  s.forEach((x, i) => expect(x).toBeLessThanOrEqual(i === 0 ? Infinity : s[i - 1]!));
  s.forEach((x) => expect(x).toBeGreaterThanOrEqual(0));
}

function expectEigen(a: Matrix): void {
  const { values, vectors } = symmetricEigen(a);
  const tolerance = 20 * a.rows * epsilon;
  const { unit, size } = unitSize(a);
  const product = multiply(scaleColumns(vectors, values.map((x) => x / size)), vectors, { transposeB: true });
  expect(frobeniusNorm(subtract(product, unit))).toBeLessThanOrEqual(tolerance);
  expect(defect(vectors)).toBeLessThanOrEqual(tolerance);
  values.forEach((x, i) => expect(x).toBeLessThanOrEqual(i === 0 ? Infinity : values[i - 1]!));
}

const cases = Object.entries(families).flatMap(([name, entry]) => shapes.map(([m, n]) => ({ name, m, n, a: filled(m, n, entry) })));

describe.each(cases)('$name, $m × $n', ({ a }) => {
  it('has a QR, an SVD and an eigen-decomposition within 20·n·ε', () => {
    expectQr(a);
    expectSvd(a);
    if (a.rows === a.cols) expectEigen(add(unitSize(a).unit, transpose(unitSize(a).unit)));
  });
});

describe('thinQr', () => {
  it('keeps residual and orthogonality on random and low-rank matrices', () => {
    fc.assert(fc.property(anyMatrix, expectQr), { numRuns: runs(400), seed: 3 });
  });
  it('leaves an upper triangle with positive diagonal alone', () => {
    const r = matrixFromRows([[2, 1], [0, 3]]);
    expect(thinQr(r)).toEqual({ q: diagonal([1, 1]), r });
  });
});

describe('thinSvd', () => {
  it('keeps residual and orthogonality on random and low-rank matrices', () => {
    fc.assert(fc.property(anyMatrix, expectSvd), { numRuns: runs(400), seed: 4 });
  });
  it('knows exact small cases', () => {
    expect(Array.from(thinSvd(diagonal([-3, 4])).s)).toEqual([expect.closeTo(4, 14), expect.closeTo(3, 14)]);
    expect(Array.from(thinSvd(filled(100, 100, () => 1)).s.slice(0, 3))).toEqual([expect.closeTo(100, 10), expect.closeTo(0, 12), expect.closeTo(0, 12)]);
    expect(thinSvd(matrixFromRows([[-5]]))).toEqual({ u: diagonal([1]), s: Float64Array.of(5), v: diagonal([-1]) });
    expect(thinSvd(matrix(0, 3))).toEqual({ u: matrix(0, 0), s: new Float64Array(0), v: matrix(3, 0) });
    expect(thinSvd(matrix(3, 2)).s).toEqual(new Float64Array(2));
  });
  it('finds singular values over eight decades to full relative accuracy of the norm', () => {
    const values = [1, 1, 1e-2, 1e-4, 1e-6, 1e-8];
    const { s } = thinSvd(withSingularValues(20, 12, values, 7));
    values.forEach((value, i) => expect(Math.abs(s[i]! - value)).toBeLessThanOrEqual(400 * epsilon));
  });
  it('fixes the signs by the left vectors, so scaling and repetition change nothing', () => {
    const a = gaussian(9, 5, 2);
    const doubled = thinSvd(matrix(9, 5, a.data.map((x) => 2 * x)));
    expect(doubled.u).toEqual(thinSvd(a).u);
    expect(doubled.v).toEqual(thinSvd(a).v);
    for (let j = 0; j < 5; j++) {
      const column = Array.from({ length: 9 }, (_, i) => doubled.u.data[i * 5 + j]!);
      const half = Math.max(...column.map(Math.abs)) / 2;
      expect(column.find((x) => Math.abs(x) > half)).toBeGreaterThan(0);
    }
  });
  it('refuses what is not finite', () => {
    for (const bad of [Number.NaN, Infinity]) {
      const a = matrixFromRows([[1, 2], [bad, 1]]);
      expect(() => thinSvd(a)).toThrow(expect.objectContaining({ code: 'LOWLAND_E_NOT_FINITE' }));
      expect(() => symmetricEigen(a)).toThrow(expect.objectContaining({ code: 'LOWLAND_E_NOT_FINITE' }));
      expect(() => orthonormalize(a)).toThrow(expect.objectContaining({ code: 'LOWLAND_E_NOT_FINITE' }));
    }
  });
});

describe('symmetricEigen', () => {
  it('keeps residual and orthogonality on random and low-rank matrices', () => {
    fc.assert(
      fc.property(anyMatrix, (x) => expectEigen(multiply(scaleColumns(x, Float64Array.from({ length: x.cols }, (_, j) => (j % 3) - 1)), x, { transposeB: true }))),
      { numRuns: runs(400), seed: 5 },
    );
  });
  it('knows exact small cases and reads the lower triangle', () => {
    expect(Array.from(symmetricEigen(matrixFromRows([[2, 77], [1, 2]])).values)).toEqual([expect.closeTo(3, 14), expect.closeTo(1, 14)]);
    expect(symmetricEigen(diagonal([-1, 0, 2])).values).toEqual(Float64Array.of(2, 0, -1));
    expect(symmetricEigen(matrix(0, 0)).values).toHaveLength(0);
    expect(() => symmetricEigen(matrix(2, 3))).toThrow(expect.objectContaining({ code: 'LOWLAND_E_SHAPE' }));
  });
});

describe('orthonormalize', () => {
  it.each([1, 20, 90, 1e6])('spans many long columns whose lengths spread by %d', (spread) => {
    const [rows, cols] = [800, 80];
    const a = filled(rows, cols, (i, j) => Math.sin(1 + i * (j + 1)) * spread ** (-j / cols));
    const q = orthonormalize(a);
    expect(q.cols).toBe(cols);
    expect(defect(q)).toBeLessThan(1e-10);
    const inside = multiply(q, multiply(q, a, { transposeA: true }));
    expect(frobeniusNorm(subtract(a, inside))).toBeLessThan(1e-10 * frobeniusNorm(a));
  });

  it('only scales columns that are orthogonal', () => {
    const a = filled(500, 3, (i, j) => (i % 3 === j ? j + 1 : 0));
    const q = orthonormalize(a);
    q.data.forEach((x, k) => {
      expect(Math.sign(x)).toBe(Math.sign(a.data[k]!));
    });
    expect(defect(q)).toBeLessThan(1e-14);
  });

  it('returns as many orthonormal columns as the numerical rank, spanning the same space', () => {
    const a = withSingularValues(30, 8, [3, 1, 1e-7, 1e-9], 5);
    const q = orthonormalize(a);
    expect([q.rows, q.cols]).toEqual([30, 3]);
    expect(defect(q)).toBeLessThanOrEqual(600 * epsilon);
    const x = Float64Array.from({ length: 30 }, (_, i) => a.data[i * 8]!);
    projectOut(q, x, new Float64Array(3));
    expect(norm(x)).toBeLessThanOrEqual(1e-8);
    expect(orthonormalize(matrix(4, 2)).cols).toBe(0);
    expect(orthonormalize(withSingularValues(5, 9, [1, 1, 1], 5)).cols).toBe(3);
  });
});
