/** The BLAS of this machine: found, named, its threads under control. */
import { readFileSync } from 'node:fs';
import process from 'node:process';

import { LowlandError } from '@lowland/core';

import { loadKoffi, type NativeFunction, type NativeLibrary, openNative, reason } from './native.ts';
import { platformOf } from './platforms.ts';

/** Whose library it is; `BLAS` where it does not say. */
export type Vendor = 'OpenBLAS' | 'MKL' | 'BLIS' | 'Accelerate' | 'BLAS';

/** An opened BLAS. There is one object for each library and process. */
export interface Library {
  /** The file, where the system says which; otherwise the name by which the loader found it. */
  readonly path: string;
  /** Who made it, as its own symbols tell; `BLAS` is one that doesn't say, such as the reference. */
  readonly vendor: Vendor;
  /** Its own words on version and build; empty where it has none. */
  readonly config: string;
  /** The kernel type that it chose for this processor, such as `SkylakeX`; `undefined` where it doesn't say. */
  readonly core: string | undefined;
  /** Width of its integers. */
  readonly integers: 32 | 64;
  /** koffi's name of that integer. */
  readonly int: 'int32' | 'int64';
  /** Where LAPACK's functions are found; `undefined` where there are none. */
  readonly lapack: { readonly path: string; readonly native: NativeLibrary } | undefined;
  /**
   * A function of CBLAS.
   *
   * @throws LOWLAND_E_BLAS_MISSING when the library has none of that name
   */
  cblas(name: string, result: string, parameters: readonly string[]): NativeFunction;
  /** Whether the number of threads is one for the whole process, so that it can be 1 while several threads make calls. */
  readonly callsSideBySide: boolean;
  /** Asks for so many threads. The setting belongs to the process, so it is made again before a call when someone else changed it here. */
  useThreads(count: number): void;
  /** Threads in use, as the library says; `undefined` where it doesn't. */
  threads(): number | undefined;
}

const opened = new Map<string, Library>();

/**
 * The library to use: `name` (a path, or a name for the system's loader), else the environment's LOWLAND_BLAS, else the first of the
 * platform's usual ones that loads and has CBLAS. A library that was named is used or refused; nothing else is tried in its place.
 *
 * @throws LOWLAND_E_BLAS_MISSING when there is none, with what was tried and what to install
 */
export function openLibrary(name: string | undefined = process.env['LOWLAND_BLAS']): Library {
  const asked = name === undefined || name === '' ? undefined : name;
  const key = asked ?? '';
  const known = opened.get(key);
  if (known !== undefined) return known;

  const koffi = loadKoffi();
  const platform = platformOf(process.platform);
  const tried: string[] = [];
  for (const candidate of asked === undefined ? platform.libraries : [asked]) {
    let native: NativeLibrary;
    try {
      native = openNative(koffi, candidate);
    } catch (error) {
      tried.push(`${candidate}: ${reason(error)}`);
      continue;
    }
    if (native.find('cblas_dgemm', 'void', []) === undefined) {
      tried.push(`${candidate}: it has no function cblas_dgemm`);
      continue;
    }
    const library = describe(candidate, native, findLapack(candidate, native, (path) => openNative(koffi, path), platform.lapack));
    opened.set(key, library);
    return library;
  }
  throw new LowlandError(
    'LOWLAND_E_BLAS_MISSING',
    asked === undefined
      ? `No BLAS was found on this system. Install one: ${platform.install}; or name its file in the environment variable LOWLAND_BLAS. Looked for ${platform.libraries.join(', ')}.`
      : `The BLAS library that was asked for can't be used: ${tried.join('; ')}. Name another in LOWLAND_BLAS or the option "library", leave both out to take the system's, or install one: ${platform.install}.`,
    { details: { tried } },
  );
}

function findLapack(own: string, native: NativeLibrary, open: (path: string) => NativeLibrary, others: readonly string[]): Library['lapack'] {
  const has = (library: NativeLibrary) => library.find('dsyevd_', 'void', []) !== undefined;
  if (has(native)) return { path: loadedFrom(own), native };
  for (const path of others) {
    try {
      const library = open(path);
      if (has(library)) return { path: loadedFrom(path), native: library };
    } catch {
      // Not on this system.
    }
  }
  return undefined;
}

function describe(name: string, native: NativeLibrary, lapack: Library['lapack']): Library {
  const text = (symbol: string) => native.find(symbol, 'str', [])?.() as string | undefined;
  const vendor = vendorOf(name, native);
  const integers = integerWidth(native);
  const control = threadControl(vendor, native);
  let current: number | undefined;
  return {
    path: loadedFrom(name),
    vendor,
    config: (vendor === 'OpenBLAS' ? text('openblas_get_config') : vendor === 'BLIS' ? text('bli_info_get_version_str') : '')?.trim() ?? '',
    core: vendor === 'OpenBLAS' ? text('openblas_get_corename') : undefined,
    integers,
    int: `int${integers}`,
    lapack,
    cblas(symbol, result, parameters) {
      const found = native.find(symbol, result, parameters);
      if (found !== undefined) return found;
      throw new LowlandError('LOWLAND_E_BLAS_MISSING', `The BLAS library ${name} has no function ${symbol}. Name a complete one in LOWLAND_BLAS.`);
    },
    callsSideBySide: vendor === 'OpenBLAS' || vendor === 'MKL',
    useThreads(count) {
      if (count === current) return;
      control.set?.(count);
      current = count;
    },
    threads: () => control.get?.() as number | undefined,
  };
}

function vendorOf(name: string, native: NativeLibrary): Vendor {
  const has = (symbol: string) => native.find(symbol, 'void', []) !== undefined;
  if (has('openblas_get_config')) return 'OpenBLAS';
  if (has('MKL_Set_Num_Threads')) return 'MKL';
  if (has('bli_info_get_version_str')) return 'BLIS';
  return name.includes('Accelerate') ? 'Accelerate' : 'BLAS';
}

function threadControl(vendor: Vendor, native: NativeLibrary): { readonly set?: NativeFunction | undefined; readonly get?: NativeFunction | undefined } {
  switch (vendor) {
    case 'OpenBLAS':
      return { set: native.find('openblas_set_num_threads', 'void', ['int']), get: native.find('openblas_get_num_threads', 'int', []) };
    case 'MKL':
      return { set: native.find('MKL_Set_Num_Threads', 'void', ['int']), get: native.find('MKL_Get_Max_Threads', 'int', []) };
    case 'BLIS':
      return { set: native.find('bli_thread_set_num_threads', 'void', ['int64']), get: native.find('bli_thread_get_num_threads', 'int64', []) };
    case 'Accelerate': {
      // macOS 15 and later: 0 is as many as it likes, 1 is one.
      const set = native.find('BLASSetThreading', 'int', ['uint32']);
      return { set: set === undefined ? undefined : (count) => set(count === 1 ? 1 : 0) };
    }
    case 'BLAS':
      return {};
  }
}

/**
 * Asks the library itself: the norm of one number, with a count whose lower half is 1 and which as a whole is negative. It is the number
 * for a library that reads 32 bits, and 0 for one that reads 64.
 */
function integerWidth(native: NativeLibrary): 32 | 64 {
  const parameters = ['void *', 'void *', 'void *'];
  const norm = native.find('dnrm2_', 'double', parameters) ?? native.find('dnrm2', 'double', parameters);
  if (norm === undefined) return 32;
  return norm(Int32Array.of(1, -1), Float64Array.of(3), Int32Array.of(1, 0)) === 0 ? 64 : 32;
}

/** The file behind a bare name, from the list of what this process has mapped (Linux); elsewhere the name. */
function loadedFrom(name: string): string {
  if (name.includes('/') || process.platform !== 'linux') return name;
  const stem = name.replace(/\.so.*$/, '');
  const files = readFileSync('/proc/self/maps', 'utf8').split('\n').map((line) => line.slice(line.indexOf('/')));
  return files.find((file) => file.startsWith('/') && (file.split('/').at(-1) ?? '').startsWith(stem)) ?? name;
}
