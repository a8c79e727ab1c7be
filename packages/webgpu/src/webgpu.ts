import { type Backend, baseKernelNames, LowlandError, unitRoundoff } from '@lowland/core';

import { GpuDevice } from './device.ts';
import { extraKernelNames } from './kernels.ts';
import { doubleSumsWork } from './numerics.ts';
import { findAdapter, findGpu, type Power } from './runtime/gpu.ts';
import { defaultBudget, Lane } from './runtime/lane.ts';
import type { Sums } from './shaders/sums.ts';

/** Which GPU, and how much of it. */
export interface WebGpuOptions {
  /** f32, the only number type of GPUs here; f64 is refused with what f32 can reach. */
  readonly dtype?: 'f32' | 'f64';
  /** Where there are two: the one that saves power or the fast one. Default: what the system prefers. */
  readonly power?: Power;
  /** The largest vector in bytes. Default 128 MiB, which every WebGPU device has; more is asked of the device. */
  readonly bufferBytes?: number;
  /**
   * Milliseconds that a dispatch may take: what would take longer, by the times measured before, is cut, which changes no bit. Default 50: a
   * screen on the same GPU stays alive, and no system takes a program for hung.
   */
  readonly dispatchMilliseconds?: number;
  /**
   * How inner products, squared norms and values are added up: `df64`, as if with twice the digits of f32, and rounded once, where a self-test
   * finds that the GPU does it right, else `f32`. Default `df64`: such kernels wait for memory, not for arithmetic.
   */
  readonly sums?: Sums;
  /** Where WebGPU is, in place of `navigator.gpu` or the package `webgpu`. */
  readonly gpu?: GPU;
}

/** What its devices hold at this moment: all 0 when everything is given back. */
export interface WebGpuUsage {
  readonly devices: number;
  readonly buffers: number;
  readonly bytes: number;
}

/** A backend that tells what its devices hold. */
export interface WebGpuBackend extends Backend {
  /** `sums`, how it adds up; and once a device was opened, `adapter`, the GPU as it names itself, and how its `selfTest` went. */
  readonly details: Readonly<Record<string, string>>;
  readonly usage: WebGpuUsage;
  open(): Promise<GpuDevice>;
  [Symbol.asyncDispose](): Promise<void>;
}

/** What every device allows in one storage buffer. */
export const leastBufferBytes = 2 ** 27;

const timestamps = ['timestamp-query'] as const;

/** A GPU device that is asked for: devices of Lowland share it, its pipelines and its buffers. */
export interface Site {
  readonly adapter: GPUAdapter;
  readonly lane: Lane;
  /** How it adds up, and why. */
  readonly sums: string;
}

/**
 * @throws LOWLAND_E_WEBGPU_MISSING when there is no GPU
 * @throws LOWLAND_E_MEMORY when it allows no buffers of that size, with those that it allows
 */
export async function openSite({ gpu, power, bufferBytes = leastBufferBytes, dispatchMilliseconds = defaultBudget, sums = 'df64' }: WebGpuOptions): Promise<Site> {
  const adapter = await findAdapter(gpu ?? (await findGpu()), power);
  const reachable = Math.min(adapter.limits.maxStorageBufferBindingSize, adapter.limits.maxBufferSize);
  if (bufferBytes > reachable) {
    throw new LowlandError('LOWLAND_E_MEMORY', `Buffers of ${bufferBytes} bytes were asked for; this GPU allows ${reachable}. Lower bufferBytes, or use the backend "cpu".`, {
      details: { bufferBytes, reachable },
    });
  }
  // Buffers come in steps of 64 KiB; what is bound is never more than was asked for.
  const size = Math.min(Math.ceil(bufferBytes / 65536) * 65536, reachable);
  const device = await adapter.requestDevice({
    requiredLimits: { maxStorageBufferBindingSize: size, maxBufferSize: Math.max(size, 2 ** 28) },
    // With it the lane tells how long a dispatch takes though others run before it.
    requiredFeatures: [...timestamps].filter((feature) => adapter.features.has(feature)),
  });
  const lane = new Lane(device, dispatchMilliseconds);
  const doubled = sums === 'df64' && (await doubleSumsWork(lane));
  if (doubled) lane.sums = 'df64';
  return { adapter, lane, sums: doubled ? 'df64' : sums === 'f32' ? 'f32' : 'f32, since this GPU fails the self-test of df64' };
}

/**
 * The backend of WebGPU: in browsers what `navigator.gpu` has, in Node.js the optional package `webgpu`. Asynchronous, f32. Kernels only
 * enqueue; reads alone wait. Nothing is looked for until the first device is opened; devices then share the GPU until the backend is
 * disposed or the GPU is lost, and the next one asks anew.
 *
 * Runs repeat up to rounding only: compilers for GPUs may contract and reorder.
 *
 * @throws LOWLAND_E_PRECISION for f64, with the relative gradient tolerance that f32 can reach
 * @throws LOWLAND_E_OPTIONS for a size or a time that is none; `open()` throws LOWLAND_E_WEBGPU_MISSING when there is no GPU, with what to install, and
 *   LOWLAND_E_MEMORY when it allows no buffers of that size
 *
 * @example
 * const solution = await solve(objective, optimizer, { backend: webgpu() });
 */
export function webgpu(options: WebGpuOptions = {}): WebGpuBackend {
  const { dtype = 'f32', bufferBytes = leastBufferBytes, dispatchMilliseconds = defaultBudget, sums = 'df64' } = options;
  if (dtype !== 'f32') {
    const reachable = 8 * unitRoundoff.f32;
    throw new LowlandError(
      'LOWLAND_E_PRECISION',
      `GPUs compute in f32 here; ${dtype as string} was asked for. Gradients can be brought down to ${reachable} of those at the start; for more use the backend "cpu", from the result of a run on the GPU.`,
      { details: { dtype, reachable } },
    );
  }
  if (!Number.isSafeInteger(bufferBytes) || bufferBytes < 4) {
    throw new LowlandError('LOWLAND_E_OPTIONS', `bufferBytes is a whole number from 4; ${bufferBytes} was given.`, { details: { bufferBytes } });
  }
  if (!(dispatchMilliseconds > 0)) {
    throw new LowlandError('LOWLAND_E_OPTIONS', `dispatchMilliseconds is above 0; ${dispatchMilliseconds} was given.`, { details: { dispatchMilliseconds } });
  }
  let site: Promise<Site> | undefined;
  let opened: Site | undefined;
  let devices = 0;
  return {
    id: 'webgpu',
    dtype,
    sync: false,
    kernels: new Set([...baseKernelNames, ...extraKernelNames]),
    // WebGPU does not tell how much memory there is: too much is an error of the run.
    limits: { bytes: Number.MAX_SAFE_INTEGER, bufferBytes },
    determinism: 'tolerance',
    get details(): Readonly<Record<string, string>> {
      const asked = { sums: sums === 'df64' ? 'df64 where the self-test passes' : sums };
      if (opened === undefined) return asked;
      const { vendor, architecture, description } = opened.adapter.info;
      const adapter = [vendor, architecture, description].filter((text) => text !== '').join(' ');
      return { ...asked, adapter, ...(sums === 'df64' && { selfTest: opened.lane.sums === 'df64' ? 'passed' : 'failed' }) };
    },
    get usage() {
      const { live = 0, liveBytes = 0 } = opened?.lane.pool ?? {};
      return { devices, buffers: live, bytes: liveBytes };
    },
    async open() {
      if (opened?.lane.failures.first !== undefined) {
        opened.lane.device.destroy();
        [site, opened] = [undefined, undefined];
      }
      site ??= openSite(options);
      try {
        opened = await site;
      } catch (error) {
        site = undefined;
        throw error;
      }
      const { lane } = opened;
      devices++;
      return new GpuDevice(lane, bufferBytes, () => {
        devices--;
        if (devices === 0) lane.rest();
      });
    },
    async [Symbol.asyncDispose]() {
      const last = await site?.catch(() => undefined);
      site = undefined;
      opened = undefined;
      last?.lane.device.destroy();
    },
  };
}
