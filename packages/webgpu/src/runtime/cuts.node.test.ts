/** What is cut by time gives the bits of what is whole. */
import type { Mat } from '@lowland/core';
import { beforeAll, expect, it } from 'vitest';

import { requireDriver } from '../../test/devices.ts';
import { GpuDevice } from '../device.ts';
import { leastBufferBytes } from '../webgpu.ts';
import { findAdapter, findGpu } from './gpu.ts';
import { defaultBudget, Lane } from './lane.ts';

beforeAll(requireDriver);

it('kernels that are cut give the bits of kernels that are not', async () => {
  const gpu = await (await findAdapter(await findGpu(), undefined)).requestDevice();
  const lane = new Lane(gpu, defaultBudget, { start: () => undefined });
  using device = new GpuDevice(lane, leastBufferBytes, () => undefined);
  using memory = device.memory();
  const { kernels } = device;
  let seed = 0;
  const matrix = (rows: number, cols: number, complex = false): Mat => {
    const x = memory.vector(rows * cols * (complex ? 2 : 1));
    kernels.normal({ seed: seed++, purpose: 1, index: 0 }, x);
    return device.matrix(x, 0, rows, cols, complex);
  };
  const [m, n, r] = [130, 90, 3];
  const [target, u, v, du, dv] = [matrix(m, n), matrix(m, r), matrix(n, r), matrix(m, r), matrix(n, r)];
  const [long, complex] = [matrix(1, 2000), matrix(40, 9, true)];
  const pointers = memory.integers(Int32Array.from({ length: m + 1 }, (_, i) => 7 * i));
  const index = memory.integers(Int32Array.from({ length: 7 * m }, (_, e) => (e * 31) % n));
  const rows = memory.integers(Int32Array.from({ length: 7 * m }, (_, e) => Math.floor(e / 7)));
  const data = matrix(7 * m, 1);
  const make = (rows: number, cols: number, complex = false) => device.matrix(memory.vector(rows * cols * (complex ? 2 : 1)), 0, rows, cols, complex);
  const [left, right, slot, z, pairs] = [make(m, r), make(n, r), memory.vector(2), memory.vector(7 * m), memory.vector(14 * m)];
  const [square, thin, pairProduct, entries] = [make(m, m), make(1, 1), make(9, 9, true), make(m, n)];
  const calls: readonly (readonly [() => void, ...(typeof slot)[]])[] = [
    [() => { kernels.gemm('N', 'T', 1, target, target, 0, square); }, square],
    [() => { kernels.gemm('N', 'T', 1, long, long, 0, thin); }, thin],
    [() => { kernels.gemm('C', 'N', 1, complex, complex, 0, pairProduct); }, pairProduct],
    [() => { kernels.dot(target, target, slot, 1); }, slot],
    [() => { kernels.mul(target, target, entries); }, entries],
    [() => { kernels.residualProducts!(target, u, v, 1, v, left, u, right, slot); }, left, right, slot],
    [() => { kernels.observedResidual!(pointers, index, data, undefined, u, v, z, 1, v, left, slot); }, z, left, slot],
    [() => { kernels.observedCurvature!(pointers, index, data, undefined, u, v, du, dv, pairs, 1, left); }, pairs, left],
    [() => { kernels.sddmm(rows, index, u, v, z); }, z],
    [() => { kernels.spmm(rows, index, data, v, left, false); }, left],
  ];
  for (const [call, ...outs] of calls) {
    const found: Float64Array[][] = [];
    for (const budget of [defaultBudget, 5e-4]) {
      lane.budget = budget;
      for (const out of outs) kernels.fill(out, NaN);
      call();
      found.push([]);
      for (const out of outs) found.at(-1)!.push(await device.read(out));
    }
    expect(found[1]).toEqual(found[0]);
      }
  gpu.destroy();
});
