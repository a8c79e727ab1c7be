export { cpu, hostKernels } from './cpu/device.ts';
export type {} from './cpu/kernels.ts';
export { generalLinearSymmetry, orthogonalSymmetry } from './groups.ts';
export { backtrack, wolfeSearch, type BacktrackOptions, type LineFunction, type LinePoint, type LineSample, type LineSearchResult, type WolfeOptions } from './line-search.ts';
export { truncatedCgWork, truncatedConjugateGradient, type TruncatedCgOptions, type TruncatedCgProblem, type TruncatedCgResult, type TruncatedCgWork } from './truncated-cg.ts';
