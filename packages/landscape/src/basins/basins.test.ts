import { analyse, createPoint, maxIterations, normals, type Objective, solve, streamKey } from '@lowland/core';
import { cpu } from '@lowland/linalg';
import { defineObjective, doubleWell, matrixFactorization, phaseRetrieval, populationPhaseRetrieval, symmetricFactorization, weightedTwoByTwo } from '@lowland/objectives';
import { fixed, gradientDescent, langevin, lbfgs } from '@lowland/optimizers';
import { describe, expect, it } from 'vitest';

import { basins, type Basins, type BasinsOptions } from './basins.ts';
import { basinsDefinition } from './definition.ts';

const backend = cpu();
type Twice = Objective<'value' | 'gradient' | 'hessianVectorProduct'>;
const mapOf = (objective: unknown, point: ArrayLike<number>, options: BasinsOptions = {}): Promise<Basins> =>
  analyse(objective as Twice, basins(options), createPoint((objective as Twice).layout, Float64Array.from(point)), backend);
/** What came of the start at (s[j], t[i]). */
const cells = ({ s, t, labels, copies, basins: found }: Basins) =>
  [...labels].map((label, k) => ({ x: s[k % s.length]!, y: t[Math.floor(k / s.length)]!, label, copy: copies[k]!, end: label < 0 ? undefined : found[label]!.copies[copies[k]!]!.data }));

describe('basins', () => {
  it('of the double well are its halves, and what is between them flows to the saddle', async () => {
    const map = await mapOf(doubleWell({ dimension: 2 }), [1, 0], { grid: 11 });
    expect(map.names).toEqual(['variable 0', 'variable 1']);
    expect(map.basins.map(({ kind, index, starts, value, copies }) => [kind, index, starts, value, copies.length])).toEqual([
      ['least', 0, 110, expect.closeTo(0, 12), 2],
      ['saddle', 1, 11, 0.25, 1],
    ]);
    expect(map.ends).toEqual({ stationary: 121, unfinished: 0, diverged: 0, beyond: 0 });
    for (const { x, label, end } of cells(map)) {
      expect(label).toBe(Math.abs(x) < 1e-12 ? 1 : 0);
      expect(end![0]).toBeCloseTo(Math.abs(x) < 1e-12 ? 0 : Math.sign(x), 8);
    }
  });

  // above a = 1/3 all but the line x = -y flows to +-(1, 1); below there is a spurious orbit +-(p, -p)
  it('of the weighted 2 x 2 problem have the symmetries of the problem', async () => {
    const wide = await mapOf(weightedTwoByTwo(0.6), [1, 1], { grid: 14 });
    for (const { x, y, end } of cells(wide)) {
      if (Math.abs(x + y) > 1e-9) expect(end![0]).toBeCloseTo(Math.sign(x + y), 6);
    }
    const map = await mapOf(weightedTwoByTwo(0.1), [1, 1], { grid: 14 });
    const p = Math.sqrt(0.9 / 1.1);
    expect(map.basins[1]!.value).toBeCloseTo(0.4 / 1.1, 12);
    expect(map.basins.map(({ kind, copies }) => [kind, copies.length]).slice(0, 2)).toEqual([['least', 2], ['minimum', 2]]);
    expect(Math.abs(map.basins[1]!.point.data[0]!)).toBeCloseTo(p, 8);
    const all = cells(map);
    const at = (i: number, j: number) => all[i * 14 + j]!;
    for (let i = 0; i < 14; i++) {
      for (let j = 0; j < 14; j++) {
        expect(at(i, j).label).toBe(at(j, i).label);
        expect(at(i, j).label).toBe(at(13 - i, 13 - j).label);
        expect([...at(13 - i, 13 - j).end!].map((x) => expect.closeTo(-x, 6) as number)).toEqual([...at(i, j).end!]);
      }
      expect(at(i, i).label).toBe(0);
      expect(at(i, 13 - i).label).toBe(1);
    }
    // where x y >= 0 the flow stays: on an axis it points inwards
    const axes = await mapOf(weightedTwoByTwo(0.1), [1, 1], { grid: 15 });
    for (const { x, y, label } of cells(axes)) if (x * y >= -1e-12 && Math.hypot(x, y) > 0.1) expect(label).toBe(0);
  });

  // by reflection the border is the plane across the signal, where the flow stays
  it('of population phase retrieval are the half planes of its signal', async () => {
    const signal = Float64Array.of(1, 0.5);
    const map = await mapOf(populationPhaseRetrieval({ signal }), signal, { first: 'point', second: 'random', grid: 12, radius: 1.5 });
    for (const { x, label, end } of cells(map)) {
      expect(label).toBe(0);
      expect(Math.sign(end![0]! + 0.5 * end![1]!)).toBe(Math.sign(x));
    }
    expect(map.basins[0]!.copies).toHaveLength(2);
  });

  it('of phase retrieval in two variables are symmetric about 0', async () => {
    const values = new Float64Array(12);
    normals(streamKey(3, 'numbers', 0), values);
    const objective = phaseRetrieval({ measurements: { rows: 2, cols: 2, values: values.map(Math.abs).slice(0, 6), ensemble: { kind: 'seeded', name: 'rank-one-symmetric', seed: 7, version: 1 } } });
    const map = await mapOf(objective, [1, 0.3], { grid: 10 });
    const all = cells(map);
    all.forEach(({ label, end }, k) => {
      const mirror = all[99 - k]!;
      expect(mirror.label).toBe(label);
      end!.forEach((x, i) => { expect(mirror.end![i]).toBeCloseTo(-x, 5); });
    });
  });

  // the flow keeps X = diag(x, y) diagonal and its signs, which decide the component of O(2)
  it('of a full factorization are told apart by the sign of the determinant', async () => {
    const objective = symmetricFactorization({ target: { rows: 2, cols: 2, values: Float64Array.of(4, 0, 0, 1) }, rank: 2 });
    const map = await mapOf(objective, [2, 0, 0, 1], { first: 0, second: 3, grid: 8, radius: 1.7 });
    const all = cells(map);
    for (const { x, y, label, copy } of all) expect([label, copy]).toEqual([0, Math.sign(x * y) === Math.sign(all[0]!.x * all[0]!.y) ? all[0]!.copy : 1 - all[0]!.copy]);
    expect(map.group).toBe('O(2)');
  });

  it('of a method are those of its own runs, to their bits', async () => {
    const objective = weightedTwoByTwo(0.2);
    for (const optimizer of [gradientDescent({ step: fixed({ step: 0.05 }) }), gradientDescent(), lbfgs()]) {
      const map = await mapOf(objective, [1, 1], { grid: 4, optimizer, tolerance: 1e-9 });
      expect(map.method).toBe(optimizer.id);
      for (const [k, { x, y, end }] of cells(map).entries()) {
        const iterations = map.iterations[k]!;
        const { point } = await solve(objective, optimizer as never, { backend, point: createPoint(objective.layout, Float64Array.of(x, y)), stop: maxIterations(iterations) });
        point.data.forEach((value, i) => { expect(value).toBeCloseTo(end![i]!, 6); });
      }
    }
  });

  it('goes in one call where the objective has an ensemble of the method, to the same map', async () => {
    const objective = symmetricFactorization({ target: { rows: 2, cols: 2, values: Float64Array.of(2, 0, 0, 1) }, rank: 1 });
    for (const step of [0.1, 0.6]) {
      const method = gradientDescent({ step: fixed({ step }) });
      const { ensemble: _, ...alone } = method;
      const [fused, loop] = await Promise.all([method, alone].map((optimizer) => mapOf(objective, [1, 1], { grid: 9, optimizer, radius: 1.5 })));
      expect([fused!.route, loop!.route]).toEqual(['fused', 'loop']);
      expect({ ...fused, route: 'loop' }).toEqual(loop);
    }
    expect((await mapOf(objective, [1, 1], { grid: 2 })).route).toBe('loop');
    expect((await mapOf(objective, [1, 1], { grid: 2, iterations: 5, optimizer: langevin({ step: 0.01, temperature: 0.1 }) })).route).toBe('loop');
  });

  it('goes run by run where the ensemble refuses so few and so large ones', async () => {
    const values = new Float64Array(3600);
    values.set([2]);
    const objective = symmetricFactorization({ target: { rows: 60, cols: 60, values }, rank: 2 });
    const method = gradientDescent({ step: fixed({ step: 0.1 }) });
    const map = await mapOf(objective, new Float64Array(120).fill(0.1), { grid: 2, iterations: 3, optimizer: method });
    expect(map.route).toBe('loop');
    expect([...map.iterations]).toEqual([3, 3, 3, 3]);
  });

  it('steps that are too long diverge, runs that are too short are unfinished, noise does not settle', async () => {
    const diverged = await mapOf(doubleWell({ dimension: 2 }), [1, 0], { grid: 5, radius: 4, optimizer: gradientDescent({ step: fixed({ step: 0.9 }) }) });
    expect(diverged.ends.diverged).toBeGreaterThan(0);
    expect([...diverged.labels].filter((label) => label === -2)).toHaveLength(diverged.ends.diverged);
    const short = await mapOf(doubleWell({ dimension: 2 }), [1, 0], { grid: 4, iterations: 1 });
    expect(short.ends).toMatchObject({ unfinished: 16, stationary: 0 });
    expect(short.basins).toEqual([]);
    const noisy = await mapOf(doubleWell({ dimension: 2 }), [1, 0], { grid: 3, iterations: 30, optimizer: langevin({ step: 0.01, temperature: 0.1 }) });
    // but for the saddle in the middle, where the gradient is 0 before a step
    expect(noisy.ends).toMatchObject({ unfinished: 8, stationary: 1 });
  });

  it('orbits beyond the most that are told apart are said to be', async () => {
    // A circle of minima whose rotations nobody names.
    const flat = defineObjective({
      id: 'circle',
      blocks: { x: [2] },
      value: ({ x: [a, b] }) => (a! * a! + b! * b! - 1) ** 2 / 4,
      gradient({ x: [a, b] }, { x: out }) {
        out.set([a!, b!].map((entry) => (a! * a! + b! * b! - 1) * entry));
      },
      hessianVectorProduct: 'finite-difference',
    });
    const { ends, basins: found } = await mapOf(flat, [1, 1], { grid: 8, most: 2 });
    expect(found.length).toBeLessThanOrEqual(2);
    expect(ends.beyond).toBeGreaterThan(40);
    expect(ends.stationary + ends.beyond).toBe(64);
  });

  it('balanced factors of one product are one orbit of GL(1)', async () => {
    const objective = matrixFactorization({ target: { rows: 1, cols: 1, values: Float64Array.of(1) }, rank: 1, balance: 0 });
    const map = await mapOf(objective, [1, 1], { grid: 8 });
    // on u = -v the flow stays, and ends at 0
    expect(map.basins.map(({ kind, starts }) => [kind, starts])).toEqual([['least', 56], ['saddle', 8]]);
  });

  it.each<[BasinsOptions, string]>([
    [{ radius: 0 }, 'LOWLAND_E_OPTIONS'],
    [{ grid: 1 }, 'LOWLAND_E_OPTIONS'],
    [{ first: 2 }, 'LOWLAND_E_OPTIONS'],
    [{ first: 0, second: 0 }, 'LOWLAND_E_OPTIONS'],
  ])('refuses %o', async (options, code) => {
    await expect(mapOf(doubleWell({ dimension: 2 }), [1, 0], options)).rejects.toMatchObject({ code });
  });

  it('its definition reads names and numbers of directions', async () => {
    const given = { first: '1', second: 'random', centre: 'point', radius: 1, grid: 3, iterations: 5, tolerance: 1e-6, same: 1e-3, most: 3 } as const;
    const objective = doubleWell({ dimension: 3 }) as unknown as Twice;
    expect((await analyse(objective, basinsDefinition.create(given), createPoint(objective.layout, Float64Array.of(1, 0, 0)), backend)).names).toEqual(['variable 1', 'random']);
    expect(() => basinsDefinition.create({ ...given, first: 'up' })).toThrow(expect.objectContaining({ code: 'LOWLAND_E_OPTIONS' }));
    await expect(mapOf(objective, [0, 0, 0], {})).rejects.toMatchObject({ code: 'LOWLAND_E_OPTIONS' });
  });
});
