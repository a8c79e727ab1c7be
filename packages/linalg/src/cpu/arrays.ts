import type { Numbers } from '../vector.ts';

export type { Numbers };

/** What kernels see of a matrix: row-major, complex ones interleaved. */
export interface HostMatrix {
  readonly rows: number;
  readonly cols: number;
  readonly complex: boolean;
  readonly data: Numbers;
}
