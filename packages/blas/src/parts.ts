import type { Dtype, Kernels } from '@lowland/core';

import type { Cblas } from './cblas.ts';
import type { LapackCholesky } from './cholesky.ts';
import type { Library } from './library.ts';

/** Sizes from which on a native call pays; at least 1, since BLAS takes nothing empty. */
export interface Thresholds {
  /** Numbers in a vector, for level-1 calls. */
  readonly vector: number;
  /** Multiplications of a product. */
  readonly product: number;
  /** Multiplications of a product of a matrix with its own transpose. */
  readonly gram: number;
  /** Multiplications of solves and factors, rows r². */
  readonly solve: number;
  /** Rows of the matrix that is solved with or factored. */
  readonly order: number;
}

/** What kernels are made of. */
export interface Parts {
  readonly library: Library;
  readonly cblas: Cblas;
  /** Absent where the library comes without. */
  readonly lapack: LapackCholesky | undefined;
  readonly dtype: Dtype;
  readonly threads: number;
  /** To be called before the library is. */
  readonly useThreads: () => void;
  readonly least: Thresholds;
  /** linalg's, for what is small or wrong. */
  readonly plain: Kernels;
}
