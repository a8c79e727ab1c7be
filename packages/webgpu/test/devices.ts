/** What the tests of kernels share: one backend a file, so that each kernel is compiled once, and the numbers of its devices. */
import { type Backend, type Device, type Mat, type MaybePromise, type Memory, normals, streamKey } from '@lowland/core';
import { cpu } from '@lowland/linalg';
import { afterAll, beforeAll } from 'vitest';

import type { GpuDevice } from '../src/device.ts';
import { findAdapter, findGpu } from '../src/runtime/gpu.ts';
import { webgpu, type WebGpuBackend } from '../src/webgpu.ts';

/** Whether LOWLAND_VULKAN_DRIVER names a driver, which then computes in place of SwiftShader. */
export const driverIsNamed = typeof process !== 'undefined' && process.env['LOWLAND_VULKAN_DRIVER'] !== undefined;

/** The GPU that computes: SwiftShader, asserted, unless another was named. */
export async function requireDriver(): Promise<void> {
  const { info } = await findAdapter(await findGpu(), undefined);
  if (!driverIsNamed && info.architecture !== 'swiftshader') throw new Error(`Tests run on SwiftShader; the adapter is ${info.vendor} ${info.architecture}.`);
}

/** Checks all and computes nothing: every number it reads is 0. */
export const nullBackend = async (): Promise<WebGpuBackend> => webgpu({ gpu: await findGpu(['backend=null']) });

export interface Bench<B extends Backend = WebGpuBackend, D extends Device = GpuDevice> {
  readonly backend: B;
  readonly device: D;
  readonly memory: Memory;
  /** Gaussian numbers, as the device holds them. */
  matrix(rows: number, cols: number, seed: number, complex?: boolean): { readonly mat: Mat; readonly data: Float64Array };
}

/** A device of a backend, in f32, for the tests of a file. */
function use<B extends Backend, D extends Device>(make: () => B, open: (backend: B) => MaybePromise<D>): Bench<B, D> {
  const bench: { -readonly [K in keyof Bench]?: Bench<B, D>[K] } = {};
  beforeAll(async () => {
    await requireDriver();
    bench.backend = make();
    const device = await open(bench.backend);
    const memory = device.memory();
    Object.assign(bench, { device, memory });
    bench.matrix = (rows, cols, seed, complex = false) => {
      const data = new Float64Array(rows * cols * (complex ? 2 : 1));
      normals(streamKey(seed, 'test'), data);
      const vec = memory.vector(data.length);
      device.write(vec, data);
      return { mat: device.matrix(vec, 0, rows, cols, complex), data: data.map(Math.fround) };
    };
  });
  afterAll(async () => {
    bench.device?.[Symbol.dispose]();
    await bench.backend?.[Symbol.asyncDispose]?.();
  });
  return bench as Bench<B, D>;
}

export const useDevice = (): Bench => use(webgpu, (backend) => backend.open());

/** The same on the cpu, in f32 too: what is said of kernels there holds of both. */
export const useHost = (): Bench<Backend, Device> => use<Backend, Device>(() => cpu({ dtype: 'f32' }), (backend) => backend.open());
