/** What goes wrong with GPUs, as errors with a code: none there, none left, a shader that is refused, a lost device. */
import { type Checkpoint, type Device, errorCode, maxIterations, solve } from '@lowland/core';
import { cpu } from '@lowland/linalg';
import { generateEntries, matrixCompletion } from '@lowland/objectives';
import { gradientDescent } from '@lowland/optimizers';
import { afterEach, beforeAll, expect, it } from 'vitest';

import { driverIsNamed, requireDriver } from '../test/devices.ts';
import { Failures } from './runtime/failures.ts';
import { findAdapter, findGpu } from './runtime/gpu.ts';
import { Lane } from './runtime/lane.ts';
import { shader } from './runtime/shader.ts';
import { webgpu, type WebGpuBackend } from './webgpu.ts';

beforeAll(requireDriver);

const coded = (code: string, message = /./) => expect.objectContaining({ code, message: expect.stringMatching(message) as string }) as Error;
const opened: WebGpuBackend[] = [];
afterEach(async () => {
  for (const backend of opened.splice(0)) await backend[Symbol.asyncDispose]();
});

/** A backend whose GPU device is within reach, so that it can be lost. */
async function within(): Promise<{ backend: WebGpuBackend; lose: () => Promise<void> }> {
  let last: GPUDevice | undefined;
  const real = await findGpu();
  const gpu = {
    requestAdapter: async () => {
      const adapter = (await real.requestAdapter())!;
      return { limits: adapter.limits, features: adapter.features, requestDevice: async (descriptor: GPUDeviceDescriptor) => (last = await adapter.requestDevice(descriptor)) };
    },
  } as unknown as GPU;
  const backend = webgpu({ gpu });
  opened.push(backend);
  return {
    backend,
    lose: async () => {
      last!.destroy();
      await last!.lost;
    },
  };
}

it('knows a loss that is told after what waited on the device broke', async () => {
  const lost = new Promise((resolve) => setTimeout(resolve, 60, { reason: 'destroyed', message: '' }));
  const failures = new Failures({ lost, pushErrorScope: () => undefined } as unknown as GPUDevice);
  await expect(failures.lost(new Error('Buffer was unmapped before mapping was resolved.'))).rejects.toThrow(coded('LOWLAND_E_WEBGPU_LOST'));
  const kept = new Failures({ lost: new Promise(() => undefined), pushErrorScope: () => undefined } as unknown as GPUDevice);
  await expect(kept.lost(new Error('of something else'))).rejects.toThrow(coded('LOWLAND_E_WEBGPU', /of something else/));
});

it('says what to install where the package webgpu is missing', async () => {
  await expect(findGpu(['backend=null', 'missing'], () => Promise.reject(new Error("Cannot find package 'webgpu'\nstack")))).rejects.toThrow(
    coded('LOWLAND_E_WEBGPU_MISSING', /Cannot find package 'webgpu'\)\. Install it beside @lowland\/webgpu: "npm install webgpu"/),
  );
});

it('says what to do where there is no adapter, and asks anew the next time', async () => {
  let asked = 0;
  const none = webgpu({ gpu: { requestAdapter: () => { asked++; return Promise.resolve(null); } } as unknown as GPU });
  await expect(none.open()).rejects.toThrow(coded('LOWLAND_E_WEBGPU_MISSING', /no adapter[^]*apt install libvulkan1/));
  await expect(none.open()).rejects.toThrow(coded('LOWLAND_E_WEBGPU_MISSING'));
  expect(asked).toBe(2);
});

// What other drivers allow may be 128 MiB.
it.skipIf(driverIsNamed)('gives vectors beyond 128 MiB where they were asked for', async () => {
  const backend = webgpu({ bufferBytes: 2 ** 27 + 4 });
  opened.push(backend);
  const device = await backend.open();
  const x = device.memory().vector(2 ** 25 + 1);
  device.kernels.fill(device.view(x, 2 ** 25, 1), 3);
  expect(await device.scalar(x, 2 ** 25)).toBe(3);
  expect(() => device.memory().vector(2 ** 25 + 2)).toThrow(coded('LOWLAND_E_MEMORY'));
  device[Symbol.dispose]();
});

it('names a shader that is refused', async () => {
  const device = await (await findAdapter(await findGpu(), undefined)).requestDevice();
  const lane = new Lane(device);
  const store = lane.zeros(4);
  lane.run(shader('broken', { out: 'write f32' }, { n: 'u32' }, '@compute @workgroup_size(1) fn main() { out[p.n] = nothing; }'), { out: store }, { n: 0 }, 1);
  await expect(lane.read(store, 0, 4)).rejects.toThrow(coded('LOWLAND_E_WEBGPU_SHADER', /"broken"[^]*nothing/));
  // nothing that is read from then on would mean anything
  expect(() => { lane.zeros(4); }).toThrow(coded('LOWLAND_E_WEBGPU_SHADER'));
  device.destroy();
});

it('names what WebGPU refuses', async () => {
  const device = await (await findAdapter(await findGpu(), undefined)).requestDevice();
  const lane = new Lane(device);
  const store = lane.zeros(4);
  const both = shader('both', { x: 'read f32', out: 'write f32' }, { n: 'u32' }, '@compute @workgroup_size(1) fn main() { out[p.n] = x[p.n]; }');
  lane.run(both, { x: store, out: store }, { n: 0 }, 1);
  await expect(lane.read(store, 0, 4)).rejects.toThrow(coded('LOWLAND_E_WEBGPU', /refused a call/));
  device.destroy();
});

it('a lost GPU is an error of what waits and of what comes, and the next device has another', async () => {
  const { backend, lose } = await within();
  const device = await backend.open();
  const x = device.memory().vector(4);
  const waiting = device.read(x).catch((error: unknown) => errorCode(error));
  await lose();
  // what was copied before the loss may still arrive
  expect([undefined, 'LOWLAND_E_WEBGPU_LOST']).toContain(typeof (await waiting) === 'string' ? await waiting : undefined);
  await expect(device.read(x)).rejects.toThrow(coded('LOWLAND_E_WEBGPU_LOST', /last checkpoint/));
  expect(() => { device.kernels.fill(x, 1); }).toThrow(coded('LOWLAND_E_WEBGPU_LOST'));
  device[Symbol.dispose]();
  const next: Device = await backend.open();
  const y = next.memory().vector(2);
  next.kernels.fill(y, 5);
  expect(await next.read(y)).toEqual(Float64Array.of(5, 5));
  next[Symbol.dispose]();
});

it('a run whose GPU is lost resumes from its checkpoint, to the end of one that was not disturbed', async () => {
  const { backend, lose } = await within();
  const { data: entries } = generateEntries({ rows: 12, cols: 9, rank: 2, density: 0.8 }, 1);
  const objective = () => matrixCompletion({ entries, rank: 2 });
  const options = { backend, seed: 3, stop: maxIterations(96), every: 16 };
  const whole = await solve(objective(), gradientDescent(), options);
  let last: Checkpoint | undefined;
  const checkpoint = async (one: Checkpoint) => {
    last = one;
    if (one.iteration >= 48) await lose();
  };
  await expect(solve(objective(), gradientDescent(), { ...options, checkpoint, checkpointEvery: 0 })).rejects.toThrow(coded('LOWLAND_E_WEBGPU_LOST'));
  expect(last!.iteration).toBeGreaterThanOrEqual(48);
  const resumed = await solve(objective(), gradientDescent(), { ...options, resume: JSON.parse(JSON.stringify(last)) as Checkpoint });
  // the same kernels on the same driver: here to the bit
  expect(resumed.point.data).toEqual(whole.point.data);
  // what the GPU found is a minimum in f64 too, to its floor
  const polished = await solve(objective(), gradientDescent(), { backend: cpu(), point: resumed.point, stop: maxIterations(0) });
  expect(polished.value).toBeCloseTo(whole.value, 4);
});
