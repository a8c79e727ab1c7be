import { analyse, createPoint, maxIterations, type Objective, solve } from '@lowland/core';
import { cpu } from '@lowland/linalg';
import { defineObjective, doubleWell, matrixFactorization, octopus, symmetricFactorization } from '@lowland/objectives';
import { fixed, gradientDescent } from '@lowland/optimizers';
import { describe, expect, it } from 'vitest';

import { findAction, orbitDistance } from '../groups/action.ts';
import { escapeTimes, linearEscapeTime } from './escape.ts';
import { recurrence } from './recurrence.ts';

const backend = cpu();
const well = doubleWell();
const at = (objective: Pick<Objective<never>, 'layout'>, ...x: number[]) => createPoint(objective.layout, Float64Array.from(x));

describe('escape-times', () => {
  // A14: eta = .1, |lambda| = 1: 48, 97, 193 iterations against 44.7, 93.0, 189.6 of the linear theory, to x = 1/sqrt 2
  it('of the double well is linear theory and a constant', async () => {
    const { runs, curvature, direction } = await analyse(well, escapeTimes({ step: 0.1, radius: Math.SQRT1_2, displacements: [1e-2, 1e-4, 1e-8] }), at(well, 0, 0), backend);
    expect([curvature, direction]).toEqual([-1, 'eigenvector']);
    expect(runs.map(({ iterations }) => iterations)).toEqual([48, 97, 193]);
    expect(runs.map(({ predicted }) => Math.round(10 * predicted!) / 10)).toEqual([44.7, 93, 189.6]);
  });

  it('is the linear theory where f is quadratic', async () => {
    const saddle = defineObjective({ id: 'saddle', blocks: { x: [2] }, value: ({ x }) => x[1]! ** 2 - x[0]! ** 2, gradient: ({ x }, out) => { out.x.set([-2 * x[0]!, 2 * x[1]!]); }, hessianVectorProduct: (_, v, out) => { out.x.set([-2 * v.x[0]!, 2 * v.x[1]!]); } });
    const { runs } = await analyse(saddle, escapeTimes({ step: 0.01, radius: 1 }), at(saddle, 0, 0), backend);
    for (const { displacement, iterations, predicted } of runs) {
      expect(predicted).toBe(linearEscapeTime(displacement, 1, 0.01, -2));
      expect(iterations! - predicted!).toBeGreaterThan(-1e-6);
      expect(iterations! - predicted!).toBeLessThan(1 + 1e-6);
    }
  });

  it('finds the saddle above a minimum though some ways up leave the places where the function is defined', async () => {
    const terrain = octopus({ dimension: 3 });
    const tau = Math.E;
    const { saddle, curvature } = await analyse(terrain, escapeTimes({ displacements: [1e-2] }), at(terrain, 4 * tau, 4 * tau, 4 * tau), backend);
    expect(curvature).toBeCloseTo(-2, 12);
    expect(Array.from(saddle.data, Math.abs)).toEqual([expect.closeTo(4 * tau, 9), expect.closeTo(4 * tau, 9), 0]);
  });

  // x' = x^(p - 1): eps^(2 - p), so 2 and 4 times as long a halving
  it.each([[3, 2], [4, 4]])('at a saddle of order %d takes %d times as long a halving', async (p, factor) => {
    const flat = defineObjective({
      id: 'flat',
      blocks: { x: [1] },
      value: ({ x }) => -(Math.abs(x[0]!) ** p) / p,
      gradient: ({ x }, out) => { out.x[0] = -Math.sign(x[0]!) * Math.abs(x[0]!) ** (p - 1); },
      hessianVectorProduct: ({ x }, v, out) => { out.x[0] = -(p - 1) * Math.abs(x[0]!) ** (p - 2) * v.x[0]!; },
    });
    const { runs, direction } = await analyse(flat, escapeTimes({ step: 0.05, radius: 0.5, displacements: [0.02, 0.01] }), at(flat, 0), backend);
    expect(direction).toBe('random');
    expect(runs.every(({ predicted }) => predicted === null)).toBe(true);
    expect(Math.abs(runs[1]!.iterations! / runs[0]!.iterations! / factor - 1)).toBeLessThan(0.05);
  });

  it('climbs from a minimum to the saddle above it', async () => {
    const { saddle, curvature, runs } = await analyse(well, escapeTimes({ step: 0.1, radius: Math.SQRT1_2, displacements: [1e-4] }), at(well, 1, 0), backend);
    expect(Math.max(...saddle.data.map(Math.abs))).toBeLessThan(1e-12);
    expect(curvature).toBeCloseTo(-1, 12);
    expect(runs[0]!.iterations).toBe(97);
  });

  it('refuses points that are not stationary', async () => {
    await expect(analyse(well, escapeTimes(), at(well, 0.1, 0), backend)).rejects.toMatchObject({ code: 'LOWLAND_E_POINT' });
    expect(() => escapeTimes({ displacements: [2], radius: 1 })).toThrow(expect.objectContaining({ code: 'LOWLAND_E_OPTIONS' }) as Error);
  });
});

/** 1/4 |X X^T - diag(3, 2, 1)|^2, X of two columns, turned by the rotation with cosine .6. */
const turned = symmetricFactorization({ target: { rows: 3, cols: 3, values: Float64Array.of(3, 0, 0, 0, 2, 0, 0, 0, 1) }, rank: 2 });
const twoColumns = (first: number, second: number) => at(turned, 0.6 * first, 0.8 * first, -0.8 * second, 0.6 * second, 0, 0);

describe('escape-times modulo a symmetry', () => {
  // founding-papers.md 3.3: keeping lambda_1 alone, the empty column has the curvatures -lambda_2, -lambda_3; near it y' = lambda_2 y - y^3
  it('leaves a saddle of low rank by linear theory, whatever its place on the orbit', async () => {
    const { runs, curvature, nullity } = await analyse(turned, escapeTimes({ step: 0.01, radius: 0.05 }), twoColumns(Math.sqrt(3), 0), backend);
    expect(curvature).toBeCloseTo(-2, 12);
    expect(nullity).toEqual({ orbit: 1, excess: 0 });
    expect(runs).toHaveLength(4);
    for (const { displacement, iterations, predicted } of runs) {
      expect(predicted).toBeCloseTo(linearEscapeTime(displacement, 0.05, 0.01, -2), 8);
      // the cubic term costs r^2 / (2 lambda_2) = 1/1600 of an e-fold, .03 steps
      expect(iterations! - predicted!).toBeGreaterThan(-1e-6);
      expect(iterations! - predicted!).toBeLessThan(1.1);
    }
  });

  it('climbs from the orbit of minima to the saddle that keeps 3 and 1', async () => {
    const { saddle, curvature, nullity, direction } = await analyse(turned, escapeTimes({ displacements: [1e-4] }), twoColumns(Math.sqrt(3), Math.SQRT2), backend);
    const singular = [0, 1, 2].map((row) => Math.hypot(saddle.data[2 * row]!, saddle.data[2 * row + 1]!));
    [Math.sqrt(3), 0, 1].forEach((length, row) => { expect(singular[row]).toBeCloseTo(length, 10); });
    // lambda_1 - lambda_2 with 1 kept in the place of 2
    expect(curvature).toBeCloseTo(-1, 10);
    expect([nullity, direction]).toEqual([{ orbit: 1, excess: 0 }, 'eigenvector']);
  });

  it('so it does on orbits that are not bounded', async () => {
    const objective = matrixFactorization({ target: { rows: 2, cols: 2, values: Float64Array.of(3, 0, 0, 1) }, rank: 2, balance: 0 });
    const root = Math.sqrt(3);
    const { curvature, nullity } = await analyse(objective, escapeTimes({ displacements: [1e-4] }), at(objective, root, 0, 0, 0, root, 0, 0, 0), backend);
    expect(curvature).toBeCloseTo(-1, 10);
    // GL(2) without the scalings of the empty column
    expect(nullity).toEqual({ orbit: 3, excess: 0 });
  });

  // keeping one of two singular values leaves an empty column: curvature -sigma_2, and f flat to second order in the (m - 2) + (n - 2) directions off the target's ranges
  it('climbs to saddles that are degenerate beyond the orbit, as those of a target of the rank of the factors are', async () => {
    const values = new Float64Array(30);
    values.set([5], 0);
    values.set([3], 6);
    const objective = matrixFactorization({ target: { rows: 6, cols: 5, values }, rank: 2 });
    const minimum = new Float64Array(22);
    minimum.set([Math.sqrt(5), 0, 0, Math.sqrt(3)], 0);
    minimum.set([Math.sqrt(5), 0, 0, Math.sqrt(3)], 12);
    const { curvature, gradient, nullity, runs } = await analyse(objective, escapeTimes({ displacements: [1e-8], radius: 0.1 }), at(objective, ...minimum), backend);
    expect(curvature).toBeCloseTo(-3, 10);
    expect(gradient).toBeLessThan(1e-13);
    expect(nullity).toEqual({ orbit: 1, excess: 7 });
    expect(Math.abs(runs[0]!.iterations! - runs[0]!.predicted!)).toBeLessThan(2);
  });

  it('names null directions beyond the orbit', async () => {
    const objective = defineObjective({ id: 'trough', blocks: { x: [2] }, value: ({ x }) => -(x[0]! ** 2), gradient: ({ x }, out) => { out.x.set([-2 * x[0]!, 0]); }, hessianVectorProduct: (_, v, out) => { out.x.set([-2 * v.x[0]!, 0]); } });
    expect((await analyse(objective, escapeTimes({ displacements: [1e-2] }), at(objective, 0, 0), backend)).nullity).toEqual({ orbit: 0, excess: 1 });
  });
});

const bowl = (curvatures: readonly number[]) =>
  defineObjective({
    id: 'bowl',
    blocks: { x: [curvatures.length] },
    value: ({ x }) => curvatures.reduce((sum, a, i) => sum + (a / 2) * x[i]! ** 2, 0),
    gradient: ({ x }, out) => { curvatures.forEach((a, i) => (out.x[i] = a * x[i]!)); },
    hessianVectorProduct: (_, v, out) => { curvatures.forEach((a, i) => (out.x[i] = a * v.x[i]!)); },
  });

describe('recurrence', () => {
  // P5, P6: rates m, 5.05 = tr H / n for a strong rotation, sqrt m
  it('has the rates of three dynamics at a quadratic', async () => {
    const objective = bowl([0.1, 10]);
    const found = await analyse(objective, recurrence({ strength: 10, paths: 0 }), at(objective, 0, 0), backend);
    const [plain, turned, damped] = found.dynamics;
    expect(plain!.rate).toBeCloseTo(0.1, 12);
    expect(turned!.rate).toBeCloseTo(5.05, 10);
    expect(damped!.rate).toBeCloseTo(Math.sqrt(0.1), 6);
    expect(plain!.enters).toBeCloseTo(Math.log(10) / 0.1, 10);
    expect(found.mean).toBeCloseTo(5.05, 12);
  });

  // without noise paths are the mean path; from the softest direction it takes longest
  it('entering times are those of paths without noise', async () => {
    const objective = bowl([0.2, 1]);
    const { dynamics } = await analyse(objective, recurrence({ temperature: 1e-14, paths: 60, strength: 0.5, radius: 0.05 }), at(objective, 0, 0), backend, { seed: 5 });
    for (const { name, enters, simulated } of dynamics) {
      expect(simulated).toMatchObject({ entered: 60, paths: 60, leaves: 0 });
      // the mean over directions is below the worst, and near it
      expect(simulated!.enters).toBeLessThan(enters * 1.03);
      expect(simulated!.enters).toBeGreaterThan(enters * (name === 'underdamped' ? 0.5 : 0.6));
    }
  });

  // 3.3: 2 lambda_i, lambda_1 + lambda_2, lambda_i - lambda_3 across the orbit
  it('across an orbit is that of the distance to it, to first order', async () => {
    const minimum = twoColumns(Math.sqrt(3), Math.SQRT2);
    const found = await analyse(turned, recurrence({ from: 1e-3, paths: 0, strength: 1 }), minimum, backend);
    expect(found).toMatchObject({ orbit: 1, validity: 'first order across the orbit' });
    expect([found.least, found.largest, found.mean].map((value) => Math.round(1e8 * value) / 1e8)).toEqual([1, 6, 3.6]);
    const [plain, rotated, damped] = found.dynamics;
    expect(plain!.enters).toBeCloseTo(Math.log(10), 8);
    // no antisymmetric drift is slower than none, nor faster than the mean
    expect(rotated!.rate).toBeGreaterThan(1);
    expect(rotated!.rate).toBeLessThan(3.6);
    expect(damped!.rate).toBeCloseTo(1, 6);

    // gradient descent from R in the softest direction, the third row against the second eigenvector
    const start = minimum.data.slice();
    start[4] = -0.8e-3;
    start[5] = 0.6e-3;
    const eta = 1e-3;
    const { point } = await solve(turned, gradientDescent({ step: fixed({ step: eta }) }), { backend, point: createPoint(turned.layout, start), stop: maxIterations(Math.round(plain!.enters / eta)) });
    const action = findAction(turned.layout, { group: 'O(2)', dimension: 1, generator: () => undefined }, { pairs: [['X', 'X']] });
    expect(orbitDistance(action!, minimum.data, point.data) / 1e-4).toBeCloseTo(1, 2);
  });

  it('of an unbounded orbit is refused', async () => {
    const objective = matrixFactorization({ target: { rows: 2, cols: 2, values: Float64Array.of(3, 0, 0, 1) }, rank: 1, balance: 0 });
    const root = Math.sqrt(3);
    await expect(analyse(objective, recurrence({ paths: 0 }), at(objective, root, 0, root, 0), backend)).rejects.toMatchObject({ code: 'LOWLAND_E_POINT', message: expect.stringContaining('not bounded') as string });
  });

  it('grows as 1/m, and with inertia as 1/sqrt m', async () => {
    const of = async (m: number) => {
      const objective = bowl([m, 1]);
      return (await analyse(objective, recurrence({ paths: 0 }), at(objective, 0, 0), backend)).dynamics.map(({ enters }) => enters);
    };
    const [coarse, fine] = [await of(0.04), await of(0.01)];
    expect(fine[0]! / coarse[0]!).toBeCloseTo(4, 10);
    expect(fine[2]! / coarse[2]!).toBeCloseTo(2, 2);
  });

  it('sees paths leave a shallow well, and none a deep one', async () => {
    const share = async (temperature: number) => (await analyse(well, recurrence({ temperature, from: 0.5, radius: 0.2, leave: 3, paths: 100 }), at(well, -1, 0), backend, { seed: 1 })).dynamics.map(({ simulated }) => simulated!.leaves);
    for (const leaves of await share(0.002)) expect(leaves).toBe(0);
    for (const leaves of await share(0.2)) expect(leaves).toBeGreaterThan(0.8);
  });

  it('refuses saddles and neighbourhoods that hold the start', async () => {
    await expect(analyse(well, recurrence(), at(well, 0, 0), backend)).rejects.toMatchObject({ code: 'LOWLAND_E_POINT' });
    expect(() => recurrence({ from: 1, radius: 2 })).toThrow(expect.objectContaining({ code: 'LOWLAND_E_OPTIONS' }) as Error);
  });
});
