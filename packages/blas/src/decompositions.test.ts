import { normals, streamKey } from '@lowland/core';
import * as plain from '@lowland/linalg';
import { add, frobeniusNorm, gram, identity, matrix, type Matrix, multiply, scaleColumns, subtract, transpose } from '@lowland/linalg';
import { runs } from '@lowland/vitest-config/full';
import fc from 'fast-check';
import { expect, it } from 'vitest';

import { describeNative } from '../test/system.ts';
import { symmetricEigen } from './eigen.ts';
import { thinQr } from './qr.ts';
import { thinSvd } from './svd.ts';

/** Entries that break careless decompositions: exactly structured low rank, gradings, over- and underflow, multiplicities. */
const families: Readonly<Record<string, (i: number, j: number) => number>> = {
  zero: () => 0,
  ones: () => 1,
  'rank 2 of integers': (i, j) => i + j,
  hilbert: (i, j) => 1 / (i + j + 1),
  graded: (i, j) => Math.sin(i * 40 + j) * 10 ** (-8 * (i + j)),
  'graded upwards': (i, j) => 10 ** (2 * (i + j) - 200),
  kahan: (i, j) => (j < i ? 0 : (j === i ? 1 : -0.6) * 0.8 ** i),
  'subnormal bidiagonal': (i, j) => (j === i || j === i + 1 ? (i < 5 ? 1 : 1e-320) : 0),
  blocks: (i, j) => (i >> 2 === j >> 2 ? 1 : 0),
  'minus identity': (i, j) => (i === j ? -1 : 0),
  huge: (i, j) => 1e304 * Math.sin(i * 9 + j),
  tiny: (i, j) => 1e-300 * Math.sin(i * 9 + j),
  wave: (i, j) => Math.sin(i * 1.7 + j * j),
};
const shapes = [[1, 1], [3, 2], [2, 3], [1, 7], [7, 1], [12, 12], [30, 11], [11, 30], [100, 70], [33, 130]] as const;

const filled = (rows: number, cols: number, entry: (i: number, j: number) => number): Matrix =>
  matrix(rows, cols, Float64Array.from({ length: rows * cols }, (_, k) => entry(Math.floor(k / cols), k % cols)));
const gaussian = (rows: number, cols: number, seed: number): Matrix => {
  const a = matrix(rows, cols);
  normals(streamKey(seed, 'fixture', rows * 10_000 + cols), a.data);
  return a;
};
const defect = (q: Matrix): number => frobeniusNorm(subtract(gram(q), identity(q.cols)));
const bound = (a: Matrix): number => 20 * Math.max(a.rows, a.cols) * 2 ** -52;

/** Residuals are compared at unit size, so that measuring them neither over- nor underflows. */
function expectProduct(parts: (size: number) => Matrix, a: Matrix): void {
  const size = frobeniusNorm(a) || 1;
  const unit = matrix(a.rows, a.cols, a.data.map((x) => x / size));
  expect(frobeniusNorm(subtract(parts(size), unit))).toBeLessThanOrEqual(bound(a));
}

function expectSigns(a: Matrix): void {
  for (let j = 0; j < a.cols; j++) {
    const column = Array.from({ length: a.rows }, (_, i) => a.data[i * a.cols + j]!);
    const half = Math.max(...column.map(Math.abs)) / 2;
    expect(column.find((x) => Math.abs(x) > half)).toBeGreaterThan(0);
  }
}

function expectQr(a: Matrix): void {
  const { q, r } = thinQr(a);
  const k = Math.min(a.rows, a.cols);
  expect([q.rows, q.cols, r.rows, r.cols]).toEqual([a.rows, k, k, a.cols]);
  expectProduct((size) => multiply(q, matrix(k, a.cols, r.data.map((x) => x / size))), a);
  expect(defect(q)).toBeLessThanOrEqual(bound(a));
  for (let i = 0; i < k; i++) {
    for (let j = 0; j < i; j++) expect(r.data[i * a.cols + j]).toBe(0);
    expect(r.data[i * a.cols + i]).toBeGreaterThanOrEqual(0);
  }
}

function expectSvd(a: Matrix): void {
  const { u, s, v } = thinSvd(a);
  const k = Math.min(a.rows, a.cols);
  expect([u.rows, u.cols, s.length, v.rows, v.cols]).toEqual([a.rows, k, k, a.cols, k]);
  expectProduct((size) => multiply(scaleColumns(u, s.map((x) => x / size)), v, { transposeB: true }), a);
  expect(defect(u)).toBeLessThanOrEqual(bound(a));
  expect(defect(v)).toBeLessThanOrEqual(bound(a));
  s.forEach((x, i) => expect(x).toBeLessThanOrEqual(i === 0 ? Infinity : s[i - 1]!));
  s.forEach((x) => expect(x).toBeGreaterThanOrEqual(0));
  expectSigns(u);
}

function expectEigen(a: Matrix): void {
  const { values, vectors } = symmetricEigen(a);
  expectProduct((size) => multiply(scaleColumns(vectors, values.map((x) => x / size)), vectors, { transposeB: true }), a);
  expect(defect(vectors)).toBeLessThanOrEqual(bound(a));
  values.forEach((x, i) => expect(x).toBeLessThanOrEqual(i === 0 ? Infinity : values[i - 1]!));
  expectSigns(vectors);
}

const symmetrised = (a: Matrix): Matrix => {
  const size = frobeniusNorm(a) || 1;
  const unit = matrix(a.rows, a.cols, a.data.map((x) => x / size));
  return add(unit, transpose(unit));
};

const cases = Object.entries(families).flatMap(([name, entry]) => shapes.map(([m, n]) => ({ name, m, n, a: filled(m, n, entry) })));
const anyShape = fc.tuple(fc.integer({ min: 1, max: 150 }), fc.integer({ min: 1, max: 150 }), fc.integer({ min: 0, max: 40 }), fc.nat(1e6));

describeNative('decompositions of LAPACK', () => {
  it.each(cases)('$name, $m × $n: QR, SVD and eigen-decomposition within 20·n·ε', ({ a }) => {
    expectQr(a);
    expectSvd(a);
    if (a.rows === a.cols) expectEigen(symmetrised(a));
  });

  it('keep residual and orthogonality on random matrices of any rank', () => {
    const check = ([rows, cols, rank, seed]: readonly [number, number, number, number]) => {
      const a = rank === 0 ? gaussian(rows, cols, seed) : multiply(gaussian(rows, rank, seed), gaussian(rank, cols, seed + 1));
      expectQr(a);
      expectSvd(a);
      expectEigen(multiply(scaleColumns(a, Float64Array.from({ length: cols }, (_, j) => (j % 3) - 1)), a, { transposeB: true }));
    };
    fc.assert(fc.property(anyShape, check), { numRuns: runs(100), seed: 4 });
  });

  it('are those of linalg where the factors are unique', () => {
    const a = gaussian(40, 25, 3);
    const symmetric = symmetrised(gaussian(30, 30, 4));
    const close = (x: Float64Array, y: Float64Array) => expect(Math.max(...x.map((value, k) => Math.abs(value - y[k]!)))).toBeLessThan(1e-11);
    close(thinQr(a).q.data, plain.thinQr(a).q.data);
    close(thinQr(a).r.data, plain.thinQr(a).r.data);
    for (const b of [a, transpose(a)]) {
      const [ours, theirs] = [thinSvd(b), plain.thinSvd(b)];
      close(ours.u.data, theirs.u.data);
      close(ours.s, theirs.s);
      close(ours.v.data, theirs.v.data);
    }
    close(symmetricEigen(symmetric).values, plain.symmetricEigen(symmetric).values);
    close(symmetricEigen(symmetric).vectors.data, plain.symmetricEigen(symmetric).vectors.data);
  });

  it('leave what they get as it is, take the empty, read the lower triangle, refuse what is not finite', () => {
    const a = gaussian(9, 9, 1);
    const before = a.data.slice();
    for (const run of [thinQr, thinSvd, symmetricEigen]) run(a);
    expect(a.data).toEqual(before);
    expect(thinSvd(matrix(0, 3))).toEqual({ u: matrix(0, 0), s: new Float64Array(0), v: matrix(3, 0) });
    expect(thinQr(matrix(3, 0))).toEqual({ q: matrix(3, 0), r: matrix(0, 0) });
    expect(symmetricEigen(matrix(0, 0)).vectors).toEqual(matrix(0, 0));
    expect(Array.from(symmetricEigen(matrix(2, 2, Float64Array.of(2, 77, 1, 2))).values)).toEqual([expect.closeTo(3, 14), expect.closeTo(1, 14)]);
    for (const bad of [NaN, Infinity]) {
      const b = matrix(2, 2, Float64Array.of(1, 2, bad, 1));
      for (const run of [thinSvd, symmetricEigen]) expect(() => run(b)).toThrow(expect.objectContaining({ code: 'LOWLAND_E_NOT_FINITE' }));
    }
    expect(() => symmetricEigen(matrix(2, 3))).toThrow(expect.objectContaining({ code: 'LOWLAND_E_SHAPE' }));
  });
});
