import { analyse, createPoint, normals, type Objective, type Point, streamKey } from '@lowland/core';
import { cpu } from '@lowland/linalg';
import { doubleWell, linearNetwork, matrixFactorization, phaseRetrieval, rosenbrock, symmetricFactorization } from '@lowland/objectives';
import { describe, expect, it } from 'vitest';

import { filterNormalised, projectTo, trajectoryPlane } from './directions.ts';
import { lagrangeBasis } from './lagrange.ts';
import { slice, type Slice, type SliceOptions } from './slice.ts';

const backend = cpu();
type Twice = Objective<'value' | 'gradient' | 'hessianVectorProduct'>;
const draw = (length: number, seed: number, scale = 1) => {
  const out = new Float64Array(length);
  normals(streamKey(seed, 'numbers', 0), out);
  return out.map((x) => scale * x);
};
const pointOf = (objective: unknown, numbers?: ArrayLike<number>): Point => {
  const { layout } = objective as Twice;
  const size = layout.blocks.reduce((sum, { shape }) => sum + shape.reduce((a, b) => a * b, 1), 0);
  return createPoint(layout, Float64Array.from(numbers ?? draw(size, 3, 0.7)));
};
const at = (objective: unknown, point: Point, options: SliceOptions): Promise<Slice> => analyse(objective as Twice, slice(options), point, backend);
const valueAt = (objective: unknown, numbers: Float64Array): Promise<number> =>
  analyse(
    objective as Twice,
    { id: 'value', requires: ['value'], dtype: 'f64', run: async ({ problem, device, scratch }, x) => {
      const out = scratch(1);
      problem.value(x, out);
      return device.scalar(out);
    } },
    pointOf(objective, numbers),
    backend,
  );
const target = (rows: number, cols: number, seed = 1) => ({ rows, cols, values: draw(rows * cols, seed) });

describe('lagrangeBasis', () => {
  it.each([5, 8])('rounds by less than a unit of what it adds up, in the norm, also in degree %d', (degree) => {
    const { nodes, at: basisAt, magnitudes } = lagrangeBasis(degree);
    const [out, sums] = [new Float64Array(nodes.length), new Float64Array(nodes.length)];
    nodes.forEach(([s, t], k) => {
      basisAt(s, t, out);
      magnitudes(s, t, sums);
      expect(Math.hypot(...out.map((value, j) => value - (j === k ? 1 : 0)))).toBeLessThanOrEqual(2 ** -52 * Math.hypot(...sums));
    });
  });
  it.each([1, 2, 3, 4, 5, 6, 8])('is 1 at its node, 0 at the others, and gives polynomials of degree %d', (degree) => {
    const { nodes, at: basisAt, derivatives } = lagrangeBasis(degree);
    expect(nodes[0]).toEqual([0, 0]);
    const out = new Float64Array(nodes.length);
    nodes.forEach(([s, t], k) => {
      basisAt(s, t, out);
      out.forEach((value, j) => expect(value).toBeCloseTo(j === k ? 1 : 0, 10));
    });
    const p = (s: number, t: number) => (1 + 0.5 * s - 0.3 * t) ** degree;
    const [ds, dt] = [new Float64Array(nodes.length), new Float64Array(nodes.length)];
    for (const [s, t] of [[0.3, -0.8], [-0.9, 0.45]] as const) {
      const sum = (weights: Float64Array) => nodes.reduce((total, [a, b], k) => total + weights[k]! * p(a, b), 0);
      basisAt(s, t, out);
      derivatives(s, t, ds, dt);
      expect(sum(out)).toBeCloseTo(p(s, t), 9);
      expect(sum(ds)).toBeCloseTo(0.5 * degree * (1 + 0.5 * s - 0.3 * t) ** (degree - 1), 8);
      expect(sum(dt)).toBeCloseTo(-0.3 * degree * (1 + 0.5 * s - 0.3 * t) ** (degree - 1), 8);
    }
  });
});

describe('slice', () => {
  const samples = { rows: 12, cols: 7, values: draw(84, 5) };
  const measurements = { rows: 5, cols: 5, values: draw(20, 4).map(Math.abs), ensemble: { kind: 'seeded', name: 'rank-one-symmetric', seed: 7, version: 1 } } as const;
  it.each<[string, unknown, number]>([
    ['factorization', matrixFactorization({ target: target(7, 6), rank: 2, balance: 0.25 }), 4],
    ['factorization with a penalty', matrixFactorization({ target: target(7, 6), rank: 2, lambda: 0.3 }), 4],
    ['symmetric factorization', symmetricFactorization({ target: { rows: 4, cols: 4, values: Float64Array.from({ length: 16 }, (_, k) => (k % 5 === 0 ? 4 - (k >> 2) : 0)) }, rank: 2 }), 4],
    ['linear network of depth 3', linearNetwork({ data: samples, inputs: 4, hidden: [3, 3] } as never), 6],
    ['phase retrieval', phaseRetrieval({ measurements }), 4],
    ['rosenbrock', rosenbrock({ dimension: 3 }), 4],
  ])('%s: the polynomial has the values of the objective all over the plane', async (_name, objective, degree) => {
    const point = pointOf(objective);
    const plane = await at(objective, point, { first: 'random', second: 'random', grid: 7, radius: 1.3 });
    expect(plane.method).toBe('polynomial');
    expect(plane.degree).toBe(degree);
    const [u, v] = plane.directions.map(({ data }) => data) as [Float64Array, Float64Array];
    const most = plane.values.reduce((max, value) => Math.max(max, value), 0);
    for (let i = 0; i < 7; i++) {
      for (let j = 0; j < 7; j++) {
        const f = await valueAt(objective, point.data.map((x, k) => x + plane.s[j]! * u[k]! + plane.t![i]! * v[k]!));
        expect(Math.abs(plane.values[i * 7 + j]! - f)).toBeLessThanOrEqual(1e-12 * most);
      }
    }
  });

  // rigour.md F1: a minimum off the centre keeps its depth, which expanded coefficients would lose (1.6e-10 there)
  it('keeps a minimum at the end of the way to it, at rounding', async () => {
    const problem = matrixFactorization({ target: { rows: 200, cols: 200, values: lowRank(200, 5) }, rank: 5, balance: 0 });
    const minimum = pointOf(problem, factorsOf(200, 5));
    const start = pointOf(problem, draw(2000, 8));
    const line = await at(problem, start, { first: minimum, second: 'random', grid: 3, radius: 1 });
    const value = line.values[1 * 3 + 2]!;
    expect(line.s[2]).toBe(1);
    expect(value).toBeGreaterThanOrEqual(0);
    expect(value).toBeLessThan(1e-22);
    expect(value).toBeLessThanOrEqual(line.errorBound!);
  });

  // In so small a window the residual's own rounding is all there is: f against exact arithmetic in units of 2^-80.
  it('bounds the error of its values close to an exact fit', async () => {
    const x = draw(3, 2);
    const values = Float64Array.from({ length: 9 }, (_, k) => x[Math.floor(k / 3)]! * x[k % 3]!);
    const problem = symmetricFactorization({ target: { rows: 3, cols: 3, values }, rank: 1 });
    const near = x.map((value, i) => value + (i + 1) * 2 ** -40);
    const { s, values: found, errorBound } = await at(problem, pointOf(problem, x), { first: pointOf(problem, near), grid: 5 });
    const units = (value: number) => BigInt(value * 2 ** 80);
    s.forEach((along, k) => {
      const point = x.map((value, i) => value + along * (near[i]! - value));
      let sum = 0n;
      for (let i = 0; i < 9; i++) sum += (units(point[Math.floor(i / 3)]!) * units(point[i % 3]!) - (units(values[i]!) << 80n)) ** 2n;
      const exact = Number(sum) / 2 ** 300 / 2 ** 22;
      expect(Math.abs(found[k]! - exact)).toBeLessThanOrEqual(errorBound!);
    });
    expect(errorBound).toBeLessThan(1e-2 * found[4]!);
  });

  it('reaches the point that `to` names, at 1', async () => {
    const problem = matrixFactorization({ target: target(7, 6), rank: 2, balance: 0.25 });
    const [from, there] = [pointOf(problem), pointOf(problem, draw(26, 12))];
    const line = await at(problem, from, { first: 'to', to: there, grid: 3 });
    expect(line.names).toEqual(['to']);
    expect(line.values[2]).toBeCloseTo(await valueAt(problem, there.data), 9);
    await expect(at(problem, from, { first: 'to' })).rejects.toMatchObject({ code: 'LOWLAND_E_OPTIONS' });
  });

  it('evaluates where f is no polynomial, or not the square of its residual', async () => {
    const well = doubleWell({ dimension: 3 });
    const line = await at(well, pointOf(well, [0, 0, 0]), { first: 'smallest', radius: 2, grid: 41 });
    expect(line.method).toBe('evaluated');
    expect(line.t).toBeNull();
    // (s^2 - 1)^2 / 4 along the unstable direction, which has length 1 at the origin
    line.s.forEach((s, k) => expect(line.values[k]).toBeCloseTo((s * s - 1) ** 2 / 4, 10));
  });

  it('does not change along the orbit, to second order', async () => {
    const problem = symmetricFactorization({ target: { rows: 3, cols: 3, values: Float64Array.of(4, 0, 0, 0, 1, 0, 0, 0, 0) }, rank: 2 });
    const point = pointOf(problem, [2, 0, 0, 1, 0, 0]);
    const { s, values } = await at(problem, point, { first: 'symmetry', radius: 0.1, grid: 21 });
    s.forEach((x, k) => expect(values[k]!).toBeLessThanOrEqual(30 * x ** 4 + 1e-28));
  });

  it.each<[SliceOptions, string]>([
    [{ radius: 0 }, 'LOWLAND_E_OPTIONS'],
    [{ grid: 1 }, 'LOWLAND_E_OPTIONS'],
    [{ first: 'symmetry' }, 'LOWLAND_E_OPTIONS'],
    [{ first: 'gradient', second: 'gradient' }, 'LOWLAND_E_OPTIONS'],
  ])('refuses %o', async (options, code) => {
    const objective = rosenbrock({ dimension: 3 });
    await expect(at(objective, pointOf(objective), options)).rejects.toMatchObject({ code });
  });
});

it('refuses a centre that is no point, and eigenvectors that are not there', async () => {
  const well = doubleWell({ dimension: 1 });
  await expect(at(well, pointOf(well, [NaN]), {})).rejects.toMatchObject({ code: 'LOWLAND_E_POINT' });
  await expect(at(well, pointOf(well, [1]), { first: 'smallest', second: 'smallest' })).rejects.toMatchObject({ code: 'LOWLAND_E_OPTIONS' });
});

describe('directions', () => {
  it('filter-normalised ones have columns as long as those of the point', () => {
    const point = createPoint({ blocks: [{ name: 'U', shape: [3, 2] }, { name: 'V', shape: [2, 2] }] }, Float64Array.of(1, 0, 2, 0, 2, 0, 3, 4, 4, 3));
    const d = filterNormalised(point, streamKey(1, 'filter', 0));
    expect(Math.hypot(d[0]!, d[2]!, d[4]!)).toBeCloseTo(3, 12);
    expect(Math.hypot(d[1]!, d[3]!, d[5]!)).toBe(0);
    expect(Math.hypot(d[6]!, d[8]!)).toBeCloseTo(5, 12);
  });

  it('principal directions hold a trajectory in a plane, and projections say where', () => {
    const [e1, e2] = [Float64Array.of(1, 1, 0, 0), Float64Array.of(0, 0, 2, 0)];
    const points = Array.from({ length: 9 }, (_, k) => e1.map((x, i) => (8 - k) * x + Math.sin(k) * e2[i]!));
    const { directions, explained } = trajectoryPlane(points);
    expect(explained[0] + explained[1]).toBeCloseTo(1, 12);
    for (const x of points) expect(projectTo(x, points[8]!, directions).distance).toBeLessThan(1e-12);
    const off = projectTo(Float64Array.of(1, 1, 0, 5), Float64Array.of(0, 0, 0, 0), [e1, e2]);
    expect(off.at).toEqual([1, 0]);
    expect(off.distance).toBe(5);
    expect(() => trajectoryPlane(points.slice(0, 2))).toThrow(expect.objectContaining({ code: 'LOWLAND_E_POINT' }));
  });
});

function factorsOf(size: number, rank: number): Float64Array {
  return draw(2 * size * rank, 21);
}

function lowRank(size: number, rank: number): Float64Array {
  const numbers = factorsOf(size, rank);
  const values = new Float64Array(size * size);
  for (let i = 0; i < size; i++) for (let j = 0; j < size; j++) for (let k = 0; k < rank; k++) values[i * size + j]! += numbers[i * rank + k]! * numbers[(size + j) * rank + k]!;
  return values;
}
