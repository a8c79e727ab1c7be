import { analyse, createPoint, normals, type Objective, streamKey } from '@lowland/core';
import { cpu, diagonal, matrix, multiply, norm } from '@lowland/linalg';
import { doubleWell, phaseRetrieval, symmetricFactorization } from '@lowland/objectives';
import { describe, expect, it } from 'vitest';

import { orthonormal } from '../../test/orthogonal.ts';
import type { SecondOrder } from '../classify/hessian.ts';
import { between, type Between, type BetweenOptions } from './between.ts';
import { connect, type Connections, type ConnectOptions } from './connect.ts';
import { joinHeight, mergeTree } from './merge-tree.ts';

const backend = cpu();
const joins = (objective: unknown, options: ConnectOptions, seed = 0): Promise<Connections> => {
  const smooth = objective as Objective<SecondOrder>;
  return analyse(smooth, connect(options), createPoint(smooth.layout), backend, { seed });
};
const ways = (objective: unknown, from: Float64Array, to: Float64Array, options: Omit<BetweenOptions, 'to'> = {}): Promise<Between> => {
  const smooth = objective as Objective<SecondOrder>;
  return analyse(smooth, between({ ...options, to: createPoint(smooth.layout, to) }), createPoint(smooth.layout, from), backend);
};

describe('ways down from saddles', () => {
  // founding-papers 3.2, 3.3: the only saddle of index 1 keeps 5, 3 and 1, and misses 2
  it('symmetric factorization, r = 3: both reflections of the minimum meet at the lowest saddle, and everything leads down', async () => {
    const q = orthonormal(6, 6, 9);
    const values = multiply(multiply(q, diagonal([5, 3, 2, 1, -0.5, -1.5])), q, { transposeB: true }).data;
    const { census, falls, leaves, tree } = await joins(symmetricFactorization({ target: { rows: 6, cols: 6, values }, rank: 3 }), { starts: 300, fixedStarts: 40, unit: 0.75 });
    expect(census.orbits).toHaveLength(15);
    for (const { from, to } of falls) expect(to === null || census.orbits[to]!.value < census.orbits[from]!.value).toBe(true);
    expect(falls.filter(({ to }) => to === null)).toHaveLength(0);
    // both ways along each negative direction
    expect(falls.length).toBe(census.orbits.reduce((sum, { index }) => sum + 2 * Math.min(12, index!), 0));
    expect(leaves).toEqual([{ orbit: 0, component: 0 }, { orbit: 0, component: 1 }]);
    expect(joinHeight(tree, 0, 1)).toBeCloseTo(0.875 + (2 ** 2 - 1) / 4, 10);
    expect(tree.nodes.at(-1)).toMatchObject({ leaf: null, through: 1, parts: [0, 1] });
  });

  it('phase retrieval with a spurious minimum: it joins a solution first, and both solutions join higher', async () => {
    const [n, m, seed] = [4, 12, 2];
    const left = new Float64Array(m * n);
    normals(streamKey(seed, 'vectors', 0), left);
    const signal = new Float64Array(n);
    normals(streamKey(seed, 'signal', 0), signal);
    const values = Float64Array.from({ length: m }, (_, i) => signal.reduce((sum, x, j) => sum + left[i * n + j]! * x, 0) ** 2);
    const objective = phaseRetrieval({ measurements: { rows: n, cols: n, values, ensemble: { kind: 'rank-one', left } } });
    const { census, leaves, tree } = await joins(objective, { starts: 600, unit: norm(signal) / 2 }, seed);
    const { orbits } = census;
    expect(orbits[1]).toMatchObject({ spurious: true, kind: 'minimum' });
    expect(leaves).toHaveLength(4);
    const ones = orbits.filter(({ index }) => index === 1).map(({ value }) => value);
    const near = Math.min(joinHeight(tree, 2, 0), joinHeight(tree, 2, 1));
    expect(near).toBe(ones[0]);
    expect(joinHeight(tree, 0, 1)).toBe(ones[1]);
    expect(tree.roots).toHaveLength(1);
  });

  it('only so many saddles are followed, the lowest; the others are counted, and progress is told', async () => {
    const objective = symmetricFactorization({ target: { rows: 3, cols: 3, values: Float64Array.of(3, 0, 0, 0, 2, 0, 0, 0, 1) }, rank: 2 });
    const told: string[] = [];
    const few = await joins(objective, { starts: 60, fixedStarts: 10, unit: 0.7, saddles: 2, progress: (stage, done, of) => told.push(`${stage} ${done} of ${of}`) });
    const all = await joins(objective, { starts: 60, fixedStarts: 10, unit: 0.7 });
    const saddles = all.census.orbits.filter(({ index }) => index !== 0).length;
    expect([few.unfollowed, all.unfollowed]).toEqual([saddles - 2, 0]);
    expect(few.falls).toEqual(all.falls.filter(({ from }) => from <= 2));
    expect(told.slice(-2)).toEqual(['saddles 0 of 2', 'saddles 1 of 2']);
  });

  it('of many variables it takes fewer starts, and says how many', async () => {
    const large = symmetricFactorization({ target: { rows: 100, cols: 100, values: Float64Array.from({ length: 10_000 }, (_, k) => (k === 0 ? 1 : 0)) }, rank: 1 });
    const { fewerStarts, census } = await joins(large, { unit: 0.1, follow: 0, saddles: 1, iterations: 1 });
    expect([fewerStarts, census.starts.random]).toEqual([320, 180]);
    expect((await joins(doubleWell(), { unit: 1, starts: 3 })).fewerStarts).toBe(0);
    expect((await joins(doubleWell(), { unit: 1 })).census.starts.random).toBe(500);
  });

  it('two wells are one leaf modulo signs', async () => {
    const { falls, leaves, tree } = await joins(doubleWell(), { starts: 20, unit: 1 });
    expect(leaves).toHaveLength(1);
    expect(falls.map(({ from, to, sign }) => [from, to, sign])).toEqual([[1, 0, 1], [1, 0, -1]]);
    // from 0 to 1, but for where the descent starts
    for (const { length } of falls) expect(length).toBeCloseTo(1, 2);
    expect(tree.roots).toHaveLength(1);
  });
});

describe('merge trees', () => {
  it('join in the order of height', () => {
    const tree = mergeTree([0, 1, 0.5, 2], [{ height: 5, leaves: [0, 2], through: 12 }, { height: 3, leaves: [0, 1], through: 11 }, { height: 4, leaves: [1, 0], through: 13 }]);
    expect(tree.nodes.slice(4)).toEqual([
      { height: 3, leaf: null, through: 11, parts: [0, 1] },
      { height: 5, leaf: null, through: 12, parts: [4, 2] },
    ]);
    expect(tree.roots).toEqual([5, 3]);
    expect([joinHeight(tree, 0, 1), joinHeight(tree, 1, 2), joinHeight(tree, 0, 3)]).toEqual([3, 5, Infinity]);
  });

  it('what one saddle joins is one node', () => {
    const tree = mergeTree([0, 0, 0], [{ height: 1, leaves: [0, 1], through: 7 }, { height: 1, leaves: [1, 2], through: 7 }]);
    expect(tree.nodes).toHaveLength(4);
    expect(tree.nodes[3]!.parts).toEqual(expect.arrayContaining([0, 1, 2]));
  });
});

// catalogue A5, F54
describe('ways between minima of 1/4 |X X^T - M|^2', () => {
  const n = 7;
  const basis = orthonormal(n, 2, 21);
  const x = Float64Array.from(basis.data, (value, k) => value * (k % 2 === 0 ? 2.1 : 1.4));
  const target = { rows: n, cols: n, values: multiply(matrix(n, 2, x), matrix(n, 2, x), { transposeB: true }).data };
  const exact = symmetricFactorization({ target, rank: 2 });
  const zeroValue = (2.1 ** 4 + 1.4 ** 4) / 4;
  const reflected = x.map((value, k) => (k % 2 === 1 ? -value : value));
  const lowest = 1.4 ** 4 / 4;

  it('straight to -X it is f(0); aligned, or by a rotation, nothing', async () => {
    const { straight, aligned, component, rotated } = await ways(exact, x, x.map((value) => -value), { images: 0 });
    expect(straight.barrier).toBeCloseTo(zeroValue, 8);
    expect(straight.highest.at).toBeCloseTo(0.5, 6);
    expect(aligned.barrier).toBeLessThan(1e-8);
    expect(component).toBe(0);
    expect(rotated!.barrier).toBeLessThan(1e-8);
  });

  it('to a reflected column |x_2|^4 / 4, which is the lowest pass: no rotation goes there, and no band goes lower', async () => {
    const { straight, aligned, component, rotated, band } = await ways(exact, x, reflected);
    expect(straight.barrier).toBeCloseTo(lowest, 8);
    expect(aligned.barrier).toBeLessThan(1e-8);
    expect([component, rotated]).toEqual([1, null]);
    expect(band!.converged).toBe(true);
    expect(band!.barrier).toBeCloseTo(lowest, 4);
    expect(band!.gradientNorm).toBeLessThan(1e-2);
  });

  it('with one column more the reflection is a rotation', async () => {
    const wide = symmetricFactorization({ target, rank: 3 });
    const pad = (from: Float64Array) => Float64Array.from({ length: 3 * n }, (_, k) => (k % 3 === 2 ? 0 : from[2 * Math.floor(k / 3) + (k % 3)]!));
    const { straight, component, rotated } = await ways(wide, pad(x), pad(reflected), { images: 0 });
    expect(straight.barrier).toBeCloseTo(lowest, 8);
    expect(component).toBe(0);
    expect(rotated!.barrier).toBeLessThan(1e-8);
  });
});

describe('elastic bands', () => {
  it('find the pass between two wells, f = 1/4', async () => {
    const { band } = await ways(doubleWell({ stiffness: 2 }), Float64Array.of(-1, 0), Float64Array.of(1, 0), { images: 9 });
    expect(band!.converged).toBe(true);
    expect(band!.barrier).toBeCloseTo(0.25, 6);
    expect(norm(band!.images[band!.highest]!)).toBeLessThan(1e-3);
    expect(band!.images).toHaveLength(9);
  });

  it('refuse an end of another length, and none', async () => {
    const objective = doubleWell() as unknown as Objective<SecondOrder>;
    await expect(analyse(objective, between(), createPoint(objective.layout), backend)).rejects.toMatchObject({ code: 'LOWLAND_E_OPTIONS' });
    await expect(analyse(objective, between({ to: { layout: objective.layout, data: new Float64Array(3) } }), createPoint(objective.layout), backend)).rejects.toMatchObject({ code: 'LOWLAND_E_SHAPE' });
  });
});
