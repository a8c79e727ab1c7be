import { analyse, createPoint, normals, type Objective, type Point, streamKey } from '@lowland/core';
import { cpu, norm } from '@lowland/linalg';
import { doubleWell, linearNetwork, matrixFactorization, phaseRetrieval, rosenbrock, symmetricFactorization } from '@lowland/objectives';
import { runs } from '@lowland/vitest-config/full';
import { describe, expect, it } from 'vitest';

import { lagrangeBasis } from './lagrange.ts';
import { fromFactor as planePolynomialOf } from './plane-polynomial.ts';
import type { SectionPoints } from './critical-points.ts';
import { slice, type Slice, type SliceOptions } from './slice.ts';

const backend = cpu();
type Twice = Objective<'value' | 'gradient' | 'hessianVectorProduct'>;
const draw = (length: number, seed: number): Float64Array => {
  const out = new Float64Array(length);
  normals(streamKey(seed, 'numbers', 0), out);
  return out;
};
const pointOf = (objective: unknown, numbers: ArrayLike<number>): Point => createPoint((objective as Twice).layout, Float64Array.from(numbers));
const cut = (objective: unknown, numbers: ArrayLike<number>, options: SliceOptions, seed = 0): Promise<Slice> =>
  analyse(objective as Twice, slice({ grid: 2, critical: true, ...options }), pointOf(objective, numbers), backend, { seed });
const found = async (...given: Parameters<typeof cut>): Promise<SectionPoints> => (await cut(...given)).critical!;
const gradientAt = (objective: unknown, numbers: Float64Array): Promise<Float64Array> =>
  analyse(objective as Twice, { id: 'gradient', requires: ['gradient'], dtype: 'f64', run: ({ problem, device, scratch }, x) => {
    const out = scratch();
    problem.gradient(x, out);
    return Promise.resolve(device.host!(out).slice());
  } }, pointOf(objective, numbers), backend);
const inner = (a: Float64Array, b: Float64Array): number => a.reduce((sum, value, i) => sum + value * b[i]!, 0);
const flat = (critical: SectionPoints): number[][] => critical.points.map(({ at, value, index }) => [...at, value, index!].map((x) => Math.round(1e9 * x) / 1e9 + 0));

// M = diag(4, 1, 0), two columns
const target = { rows: 3, cols: 3, values: Float64Array.of(4, 0, 0, 0, 1, 0, 0, 0, 0) };
const diagonal = symmetricFactorization({ target, rank: 2 });
const towards = (k: number): Point => pointOf(diagonal, Float64Array.from({ length: 6 }, (_, i) => (i === k ? 1 : 0)));
const origin = new Float64Array(6);

describe('critical points of a section in closed form', () => {
  it('a plane that keeps one eigenvector in each column: ((s^2 - 4)^2 + (t^2 - 1)^2) / 4', async () => {
    const critical = await found(diagonal, origin, { first: towards(0), second: towards(3), radius: 3 });
    expect(critical).toMatchObject({ status: 'complete', reason: null, bezout: 9, solutions: 9, curves: [] });
    const expected = [-2, 0, 2].flatMap((s) => [-1, 0, 1].map((t) => [s, t, ((s * s - 4) ** 2 + (t * t - 1) ** 2) / 4, (s === 0 ? 1 : 0) + (t === 0 ? 1 : 0)]));
    const order = (rows: number[][]) => rows.map(String).sort();
    expect(order(flat(critical))).toEqual(order(expected));
    // By 3.3 every one is stationary in all of space, too.
    for (const { gradientNorm, label, isolated, inside } of critical.points) expect([gradientNorm < 1e-12, label, isolated, inside]).toEqual([true, 'critical in this plane', true, true]);
  });

  it('a line', async () => {
    const critical = await found(diagonal, origin, { first: towards(0), radius: 1 });
    expect(critical).toMatchObject({ status: 'complete', bezout: 3, solutions: 3 });
    expect(critical.points.map(({ at, value, index, inside, label }) => [...[at[0]!, value].map((x) => Math.round(1e9 * x) / 1e9 + 0), index, inside, label])).toEqual(
      expect.arrayContaining([[2, 0.25, 0, false, 'critical on this line'], [-2, 0.25, 0, false, 'critical on this line'], [0, 4.25, 1, true, 'critical on this line']]),
    );
  });

  it('a ring of them: one eigenvector in any mixture of columns', async () => {
    const critical = await found(diagonal, origin, { first: towards(0), second: towards(1), radius: 3 });
    expect(critical.status).toBe('curve of critical points');
    expect(critical.reason).toContain('curve');
    expect(flat(critical)).toEqual([[0, 0, 4.25, 2]]);
    expect(critical.curves).toHaveLength(1);
    const [ring] = critical.curves;
    for (let k = 0; k < ring!.length; k += 2) expect(Math.hypot(ring![k]!, ring![k + 1]!)).toBeCloseTo(2, 9);
    // closed
    expect([...ring!.slice(0, 2)]).toEqual([...ring!.slice(-2)]);
  });

  it('two branches of u v = 1, with the saddle between them', async () => {
    const product = matrixFactorization({ target: { rows: 1, cols: 1, values: Float64Array.of(1) }, rank: 1, balance: 0 });
    const { critical, directions } = await cut(product, [1, 1.5], { first: 'random', second: 'random', radius: 3 });
    expect(critical!.status).toBe('curve of critical points');
    expect(critical!.curves).toHaveLength(2);
    const [a, b] = directions.map(({ data }) => data) as [Float64Array, Float64Array];
    for (const curve of critical!.curves) for (let k = 0; k < curve.length; k += 2) expect((1 + curve[k]! * a[0]! + curve[k + 1]! * b[0]!) * (1.5 + curve[k]! * a[1]! + curve[k + 1]! * b[1]!)).toBeCloseTo(1, 8);
    expect(critical!.points).toHaveLength(1);
    expect(critical!.points[0]!.eigenvalues[0]).toBeCloseTo(-1, 12);
    expect(critical!.points[0]!.eigenvalues[1]).toBeCloseTo(1, 12);
  });

  it('leading coefficients that drop: eight of nine solutions are at infinity', async () => {
    const critical = await found(rosenbrock(), [0, 0], { first: 'random', second: 'random', radius: 2 });
    expect(critical).toMatchObject({ status: 'degenerate at infinity', solutions: 1 });
    expect(critical.reason).toContain('8 of 9 solutions are at infinity');
    expect(critical.points[0]!.gradientNorm).toBeLessThan(1e-12);
  });

  it('curves that cross: f = (s t)^2 / 2', async () => {
    const product = matrixFactorization({ target: { rows: 1, cols: 1, values: Float64Array.of(0) }, rank: 1, balance: 0 });
    const critical = await found(product, [0, 0], { first: pointOf(product, [1, 0]), second: pointOf(product, [0, 1]), radius: 1 });
    expect(critical).toMatchObject({ status: 'curve of critical points', solutions: 0 });
    const axes = critical.curves.map((curve) => [0, 1].filter((k) => curve.every((value, i) => i % 2 !== k || Math.abs(value) < 1e-9)));
    expect(axes).toEqual(expect.arrayContaining([[0], [1]]));
  });

  it('a section of lower degree than others: a paraboloid', async () => {
    const column = matrixFactorization({ target: { rows: 2, cols: 1, values: Float64Array.of(1, 0) }, rank: 1, balance: 0 });
    const critical = await found(column, [1, 0, 1], { first: pointOf(column, [2, 0, 1]), second: pointOf(column, [1, 1, 1]) });
    expect(critical).toMatchObject({ status: 'degenerate at infinity', solutions: 1, points: [{ index: 0, isolated: true, gradientNorm: 0 }] });
  });

  // The Hessian of a network of three layers is 0 at the origin (6): its gradient starts with two quadratics, four solutions in one.
  it('a degenerate point is no isolated one', async () => {
    const network = linearNetwork({ data: { rows: 12, cols: 7, values: draw(84, 5) }, inputs: 4, depth: 3, width: 3 });
    const critical = await found(network, new Float64Array(30), { first: 'random', second: 'random', radius: 2 });
    expect(critical).toMatchObject({ status: 'degenerate points', bezout: 25, solutions: 21 });
    const [at] = critical.points.filter(({ isolated }) => !isolated);
    expect(norm(Float64Array.from(at!.at))).toBeLessThan(1e-6);
    expect(at!.index).toBeNull();
  });

  it('whatever the window', async () => {
    const points = draw(26, 2);
    const objective = matrixFactorization({ target: { rows: 7, cols: 6, values: draw(42, 1) }, rank: 2, balance: 0.25 });
    const seen = async (radius: number) => (await found(objective, points, { first: 'random', second: 'random', radius })).points.map((point) => ({ ...point, inside: null }));
    const wide = await seen(9);
    expect(wide.length).toBeGreaterThan(0);
    for (const radius of [1e-12, 1e-6, 1]) expect(await seen(radius)).toEqual(wide);
  });

  it('a plane on which f is constant', async () => {
    const product = matrixFactorization({ target: { rows: 2, cols: 2, values: Float64Array.of(1, 2, 3, 4) }, rank: 1, balance: 0 });
    const critical = await found(product, [0, 0, 0, 0], { first: pointOf(product, [0, 0, 1, 0]), second: pointOf(product, [0, 0, 0, 1]) });
    expect(critical).toMatchObject({ status: 'curve of critical points', solutions: 0, points: [] });
    expect(critical.reason).toContain('constant');
  });

  it('is refused where f is no polynomial, and absent where nobody asks', async () => {
    const well = doubleWell({ dimension: 3 });
    await expect(found(well, [0.5, 0, 0], {})).rejects.toMatchObject({ code: 'LOWLAND_E_CAPABILITY' });
    expect((await cut(diagonal, draw(6, 1), { critical: false })).critical).toBeNull();
  });
});

describe('critical points of random planes', () => {
  const values = draw(20, 4).map(Math.abs);
  const many: readonly (readonly [string, unknown, number])[] = [
    ['factorization', matrixFactorization({ target: { rows: 7, cols: 6, values: draw(42, 1) }, rank: 2, balance: 0.25 }), 26],
    ['phase retrieval', phaseRetrieval({ measurements: { rows: 5, cols: 5, values, ensemble: { kind: 'seeded', name: 'rank-one-symmetric', seed: 7, version: 1 } } }), 5],
    ['symmetric factorization', diagonal, 6],
  ];

  it.each(many)('%s: the slope is 0 there, the gradient norm is that of all of space, and the indices add up', async (_name, objective, n) => {
    for (let seed = 0; seed < runs(40); seed++) {
      const centre = draw(n, 100 + seed).map((x) => 0.3 * x);
      const { critical, directions, s } = await cut(objective, centre, { first: 'random', second: 'random', radius: 3 }, seed);
      expect(s).toHaveLength(2);
      expect(critical).toMatchObject({ status: 'complete', solutions: 9 });
      const sides = directions.map(({ data }) => data.map((x) => x / norm(data)));
      const along = async (at: readonly number[]) => {
        const gradient = await gradientAt(objective, centre.map((x, i) => x + at[0]! * directions[0]!.data[i]! + at[1]! * directions[1]!.data[i]!));
        return { gradient, slope: sides.map((side) => inner(side, gradient)) };
      };
      for (const { at, gradientNorm } of critical!.points) {
        const { gradient, slope } = await along(at);
        expect(Math.hypot(...slope)).toBeLessThan(1e-11 * Math.max(1, norm(gradient)));
        expect(gradientNorm).toBeCloseTo(norm(gradient), 9);
      }
      // An odd number, and minima and maxima outnumber saddles by one: the restriction is coercive (C2).
      expect(critical!.points.reduce((sum, { index }) => sum + (index! % 2 === 0 ? 1 : -1), 0)).toBe(1);
    }
  });

  it('Newton from anywhere ends on the list', async () => {
    const { critical, factor, radius } = await cut(diagonal, draw(6, 1).map((x) => 0.2 * x), { first: 'random', second: 'random', radius: 9 }, 3);
    const polynomial = planePolynomialOf(factor!, lagrangeBasis(2));
    const starts = draw(400, 9);
    const reached = new Set<number>();
    for (let k = 0; k < starts.length; k += 2) {
      let [s, t] = [starts[k]! / 2, starts[k + 1]! / 2];
      for (let round = 0; round < 60; round++) {
        const [a, b] = polynomial.gradient(s, t);
        const h = 1e-6;
        const [[a1, b1], [a2, b2]] = [polynomial.gradient(s + h, t), polynomial.gradient(s, t + h)];
        const [ss, st, tt] = [(a1 - a) / h, (b1 - b + a2 - a) / (2 * h), (b2 - b) / h];
        const determinant = ss * tt - st * st;
        [s, t] = [s - (tt * a - st * b) / determinant, t - (ss * b - st * a) / determinant];
      }
      if (!(Math.hypot(...polynomial.gradient(s, t)) < 1e-9)) continue;
      const at = critical!.points.findIndex((point) => Math.hypot(point.at[0]! / radius - s, point.at[1]! / radius - t) < 1e-6);
      expect(at).not.toBe(-1);
      reached.add(at);
    }
    expect(reached.size).toBe(critical!.points.length);
    expect(reached.size).toBeGreaterThan(3);
  });
});
