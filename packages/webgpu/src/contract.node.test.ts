/** The rules of the contract, on a device that only checks: they hold on machines without a GPU too. */
import type { Device, Memory } from '@lowland/core';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { nullBackend } from '../test/devices.ts';
import { webgpuInfo } from './info.ts';
import { findGpu } from './runtime/gpu.ts';
import { webgpu, type WebGpuBackend } from './webgpu.ts';

let backend: WebGpuBackend;
let device: Device;
let memory: Memory;
beforeEach(async () => {
  backend = await nullBackend();
  device = await backend.open();
  memory = device.memory();
});
afterEach(async () => {
  device[Symbol.dispose]();
  await backend[Symbol.asyncDispose]();
});

const coded = (code: string) => expect.objectContaining({ code }) as Error;

describe('every kernel', () => {
  it('is taken by WebGPU with arguments at odd places of their buffers', async () => {
    const { kernels } = device;
    const at = (offset: number, rows: number, cols: number, complex = false) => device.matrix(memory.vector(1000), offset, rows, cols, complex);
    const index = memory.integers(Int32Array.of(0, 4, 2));
    for (const run of [
      () => { kernels.copy(at(1, 3, 2), at(5, 6, 1)); },
      () => { kernels.fill(at(3, 4, 1), NaN); },
      () => { kernels.axpy(2, at(7, 3, 3), at(9, 3, 3)); },
      () => { kernels.scal(2, at(7, 3, 3)); },
      () => { kernels.mul(at(7, 3, 3), at(9, 3, 3), at(0, 3, 3)); },
      () => { kernels.dot(at(7, 3, 3), at(9, 3, 3), at(1, 3, 3), 2); },
      () => { kernels.dot(memory.vector(100_000), memory.vector(100_000), at(1, 3, 3), 2); },
      () => { kernels.gemm('N', 'T', 1, at(1, 5, 3), at(2, 4, 3), 1, at(3, 5, 4)); },
      () => { kernels.gemm('T', 'N', 1, at(1, 300, 3), at(2, 300, 3), 1, at(3, 3, 3)); },
      () => { kernels.gemm('T', 'N', 1, device.matrix(memory.vector(12000), 0, 4000, 3), device.matrix(memory.vector(4000), 0, 4000, 1), 1, at(3, 3, 1)); },
      () => { kernels.gemm('C', 'N', 1, at(1, 5, 3, true), at(2, 5, 4, true), 1, at(3, 3, 4, true)); },
      () => { kernels.gemv('T', 1, at(1, 5, 3), at(2, 5, 1), 1, at(3, 3, 1)); },
      () => { kernels.posvRight(at(1, 3, 3), 1, at(2, 5, 3), at(3, 5, 3)); },
      () => { kernels.sddmm(index, index, at(1, 5, 3), at(2, 5, 3), at(3, 3, 1)); },
      () => { kernels.spmm(index, index, at(1, 3, 1), at(2, 5, 3), at(3, 6, 3), true); },
      () => { kernels.normal({ seed: 1, purpose: 2, index: 3 }, at(3, 5, 2)); },
      () => { kernels.latticeNormal!({ seed: 1, purpose: 2, index: 3 }, at(3, 5, 2)); },
      () => { kernels.latticeResidualAdjoint!(2, { seed: 1, purpose: 2, index: 3 }, at(1, 70, 1), at(2, 80, 1), at(3, 80, 1), at(4, 70, 1), at(5, 70, 1), at(6, 80, 1), at(7, 70, 1)); },
      () => { kernels.loss!('huber', at(1, 1, 1), at(2, 5, 1), at(3, 5, 1), at(4, 5, 1), undefined, at(5, 5, 1)); },
      () => { kernels.divideByRoot!(at(2, 5, 1), at(3, 5, 1), 1, at(4, 5, 1)); },
      () => { kernels.planeLoss!('huber', at(1, 1, 1), at(2, 6, 5), at(3, 5, 1), at(4, 5, 1), at(5, 3, 2), 2, at(6, 3, 1)); },
      () => { kernels.sddmmPair!(index, index, at(1, 5, 3), at(2, 5, 3), at(1, 5, 3), at(2, 5, 3), at(3, 3, 1)); },
      () => { kernels.residualProducts!(at(1, 70, 5), at(2, 70, 3), at(3, 5, 3), 2, at(4, 5, 2), at(5, 70, 2), at(6, 70, 2), at(7, 5, 2), at(8, 2, 1), 1); },
      () => {
        const [rows, numbers] = [memory.vector(10), memory.vector(64 * 64 + 3)];
        const ensemble = { method: 'perturbed-gradient-descent', noise: 'lattice', symmetric: false, rows: 64, cols: 64, rank: 8, count: 1, steps: 2, firstStep: 5, seed: 7 } as const;
        // the largest that fit into the memory of a workgroup
        kernels['ensemble/factorization']!(
          { ...ensemble, coefficients: device.view(rows, 1, 3), parameters: device.view(rows, 2, 6), limits: device.view(rows, 3, 2), states: device.view(memory.vector(3000), 5, 2 * 1024 + 8) },
          device.view(numbers, 3, 64 * 64),
        );
      },
    ]) {
      run();
      // what WebGPU refuses is the error of the next read
      expect(await device.read(at(0, 1, 1))).toHaveLength(1);
    }
  });

  it('refuses results that share a vector with an input, views of one vector too', () => {
    const { kernels } = device;
    const x = memory.vector(8);
    const [left, right] = [device.view(x, 0, 4), device.view(x, 4, 4)];
    const [a, b, out] = [device.matrix(x, 0, 2, 2), device.matrix(x, 4, 2, 2), device.matrix(memory.vector(4), 0, 2, 2)];
    const index = memory.integers(Int32Array.of(0, 1));
    const [one, four] = [memory.vector(2), memory.vector(4)];
    for (const call of [
      () => { kernels.copy(left, right); },
      () => { kernels.axpy(1, device.view(x, 1, 4), left); },
      () => { kernels.mul(left, right, left); },
      () => { kernels.dot(left, left, right); },
      () => { kernels.gemm('N', 'N', 1, a, out, 0, b); },
      () => { kernels.gemm('N', 'N', 1, a, out, 0, a); },
      () => { kernels.gemv('N', 1, a, one, 0, device.view(x, 4, 2)); },
      () => { kernels.posvRight(out, 1, a, b); },
      () => { kernels.sddmm(index, index, a, out, device.view(x, 4, 2)); },
      () => { kernels.spmm(index, index, one, a, b, false); },
      () => { kernels.loss!('huber', one, left, four, right); },
      () => { kernels.loss!('huber', one, four, four, left, right); },
      () => { kernels.divideByRoot!(left, four, 1, right); },
      () => { kernels.planeLoss!('huber', device.view(one, 0, 1), device.matrix(memory.vector(12), 0, 6, 2), one, undefined, four, 1, device.view(four, 0, 2)); },
      () => { kernels.sddmmPair!(index, index, a, out, out, out, device.view(x, 4, 2)); },
    ]) {
      expect(call).toThrow(coded('LOWLAND_E_ALIAS'));
    }
  });

  it('refuses shapes that do not fit, and indices that lead outside', () => {
    const { kernels } = device;
    const [x, y, slot] = [memory.vector(4), memory.vector(3), memory.vector(1)];
    const [a, b] = [device.matrix(x, 0, 2, 2), device.matrix(memory.vector(6), 0, 3, 2)];
    const index = memory.integers(Int32Array.of(0, 5));
    for (const call of [
      () => { kernels.copy(x, y); },
      () => { kernels.axpy(1, x, y); },
      () => { kernels.mul(x, x, y); },
      () => { kernels.dot(x, y, slot); },
      () => { kernels.dot(x, x, slot, 1); },
      () => { kernels.gemm('N', 'N', 1, a, b, 0, a); },
      () => { kernels.gemm('N', 'N', 1, x as never, b, 0, a); },
      () => { kernels.gemm('N', 'N', 1, a, a, 0, device.matrix(memory.vector(8), 0, 2, 2, true)); },
      () => { kernels.gemv('N', 1, a, y, 0, y); },
      () => { kernels.posvRight(a, 0, a, b); },
      () => { kernels.sddmm(index, index, a, b, memory.vector(2)); },
      () => { kernels.spmm(index, index, memory.vector(2), a, b, false); },
      () => { kernels.loss!('huber', slot, x, y, memory.vector(4)); },
      () => { kernels.copy(index as never, x); },
      () => { device.view(x, 2, 3); },
      () => { device.matrix(x, 0, 3, 2); },
      () => { device.matrix(x, 0, -2, -2); },
      () => { device.write(x, new Float64Array(3)); },
      () => { memory.vector(-1); },
    ]) {
      expect(call).toThrow(coded('LOWLAND_E_SHAPE'));
    }
    expect(() => { kernels.loss!('cubic' as never, slot, x, x, memory.vector(4)); }).toThrow(coded('LOWLAND_E_OPTIONS'));
    const complex = device.matrix(memory.vector(8), 0, 2, 2, true);
    expect(() => { kernels.posvRight(a, 0, complex, complex); }).toThrow(coded('LOWLAND_E_COMPLEX'));
  });
});

describe('handles', () => {
  it('of others, and of freed memory, are refused', async () => {
    const other = await backend.open();
    const [mine, foreign] = [memory.vector(2), other.memory().vector(2)];
    expect(() => { device.kernels.copy(foreign, mine); }).toThrow(coded('LOWLAND_E_HANDLE'));
    await expect(device.read({ length: 2, '~vec': true })).rejects.toThrow(coded('LOWLAND_E_HANDLE'));
    const view = device.view(mine, 0, 1);
    memory[Symbol.dispose]();
    memory[Symbol.dispose]();
    await expect(device.read(mine)).rejects.toThrow(coded('LOWLAND_E_DISPOSED'));
    await expect(device.scalar(view)).rejects.toThrow(coded('LOWLAND_E_DISPOSED'));
    expect(() => memory.vector(1)).toThrow(coded('LOWLAND_E_DISPOSED'));
    other[Symbol.dispose]();
    expect(() => other.memory()).toThrow(coded('LOWLAND_E_DISPOSED'));
    expect(() => { other.kernels.fill(foreign, 0); }).toThrow(coded('LOWLAND_E_DISPOSED'));
  });
});

describe('sizes', () => {
  it('beyond a buffer are refused with what is allowed', async () => {
    expect(() => memory.vector(2 ** 25 + 1)).toThrow(coded('LOWLAND_E_MEMORY'));
    await expect(webgpu({ bufferBytes: 2 ** 50 }).open()).rejects.toThrow(expect.objectContaining({ code: 'LOWLAND_E_MEMORY', details: { bufferBytes: 2 ** 50, reachable: expect.any(Number) as number } }) as Error);
    expect(() => webgpu({ bufferBytes: 2.5 })).toThrow(coded('LOWLAND_E_OPTIONS'));
  });
});

it('f64 is refused with what f32 can reach', () => {
  expect(() => webgpu({ dtype: 'f64' })).toThrow(expect.objectContaining({ code: 'LOWLAND_E_PRECISION', details: { dtype: 'f64', reachable: 2 ** -21 } }) as Error);
});

it('remembers so many pairs of buffers, and no more', async () => {
  const vectors = Array.from({ length: 70 }, () => memory.vector(1));
  for (const x of vectors) for (const y of vectors) device.kernels.copy(x, y);
  expect(await device.read(vectors[0]!)).toHaveLength(1);
});

it('counts what its devices hold, until all is given back', async () => {
  const other = await backend.open();
  memory.vector(100);
  memory.integers(Int32Array.of(1));
  expect(backend.usage).toEqual({ devices: 2, buffers: 2, bytes: 512 + 256 });
  memory[Symbol.dispose]();
  expect(backend.usage.buffers).toBe(0);
  // a device takes with it what its arenas and kernels hold
  const [x, y] = [other.memory().vector(100_000), other.memory().vector(100_000)];
  other.kernels.dot(x, y, other.memory().vector(1));
  expect(backend.usage.buffers).toBe(4);
  other[Symbol.dispose]();
  other[Symbol.dispose]();
  device[Symbol.dispose]();
  expect(backend.usage).toEqual({ devices: 0, buffers: 0, bytes: 0 });
});

it('sums are those of f32 on a device that fails the self-test of others, and that is said', () => {
  expect(backend.details).toMatchObject({ sums: 'df64 where the self-test passes', selfTest: 'failed' });
});

it('the self-test finds nothing right on a device that computes nothing', async () => {
  const { numerics } = await webgpuInfo({ gpu: await findGpu(['backend=null']) });
  expect(numerics).toEqual({
    twoSum: 'no',
    twoProduct: 'no',
    fusedMultiplyAdd: false,
    contracts: true,
    roundsDivision: false,
    roundsRoot: false,
    keepsSubnormals: false,
    keepsNonFinite: false,
    comparesNan: false,
  });
});
