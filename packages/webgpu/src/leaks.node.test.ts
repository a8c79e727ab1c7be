/** Devices made, used and disposed, many times over: nothing is left, on the GPU or in the process. */
import { full } from '@lowland/vitest-config/full';
import { beforeAll, expect, it } from 'vitest';

import { requireDriver } from '../test/devices.ts';
import { webgpu } from './webgpu.ts';

beforeAll(requireDriver);

it('rounds of device, run and dispose leave no buffer, and memory where it was', { timeout: 600_000 }, async () => {
  const backend = webgpu();
  const round = async (size: number): Promise<void> => {
    using device = await backend.open();
    using memory = device.memory();
    const [x, y, out] = [memory.vector(size), memory.vector(size), memory.vector(1)];
    memory.integers(Int32Array.of(1, 2, 3));
    device.kernels.fill(x, 2);
    device.kernels.axpy(0.5, x, y);
    device.kernels.dot(x, y, out);
    expect(await device.scalar(out)).toBe(2 * size);
  };
  // The driver and the compiler fill pools of their own for some thousand rounds.
  const [warm, rounds] = full ? [2000, 10_000] : [10, 150];
  for (let i = 0; i < warm; i++) await round(1000 + (i % 7) * 500);
  const before = process.memoryUsage.rss();
  for (let i = warm; i < rounds; i++) await round(1000 + (i % 7) * 500);
  expect(backend.usage).toEqual({ devices: 0, buffers: 0, bytes: 0 });
  // Flat: below 4 kB a round. Of a few rounds nothing can be said.
  expect(process.memoryUsage.rss() - before).toBeLessThan(full ? 2 ** 25 : 2 ** 28);
  await backend[Symbol.asyncDispose]();
});
