/** Numbers by the lattice rule, the bits of core; and products with matrices of them, against the cpu. */
import { latticeNormals, plan, streamKey } from '@lowland/core';
import { generateMatrix, generateMeasurements, matrixSensing, symmetricFactorization } from '@lowland/objectives';
import { gradientDescent, langevin } from '@lowland/optimizers';
import { describe, expect, it } from 'vitest';

import { useDevice } from '../test/devices.ts';
import { webgpu } from './index.ts';

const bench = useDevice();

describe('the lattice rule', () => {
  it.each([[0, 0, 1], [1, 5, 7], [2 ** 53 - 1, 2 ** 40 + 3, 1500]])('seed %i, index %i: %i numbers, the bits of core', async (seed, index, count) => {
    const key = streamKey(seed, 'lattice', index);
    const out = bench.memory.vector(count);
    bench.device.kernels.latticeNormal!(key, out);
    const expected = new Float64Array(count);
    latticeNormals(key, expected);
    expect(await bench.device.read(out)).toEqual(expected);
  });
});

describe('latticeResidualAdjoint', () => {
  // below and beyond a workgroup, a slice; indices whose lower word runs over
  it.each([[1, 1, 0], [1, 40, 7], [40, 1, 7], [65, 63, 2 ** 32 - 3], [3, 130, 2 ** 40], [100, 70, 0]])('%i measurements of %i numbers', async (m, n, index) => {
    const { device, memory, matrix } = bench;
    const key = streamKey(2 ** 40 + 9, 'ensemble', index);
    const [x, dx, y] = [matrix(n, 1, 1), matrix(n, 1, 2), matrix(m, 1, 3)];
    const empty = (length: number) => {
      const vec = memory.vector(length);
      device.kernels.fill(vec, NaN);
      return vec;
    };
    const [rho, out, drho, dout] = [empty(m), empty(n), empty(m), empty(n)];
    device.kernels.latticeResidualAdjoint!(-0.5, key, x.mat, y.mat, rho, out, dx.mat, drho, dout);

    const a = Array.from({ length: m }, (_, k) => {
      const row = new Float64Array(n);
      latticeNormals({ ...key, index: index + k }, row);
      return row;
    });
    const image = (z: Float64Array) => Float64Array.from(a, (row) => row.reduce((sum, number, j) => sum + number * z[j]!, 0));
    const adjoint = (w: Float64Array) => Float64Array.from({ length: n }, (_, j) => -0.5 * a.reduce((sum, row, k) => sum + row[j]! * w[k]!, 0));
    const expectNear = async (found: typeof rho, expected: Float64Array, terms: number) => {
      const numbers = await device.read(found);
      const size = Math.max(1, Math.hypot(...expected));
      numbers.forEach((number, i) => { expect(Math.abs(number - expected[i]!)).toBeLessThanOrEqual(1e-6 * Math.sqrt(terms) * size); });
      return numbers;
    };
    const residual = await expectNear(rho, image(x.data).map((z, k) => z - y.data[k]!), n);
    const change = await expectNear(drho, image(dx.data), n);
    await expectNear(out, adjoint(residual), m);
    await expectNear(dout, adjoint(change), m);

    // rho alone, without data, and one side: the same numbers
    const [alone, sum] = [empty(m), empty(n)];
    device.kernels.latticeResidualAdjoint!(-0.5, key, x.mat, y.mat, alone);
    expect(await device.read(alone)).toEqual(residual);
    device.kernels.latticeResidualAdjoint!(-0.5, key, dx.mat, undefined, alone, sum);
    expect(await device.read(alone)).toEqual(change);
    expect(await device.read(sum)).toEqual(await device.read(dout));
  });

  it('of nothing is nothing', async () => {
    const { device, memory } = bench;
    const [none, out] = [memory.vector(0), memory.vector(3)];
    device.kernels.fill(out, 5);
    device.kernels.latticeResidualAdjoint!(1, streamKey(1, 'ensemble'), memory.vector(3), undefined, none, out);
    expect(await device.read(out)).toEqual(new Float64Array(3));
    device.kernels.latticeResidualAdjoint!(1, streamKey(1, 'ensemble'), none, out, memory.vector(3), memory.vector(0));
  });

  it('refuses vectors that do not fit or lie in one another', () => {
    const { device: { kernels }, memory } = bench;
    const [three, four, key] = [memory.vector(3), memory.vector(4), streamKey(1, 'ensemble')];
    for (const call of [
      () => { kernels.latticeResidualAdjoint!(1, key, three, three, four); },
      () => { kernels.latticeResidualAdjoint!(1, key, three, undefined, four, four); },
      () => { kernels.latticeResidualAdjoint!(1, key, three, undefined, four, memory.vector(3), memory.vector(3)); },
    ]) expect(call).toThrow(expect.objectContaining({ code: 'LOWLAND_E_SHAPE' }));
    expect(() => { kernels.latticeResidualAdjoint!(1, key, three, undefined, four, three); }).toThrow(expect.objectContaining({ code: 'LOWLAND_E_ALIAS' }));
  });
});

describe('on the GPU', () => {
  it('measurements that are too many to hold are drawn by the lattice rule in one pass; normals come from the host, as the plan says', () => {
    const { data } = generateMeasurements({ rows: 2, cols: 2, rank: 1, measurements: 20_000 }, 1);
    const routeOf = (name: 'gaussian' | 'lattice') => {
      const ensemble = { kind: 'seeded', name, seed: 1, version: 1 } as const;
      // beyond 2^26 numbers
      const { ok, capabilities, bytes } = plan(matrixSensing({ measurements: { ...data, rows: 64, cols: 64, ensemble }, rank: 2 }), gradientDescent(), webgpu());
      expect([ok, bytes < 2e6]).toEqual([true, true]);
      const { route, kernels } = capabilities.find((capability) => capability.name === 'valueAndGradient')!;
      return [route, kernels];
    };
    expect(routeOf('lattice')).toEqual(['fused', expect.arrayContaining(['latticeResidualAdjoint'])]);
    expect(routeOf('gaussian')).toEqual(['composed', expect.arrayContaining(['normal'])]);
  });

  it('Langevin dynamics draws its noise there by the lattice rule, as the plan says', () => {
    const objective = symmetricFactorization({ target: generateMatrix({ rows: 5, cols: 5, rank: 1, symmetric: true }, 1).data, rank: 2 });
    const { ok } = plan(objective, langevin({ noise: 'lattice' }), webgpu());
    expect(ok).toBe(true);
    const { kernels, ...rest } = webgpu();
    const without = plan(objective, langevin({ noise: 'lattice' }), { ...rest, kernels: new Set([...kernels].filter((name) => name !== 'latticeNormal')) });
    expect([without.ok, without.refusals[0]?.message]).toEqual([false, expect.stringContaining('latticeNormal')]);
  });
});
