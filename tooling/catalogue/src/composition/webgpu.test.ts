/** The matrix on the GPU, by SwiftShader: what runs on the cpu runs there too, or is refused for kernels that the GPU has not. */
import { createRegistry, type Device, plan } from '@lowland/core';
import { cpu } from '@lowland/linalg';
import { full } from '@lowland/vitest-config/full';
import { swiftshader } from '@lowland/vitest-config/swiftshader';
import { webgpu } from '@lowland/webgpu';
import { afterAll, describe, expect, it } from 'vitest';

import { builtins } from '../../../../apps/cli/src/builtins.ts';
import { columnsOf } from './columns.ts';
import { pair } from './pair.ts';
import { rowsOf, tiny } from './rows.ts';

// Read when the first GPU is looked for.
Object.assign(process.env, swiftshader());

const [host, gpu] = [cpu(), webgpu()];
afterAll(() => gpu[Symbol.asyncDispose]());

const registry = createRegistry(await builtins());
const device = host.open() as Device;
const [rows, columns] = [rowsOf(registry, device, tiny), columnsOf(registry)];
device[Symbol.dispose]();

/** All pairs, with what both plans say. */
const pairs = rows.flatMap(({ name, objective }) =>
  columns.map((column) => {
    const { optimizer, init } = column.create(0);
    const [there, here] = [host, gpu].map((backend) => plan(objective, optimizer, backend, init === undefined ? {} : { init }));
    return { name: `${name} with ${column.name}`, objective, column, there: there!, here: here! };
  }),
);

it('plans differ from those of the cpu in kernels alone, and name them', () => {
  const wrong = pairs.flatMap(({ name, there, here }) => {
    if (!there.ok) return here.ok ? [`${name}: fits, and not on the cpu`] : [];
    const unnamed = here.refusals.filter(({ code, message }) => code !== 'LOWLAND_E_KERNEL' || !message.includes('lacks'));
    return unnamed.map(({ code }) => `${name}: ${code}`);
  });
  expect(wrong).toEqual([]);
  // Most of what fits there fits here: the rest are functions on the host.
  const [fits, both] = [pairs.filter(({ there }) => there.ok).length, pairs.filter(({ there, here }) => there.ok && here.ok).length];
  expect(both / fits).toBeGreaterThan(0.9);
});

/** Of the pairs that fit every so manieth: others by and by as the catalogue grows. */
const fitting = pairs.filter(({ here }) => here.ok);
const stride = full ? 30 : Math.floor(fitting.length / 16);

describe('values fall where they fall on the cpu, or it is said why', () => {
  it.each(fitting.filter((_, i) => i % stride === 0).map((one) => [one.name, one] as const))('%s', async (_, { objective, column }) => {
    const [there, here] = [await pair(objective, column, host), await pair(objective, column, gpu)];
    expect(here.kind === 'stops' ? there.kind : here.kind).toBe(there.kind);
    expect(here.kind).not.toBe('wrong');
    expect(gpu.usage).toEqual({ devices: 0, buffers: 0, bytes: 0 });
  });
});
