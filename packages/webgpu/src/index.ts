export { webgpu, type WebGpuBackend, type WebGpuOptions, type WebGpuUsage } from './webgpu.ts';
