/** One memory for all devices and host algorithms of the process: an engine reserves some GiB of addresses for each, and has room for a few dozen. */
import type { Dtype } from '@lowland/core';

import { Arena } from './arena.ts';
import { Library } from './library.ts';

let shared: Arena | undefined;
const libraries = new Map<string, Library>();

/** @throws LOWLAND_E_MEMORY when there is no room for a memory at all */
export const sharedArena = (): Arena => (shared ??= new Arena());

/** The functions compiled for the shared memory. */
export function sharedLibrary(dtype: Dtype, relaxed: boolean): Library {
  const key = `${dtype} ${String(relaxed)}`;
  let library = libraries.get(key);
  if (library === undefined) {
    library = new Library(sharedArena(), dtype, relaxed);
    libraries.set(key, library);
  }
  return library;
}

/** Bytes of the shared memory in use, scratch of kernels included; 0 before its first use. */
export function liveBytes(): number {
  return shared?.live ?? 0;
}

/** What opens later gets kernels compiled anew: after the engine's flags have changed. */
export function dropLibraries(): void {
  libraries.clear();
}
