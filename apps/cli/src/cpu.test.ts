import { type Backend, type Device, parseOptions } from '@lowland/core';
import { afterEach, expect, test, vi } from 'vitest';

import { cpuDefinition } from './cpu.ts';

afterEach(() => {
  vi.unstubAllGlobals();
});

const backendOf = (given: Record<string, unknown>): Backend => cpuDefinition.create(parseOptions(cpuDefinition.options, given, 'cpu'));

/** The bits of a product with enough work for several threads. */
function product(device: Device): Float64Array {
  const memory = device.memory();
  const [a, out] = [device.matrix(memory.vector(160_000), 0, 400, 400), device.matrix(memory.vector(160_000), 0, 400, 400)];
  device.write(a, Float64Array.from({ length: 160_000 }, (_, k) => Math.sqrt(k)));
  device.kernels.gemm('N', 'T', 1, a, a, 0, out);
  return device.read(out) as Float64Array;
}

test('one thread and f64 where nothing is said', () => {
  const backend = backendOf({});
  expect(backend).toMatchObject({ dtype: 'f64', sync: true, details: { kernels: 'simd', threads: 1 } });
  expect(backend[Symbol.asyncDispose]).toBeUndefined();
});

test('the devices share threads, which end with the backend', async () => {
  const backend = backendOf({ threads: 2, dtype: 'f64' });
  expect(backend.details).toEqual({ kernels: 'simd', threads: 2 });
  const [first, second, alone] = [await backend.open(), await backend.open(), await backendOf({}).open()];
  expect(product(first)).toEqual(product(alone));
  expect(product(second)).toEqual(product(alone));
  await backend[Symbol.asyncDispose]!();
  await expect(backend.open()).rejects.toMatchObject({ code: 'LOWLAND_E_THREADS' });
  // Open devices go on, alone.
  expect(product(first)).toEqual(product(alone));
});

test('what was never opened, or could not be, ends without a word', async () => {
  await expect(backendOf({ threads: 2 })[Symbol.asyncDispose]!()).resolves.toBeUndefined();
  vi.stubGlobal('SharedArrayBuffer', undefined);
  const backend = backendOf({ threads: 2 });
  await expect(backend.open()).rejects.toMatchObject({ code: 'LOWLAND_E_THREADS' });
  await expect(backend[Symbol.asyncDispose]!()).resolves.toBeUndefined();
});

test('kernels, number type and threads are what the options say, or refused', () => {
  expect(backendOf({ kernels: 'plain', dtype: 'f32' })).toMatchObject({ dtype: 'f32', details: { kernels: 'plain', threads: 1 } });
  for (const wrong of [{ kernels: 'fast' }, { dtype: 'f16' }, { threads: 0 }, { threads: 1.5 }, { kernels: 'plain', threads: 2 }]) {
    expect(() => backendOf(wrong)).toThrow(expect.objectContaining({ code: 'LOWLAND_E_OPTIONS' }));
  }
});
