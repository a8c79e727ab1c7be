import { analyse, createPoint, type Objective } from '@lowland/core';
import { cpu } from '@lowland/linalg';
import { defineObjective, doubleWell } from '@lowland/objectives';
import { describe, expect, it } from 'vitest';

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
