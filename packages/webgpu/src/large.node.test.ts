/** Problems near the limits: what is planned is what is taken, and what cannot be held is refused before it is tried. */
import { bind, layoutLength, plan } from '@lowland/core';
import { cpu } from '@lowland/linalg';
import { generateEntries, generateMatrix, matrixCompletion, matrixFactorization, matrixSensing } from '@lowland/objectives';
import { gradientDescent } from '@lowland/optimizers';
import { full } from '@lowland/vitest-config/full';
import { beforeAll, expect, it } from 'vitest';

import { requireDriver } from '../test/devices.ts';
import { webgpu } from './webgpu.ts';

beforeAll(requireDriver);

it('plans refuse lists and matrices beyond the largest vector, with what is allowed', () => {
  const { data: target } = generateMatrix({ rows: 60, cols: 50, rank: 2 }, 1);
  const { data: entries } = generateEntries({ rows: 60, cols: 50, rank: 2, density: 0.5 }, 1);
  const measurements = { rows: 6, cols: 5, values: new Float64Array(90).fill(1), ensemble: { kind: 'dense' as const, matrices: new Float64Array(90 * 30).fill(0.5) } };
  for (const [objective, bytes] of [
    [matrixFactorization({ target, rank: 2 }), 4 * 60 * 50],
    [matrixCompletion({ entries, rank: 2 }), 4 * entries.values.length],
    [matrixSensing({ measurements, rank: 2 }), 4 * 90 * 30],
  ] as const) {
    expect(plan(objective, gradientDescent(), webgpu({ bufferBytes: bytes })).refusals).toEqual([]);
    expect(plan(objective, gradientDescent(), webgpu({ bufferBytes: bytes - 4 })).refusals).toMatchObject([{ code: 'LOWLAND_E_MEMORY', reachable: bytes - 4 }]);
  }
});

it('completion takes no more memory than is planned, and gives what the cpu gives', { timeout: 600_000 }, async () => {
  // Lists of entries of 16 MiB in the whole run, which fill every workgroup; 10^7 entries take 40 MB each, and seven of them.
  const size = full ? { rows: 20_000, cols: 10_000, rank: 5, density: 0.02 } : { rows: 300, cols: 200, rank: 3, density: 0.2 };
  const objective = matrixCompletion({ entries: generateEntries(size, 1).data, rank: size.rank });
  await using backend = webgpu();
  const device = await backend.open();
  const names = ['valueAndGradient', 'hessianVectorProduct'] as const;
  const there = bind(objective, device, names);
  using here = await bind(objective, cpu(), names);
  expect(there.choices.map(({ label }) => label)).toEqual(['fused', 'fused']);
  const host = here.problem.device;
  const [memory, hostMemory] = [device.memory(), host.memory()];
  const n = layoutLength(objective.layout);
  const [x, out, value] = [memory.vector(n), memory.vector(n), memory.vector(1)];
  const [hostX, hostOut, hostValue] = [hostMemory.vector(n), hostMemory.vector(n), hostMemory.vector(1)];
  const start = objective.initial({ seed: 1, purpose: 2, index: 0 }).data;
  device.write(x, start);
  host.write(hostX, start);
  const compare = async () => {
    const [found, expected] = [await device.read(out), await host.read(hostOut)];
    const norm = Math.sqrt(expected.reduce((sum, entry) => sum + entry * entry, 0));
    expect(Math.sqrt(found.reduce((sum, entry, i) => sum + (entry - expected[i]!) ** 2, 0))).toBeLessThanOrEqual(1e-6 * norm);
  };
  there.problem.valueAndGradient(x, value, out);
  here.problem.valueAndGradient(hostX, hostValue, hostOut);
  expect((await device.scalar(value)) / (await host.scalar(hostValue))).toBeCloseTo(1, 6);
  await compare();
  there.problem.hessianVectorProduct(x, x, out);
  here.problem.hessianVectorProduct(hostX, hostX, hostOut);
  await compare();
  const planned = plan(objective, gradientDescent(), backend).bytes;
  // beside the lists, a sum for each of 8192 workgroups, and the least size of a buffer
  expect(backend.usage.bytes).toBeLessThanOrEqual(planned + 2 ** 17 + 20 * 256);
  expect(backend.usage.bytes).toBeGreaterThan(planned / 2);
  there[Symbol.dispose]();
  memory[Symbol.dispose]();
  device[Symbol.dispose]();
});
