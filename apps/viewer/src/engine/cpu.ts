import { type Backend, choice, type Definition, type Infer, options } from '@lowland/core';
import { cpu } from '@lowland/linalg';

const cpuOptions = options({
  dtype: choice(['f64', 'f32'], { default: 'f64', summary: 'Number type; verdicts and analyses are computed in f64.' }),
  kernels: choice(['auto', 'wasm', 'plain'], { default: 'auto', summary: 'WebAssembly where it is allowed, else plain TypeScript: the same bits.' }),
});

/** linalg's backend by name, on the one thread of the worker. */
export const cpuDefinition: Definition<Infer<typeof cpuOptions>, Backend> = {
  apiVersion: 1,
  id: 'cpu',
  summary: 'WebAssembly SIMD kernels in this browser, with the same bits on every machine.',
  whenToUse: 'The default; f32 bounds accuracy to about six digits.',
  options: cpuOptions,
  create: cpu,
};
