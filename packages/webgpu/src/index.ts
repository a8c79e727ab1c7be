export { webgpuInfo, type WebGpuInfo } from './info.ts';
export type { Numerics } from './numerics.ts';
export { plugin, plugin as default } from './plugin.ts';
export type { Power } from './runtime/gpu.ts';
export { webgpu, type WebGpuBackend, type WebGpuOptions, type WebGpuUsage } from './webgpu.ts';
