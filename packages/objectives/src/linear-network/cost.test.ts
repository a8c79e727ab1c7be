import { bind, type Objective } from '@lowland/core';
import { cpu } from '@lowland/linalg';
import { expect, it } from 'vitest';

import { countingProducts } from '../../test/products.ts';
import { gaussian } from '../../test/support.ts';
import { linearNetwork } from './linear-network.ts';

const data = (rows: number, cols: number) => ({ rows, cols, values: gaussian(rows * cols, 'cost') });

it.each<[string, Objective<'valueAndGradient' | 'hessianVectorProduct'>, number]>([
  ['two layers', linearNetwork({ data: data(40, 30), depth: 2, width: 10 }), 2.5],
  ['two layers of samples, balanced', linearNetwork({ data: data(100, 40), inputs: 20, depth: 2, width: 20, balance: 1 }), 2.5],
  ['two layers, few inputs', linearNetwork({ data: data(100, 50), inputs: 4, depth: 2, width: 30 }), 2.5],
  ['three layers', linearNetwork({ data: data(40, 30), depth: 3, width: 20 }), 3.5],
  ['six layers, balanced, decaying', linearNetwork({ data: data(100, 40), inputs: 20, depth: 6, width: 20, balance: 1, lambda: 0.1 }), 3.5],
])('%s: a Hessian-vector product costs at most the gradients that it may', async (_name, objective, most) => {
  const { device, flops } = countingProducts(await cpu().open());
  const { problem } = bind(objective, device, ['valueAndGradient', 'hessianVectorProduct']);
  const memory = device.memory();
  const size = objective.layout.blocks.reduce((sum, { shape }) => sum + shape[0]! * shape[1]!, 0);
  const [x, v, out, value] = [memory.vector(size), memory.vector(size), memory.vector(size), memory.vector(1)];
  device.write(x, gaussian(size, 'x'));
  device.write(v, gaussian(size, 'v'));
  problem.valueAndGradient(x, value, out);
  const gradient = flops();
  problem.hessianVectorProduct(x, v, out);
  expect((flops() - gradient) / gradient).toBeGreaterThan(1);
  expect((flops() - gradient) / gradient).toBeLessThanOrEqual(most);
});

it('costs as if there were as many samples as inputs', async () => {
  const { device, flops } = countingProducts(await cpu().open());
  const objective = linearNetwork({ data: data(5000, 5), inputs: 3, width: 3 });
  const { problem } = bind(objective, device, ['gradient']);
  const memory = device.memory();
  const [x, out] = [memory.vector(24), memory.vector(24)];
  problem.gradient(x, out);
  expect(flops()).toBeLessThan(500);
});
