import type { Device, Objective, Point, Tracker, Vec } from '@lowland/core';
import { describe, expect, it } from 'vitest';

import { pointOf, run } from '../../test/fixtures.ts';
import { nonlinearConjugateGradient } from '../conjugate/nonlinear-conjugate-gradient.ts';
import { heavyBall } from '../momentum/heavy-ball.ts';
import { nesterov } from '../momentum/nesterov.ts';
import { armijo } from './armijo.ts';
import { barzilaiBorwein } from './barzilai-borwein.ts';
import { fixed } from './fixed.ts';
import { ownGeometry } from './geometry.ts';
import { gradientDescent } from './gradient-descent.ts';
import { polyak } from './polyak.ts';

/** 1/2 <x, diag(a) x> on the unit sphere: its minimum is the eigenvector of the least a, its value half of it. */
function rayleigh(a: readonly number[]): Objective<'valueAndGradient' | 'geometry'> {
  const layout = { blocks: [{ name: 'x', shape: [a.length] }] };
  const inner = (u: Float64Array, v: Float64Array) => u.reduce((sum, x, i) => sum + x * v[i]!, 0);
  const host = (device: Device) => (x: Vec) => device.host!(x);
  return {
    id: 'rayleigh',
    layout,
    options: {},
    upload: () => undefined,
    bytes: () => 0,
    initial: (): Point => pointOf(layout, a.map((_, i) => (i === 0 ? 1 : 0))),
    routes: {
      valueAndGradient: [
        {
          kernels: ['host'],
          label: 'composed',
          bind: (_, device) => (x, value, gradient) => {
            const [at, numbers, slope] = [host(device)(x), host(device)(value), host(device)(gradient)];
            a.forEach((factor, i) => (slope[i] = factor * at[i]!));
            numbers[0] = 0.5 * inner(at, slope);
          },
        },
      ],
      geometry: [
        {
          kernels: ['host'],
          label: 'composed',
          bind: (_, device) => {
            const numbers = host(device);
            const project = (x: Vec, v: Vec, out: Vec) => {
              const [at, given, result] = [numbers(x), numbers(v), numbers(out)];
              const along = inner(at, given);
              at.forEach((xi, i) => (result[i] = given[i]! - along * xi));
            };
            return {
              gradient: project,
              inner: (_x, u, v, out, at) => device.kernels.dot(u, v, out, at),
              retract(x, alpha, v, out) {
                const moved = numbers(x).map((xi, i) => xi + alpha * numbers(v)[i]!);
                const length = Math.sqrt(inner(moved, moved));
                moved.forEach((xi, i) => (numbers(out)[i] = xi / length));
              },
              transport: (_x, y, v, out) => project(y, v, out),
            };
          },
        },
      ],
    },
  };
}

describe('the geometry of the objective', () => {
  const objective = rayleigh([5, 4, 3, 2, 1]);
  it.each([
    ['fixed', fixed({ step: 0.3 }), 100],
    ['armijo', armijo({ initial: 0.8 }), 60],
    ['barzilai-borwein', barzilaiBorwein(), 40],
  ] as const)('takes %s steps along the sphere to the least eigenvector', async (_, step, iterations) => {
    const point = pointOf(objective.layout, [0.5, 0.5, 0.5, 0.4, 0.3]);
    const { point: end, value } = await run(objective, gradientDescent({ step, geometry: ownGeometry() }), { point, iterations });
    expect(Math.hypot(...end.data)).toBeCloseTo(1, 12);
    expect(value).toBeCloseTo(0.5, 8);
    expect(Math.abs(end.data[4]!)).toBeCloseTo(1, 6);
  });

  it.each([
    ['heavy ball', heavyBall({ step: 0.3, momentum: 0.4, geometry: ownGeometry() }), 60],
    ['nesterov', nesterov({ step: 0.2, geometry: ownGeometry() }), 80],
    ['nesterov with constant momentum', nesterov({ step: 0.2, momentum: 0.3, restart: false, geometry: ownGeometry() }), 80],
    ['conjugate gradients, hager-zhang', nonlinearConjugateGradient({ geometry: ownGeometry() }), 30],
    ['conjugate gradients, polak-ribiere', nonlinearConjugateGradient({ conjugation: 'polak-ribiere', geometry: ownGeometry() }), 30],
    ['polyak steps', gradientDescent({ step: polyak({ optimum: 0.5 }), geometry: ownGeometry() }), 100],
  ] as const)('carries %s along the sphere, and what they remember with it', async (_, method, iterations) => {
    const point = pointOf(objective.layout, [0.5, 0.5, 0.5, 0.4, 0.3]);
    const tangent: Tracker<never, number> = {
      id: 'tangent',
      requires: [],
      // displacements and directions that are remembered must be tangent to the sphere where the point is now
      start: ({ device }) => async (state) => {
        const x = await device.read(state.point);
        const sizes = await Promise.all(
          ['velocity', 'lead', 'direction', 'before'].map(async (name) => {
            const slot = state[name] as Vec | undefined;
            const v = slot === undefined ? new Float64Array(x.length) : await device.read(slot);
            return Math.abs(v.reduce((sum, vi, i) => sum + vi * x[i]!, 0));
          }),
        );
        return Math.max(...sizes);
      },
    };
    const { point: end, value, trace } = await run(objective, method, { point, iterations, trackers: [tangent] });
    expect(Math.hypot(...end.data)).toBeCloseTo(1, 12);
    expect(value).toBeCloseTo(0.5, 8);
    trace.slice(1).forEach(({ tracked }) => expect(tracked!['tangent']).toBeLessThan(1e-14));
  });
});
