import { solve, maxIterations, solveEnsemble, type Capability, type Objective, type Optimizer } from '@lowland/core';
import { cpu } from '@lowland/linalg';
import { defineObjective, doubleWell, rosenbrock, symmetricFactorization } from '@lowland/objectives';
import { describe, expect, it } from 'vitest';

import { withSpectrum } from '../../test/fixtures.ts';
import { armijo } from '../gradient-descent/armijo.ts';
import { fixed } from '../gradient-descent/fixed.ts';
import { gradientDescent } from '../gradient-descent/gradient-descent.ts';
import { antisymmetricPart, rotation } from './drift.ts';
import { langevin } from './langevin.ts';
import { underdampedLangevin } from './underdamped-langevin.ts';

const backend = cpu();
const well = doubleWell({ dimension: 3, stiffness: 2 });
/** The same method, unknown to ensembles. */
const alone = <R extends Capability>({ ensemble: _, ...method }: Optimizer<R>): Optimizer<R> => method;

const methods: [string, Optimizer<'valueAndGradient'>][] = [
  ['gradient descent', gradientDescent({ step: fixed({ step: 0.03 }) })],
  ['langevin', langevin({ step: 0.02, temperature: 0.3 })],
  ['langevin with a rotation', langevin({ step: 0.02, temperature: 0.3, drift: rotation({ strength: 0.7 }) })],
  ['underdamped langevin', underdampedLangevin({ step: 0.05, friction: 0.8, temperature: 0.3 })],
  ['langevin by the lattice rule', langevin({ step: 0.02, temperature: 0.3, noise: 'lattice' })],
  ['underdamped langevin by the lattice rule', underdampedLangevin({ step: 0.05, friction: 0.8, temperature: 0.3, noise: 'lattice' })],
];

describe('solveEnsemble', () => {
  it.each(methods)('takes the very steps of single runs: %s', async (_, method) => {
    const options = { backend, count: 5, steps: 40, seed: 11 };
    const fused = await solveEnsemble(well, method, options);
    const loop = await solveEnsemble(well, alone(method), options);
    expect([fused.route, loop.route]).toEqual(['fused', 'loop']);
    expect(loop.note).toContain('one after another');
    expect(fused.points).toEqual(loop.points);
    expect(fused.values).toEqual(loop.values);
    const { point, value } = await solve(well, method, { backend, seed: 13, stop: maxIterations(40) });
    expect(fused.points.slice(6, 9)).toEqual(point.data);
    expect(fused.values[2]).toBe(value);
  });

  it.each(methods)('goes on from where it was: %s', async (_, method) => {
    for (const one of [method, alone(method)]) {
      const seen: number[] = [];
      const whole = await solveEnsemble(well, one, { backend, count: 3, steps: 30, seed: 4 });
      const pieces = await solveEnsemble(well, one, { backend, count: 3, steps: 30, seed: 4, every: 7, observe: ({ steps }) => void seen.push(steps) });
      expect(seen).toEqual([7, 14, 21, 28, 30]);
      expect(pieces.points).toEqual(whole.points);
    }
  });

  // x+ = (1 - eta a) x + sqrt(2 eta T) xi is an autoregression: its stationary variance is 2 eta T / (1 - (1 - eta a)^2)
  it('samples the law of the scheme', async () => {
    const curvatures = [1, 4];
    const [step, temperature, count] = [0.05, 0.5, 20_000];
    const bowl = defineObjective({
      id: 'bowl',
      blocks: { x: [2] },
      value: ({ x }) => curvatures.reduce((sum, a, i) => sum + (a / 2) * x[i]! * x[i]!, 0),
      gradient: ({ x }, out) => { curvatures.forEach((a, i) => (out.x[i] = a * x[i]!)); },
    });
    const { points, diverged } = await solveEnsemble(bowl, langevin({ step, temperature }), { backend, count, steps: 200, seed: 1, points: new Float64Array(2 * count) });
    curvatures.forEach((a, i) => {
      let variance = 0;
      for (let k = 0; k < count; k++) variance += points[2 * k + i]! ** 2 / count;
      const factor = (1 - step * a) ** 2;
      const exact = ((2 * step * temperature) / (1 - factor)) * (1 - factor ** 200);
      // one standard error is sqrt(2 / count) = 1 %
      expect(Math.abs(variance / exact - 1)).toBeLessThan(0.05);
    });
    expect(diverged.every((d) => d === 0)).toBe(true);
  });

  it('ends when the observer or a signal says so', async () => {
    const method = langevin();
    const observed = await solveEnsemble(well, method, { backend, count: 2, steps: 100, every: 10, observe: ({ steps }) => steps < 30 });
    expect(observed.steps).toBe(30);
    const control = new AbortController();
    const aborted = await solveEnsemble(well, method, { backend, count: 2, steps: 100, every: 10, signal: control.signal, observe: () => { control.abort(); return true; } });
    expect(aborted.steps).toBe(10);
  });

  it.each(methods)('ends each run where it is asked to, at the same step on both routes: %s', async (_, method) => {
    const until = (x: Float64Array) => Math.abs(Math.abs(x[0]!) - 1) < 0.1;
    const options = { backend, count: 6, steps: 60, seed: 4, until };
    const fused = await solveEnsemble(well, method, { ...options, every: 9 });
    const loop = await solveEnsemble(well, alone(method), options);
    expect([fused.route, loop.route]).toEqual(['fused', 'loop']);
    expect(fused.exits).toEqual(loop.exits);
    expect(fused.points).toEqual(loop.points);
    expect(fused.exits!.some((steps) => steps > 0)).toBe(true);
    for (const [k, steps] of fused.exits!.entries()) {
      expect(until(fused.points.subarray(3 * k, 3 * k + 3))).toBe(steps >= 0);
      if (steps < 1) continue;
      const run = (iterations: number) => solve(well, method, { backend, seed: 4 + k, stop: maxIterations(iterations) });
      expect((await run(steps)).point.data).toEqual(fused.points.slice(3 * k, 3 * k + 3));
      expect(until((await run(steps - 1)).point.data)).toBe(false);
    }
  });

  it('takes no step from a start that is out already', async () => {
    const { exits, steps } = await solveEnsemble(well, langevin(), { backend, count: 2, steps: 5, until: () => true });
    expect([...exits!, steps]).toEqual([0, 0, 0]);
  });

  it('marks runs that diverge and keeps the others', async () => {
    const terrain = rosenbrock();
    const points = Float64Array.of(1, 1, 50, -50);
    for (const method of [gradientDescent({ step: fixed({ step: 0.1 }) }), alone(gradientDescent({ step: fixed({ step: 0.1 }) }))]) {
      const { diverged, values } = await solveEnsemble(terrain, method, { backend, count: 2, steps: 50, points });
      expect([...diverged]).toEqual([0, 1]);
      expect(values[0]).toBe(0);
    }
  });

  it('draws all its noise by one rule, that of its methods', async () => {
    const [normal, lattice] = [langevin({ step: 0.02, temperature: 0.3 }), langevin({ step: 0.02, temperature: 0.3, noise: 'lattice' })];
    const options = { backend, steps: 20, seed: 3, points: new Float64Array(6) };
    const [one, other, both] = [await solveEnsemble(well, [normal, normal], options), await solveEnsemble(well, [lattice, lattice], options), await solveEnsemble(well, [normal, lattice], options)];
    expect([one.route, other.route, both.route]).toEqual(['fused', 'fused', 'loop']);
    expect(both.note).toContain('noise');
    expect([...both.points]).toEqual([...one.points.subarray(0, 3), ...other.points.subarray(3)]);
  });

  it('runs what has no ensemble one after another and says why', async () => {
    const problem = symmetricFactorization({ target: withSpectrum([2, 1], 5, 5, 1, true), rank: 2, loss: 'huber' }) as unknown as Objective<'valueAndGradient'>;
    const matrixRuns = await solveEnsemble(problem, langevin({ step: 0.01, temperature: 1e-3 }), { backend, count: 3, steps: 20 });
    expect(matrixRuns.note).toContain('does not provide ensemble');
    for (const method of [gradientDescent({ step: armijo() }), langevin({ drift: antisymmetricPart(new Array<number>(9).fill(0)) })]) {
      const { note } = await solveEnsemble(well, method, { backend, count: 2, steps: 5 });
      expect(note).toContain('names no ensemble method');
    }
  });

  it.each([
    [{ count: 0 }, 'LOWLAND_E_OPTIONS'],
    [{ steps: 1.5 }, 'LOWLAND_E_OPTIONS'],
    [{ every: -1 }, 'LOWLAND_E_OPTIONS'],
    [{ points: new Float64Array(5) }, 'LOWLAND_E_SHAPE'],
    [{ points: new Float64Array(6).fill(NaN) }, 'LOWLAND_E_POINT'],
    [{ seed: -3 }, 'LOWLAND_E_SEED'],
    [{ seed: Number.MAX_SAFE_INTEGER, points: new Float64Array(6) }, 'LOWLAND_E_SEED'],
  ])('refuses %o', async (given, code) => {
    await expect(solveEnsemble(well, langevin(), { backend, count: 2, steps: 5, ...given })).rejects.toMatchObject({ code });
  });
});
