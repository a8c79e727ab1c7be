/** What is measured on GPUs: every kernel there is, with calls that WebGPU takes. */
import { baseKernelNames } from '@lowland/core';
import { expect, it } from 'vitest';

import { casesOf } from '../test/cases.ts';
import { nullBackend } from '../test/devices.ts';

it('every kernel is measured, and none of the calls is refused', async () => {
  await using backend = await nullBackend();
  using device = await backend.open();
  const cases = casesOf(device, 32, 3);
  expect([...backend.kernels].filter((kernel) => !cases.some((one) => one.kernel === kernel))).toEqual([]);
  expect(baseKernelNames.every((kernel) => backend.kernels.has(kernel))).toBe(true);
  using memory = device.memory();
  const slot = memory.vector(1);
  expect(cases.filter(({ bytes, operations }) => !(bytes > 0 && operations >= 0)).map(({ name }) => name)).toEqual([]);
  for (const { call } of cases) {
    call();
    // what WebGPU refuses is the error of the next read
    await expect(device.scalar(slot)).resolves.toBeTypeOf('number');
  }
});
