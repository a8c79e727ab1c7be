export { cpu, hostKernels } from './cpu/device.ts';
export type {} from './cpu/kernels.ts';
export { generalLinearSymmetry, orthogonalSymmetry } from './groups.ts';
