/** Products of the Hessian with several directions, in one pass over the target, against the cpu. */
import { bind, layoutLength, type Objective } from '@lowland/core';
import { cpu } from '@lowland/linalg';
import { matrixCompletion, matrixFactorization, symmetricFactorization } from '@lowland/objectives';
import { expect, it } from 'vitest';

import { useDevice } from '../test/devices.ts';

const bench = useDevice();
type Curved = Objective<'hessianVectorProducts'>;

it.each<readonly [string, (values: (count: number) => Float64Array) => unknown, 'fused' | 'derived']>([
  // 5 directions of 7 columns: more than one dispatch takes
  ['U V^T', (values) => matrixFactorization({ target: { rows: 19, cols: 70, values: values(1330) }, rank: 7, balance: 0.5 }), 'fused'],
  ['X X^T', (values) => symmetricFactorization({ target: { rows: 12, cols: 12, values: values(144).map((_, k) => Math.cos(Math.floor(k / 12)) * Math.cos(k % 12)) }, rank: 2, lambda: 0.25 }), 'fused'],
  ['completion', (values) => matrixCompletion({ entries: { rows: 5, cols: 4, row: Int32Array.of(0, 1, 2, 3, 4, 0), col: Int32Array.of(0, 1, 2, 3, 0, 2), values: values(6) }, rank: 2 }), 'derived'],
])('%s', async (_, make, label) => {
  const { device, memory, matrix } = bench;
  const objective = make((count) => matrix(count, 1, 11).data) as Curved;
  using there = bind(objective, device, ['hessianVectorProducts']);
  using here = await bind(objective, cpu(), ['hessianVectorProducts']);
  expect(there.choices[0]!.label).toBe(label);
  const [n, k] = [layoutLength(objective.layout), 5];
  const [x, directions] = [matrix(n, 1, 12), matrix(n, k, 13)];
  const out = memory.vector(n * k);
  there.problem.hessianVectorProducts(x.mat, directions.mat, out);
  const host = here.problem.device;
  using hostMemory = host.memory();
  const [hostX, hostDirections, hostOut] = [hostMemory.vector(n), hostMemory.vector(n * k), hostMemory.vector(n * k)];
  host.write(hostX, x.data);
  host.write(hostDirections, directions.data);
  here.problem.hessianVectorProducts(hostX, hostDirections, hostOut);
  const [found, expected] = [await device.read(out), await host.read(hostOut)];
  const size = expected.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  found.forEach((value, i) => { expect(Math.abs(value - expected[i]!)).toBeLessThanOrEqual(1e-5 * size); });
});
