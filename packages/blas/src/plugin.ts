import { type Backend, choice, type Definition, type Infer, integer, options, type Plugin, string } from '@lowland/core';

import { blas } from './blas.ts';

const blasOptions = options({
  library: string({ summary: "path of the library, or its name for the system's loader; else LOWLAND_BLAS, else what the system has" }),
  threads: integer({ min: 1, summary: 'threads of the library; else as many as the process may use' }),
  dtype: choice(['f64', 'f32'], { default: 'f64', summary: 'number type' }),
  kernels: choice(['auto', 'plain'], { default: 'auto', summary: "linalg's kernels for what BLAS does not have: WebAssembly with 4 GiB at most, or plain with the heap" }),
});

const definition: Definition<Infer<typeof blasOptions>, Backend> = {
  apiVersion: 1,
  id: 'blas',
  summary: "the system's OpenBLAS, MKL, BLIS or Accelerate",
  whenToUse: 'For large dense problems on a machine with a fast BLAS. Small and sparse problems are as fast on `cpu`, to the same bits everywhere.',
  options: blasOptions,
  create: (given) => blas(given),
};

/** The backend `blas`. No library is looked for until it is created. */
export const plugin: Plugin = { apiVersion: 1, name: '@lowland/blas', version: '0.0.0', backends: [definition] };
