/** Where a GPU is found: what the browser has, or the package `webgpu` in Node.js. */
import { LowlandError } from '@lowland/core';

/** What the package `webgpu` exports; it brings Dawn, the implementation of Chromium. */
interface Dawn {
  create(flags: string[]): GPU;
}

/**
 * Instances made here, for as long as the process runs: Dawn ends the process with a memory fault when one is collected while a device of
 * it lives.
 */
const kept = new Map<string, GPU>();

// No bundler is to look for it: in pages it is not there.
const dawn = 'webgpu';

/**
 * @param flags for Dawn alone, such as `backend=null`
 * @throws LOWLAND_E_WEBGPU_MISSING when there is none, with what to do
 */
export async function findGpu(flags: readonly string[] = [], load: () => Promise<unknown> = () => import(/* @vite-ignore */ dawn)): Promise<GPU> {
  const own = (globalThis as { navigator?: { gpu?: GPU } }).navigator?.gpu;
  if (own !== undefined) return own;
  const key = flags.join(' ');
  const before = kept.get(key);
  if (before !== undefined) return before;
  if (!('process' in globalThis)) {
    throw new LowlandError('LOWLAND_E_WEBGPU_MISSING', 'This browser has no WebGPU, or the page is no secure context (https or localhost). Use another browser, or the backend "cpu".');
  }
  let module: Dawn;
  try {
    module = (await load()) as Dawn;
  } catch (cause) {
    throw new LowlandError(
      'LOWLAND_E_WEBGPU_MISSING',
      `The webgpu backend reaches the GPU through the package webgpu, which did not load (${reason(cause)}). Install it beside @lowland/webgpu: "npm install webgpu".`,
      { cause },
    );
  }
  const gpu = module.create([...flags]);
  kept.set(key, gpu);
  return gpu;
}

/** An error in one line. */
function reason(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).split('\n')[0]!;
}

export type Power = 'low-power' | 'high-performance';

/** @throws LOWLAND_E_WEBGPU_MISSING when no adapter answers, with what to do */
export async function findAdapter(gpu: GPU, power: Power | undefined): Promise<GPUAdapter> {
  const adapter = await gpu.requestAdapter(power === undefined ? {} : { powerPreference: power });
  if (adapter !== null) return adapter;
  throw new LowlandError(
    'LOWLAND_E_WEBGPU_MISSING',
    'WebGPU found no adapter: there is no GPU here, or no driver for it that WebGPU takes (Vulkan, Metal or Direct3D 12). On Linux install the loader and a driver '
      + '("apt install libvulkan1 mesa-vulkan-drivers"); in a browser see its settings for WebGPU; or use the backend "cpu".',
  );
}
