import { createPoint } from '@lowland/core';
import { diagonal, matrix, multiply, scaleColumns } from '@lowland/linalg';
import { describe, expect, it } from 'vitest';

import { gaussian, inner, largest, listDistance, orthogonal, probe } from '../../test/support.ts';
import { keptSets } from './stationary.ts';
import { symmetricFactorization } from './symmetric.ts';

const levels = [5, 3, 2, 1, -0.5, -1.5];
const q = orthogonal(6, 'golden');
const golden = { rows: 6, cols: 6, values: multiply(scaleColumns(q, levels), q, { transposeB: true }).data };
/** Item 1 as a rotated matrix, made exactly symmetric. */
const target = { ...golden, values: golden.values.map((value, k) => (value + golden.values[(k % 6) * 6 + Math.floor(k / 6)]!) / 2) };

/** The spectrum of founding-papers 3.3 at the point that keeps the levels S. */
function theory(eigenvalues: readonly number[], rank: number, kept: readonly number[]): number[] {
  const inside = kept.map((i) => eigenvalues[i]!);
  const outside = eigenvalues.filter((_, i) => !kept.includes(i));
  const s = inside.length;
  const list = inside.flatMap((own) => outside.map((other) => own - other));
  inside.forEach((a, i) => inside.slice(i).forEach((b) => list.push(a + b)));
  for (let k = 0; k < (s * (s - 1)) / 2 + s * (rank - s); k++) list.push(0);
  for (let k = 0; k < rank - s; k++) outside.forEach((other) => list.push(-other));
  return list;
}

describe('symmetric factorization, golden item 1', () => {
  const objective = symmetricFactorization({ target, rank: 3 });
  const f = probe(objective);
  const points = [...f.problem.truth!.stationaryPoints!()];
  const sets = [...keptSets(Float64Array.from(levels), 3)];

  it('has 15 orbits of stationary points, each with the spectrum of 3.3', () => {
    expect(points).toHaveLength(15);
    points.forEach((point, k) => {
      const kept = sets[k]!;
      expect(largest(f.gradient(point.data))).toBeLessThan(1e-13);
      const missing = levels.filter((_, i) => !kept.includes(i));
      expect(f.value(point.data)).toBeCloseTo(missing.reduce((sum, level) => sum + level ** 2, 0) / 4, 12);
      expect(listDistance(f.spectrum(point.data), theory(levels, 3, kept))).toBeLessThan(1e-12);
    });
  });

  it.each([
    [[], -5],
    [[0, 1], -2],
    [[0, 1, 3], -1],
    [[0], -3],
    [[1, 2, 3], -4],
  ])('keeps %j: least curvature %d', (kept, least) => {
    const at = sets.findIndex((set) => set.join() === kept.join());
    expect(f.spectrum(points[at]!.data)[0]).toBeCloseTo(least, 11);
  });

  it('has f(0) = 10.375, f* = 0.875, and at {5, 3, 2} three null directions and curvature from 1 on', () => {
    expect(f.value(new Float64Array(18))).toBeCloseTo(10.375, 12);
    expect(f.problem.scale!.zeroValue).toBeCloseTo(10.375, 12);
    expect(f.problem.truth!.optimum).toBeCloseTo(0.875, 12);
    const best = points[sets.findIndex((set) => set.join() === '0,1,2')]!;
    const spectrum = f.spectrum(best.data);
    expect(largest(spectrum.slice(0, 3))).toBeLessThan(1e-12);
    expect(spectrum[3]).toBeCloseTo(1, 12);
  });

  it.each([4, 5, 6])('has f* = 0.625 at rank %d: negative eigenvalues are never kept (rigour A6)', (rank) => {
    expect(probe(symmetricFactorization({ target, rank })).problem.truth!.optimum).toBeCloseTo(0.625, 12);
  });
});

describe('symmetric factorization of diag(5, 3, 2, 0, 0, 0), golden item 2', () => {
  const exact = { rows: 6, cols: 6, values: diagonal([5, 3, 2, 0, 0, 0]).data };

  it('has the spectrum {0 x3, 2 x3, 3 x3, 4, 5 x4, 6, 7, 8, 10} at its minimum', () => {
    const f = probe(symmetricFactorization({ target: exact, rank: 3 }));
    const best = [...f.problem.truth!.stationaryPoints!()].at(-1)!;
    expect(f.problem.truth!.optimum).toBeLessThan(1e-28);
    expect(listDistance(f.spectrum(best.data), [0, 0, 0, 2, 2, 2, 3, 3, 3, 4, 5, 5, 5, 5, 6, 7, 8, 10])).toBeLessThan(1e-12);
  });

  it('has nine null directions with a fourth column', () => {
    const f = probe(symmetricFactorization({ target: exact, rank: 4 }));
    const best = [...f.problem.truth!.stationaryPoints!()].at(-1)!;
    const spectrum = f.spectrum(best.data);
    expect(largest(spectrum.slice(0, 9))).toBeLessThan(1e-12);
    expect(spectrum[9]).toBeCloseTo(2, 12);
  });
});

it('curves along the orbit by q(X Omega) = -<grad f(X), X Omega^2>, golden item 3', () => {
  const f = probe(symmetricFactorization({ target, rank: 3 }));
  const x = matrix(6, 3, gaussian(18, 'point'));
  const g = gaussian(9, 'omega');
  const omega = matrix(3, 3, g.map((value, k) => value - g[(k % 3) * 3 + Math.floor(k / 3)]!));
  const direction = multiply(x, omega).data;
  const curvature = inner(direction, f.curve(x.data, direction));
  const slope = inner(f.gradient(x.data), multiply(multiply(x, omega), omega).data);
  expect(Math.abs(curvature + slope)).toBeLessThan(1e-12 * Math.abs(slope));
});

it('is tight in region R1: X = U diag(1, 1/2), U = diag(2, 1) padded, has least curvature -1/4, golden item 7', () => {
  const f = probe(symmetricFactorization({ target: { rows: 4, cols: 4, values: diagonal([4, 1, 0, 0]).data }, rank: 2 }));
  expect(f.spectrum(Float64Array.of(2, 0, 0, 0.5, 0, 0, 0, 0))[0]).toBeCloseTo(-0.25, 13);
});

it('has a gradient of at least 3/4 |X|^3 where |X| >= 2 |U| (spectral R3\'\'), with equality, golden item 7', () => {
  const f = probe(symmetricFactorization({ target: { rows: 3, cols: 3, values: diagonal([1, 1, 0]).data }, rank: 2 }));
  const x = Float64Array.of(2, 0, 0, 0.3, 0, 0);
  // The first column of the gradient is (4 - 1) 2 = 6 = 3/4 2^3.
  expect(f.gradient(x)[0]).toBe(6);
});

it('shifts the eigenvalues with a penalty: the least value and every orbit of the shifted spectrum', () => {
  const f = probe(symmetricFactorization({ target, rank: 3, lambda: 0.5 }));
  const points = [...f.problem.truth!.stationaryPoints!()];
  expect(points).toHaveLength(15);
  for (const point of points) expect(largest(f.gradient(point.data))).toBeLessThan(1e-13);
  const values = points.map((point) => f.value(point.data));
  expect(Math.min(...values)).toBeCloseTo(f.problem.truth!.optimum!, 12);
  const shifted = levels.map((level) => level - 0.5);
  expect(listDistance(f.spectrum(points.at(-1)!.data), theory(shifted, 3, [1, 2, 3]))).toBeLessThan(1e-12);
});

it('measures the distance to what was planted', () => {
  const f = probe(symmetricFactorization({ target, rank: 1, truth: target }));
  const layout = f.problem.layout;
  expect(f.problem.truth!.distance!(createPoint(layout))).toBeCloseTo(Math.sqrt(41.5), 12);
});
