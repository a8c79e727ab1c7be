import type { Vendor } from './library.ts';
import { type LibraryOptions, ready } from './options.ts';

/** What computes: for reports and benchmarks. */
export interface BlasInfo {
  /** The file, where the system says which; otherwise the name under which it was found. */
  readonly path: string;
  readonly vendor: Vendor;
  /** The library's own words on version and build. */
  readonly config: string;
  /** The kernel type that it chose for this processor; `undefined` where it doesn't say. */
  readonly core: string | undefined;
  /** As the library says; `undefined` where it doesn't. */
  readonly threads: number | undefined;
  /** Width of its integers in bits. */
  readonly integers: 32 | 64;
  /** Where LAPACK is, often the same library; `undefined` where there is none. */
  readonly lapack: string | undefined;
}

/**
 * Names the library that `blas` with these options uses.
 *
 * @throws LOWLAND_E_BLAS_MISSING when there is none
 */
export function blasInfo(options: LibraryOptions = {}): BlasInfo {
  const { library, useThreads } = ready(options);
  useThreads();
  const { path, vendor, config, core, integers, lapack } = library;
  return { path, vendor, config, core, threads: library.threads(), integers, lapack: lapack?.path };
}
