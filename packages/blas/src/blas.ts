import { type Backend, type Device, type Dtype } from '@lowland/core';
import { cpu, withKernels } from '@lowland/linalg';

import { blasKernels, thresholds } from './kernels.ts';
import { type LibraryOptions, ready } from './options.ts';

/** Which library, on how many threads, in which number type. */
export interface BlasOptions extends LibraryOptions {
  /** Default f64. */
  readonly dtype?: Dtype;
  /**
   * linalg's kernels for what BLAS does not have, as `cpu` takes them: `auto` (the default) is WebAssembly, whose memory reaches 4 GiB.
   * `plain` ones have the heap, for larger problems.
   */
  readonly kernels?: 'auto' | 'plain';
}

/**
 * The backend of the system's BLAS: OpenBLAS, MKL, BLIS or Apple's Accelerate, found when this is called. Synchronous; arrays go to
 * the library without a copy. Sparse kernels, small shapes and what BLAS does not have are linalg's kernels, in the same memory.
 *
 * The order in which a library adds depends on the processor, on the library and on its threads: the same inputs give the same result
 * up to rounding only.
 *
 * @throws LOWLAND_E_BLAS_MISSING when there is no library, with what to install
 * @throws LOWLAND_E_OPTIONS when `threads` is no positive integer or `dtype` or `kernels` is none
 *
 * @example
 * const solution = await solve(objective, optimizer, { backend: blas({ threads: 2 }) });
 */
export function blas({ dtype = 'f64', kernels = 'auto', ...libraryOptions }: BlasOptions = {}): Backend {
  const base = cpu({ dtype, kernels });
  const found = ready(libraryOptions);
  const { library, threads } = found;
  const replace = blasKernels(found, dtype, thresholds(base.variant));
  return {
    id: 'blas',
    dtype,
    sync: true,
    kernels: base.kernels,
    limits: base.limits,
    determinism: 'tolerance',
    details: { library: library.path, vendor: library.vendor, ...(library.core !== undefined && { core: library.core }), threads, kernels: base.variant },
    open: () => withKernels(base.open() as Device, replace),
  };
}
