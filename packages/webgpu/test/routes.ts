/** An objective on the GPU beside the cpu. */
import { type AnyObjective, bind, layoutLength } from '@lowland/core';
import { cpu } from '@lowland/linalg';
import { expect } from 'vitest';

import type { Bench } from './devices.ts';

/** Its value, gradient and Hessian-vector products come by fused routes, and are what the cpu gives in f64, to the rounding of f32. */
export async function expectFused({ device, memory, matrix }: Bench, objective: AnyObjective): Promise<void> {
  using there = bind(objective, device, ['valueAndGradient', 'hessianVectorProduct']);
  using here = await bind(objective, cpu(), ['valueAndGradient', 'hessianVectorProduct']);
  expect(there.choices.map(({ label }) => label)).toEqual(['fused', 'fused']);
  const n = layoutLength(objective.layout);
  const [x, w] = [matrix(n, 1, 7), matrix(n, 1, 8)];
  const host = here.problem.device;
  using hostMemory = host.memory();
  const [hostX, hostW, hostValue, hostOut] = [n, n, 1, n].map((length) => hostMemory.vector(length)) as [never, never, never, never];
  host.write(hostX, x.data);
  host.write(hostW, w.data);
  const [value, out] = [memory.vector(1), memory.vector(n)];
  const expectClose = async () => {
    const [found, expected] = [await device.read(out), await host.read(hostOut)];
    const size = Math.max(...expected.map(Math.abs));
    found.forEach((number, i) => { expect(Math.abs(number - expected[i]!)).toBeLessThanOrEqual(1e-5 * size); });
  };
  there.problem.valueAndGradient(x.mat, value, out);
  here.problem.valueAndGradient(hostX, hostValue, hostOut);
  expect((await device.scalar(value)) / (await host.scalar(hostValue))).toBeCloseTo(1, 5);
  await expectClose();
  there.problem.hessianVectorProduct(x.mat, w.mat, out);
  here.problem.hessianVectorProduct(hostX, hostW, hostOut);
  await expectClose();
}
