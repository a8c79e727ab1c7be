import { analyse, createPoint, maxIterations, normals, type Objective, solve, streamKey, type Tracker } from '@lowland/core';
import { cpu } from '@lowland/linalg';
import { matrixFactorization, rosenbrock } from '@lowland/objectives';
import { fixed, gradientDescent } from '@lowland/optimizers';
import { describe, expect, it } from 'vitest';

import { slice, type SliceOptions } from './slice.ts';

const backend = cpu();
type Twice = Objective<'value' | 'gradient' | 'hessianVectorProduct'>;
const draw = (length: number, seed: number): Float64Array => {
  const out = new Float64Array(length);
  normals(streamKey(seed, 'numbers', 0), out);
  return out;
};
const watcher: Tracker<never, Float64Array> = { id: 'at', requires: [], start: ({ device }) => ({ point }) => Float64Array.from(device.host!(point)) };

/** A run of gradient descent: its points, its values, its end. */
async function descend(objective: Twice, step: number, iterations: number, scale = 0.5) {
  const seen: { x: Float64Array; value: number }[] = [];
  const solution = await solve(objective, gradientDescent({ step: fixed({ step }) }), {
    backend,
    point: createPoint(objective.layout, draw(createPoint(objective.layout).data.length, 4).map((x) => scale * x)),
    trackers: [watcher],
    every: 1,
    stop: maxIterations(iterations),
    record: ({ value, tracked }) => seen.push({ x: tracked!['at'] as Float64Array, value }),
  });
  return { points: seen.map(({ x }) => x), recorded: seen.map(({ value }) => value), end: solution.point };
}
const sectionOf = (objective: Twice, end: Awaited<ReturnType<typeof descend>>['end'], options: SliceOptions) => analyse(objective, slice({ grid: 5, ...options }), end, backend);
const square = (x: Float64Array): number => x.reduce((sum, value) => sum + value * value, 0);

describe('a run over a section', () => {
  const factorization = matrixFactorization({ target: { rows: 6, cols: 5, values: draw(30, 1) }, rank: 2, balance: 0.25 }) as unknown as Twice;

  it('is seen along its own principal directions, with its own values', async () => {
    const { points, recorded, end } = await descend(factorization, 0.02, 150);
    const { trajectory, directions } = await sectionOf(factorization, end, { first: 'trajectory', second: 'trajectory', trajectory: points });
    const { s, t, values, distances, explained } = trajectory!;
    expect([...values]).toEqual(recorded);
    expect(Math.max(...s.map(Math.abs))).toBeCloseTo(1, 12);
    expect(Math.max(...t!.map(Math.abs))).toBeCloseTo(1, 12);
    expect(explained[0]!).toBeGreaterThan(explained[1]!);
    expect(explained[0]! + explained[1]!).toBeLessThanOrEqual(1 + 1e-12);
    expect([s.at(-1), t!.at(-1), distances.at(-1)].map((value) => Math.abs(value!))).toEqual([0, 0, 0]);
    // Pythagoras, at each point and over all
    const [u, v] = directions.map(({ data }) => square(data)) as [number, number];
    let [inside, total] = [0, 0];
    points.forEach((x, k) => {
      const whole = square(x.map((value, i) => value - end.data[i]!));
      const shadow = s[k]! ** 2 * u + t![k]! ** 2 * v;
      expect(Math.abs(whole - shadow - distances[k]! ** 2)).toBeLessThan(1e-12);
      inside += shadow;
      total += whole;
    });
    expect(explained[0]! + explained[1]!).toBeCloseTo(inside / total, 12);
  });

  it('no other plane through its end explains more', async () => {
    const { points, end } = await descend(factorization, 0.02, 60);
    const best = (await sectionOf(factorization, end, { first: 'trajectory', second: 'trajectory', trajectory: points })).trajectory!.explained;
    const directions: SliceOptions['first'][] = ['random', 'gradient', 'smallest', 'largest'];
    for (const first of directions) {
      const other = (await sectionOf(factorization, end, { first: first!, second: 'trajectory', trajectory: points })).trajectory!.explained;
      expect(other[0]! + other[1]!).toBeLessThanOrEqual(best[0]! + best[1]! + 1e-12);
    }
  });

  it('of two variables is all on the plane, and the plane has its values', async () => {
    const terrain = rosenbrock({ dimension: 2 }) as unknown as Twice;
    const { points, end } = await descend(terrain, 1e-3, 40);
    const { trajectory } = await sectionOf(terrain, end, { first: 'trajectory', second: 'trajectory', trajectory: points });
    expect(trajectory!.explained[0]! + trajectory!.explained[1]!).toBeCloseTo(1, 12);
    expect(Math.max(...trajectory!.distances)).toBeLessThan(1e-14);
    const { trajectory: onLine } = await sectionOf(terrain, end, { first: 'trajectory', trajectory: points });
    expect(onLine!.t).toBeNull();
    expect(onLine!.explained).toHaveLength(1);
  });

  it.each<[string, SliceOptions, string]>([
    ['no run', { first: 'trajectory' }, 'LOWLAND_E_OPTIONS'],
    ['too short a run', { first: 'trajectory', trajectory: [new Float64Array(22)] }, 'LOWLAND_E_POINT'],
    ['a run of another problem', { trajectory: [new Float64Array(3)] }, 'LOWLAND_E_SHAPE'],
    ['a run that diverged', { trajectory: [new Float64Array(22).fill(Infinity)] }, 'LOWLAND_E_POINT'],
  ])('refuses %s', async (_what, options, code) => {
    await expect(sectionOf(factorization, createPoint(factorization.layout, draw(22, 2)), options)).rejects.toMatchObject({ code });
  });
});
