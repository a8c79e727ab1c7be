import { type Backend, choice, type Definition, type Infer, integer, number, options, type Plugin } from '@lowland/core';

import { defaultBudget } from './runtime/lane.ts';
import { leastBufferBytes, webgpu } from './webgpu.ts';

const webgpuOptions = options({
  dtype: choice(['f32', 'f64'], { default: 'f32', summary: 'number type; f64 is refused with what f32 can reach' }),
  power: choice(['any', 'low-power', 'high-performance'], { default: 'any', summary: 'where there are two GPUs: which' }),
  bufferBytes: integer({ default: leastBufferBytes, min: 4, summary: 'the largest vector in bytes; more than the default is asked of the GPU' }),
  sums: choice(['df64', 'f32'], { default: 'df64', summary: 'how values and inner products are added up: as if in twice the digits of f32, where the GPU does that right, or in f32' }),
  dispatchMilliseconds: number({ default: defaultBudget, above: 0, unit: 'ms', summary: 'the time on the GPU beyond which work is cut into parts' }),
});

const definition: Definition<Infer<typeof webgpuOptions>, Backend> = {
  apiVersion: 1,
  id: 'webgpu',
  summary: 'the GPU by WebGPU, in f32',
  whenToUse: 'For large dense problems where there is a GPU and f32 is enough, in Node.js or in a page. Small problems are faster on `cpu`, which proves results in f64 too.',
  options: webgpuOptions,
  create: ({ power, ...given }) => webgpu({ ...given, ...(power !== 'any' && { power }) }),
};

/** The backend `webgpu`. No GPU is looked for until a device of it is opened. */
export const plugin: Plugin = { apiVersion: 1, name: '@lowland/webgpu', version: '0.0.0', backends: [definition] };
