export { asyncBackend, referenceBackend, type AsyncBackendOptions, type TestBackend, type TestBackendOptions } from './backends.ts';
export type { PlainMatrix } from './naive-kernels.ts';
export type { PlainKernel, Usage } from './test-device.ts';
