import { createPoint, errorCode, plan, type Objective } from '@lowland/core';
import { asyncBackend, objectiveChecks } from '@lowland/core/testing';
import { cpu, hostKernels } from '@lowland/linalg';
import { describe, expect, it } from 'vitest';

import { gaussian, inner, largest, probe } from '../../test/support.ts';
import { ackley } from './ackley.ts';
import { doubleWell } from './double-well.ts';
import { monkeySaddle } from './monkey-saddle.ts';
import { octopus } from './octopus.ts';
import { rosenbrock } from './rosenbrock.ts';
import { schwefel } from './schwefel.ts';

const tau = Math.E;
/** Points of the octopus in every piece of its formula: waiting, passing, at the last variable, in an arm. */
const legs = [
  [0.5, -0.7, 0.9],
  [1.4 * tau, 0.6 * tau, -0.5],
  [-1.7 * tau, -0.3, 2],
  [4.4 * tau, -1.2 * tau, 0.8],
  [-3.1 * tau, 4.5 * tau, 1.6 * tau],
  [5 * tau, -3 * tau, 3.5 * tau],
];
const at = (objective: Objective<never>, all: readonly (readonly number[])[]) => all.map((x) => createPoint(objective.layout, Float64Array.from(x)));

const cases: Record<string, { objective: Objective<never>; points?: readonly (readonly number[])[] }> = {
  octopus: { objective: octopus({ dimension: 3, L: 1.5 }), points: legs },
  'octopus, one variable': { objective: octopus({ dimension: 1 }), points: [[0.3], [1.5 * tau], [-5 * tau]] },
  'double well': { objective: doubleWell() },
  'double well, four variables': { objective: doubleWell({ dimension: 4, stiffness: 3 }) },
  rosenbrock: { objective: rosenbrock() },
  'rosenbrock, five variables': { objective: rosenbrock({ dimension: 5, steepness: 10 }) },
  'monkey saddle': { objective: monkeySaddle() },
  ackley: { objective: ackley({ dimension: 3 }) },
  schwefel: { objective: schwefel(), points: [[100, -200], [420, 3], [-0.5, 450]] },
};

describe.each(Object.entries(cases))('%s', (_name, { objective, points }) => {
  const checks = objectiveChecks({ objective, backend: cpu(), seed: 2, ...(points && { points: at(objective, points) }) });
  it.each(checks.map((check) => [check.name, check] as const))('%s', async (_check, check) => {
    await check.run();
  });

  it('is refused where the host cannot reach the numbers, with that reason', () => {
    const method = { id: 'method', requires: ['gradient' as const], options: {}, readsPerStep: 0, start: () => ({ state: {} as never, step: () => undefined }) };
    expect(plan(objective, method, asyncBackend({ extra: hostKernels })).refusals[0]).toMatchObject({
      code: 'LOWLAND_E_KERNEL',
      message: expect.stringContaining('lacks the kernels host') as string,
    });
  });
});

describe('octopus', () => {
  it.each([1, 1.5, 2, 3])('has the gradient of its value, seams included (F14), L = %d', (L) => {
    const { value, gradient, curve } = probe(octopus({ dimension: 3, L }));
    const onSeams = [tau, 2 * tau].flatMap((seam) => [[seam, 0.4, -0.2], [-seam, -1.1, 0.7], [4 * tau, seam, 1], [-4 * tau, 4.1 * tau, -seam], [5 * tau, -seam, -tau * 0.99]]);
    for (const x of [...legs, ...onSeams].map((point) => Float64Array.from(point))) {
      const [g, h] = [gradient(x), 1e-5];
      for (let i = 0; i < 3; i++) {
        const moved = (t: number) => x.map((entry, j) => entry + (i === j ? t : 0));
        expect(Math.abs((value(moved(h)) - value(moved(-h))) / (2 * h) - g[i]!)).toBeLessThan(1e-6 * L * 5);
        const e = Float64Array.from({ length: 3 }, (_, j) => Number(i === j));
        const [ahead, behind] = [gradient(moved(h)), gradient(moved(-h))];
        expect(largest(curve(x, e).map((entry, j) => entry - (ahead[j]! - behind[j]!) / (2 * h)))).toBeLessThan(1e-3);
      }
    }
  });

  it('joins smoothly: value, gradient and Hessian are the same on both sides of each seam', () => {
    const { value, gradient, curve } = probe(octopus({ dimension: 3, L: 2, gamma: 0.7, tau: 1.3 }));
    const step = 2 ** -40;
    for (const seam of [1.3, 2.6]) {
      for (const place of [0, 1, 2]) {
        const x = (t: number) => Float64Array.from([5, -5, 0.9].map((far, j) => (j < place ? far : j === place ? seam + t : 0.8)));
        const [a, b] = [x(-step), x(step)];
        const v = gaussian(3, 'v');
        expect(value(a)).toBeCloseTo(value(b), 9);
        expect(largest(gradient(a).map((g, i) => g - gradient(b)[i]!))).toBeLessThan(1e-9);
        expect(largest(curve(a, v).map((h, i) => h - curve(b, v)[i]!))).toBeLessThan(1e-8);
      }
    }
  });

  it('has 2^n minima and saddles with one direction of curvature -2 gamma', () => {
    const objective = octopus({ dimension: 3, L: 1.5, gamma: 0.5 });
    const { problem, value, gradient, spectrum } = probe(objective);
    const { optimum, stationaryPoints } = problem.truth!;
    const found = [...stationaryPoints!()].map(({ data }) => data);
    expect(found).toHaveLength(2 ** 4 - 1);
    const nu = ((13 * 0.5 + 37 * 1.5) * tau * tau) / 6;
    for (const x of found) {
      const passed = x.filter((entry) => entry !== 0).length;
      expect(largest(gradient(x))).toBe(0);
      expect(value(x)).toBeCloseTo(-passed * nu, 10);
      expect(spectrum(x)).toEqual(passed === 3 ? [3, 3, 3] : [-1, 3, 3]);
      if (passed === 3) expect(value(x)).toBeCloseTo(optimum!, 10);
    }
  });

  it('is infinite outside its domain, and NaN where it is given NaN', () => {
    const { value, gradient } = probe(octopus({ dimension: 2 }));
    for (const x of [[6.01 * tau, 0], [4 * tau, -6.01 * tau], [0, 1.01 * tau], [1.5 * tau, 1.01 * tau]]) {
      expect(value(Float64Array.from(x))).toBe(Infinity);
      expect(gradient(Float64Array.from(x)).every(Number.isNaN)).toBe(true);
    }
    for (const x of [[NaN, 0], [0, NaN], [4 * tau, NaN]]) expect(value(Float64Array.from(x))).toBeNaN();
  });

  it('lets gradient descent wait longer at each saddle, by the factor (L + gamma)/gamma and more', () => {
    const L = 2;
    const { value, gradient } = probe(octopus({ dimension: 4, L }));
    const x = Float64Array.of(0.7, -0.6, 0.5, -0.8);
    const left: number[] = [];
    for (let iteration = 1; left.length < 4 && iteration < 5000; iteration++) {
      const g = gradient(x);
      for (let i = 0; i < 4; i++) x[i]! -= g[i]! / (4 * L);
      if (Math.abs(x[left.length]!) > 2 * tau) left.push(iteration);
    }
    expect(left).toHaveLength(4);
    // T_{k+1} / T_k -> 1 + ln 2 / ln(1 + gamma / 2L) = 4.11
    for (let k = 1; k < 4; k++) expect(left[k]! / left[k - 1]!).toBeGreaterThan(2.5);
    expect(value(x)).toBeLessThan(0);
  });
});

describe('group actions leave the value as it is and turn the gradient', () => {
  const flip = (x: Float64Array) => x.map((entry, i) => (i === 1 ? -entry : entry));
  const swap = (x: Float64Array) => Float64Array.of(x[1]!, x[0]!);
  const third = (z: Float64Array) => Float64Array.of(-z[0]! / 2 - Math.sqrt(0.75) * z[1]!, Math.sqrt(0.75) * z[0]! - z[1]! / 2);
  it.each<[string, Objective<never>, string, (x: Float64Array) => Float64Array]>([
    ['octopus', octopus({ dimension: 2 }), 'O(1)^2', flip],
    ['double well', doubleWell(), 'O(1) x O(1)', flip],
    ['ackley, flipped', ackley(), 'signed permutations of 2', flip],
    ['ackley, swapped', ackley(), 'signed permutations of 2', swap],
    ['schwefel', schwefel(), 'permutations of 2', swap],
    ['monkey saddle, turned', monkeySaddle(), 'D3', third],
    ['monkey saddle, flipped', monkeySaddle(), 'D3', flip],
  ])('%s', (_name, objective, group, act) => {
    const { problem, value, gradient } = probe(objective);
    expect(problem.symmetry!.group).toBe(group);
    for (let k = 0; k < 10; k++) {
      const x = gaussian(2, 'x', k).map((entry) => entry / 2);
      expect(value(act(x))).toBeCloseTo(value(x), 12);
      expect(largest(gradient(act(x)).map((g, i) => g - act(gradient(x))[i]!))).toBeLessThan(1e-11);
    }
  });
});

it('double well: the Hessians of minima and saddle', () => {
  const { spectrum, value } = probe(doubleWell({ stiffness: 5 }));
  expect(spectrum(Float64Array.of(1, 0))).toEqual([2, 5]);
  expect(spectrum(Float64Array.of(0, 0))).toEqual([-1, 5]);
  expect(value(Float64Array.of(0, 0))).toBe(1 / 4);
});

it('rosenbrock: 24.2 at the classical start, half the square of its residual', () => {
  const { value, problem, vector, zeros, read } = probe(rosenbrock());
  const x = Float64Array.of(-1.2, 1);
  expect(value(x)).toBeCloseTo(24.2, 12);
  const out = zeros(2);
  problem.residual!.evaluate(vector(x), out);
  expect(inner(read(out), read(out)) / 2).toBeCloseTo(24.2, 12);
});

it('monkey saddle: no curvature at its stationary point', () => {
  expect(probe(monkeySaddle()).spectrum(new Float64Array(2)).map(Math.abs)).toEqual([0, 0]);
});

it('ackley: exactly 0 with gradient 0 at its kink', () => {
  const { value, gradient, spectrum } = probe(ackley({ dimension: 3 }));
  expect(Math.abs(value(new Float64Array(3)))).toBe(0);
  expect(gradient(new Float64Array(3))).toEqual(new Float64Array(3));
  // e 4 pi^2 / 3 of the cosines alone
  for (const curvature of spectrum(new Float64Array(3))) expect(curvature).toBeCloseTo((Math.E * 4 * Math.PI ** 2) / 3, 10);
  expect(value(Float64Array.of(1e-8, 0, 0))).toBeCloseTo((4 * 1e-8) / Math.sqrt(3) + ((2 * Math.PI ** 2 * Math.E) / 3 - 0.4 / 3) * 1e-16, 19);
});

it('schwefel: 15^n stationary points on its domain, the first is the global minimum', () => {
  const { problem, value } = probe(schwefel());
  const all = [...problem.truth!.stationaryPoints!()].map(({ data }) => data);
  expect(all).toHaveLength(225);
  expect([...all[0]!]).toEqual([expect.closeTo(420.968746359982, 9), expect.closeTo(420.968746359982, 9)]);
  const values = all.map(value);
  expect(values[0]).toBeCloseTo(0, 9);
  expect(Math.min(...values)).toBe(values[0]);
  expect(value(Float64Array.of(500.1, 0))).toBe(Infinity);
});

it.each([
  () => octopus({ dimension: 0 }),
  () => octopus({ L: 0 }),
  () => octopus({ gamma: -1 }),
  () => octopus({ tau: Infinity }),
  () => doubleWell({ stiffness: 0 }),
  () => rosenbrock({ dimension: 1 }),
  () => ackley({ dimension: 2.5 }),
  () => schwefel({ dimension: NaN }),
])('%s is refused', (make) => {
  let caught: unknown;
  try {
    make();
  } catch (error) {
    caught = error;
  }
  expect(errorCode(caught)).toBe('LOWLAND_E_OPTIONS');
});
