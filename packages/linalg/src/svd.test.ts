import { runs } from '@lowland/vitest-config/full';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { add, frobeniusNorm, identity, matrix, type Matrix, scaleColumns, subtract, transpose } from './matrix.ts';
import { multiply } from './multiply.ts';
import { thinQr } from './qr.ts';
import { thinSvd } from './svd.ts';
import { defect, epsilon, families, filled, gaussian, withSingularValues } from '../test/fixtures.ts';

const relative = (difference: Matrix, a: Matrix): number => frobeniusNorm(difference) / (frobeniusNorm(a) || 1);

/** Residual and orthogonality within 20·n·ε (rigour.md E1), order, signs; returns the singular values. */
function expectSvd(a: Matrix): Float64Array {
  const { u, s, v } = thinSvd(a);
  const tolerance = 20 * Math.max(a.rows, a.cols) * epsilon;
  expect(relative(subtract(multiply(scaleColumns(u, s), v, { transposeB: true }), a), a)).toBeLessThanOrEqual(tolerance);
  expect(defect(u)).toBeLessThanOrEqual(tolerance);
  expect(defect(v)).toBeLessThanOrEqual(tolerance);
  s.forEach((x, i) => {
    expect(x).toBeGreaterThanOrEqual(0);
    if (i > 0) expect(x).toBeLessThanOrEqual(s[i - 1]!);
  });
  for (let j = 0; j < s.length; j++) {
    const column = Array.from({ length: u.rows }, (_, i) => u.data[i * u.cols + j]!);
    const half = Math.max(...column.map(Math.abs)) / 2;
    expect(column.find((x) => Math.abs(x) > half)).toBeGreaterThan(0);
  }
  return s;
}

function expectQr(a: Matrix): void {
  const { q, r } = thinQr(a);
  const tolerance = 20 * Math.max(a.rows, a.cols) * epsilon;
  expect(relative(subtract(multiply(q, r), a), a)).toBeLessThanOrEqual(tolerance);
  expect(defect(q)).toBeLessThanOrEqual(tolerance);
  for (let i = 0; i < r.rows; i++) {
    for (let j = 0; j < i; j++) expect(r.data[i * r.cols + j]).toBe(0);
    expect(r.data[i * r.cols + i]).toBeGreaterThanOrEqual(0);
  }
}

const spectra: Readonly<Record<string, (i: number, n: number) => number>> = {
  'sixteen decades': (i, n) => 10 ** (-16 * i / n),
  'eight decades': (i, n) => 10 ** (-8 * i / n),
  'three clusters': (i, n) => (3 * i < n ? 1 : 3 * i < 2 * n ? 1e-5 : 1e-9),
  'one large': (i, n) => (i === 0 ? 1 : 1e-7 * (2 - i / n)),
  'one small': (i, n) => (i === n - 1 ? 1e-13 : 2 - i / n),
  'half of it zero': (i, n) => (2 * i < n ? 1 + i / n : 0),
  'all equal': () => 1,
};

describe('thinQr and thinSvd of any shape', () => {
  it('from 1 to 300', () => {
    const side = fc.oneof(fc.integer({ min: 1, max: 40 }), fc.integer({ min: 1, max: 300 }));
    fc.assert(
      fc.property(side, side, fc.nat(), (m, n, seed) => {
        const a = gaussian(m, n, seed);
        expectQr(a);
        expectSvd(a);
      }),
      { numRuns: runs(100), seed: 31 },
    );
  });

  it.each([[500, 500], [1000, 120], [90, 700], [4000, 12]])('%d × %d', (m, n) => {
    const a = gaussian(m, n, 5);
    expectQr(a);
    expectSvd(a);
  });

  it('of low rank, by small integers', () => {
    const size = fc.integer({ min: 1, max: 130 });
    fc.assert(
      fc.property(size, size, fc.integer({ min: 0, max: 5 }), fc.nat(), (m, n, rank, seed) => {
        const [x, y] = [gaussian(m, rank, seed), gaussian(rank, n, seed + 1)];
        const a = multiply(matrix(m, rank, x.data.map(Math.round)), matrix(rank, n, y.data.map(Math.round)));
        expectQr(a);
        expectSvd(a).forEach((value, i, s) => { if (i >= rank) expect(value).toBeLessThanOrEqual(20 * Math.max(m, n) * epsilon * s[0]!); });
      }),
      { numRuns: runs(100), seed: 32 },
    );
  });

  it.each(Object.entries(families))('of the entries called %s', (_, entry) => {
    const a = filled(110, 90, entry);
    const unit = Math.max(...a.data.map(Math.abs));
    // At unit size, so that measuring neither over- nor underflows; the sizes themselves are tested beside.
    expectSvd(matrix(110, 90, a.data.map((x) => x / unit)));
  });
});

describe('thinSvd', () => {
  it.each(Object.entries(spectra))('finds singular values, %s', (_, value) => {
    for (const [m, n] of [[60, 60], [200, 24], [150, 110]] as const) {
      const values = Array.from({ length: n }, (__, i) => value(i, n));
      // What bounds from the spectrum of a known target rely on.
      const tolerance = 4 * m * epsilon * Math.max(...values);
      const a = withSingularValues(m, n, values, n);
      for (const given of [a, transpose(a)]) {
        const s = expectSvd(given);
        values.sort((x, y) => y - x).forEach((x, i) => { expect(Math.abs(s[i]! - x)).toBeLessThanOrEqual(tolerance); });
      }
    }
  });

  it.each([2 ** -1000, 2 ** -511, 2 ** 500, 2 ** 990])('scales with the matrix, by %d', (factor) => {
    for (const [m, n] of [[40, 30], [300, 20], [12, 90]] as const) {
      const a = gaussian(m, n, 3);
      const [plain, scaled] = [thinSvd(a), thinSvd(matrix(m, n, a.data.map((x) => factor * x)))];
      const close = (x: Float64Array, y: Float64Array) => { x.forEach((value, i) => { expect(Math.abs(value - y[i]!)).toBeLessThan(1e-12); }); };
      close(plain.s, scaled.s.map((x) => x / factor));
      close(plain.u.data, scaled.u.data);
      close(plain.v.data, scaled.v.data);
    }
  });

  it('gives the same bits again', () => {
    const a = gaussian(140, 90, 8);
    expect(thinSvd(a)).toEqual(thinSvd(a));
    expect(thinQr(a)).toEqual(thinQr(a));
  });

  it('turns a wide matrix into a tall one', () => {
    const a = gaussian(30, 75, 9);
    const [wide, tall] = [thinSvd(a), thinSvd(transpose(a))];
    expect(wide.s).toEqual(tall.s);
    wide.u.data.forEach((x, i) => { expect(Math.abs(x)).toBe(Math.abs(tall.v.data[i]!)); });
  });
});

describe('thinQr', () => {
  it('is accurate for each column, of whatever size', () => {
    const exponents = [-900, 0, -300, 700, 40, -40];
    const plain = gaussian(50, 6, 4);
    const a = scaleColumns(plain, exponents.map((e) => 2 ** e));
    const { q, r } = thinQr(a);
    expect(defect(q)).toBeLessThan(1e-13);
    const restored = multiply(q, scaleColumns(r, exponents.map((e) => 2 ** -e)));
    expect(relative(subtract(restored, plain), plain)).toBeLessThan(1e-14);
  });

  it('takes what is left of a column for nothing where its squares vanish', () => {
    const a = filled(40, 3, (i, j) => (j === 0 ? Number(i === 0) : j === 1 ? Number(i === 0) + 1e-200 * i : i));
    const { q, r } = thinQr(a);
    expect(defect(q)).toBeLessThan(1e-13);
    expect(relative(subtract(multiply(q, r), a), a)).toBeLessThan(1e-14);
  });

  it.each([5, 66])('is orthonormal to a few hundred roundings where sums over long columns drift, %d columns', (n) => {
    const m = 40_000;
    const { q } = thinQr(filled(m, n, (i, j) => (j === 0 ? 0.1 : 0.1 + ((i * j + j) % 67) / 90)));
    // Summed in parts, since a plain sum would drift as well.
    let parts = matrix(n, n);
    for (let i = 0; i < m; i += 200) {
      const rows = matrix(200, n, q.data.slice(i * n, (i + 200) * n));
      parts = add(parts, multiply(rows, rows, { transposeA: true }));
    }
    expect(frobeniusNorm(subtract(parts, identity(n)))).toBeLessThan(400 * epsilon);
  });

  it('lets NaN and infinity through', () => {
    for (const bad of [Number.NaN, Infinity]) {
      const { r } = thinQr(filled(20, 4, (i, j) => (i === 3 && j === 1 ? bad : i + j)));
      expect(r.data.some((x) => !Number.isFinite(x))).toBe(true);
    }
  });
});
