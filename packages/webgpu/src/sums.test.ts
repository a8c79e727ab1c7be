/** Sums with twice the digits: inner products that cancel, and what is taken where a device can't. */
import { type Memory, normals, streamKey } from '@lowland/core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { driverIsNamed, requireDriver } from '../test/devices.ts';
import { GpuDevice } from './device.ts';
import { doubleSumsWork } from './numerics.ts';
import { dot } from './shaders/dot.ts';
import { leastBufferBytes, openSite, type Site, webgpu } from './webgpu.ts';

let site: Site;
let device: GpuDevice;
let memory: Memory;
beforeAll(async () => {
  await requireDriver();
  site = await openSite({});
  device = new GpuDevice(site.lane, leastBufferBytes, () => undefined);
  memory = device.memory();
});
afterAll(() => {
  device[Symbol.dispose]();
  site.lane.device.destroy();
});

const upload = (data: ArrayLike<number>) => {
  const vec = memory.vector(data.length);
  device.write(vec, Float64Array.from(data));
  return vec;
};

/** A sum of products of f32 between 2^-40 and 2^40, exactly, in units of 2^-128. */
const unit = 2 ** 64;
const exactly = (a: number, b: number): bigint => BigInt(a * unit) * BigInt(b * unit);
const rounded = (sum: bigint): number => Number(sum) / unit / unit;

/** After Ogita, Rump and Oishi's GenDot (2005): vectors of f32 whose inner product has about this condition number, and the product itself. */
function cancelling(n: number, condition: number): { x: Float32Array; y: Float32Array; exact: number; condition: number } {
  const [x, y, random] = [new Float32Array(n), new Float32Array(n), new Float64Array(2 * n)];
  normals(streamKey(1, 'cancelling', Math.log10(condition)), random);
  const half = n / 2;
  const bits = Math.log2(condition) / 2;
  let [sum, size] = [0n, 0];
  for (let i = 0; i < n; i++) {
    const scale = 2 ** Math.round(i < half ? (bits * i) / half : bits * (1 - (i - half) / half));
    const of = (value: number) => Math.sign(value) * (0.25 + Math.min(Math.abs(value), 3));
    x[i] = of(random[i]!) * scale;
    const goal = i < n - 1 ? of(random[n + i]!) * scale : (2 * size) / condition;
    y[i] = i < half ? goal : (goal - rounded(sum)) / x[i]!;
    sum += exactly(x[i]!, y[i]!);
    size += Math.abs(x[i]! * y[i]!);
  }
  // in another order, so that no thread has both of two that cancel
  const order = Float64Array.from({ length: n }, (_, i) => (i * 7919) % n);
  return { x: Float32Array.from(order, (i) => x[i]!), y: Float32Array.from(order, (i) => y[i]!), exact: rounded(sum), condition: (2 * size) / Math.abs(rounded(sum)) };
}

/** Relative errors of an inner product in both kinds of sums. */
async function errors({ x, y, exact }: { x: Float32Array; y: Float32Array; exact: number }): Promise<{ f32: number; df64: number }> {
  const [left, right, out] = [upload(x), upload(y), memory.vector(1)];
  const found = { f32: 0, df64: 0 };
  for (const sums of ['f32', 'df64'] as const) {
    site.lane.sums = sums;
    device.kernels.dot(left, right, out);
    found[sums] = Math.abs((await device.scalar(out)) - exact) / Math.abs(exact);
  }
  return found;
}

it('a device that was opened adds up in df64 where the self-test passes, which in f32 it would not', async () => {
  expect(site.lane.sums).toBe('df64');
  expect(site.sums).toBe('df64');
  expect(await doubleSumsWork(site.lane)).toBe(true);
  expect(await doubleSumsWork(site.lane, dot.f32)).toBe(false);
});

it('f32 is taken where it is asked for, and that is said', async () => {
  await using backend = webgpu({ sums: 'f32' });
  expect(backend.details).toEqual({ sums: 'f32' });
  using opened = await backend.open();
  expect(opened.dtype).toBe('f32');
  expect(backend.details).toEqual({ sums: 'f32', adapter: expect.any(String) as string });
});

// The figures of f32 are those of a driver; those of df64 hold wherever its self-test passes.
describe('inner products', () => {
  it.each([[1000, 1e6], [20_000, 1e6], [1000, 1e10], [20_000, 1e10]])('of %i numbers, condition %d: the digits of f32', async (n, condition) => {
    const made = cancelling(n, condition);
    expect(made.condition / condition).toBeGreaterThan(0.5);
    expect(made.condition / condition).toBeLessThan(2);
    const { f32, df64 } = await errors(made);
    // the last rounding, and u^2 times the condition: 6e-8 and 4e-5
    expect(df64).toBeLessThanOrEqual(2 ** -24 + 2 ** -48 * made.condition);
    if (!driverIsNamed) expect(f32).toBeGreaterThan(condition === 1e6 ? 1e-4 : 1);
  });

  it('benign ones too', async () => {
    const [x, y] = [new Float32Array(20_000), new Float32Array(20_000)];
    normals(streamKey(2, 'benign'), x);
    normals(streamKey(3, 'benign'), y);
    const positive = { x: x.map(Math.abs), y: y.map(Math.abs) };
    let exact = 0n;
    positive.x.forEach((a, i) => { exact += exactly(a, positive.y[i]!); });
    expect((await errors({ ...positive, exact: rounded(exact) })).df64).toBeLessThanOrEqual(2 ** -24);
  });

  it('of numbers too large to be split are those of f32, infinite ones too', async () => {
    site.lane.sums = 'df64';
    const out = memory.vector(3);
    device.kernels.dot(upload([2 ** 120, 1]), upload([2 ** -120, 2]), out, 0);
    device.kernels.dot(upload([2 ** 100, 1]), upload([2 ** 100, 2]), out, 1);
    device.kernels.dot(upload([NaN, 1]), upload([1, 2]), out, 2);
    expect([...(await device.read(out))]).toEqual([3, Infinity, NaN]);
  });
});
