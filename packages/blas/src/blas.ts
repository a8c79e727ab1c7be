import { type Backend, baseKernelNames, type Dtype, type KernelName, LowlandError } from '@lowland/core';
import { plainDevice } from '@lowland/linalg';

import { blasKernels } from './kernels.ts';
import { type LibraryOptions, ready } from './options.ts';

export interface BlasOptions extends LibraryOptions {
  /** Default f64. */
  readonly dtype?: Dtype;
}

/**
 * The backend of the system's BLAS: OpenBLAS, MKL, BLIS or Apple's Accelerate, found when this is called. Synchronous; arrays go to
 * the library without a copy. Sparse kernels, small shapes and what BLAS does not have are linalg's plain kernels.
 *
 * The order in which a library adds depends on the processor, on the library and on its threads: the same inputs give the same result
 * up to rounding only.
 *
 * @throws LOWLAND_E_BLAS_MISSING when there is no library, with what to install
 * @throws LOWLAND_E_OPTIONS when `threads` is no positive integer or `dtype` is none
 *
 * @example
 * const solution = await solve(objective, optimizer, { backend: blas({ threads: 2 }) });
 */
export function blas({ dtype = 'f64', ...libraryOptions }: BlasOptions = {}): Backend {
  if (!['f64', 'f32'].includes(dtype)) throw new LowlandError('LOWLAND_E_OPTIONS', `The number type is f64 or f32; ${dtype as string} was given.`, { details: { dtype } });
  const replace = blasKernels(ready(libraryOptions), dtype);
  const names: KernelName[] = [...baseKernelNames, 'normalEquations', 'nrm2', 'ger', 'syrk', 'trsm', 'potrf', 'residualProducts', 'residualAdjoint'];
  return {
    id: 'blas',
    dtype,
    sync: true,
    kernels: new Set(dtype === 'f64' ? [...names, 'host' as const] : names),
    limits: { bytes: 2 ** 34, bufferBytes: 2 ** 33 },
    determinism: 'tolerance',
    open: () => plainDevice(dtype, replace),
  };
}
