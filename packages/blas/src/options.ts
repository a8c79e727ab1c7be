import { availableParallelism } from 'node:os';

import { LowlandError } from '@lowland/core';

import { type Library, openLibrary } from './library.ts';

/** Which library computes, and on how many threads. */
export interface LibraryOptions {
  /** A path, or a name for the system's loader. Default: the environment's LOWLAND_BLAS, else the first usual library of the platform. */
  readonly library?: string;
  /** Default: as many as this process may use at once. */
  readonly threads?: number;
}

/** The library that the options ask for, with a function that sees to its threads before a call. */
export interface Ready {
  readonly library: Library;
  readonly threads: number;
  readonly useThreads: () => void;
}

/**
 * @throws LOWLAND_E_BLAS_MISSING when there is no library
 * @throws LOWLAND_E_OPTIONS when `threads` is no positive integer
 */
export function ready({ library: name, threads = availableParallelism() }: LibraryOptions = {}): Ready {
  if (!Number.isSafeInteger(threads) || threads < 1) {
    throw new LowlandError('LOWLAND_E_OPTIONS', `The number of threads is a positive integer; ${threads} was given.`, { details: { threads } });
  }
  const library = openLibrary(name);
  return { library, threads, useThreads: () => { library.useThreads(threads); } };
}
