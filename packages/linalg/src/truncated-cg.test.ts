import { type Device, normals, streamKey } from '@lowland/core';
import { beforeEach, describe, expect, it } from 'vitest';

import { cpu } from './cpu/backend.ts';
import { truncatedCgWork, truncatedConjugateGradient, type TruncatedCgOptions } from './truncated-cg.ts';

describe('truncatedConjugateGradient', () => {
  let device: Device;
  beforeEach(async () => {
    device = await cpu().open();
  });

  /** The subproblem of a diagonal Hessian; |s|, <g, s> and <s, H s> computed anew beside the result. */
  async function solve(diagonal: readonly number[], g: readonly number[], radius: number, options?: TruncatedCgOptions) {
    const memory = device.memory();
    const upload = (values: readonly number[]) => {
      const vector = memory.vector(values.length);
      device.write(vector, Float64Array.from(values));
      return vector;
    };
    const d = upload(diagonal);
    const work = truncatedCgWork((length = g.length) => memory.vector(length));
    const result = await truncatedConjugateGradient(
      { device, gradient: upload(g), hessian: (v, out) => device.kernels.mul(d, v, out), radius },
      work,
      options,
    );
    const step = await device.read(work.step);
    const hessianStep = await device.read(work.hessianStep);
    const length = Math.hypot(...step);
    const model = step.reduce((sum, s, i) => sum + s * (g[i]! + 0.5 * diagonal[i]! * s), 0);
    return { ...result, step, hessianStep, recomputed: { length, decrease: -model } };
  }

  it('solves a positive definite system inside the ball in as many steps as there are eigenvalues', async () => {
    const found = await solve([1, 4, 4, 9], [1, -2, 3, 1], 100, { kappa: 1e-12 });
    expect(found.stop).toBe('tolerance');
    expect(found.iterations).toBe(3);
    [-1, 0.5, -0.75, -1 / 9].forEach((s, i) => expect(found.step[i]).toBeCloseTo(s, 12));
  });

  it('stops at the boundary, and follows negative curvature there', async () => {
    const outside = await solve([1, 2, 3], [3, 3, 3], 0.5);
    expect(outside.stop).toBe('boundary');
    expect(outside.recomputed.length).toBeCloseTo(0.5, 12);
    const saddle = await solve([2, -1], [1e-3, 1e-6], 3);
    expect(saddle.stop).toBe('negative-curvature');
    expect(saddle.recomputed.length).toBeCloseTo(3, 12);
    expect(Math.abs(saddle.step[1]!)).toBeGreaterThan(2.9);
  });

  it('in another inner product takes the steps of the problem in its square root', async () => {
    const [diagonal, g, metric] = [[1, -2, 3, 0.5, 7], [1, 2, -1, 0.3, 2], [0.25, 4, 1, 9, 16]];
    const roots = metric.map(Math.sqrt);
    const plain = await solve(diagonal.map((h, i) => h / metric[i]!), g.map((x, i) => x / roots[i]!), 1.5);
    const memory = device.memory();
    const upload = (values: readonly number[]) => {
      const vector = memory.vector(values.length);
      device.write(vector, Float64Array.from(values));
      return vector;
    };
    const [d, inverse, scaled] = [upload(diagonal), upload(metric.map((m) => 1 / m)), memory.vector(5)];
    const precondition = (r: typeof d) => {
      device.kernels.mul(inverse, r, scaled);
      return scaled;
    };
    const work = truncatedCgWork((length = 5) => memory.vector(length));
    const found = await truncatedConjugateGradient({ device, gradient: upload(g), hessian: (v, out) => { device.kernels.mul(d, v, out); }, radius: 1.5, precondition }, work);
    expect(found).toEqual({ ...found, stop: plain.stop, iterations: plain.iterations });
    expect(found.length).toBeCloseTo(plain.length, 12);
    expect(found.decrease).toBeCloseTo(plain.decrease, 12);
    [...(await device.read(work.step))].forEach((s, i) => { expect(s).toBeCloseTo(plain.step[i]! / roots[i]!, 12); });
  });

  it('reports length, decrease and H s of its step, for random definite and indefinite Hessians', async () => {
    const draws = new Float64Array(40 * 24);
    normals(streamKey(7, 'truncated-cg'), draws);
    for (let trial = 0; trial < 40; trial++) {
      const values = draws.subarray(24 * trial, 24 * (trial + 1));
      const diagonal = Array.from(values.subarray(0, 12), (x) => (trial % 2 === 0 ? Math.abs(x) + 0.01 : x));
      const found = await solve(diagonal, Array.from(values.subarray(12)), trial % 3 === 0 ? 0.3 : 30, { kappa: 1e-8 });
      expect(Math.abs(found.length - found.recomputed.length)).toBeLessThanOrEqual(1e-8 * found.length);
      expect(Math.abs(found.decrease - found.recomputed.decrease)).toBeLessThanOrEqual(1e-8 * found.decrease);
      found.hessianStep.forEach((h, i) => expect(h).toBeCloseTo(diagonal[i]! * found.step[i]!, 8));
      // never worse than the Cauchy step
      const g = Array.from(values.subarray(12));
      const square = g.reduce((sum, x) => sum + x * x, 0);
      const curvature = g.reduce((sum, x, i) => sum + diagonal[i]! * x * x, 0);
      const radius = trial % 3 === 0 ? 0.3 : 30;
      const t = curvature > 0 ? Math.min(square / curvature, radius / Math.sqrt(square)) : radius / Math.sqrt(square);
      expect(found.decrease).toBeGreaterThanOrEqual((t * square - 0.5 * t * t * curvature) * (1 - 1e-10));
    }
  });

  it('stays where the gradient is zero', async () => {
    expect(await solve([-1, 1], [0, 0], 1)).toMatchObject({ stop: 'tolerance', iterations: 0, decrease: 0, length: 0 });
  });
});
