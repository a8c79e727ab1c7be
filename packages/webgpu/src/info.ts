import { type Numerics, selfTest } from './numerics.ts';
import { openSite, type WebGpuOptions } from './webgpu.ts';

/** What computes, and how it rounds: for reports. */
export interface WebGpuInfo {
  /** As the driver says; empty where a browser keeps it to itself. */
  readonly vendor: string;
  readonly architecture: string;
  readonly device: string;
  readonly description: string;
  /** Whether it is software that stands in for a GPU. */
  readonly fallback: boolean;
  readonly features: readonly string[];
  /** What the GPU allows; `bufferBytes` up to the first may be asked of `webgpu`. */
  readonly limits: {
    readonly bufferBytes: number;
    readonly workgroupThreads: number;
    readonly workgroupBytes: number;
    readonly storageBuffers: number;
  };
  readonly numerics: Numerics;
  /** How values and inner products are added up: `df64`, or `f32` with the reason. */
  readonly sums: string;
}

/**
 * Names the GPU that `webgpu` with these options uses, and tests how it rounds.
 *
 * @throws LOWLAND_E_WEBGPU_MISSING when there is none, LOWLAND_E_MEMORY when it allows no buffers of `bufferBytes`
 */
export async function webgpuInfo(options: Omit<WebGpuOptions, 'dtype'> = {}): Promise<WebGpuInfo> {
  const { adapter, lane, sums } = await openSite(options);
  try {
    const { info, limits } = adapter;
    const { vendor, architecture, device, description } = info;
    return {
      vendor,
      architecture,
      device,
      description,
      fallback: info.isFallbackAdapter,
      features: [...adapter.features].sort(),
      limits: {
        bufferBytes: Math.min(limits.maxStorageBufferBindingSize, limits.maxBufferSize),
        workgroupThreads: limits.maxComputeInvocationsPerWorkgroup,
        workgroupBytes: limits.maxComputeWorkgroupStorageSize,
        storageBuffers: limits.maxStorageBuffersPerShaderStage,
      },
      numerics: await selfTest(lane),
      sums,
    };
  } finally {
    lane.device.destroy();
  }
}
