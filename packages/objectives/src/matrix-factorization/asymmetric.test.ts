import { matrix, multiply, scaleColumns, subtract, symmetricEigen, thinQr, type Matrix } from '@lowland/linalg';
import { describe, expect, it } from 'vitest';

import { gaussian, inner, largest, listDistance, probe } from '../../test/support.ts';
import { matrixFactorization } from './asymmetric.ts';
import { keptSets } from './stationary.ts';

/** rows x cols with the given singular values and random singular vectors. */
function withSingularValues(rows: number, cols: number, sigma: readonly number[]) {
  const left = thinQr(matrix(rows, sigma.length, gaussian(rows * sigma.length, 'left'))).q;
  const right = thinQr(matrix(cols, sigma.length, gaussian(cols * sigma.length, 'right'))).q;
  return { rows, cols, values: multiply(scaleColumns(left, sigma), right, { transposeB: true }).data };
}

/** U t, V / t */
function scaled(point: Float64Array, split: number, t: number): Float64Array {
  return point.map((value, k) => (k < split ? t * value : value / t));
}

/** The spectrum of founding-papers 4.4 at the balanced point that keeps S, sigma padded by zeros to min(m, n). */
function theory(m: number, n: number, d: number, c: number, sigma: readonly number[], kept: readonly number[]): number[] {
  const all = Array.from({ length: Math.min(m, n) }, (_, i) => sigma[i] ?? 0);
  const inside = kept.map((i) => all[i]!);
  const outside = all.filter((_, i) => !kept.includes(i));
  const empty = d - inside.length;
  const list = inside.flatMap((own) => outside.flatMap((other) => [own - other, own + other]));
  for (let k = 0; k < Math.abs(m - n); k++) list.push(...inside, ...new Array<number>(empty).fill(0));
  for (let k = 0; k < empty; k++) outside.forEach((other) => list.push(-other, other));
  inside.forEach((a, i) => {
    inside.slice(i).forEach((b, j) => list.push(a + b, 8 * c * (a + b), ...(j > 0 ? [0, a + b] : [])));
    for (let k = 0; k < empty; k++) list.push(0, 8 * c * a);
  });
  return list;
}

describe('asymmetric factorization, sigma = (4, 2.5, 1.5), golden item 4', () => {
  const target = withSingularValues(5, 4, [4, 2.5, 1.5]);

  it.each([0, 1 / 16, 1 / 8, 1 / 4])('has the spectrum of 4.4 at every balanced stationary point, c = %d', (balance) => {
    const f = probe(matrixFactorization({ target, rank: 3, balance }));
    // The fourth singular value is 0 up to rounding and may come out positive: sets that keep it are no points of this test.
    const sets = [...keptSets(Float64Array.of(4, 2.5, 1.5), 3)];
    expect(sets).toHaveLength(8);
    const points = [...f.problem.truth!.stationaryPoints!()];
    for (const kept of sets) {
      const value = [4, 2.5, 1.5].reduce((sum, sigma, i) => sum + (kept.includes(i) ? 0 : sigma ** 2 / 2), 0);
      const point = points.find((candidate) => Math.abs(f.value(candidate.data) - value) < 1e-10)!;
      expect(largest(f.gradient(point.data))).toBeLessThan(1e-12);
      expect(listDistance(f.spectrum(point.data), theory(5, 4, 3, balance, [4, 2.5, 1.5], kept))).toBeLessThan(1e-7);
    }
  });

  it.each([
    [0, 9, 8],
    [1 / 8, 3, 8],
    [1 / 4, 3, 16],
  ])('c = %d: %d null directions, curvature from 1.5 to %d', (balance, nullity, most) => {
    const f = probe(matrixFactorization({ target, rank: 3, balance }));
    const best = [...f.problem.truth!.stationaryPoints!()].find((point) => f.value(point.data) < 1e-20)!;
    const spectrum = f.spectrum(best.data);
    expect(largest(spectrum.slice(0, nullity))).toBeLessThan(1e-12);
    expect(spectrum[nullity]).toBeCloseTo(1.5, 12);
    expect(spectrum.at(-1)).toBeCloseTo(most, 12);
  });

  it.each([1, 3, 4])('scaled by t = %d: curvature from 1.5/t^2 to 4 (t^2 + t^-2), golden item 5', (t) => {
    const f = probe(matrixFactorization({ target, rank: 3, balance: 0 }));
    const best = [...f.problem.truth!.stationaryPoints!()].find((point) => f.value(point.data) < 1e-20)!;
    const spectrum = f.spectrum(scaled(best.data, 15, t));
    expect(spectrum.at(-1)).toBeCloseTo(4 * (t * t + 1 / (t * t)), 11);
    expect(spectrum[9]).toBeCloseTo(1.5 / (t * t), 11);
  });
});

it.each([
  [0, -2],
  [1, -1.561553],
  [5, -0.158989],
  [20, -0.00999975],
])('has the unbalanced saddle U = 0, V = %d w with least curvature %d, golden item 6', (t, least) => {
  const f = probe(matrixFactorization({ target: { rows: 2, cols: 2, values: Float64Array.of(2, 0, 0, 0) }, rank: 1, balance: 0 }));
  const x = Float64Array.of(0, 0, 0, t);
  expect(largest(f.gradient(x))).toBe(0);
  const lowest = f.spectrum(x)[0]!;
  expect(lowest).toBeCloseTo((t * t - Math.sqrt(t ** 4 + 16)) / 2, 10);
  expect(Math.abs(lowest - least)).toBeLessThan(5e-7);
});

describe('with c = 1/8 it is a symmetric problem in W = [U; V], golden item 8b', () => {
  const target = { rows: 5, cols: 4, values: gaussian(20, 'target') };
  const f = probe(matrixFactorization({ target, rank: 3 }));
  const x = gaussian(27, 'point');
  const w = matrix(9, 3, x);
  const k = matrix(9, 9);
  for (let i = 0; i < 5; i++) for (let j = 0; j < 4; j++) k.data[i * 9 + 5 + j] = k.data[(5 + j) * 9 + i] = 2 * target.values[i * 4 + j]!;
  const difference: Matrix = subtract(multiply(w, w, { transposeB: true }), k);

  it('F = 1/8 |W W^T - K|^2 - 1/2 |M|^2', () => {
    const expected = inner(difference.data, difference.data) / 8 - inner(target.values, target.values) / 2;
    expect(Math.abs(f.value(x) - expected)).toBeLessThan(1e-12 * Math.abs(f.value(x)));
  });

  it('grad F = 1/2 (W W^T - K) W', () => {
    const expected = multiply(difference, w).data.map((value) => value / 2);
    expect(largest(f.gradient(x).map((value, i) => value - expected[i]!))).toBeLessThan(1e-12 * largest(expected));
  });
});

describe('gradient descent without balancing', () => {
  const target = { rows: 5, cols: 4, values: gaussian(20, 'drift') };
  const f = probe(matrixFactorization({ target, rank: 3, balance: 0 }));
  const imbalance = (x: Float64Array): Float64Array => {
    const [u, v] = [matrix(5, 3, x.slice(0, 15)), matrix(4, 3, x.slice(15))];
    return subtract(multiply(u, u, { transposeA: true }), multiply(v, v, { transposeA: true })).data;
  };

  it('moves U^T U - V^T V by exactly eta^2 [(GV)^T GV - (G^T U)^T G^T U], golden item 9 and F01', () => {
    const x = gaussian(27, 'start');
    const eta = 0.02;
    const g = f.gradient(x);
    const before = imbalance(x);
    const after = imbalance(x.map((value, k) => value - eta * g[k]!));
    const predicted = imbalance(g).map((value, k) => before[k]! + eta * eta * value);
    expect(largest(after.map((value, k) => value - predicted[k]!))).toBeLessThan(1e-14 * largest(after) * 4);
  });

  it('drifts half as far with half the step, F02', () => {
    const drift = (eta: number): number => {
      let x = gaussian(27, 'start').map((value) => value / 4);
      const before = imbalance(x);
      for (let t = 0; t * eta < 10; t++) {
        const g = f.gradient(x);
        x = x.map((value, k) => value - eta * g[k]!);
      }
      const after = imbalance(x);
      return Math.sqrt(after.reduce((sum, value, k) => sum + (value - before[k]!) ** 2, 0));
    };
    const ratio = drift(0.01) / drift(0.005);
    expect(ratio).toBeGreaterThan(1.9);
    expect(ratio).toBeLessThan(2.1);
  });

  it('follows the recursions of the symmetrised blocks for a diagonal target, golden item 9', () => {
    // U = [top; J], V = [top; K], A = (U + V)/2, B = (U - V)/2 of the top blocks, P = S - A A^T + B B^T, Q = A B^T - B A^T.
    const [m, n, d] = [5, 4, 2];
    const sigma = matrix(d, d, Float64Array.of(2, 0, 0, 1));
    const diagonalTarget = { rows: m, cols: n, values: new Float64Array(m * n) };
    diagonalTarget.values[0] = 2;
    diagonalTarget.values[n + 1] = 1;
    const h = probe(matrixFactorization({ target: diagonalTarget, rank: d, balance: 0 }));
    const x = gaussian((m + n) * d, 'blocks').map((value) => value / 2);
    const eta = 0.05;
    const g = h.gradient(x);
    const next = x.map((value, k) => value - eta * g[k]!);
    const sum = (terms: readonly (readonly [number, Matrix])[]): Matrix => {
      const out = matrix(terms[0]![1].rows, terms[0]![1].cols);
      for (const [factor, term] of terms) for (let k = 0; k < out.data.length; k++) out.data[k]! += factor * term.data[k]!;
      return out;
    };
    const parts = (y: Float64Array) => {
      const u = matrix(d, d, y.slice(0, d * d));
      const j = matrix(m - d, d, y.slice(d * d, m * d));
      const v = matrix(d, d, y.slice(m * d, m * d + d * d));
      const k = matrix(n - d, d, y.slice(m * d + d * d));
      return { a: sum([[0.5, u], [0.5, v]]), b: sum([[0.5, u], [-0.5, v]]), j, k };
    };
    const aat = (a: Matrix, b: Matrix): Matrix => multiply(a, b, { transposeB: true });
    const { a, b, j, k } = parts(x);
    const after = parts(next);
    const jj = multiply(j, j, { transposeA: true });
    const kk = multiply(k, k, { transposeA: true });
    const plus = sum([[0.5, kk], [0.5, jj]]);
    const minus = sum([[0.5, kk], [-0.5, jj]]);
    const symmetricPart = (of: { a: Matrix; b: Matrix }): Matrix => sum([[1, sigma], [-1, aat(of.a, of.a)], [1, aat(of.b, of.b)]]);
    const p = symmetricPart({ a, b });
    const skew = sum([[1, aat(a, b)], [-1, aat(b, a)]]);
    const expectedA = sum([[1, a], [eta, multiply(p, a)], [-eta, multiply(skew, b)], [-eta, multiply(a, plus)], [-eta, multiply(b, minus)]]);
    const expectedB = sum([[1, b], [-eta, multiply(p, b)], [eta, multiply(skew, a)], [-eta, multiply(a, minus)], [-eta, multiply(b, plus)]]);
    expect(largest(subtract(after.a, expectedA).data)).toBeLessThan(1e-15);
    expect(largest(subtract(after.b, expectedB).data)).toBeLessThan(1e-15);

    // The recursion of P itself, with (B - eta P B): the printed plus sign is a misprint.
    const triple = (one: Matrix, two: Matrix, three: Matrix): Matrix => multiply(multiply(one, two), three);
    const bt = (one: Matrix, two: Matrix): Matrix => multiply(one, two, { transposeA: true });
    const c = sum([[-1, multiply(a, bt(b, b))], [1, multiply(b, bt(a, b))], [-1, multiply(a, plus)], [-1, multiply(b, minus)]]);
    const dd = sum([[1, multiply(a, bt(b, a))], [-1, multiply(b, bt(a, a))], [-1, multiply(a, minus)], [-1, multiply(b, plus)]]);
    const aStep = sum([[1, a], [eta, multiply(p, a)]]);
    const bStep = (sign: number): Matrix => sum([[1, b], [sign * eta, multiply(p, b)]]);
    const sp = sum([[1, sigma], [-1, p]]);
    const bb = aat(b, b);
    const recursion = (sign: number): Matrix =>
      sum([
        [1, p],
        [-eta, multiply(p, sp)],
        [-eta, multiply(sp, p)],
        [eta * eta, triple(p, p, p)],
        [-eta * eta, triple(p, sigma, p)],
        [-2 * eta, multiply(bb, p)],
        [-2 * eta, multiply(p, bb)],
        [-eta, aat(aStep, c)],
        [-eta, aat(c, aStep)],
        [-eta * eta, aat(c, c)],
        [eta, aat(bStep(sign), dd)],
        [eta, aat(dd, bStep(sign))],
        [eta * eta, aat(dd, dd)],
      ]);
    expect(largest(subtract(symmetricPart(after), recursion(-1)).data)).toBeLessThan(2e-15);
    expect(largest(subtract(symmetricPart(after), recursion(1)).data)).toBeGreaterThan(1e-5);
  });
});

describe('nuclear-norm factorization, sigma = (4, 2.5, 1.5, 0.7), lambda = 1, golden item 15', () => {
  const target = withSingularValues(5, 4, [4, 2.5, 1.5, 0.7]);
  const f = probe(matrixFactorization({ target, rank: 3, balance: 0, lambda: 1 }));
  const sets = [...keptSets(Float64Array.of(3, 1.5, 0.5), 3)];
  const points = [...f.problem.truth!.stationaryPoints!()];
  const at = (...kept: number[]) => points[sets.findIndex((set) => set.join() === kept.join())]!.data;

  it.each([
    [[], 12.495],
    [[0], 7.995],
    [[0, 1], 6.87],
    [[0, 1, 2], 6.745],
  ])('keeps %j: value %d', (kept, value) => {
    expect(largest(f.gradient(at(...kept)))).toBeLessThan(1e-13);
    expect(f.value(at(...kept))).toBeCloseTo(value, 12);
  });

  it('has least curvature -0.5 at {4, 2.5} and the optimum at {4, 2.5, 1.5}, where |G| = lambda', () => {
    expect(f.spectrum(at(0, 1))[0]).toBeCloseTo(-0.5, 12);
    expect(f.problem.truth!.optimum).toBeCloseTo(6.745, 12);
    const lifted = f.problem.lift!.at({ layout: f.problem.layout, data: at(0, 1, 2) });
    const gram = new Float64Array(16);
    lifted.gram!(gram);
    expect(symmetricEigen(matrix(4, 4, gram)).values[0]).toBeCloseTo(1, 12);
  });

  it('has the spectrum of 4.8 at {4, 2.5} with an empty column', () => {
    const theta = [3, 1.5];
    const list: number[] = [];
    for (const own of [4, 2.5]) for (const other of [1.5, 0.7]) list.push(own - other, own + other);
    for (const other of [1.5, 0.7]) list.push(1 - other, 1 + other);
    list.push(4, 2.5, 1); // one extra row: sigma_j, and lambda for the empty column
    theta.forEach((a, i) => theta.slice(i).forEach((b, j) => list.push(a + b, ...(j > 0 ? [0, a + b + 2, 2] : [2]))));
    for (let k = 0; k < 2; k++) list.push(0, 2);
    expect(listDistance(f.spectrum(at(0, 1)), list)).toBeLessThan(1e-12);
  });
});

describe('the critical-point table of catalogue Part 0, F03', () => {
  const cases: readonly (readonly [number, readonly number[], number, number])[] = [
    [3, [0, 1, 2], 0, 0],
    [3, [0, 1], 1, -1],
    [3, [0], 4, -2],
    [3, [1], 5, -3],
    [3, [], 9, -3],
    [1, [1], 1, -1],
    [1, [2], 2, -2],
    [2, [1, 2], 2, -2],
    [2, [0, 2], 1, -1],
    [2, [2], 4, -3],
    [2, [], 6, -3],
  ];
  const sigma = [3, 2, 1];
  const target = { rows: 7, cols: 6, values: new Float64Array(42) };
  sigma.forEach((value, i) => (target.values[i * 6 + i] = value));

  it.each(cases)('rank %d, keeping %j: index %d, least curvature %d', (rank, kept, index, least) => {
    const f = probe(matrixFactorization({ target, rank, balance: 0 }));
    const x = new Float64Array(13 * rank);
    kept.forEach((level, column) => {
      x[level * rank + column] = Math.sqrt(sigma[level]!);
      x[7 * rank + level * rank + column] = Math.sqrt(sigma[level]!);
    });
    expect(largest(f.gradient(x))).toBeLessThan(1e-14);
    const spectrum = f.spectrum(x);
    expect(spectrum.filter((value) => value < -1e-9)).toHaveLength(index);
    expect(Math.min(0, spectrum[0]!)).toBeCloseTo(least, 11);
  });

  it('has 9, 24, 37, 37 and 48 null directions at the rank-3 points of a 12 x 10 target', () => {
    const wide = { rows: 12, cols: 10, values: new Float64Array(120) };
    sigma.forEach((value, i) => (wide.values[i * 10 + i] = value));
    const f = probe(matrixFactorization({ target: wide, rank: 3, balance: 0 }));
    const nullity = (kept: readonly number[]): number => {
      const x = new Float64Array(66);
      kept.forEach((level, column) => (x[level * 3 + column] = x[36 + level * 3 + column] = Math.sqrt(sigma[level]!)));
      return f.spectrum(x).filter((value) => Math.abs(value) < 1e-9).length;
    };
    expect([[0, 1, 2], [0, 1], [0], [1], []].map(nullity)).toEqual([9, 24, 37, 37, 48]);
  });

  it.each([
    [1, 6, 1],
    [2, 12.75, 0.25],
    [4, 48.1875, 0.0625],
  ])('scaled by %d, sigma = (3, 1): curvature up to %d and from %d, F04', (t, most, least) => {
    const two = { rows: 4, cols: 4, values: new Float64Array(16) };
    two.values[0] = 3;
    two.values[5] = 1;
    const f = probe(matrixFactorization({ target: two, rank: 2, balance: 0 }));
    const x = Float64Array.of(Math.sqrt(3), 0, 0, 1, 0, 0, 0, 0, Math.sqrt(3), 0, 0, 1, 0, 0, 0, 0);
    const spectrum = f.spectrum(scaled(x, 8, t));
    expect(spectrum.at(-1)).toBeCloseTo(most, 8);
    expect(spectrum.find((value) => value > 1e-9)).toBeCloseTo(least, 8);
  });
});
