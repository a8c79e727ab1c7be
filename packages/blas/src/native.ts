/** Shared libraries as koffi opens them: functions by name, under the decorations that distributions give to BLAS. */
import { createRequire } from 'node:module';

import { LowlandError } from '@lowland/core';
import type * as Koffi from 'koffi';

/** A native function. Typed arrays are passed as pointers to their numbers, without a copy. */
export type NativeFunction = (...parameters: readonly unknown[]) => unknown;

export interface NativeLibrary {
  /** The function with this name, or `undefined`; types in koffi's words. */
  find(name: string, result: string, parameters: readonly string[]): NativeFunction | undefined;
}

/**
 * koffi, the optional peer dependency.
 *
 * @throws LOWLAND_E_BLAS_MISSING when it is not installed or has no binary for this system
 */
export function loadKoffi(load: (name: string) => unknown = createRequire(import.meta.url)): typeof Koffi {
  try {
    return load('koffi') as typeof Koffi;
  } catch (cause) {
    throw new LowlandError(
      'LOWLAND_E_BLAS_MISSING',
      `The blas backend calls the system's BLAS through the package koffi, which did not load (${reason(cause)}). Install it beside @lowland/blas: "npm install koffi".`,
      { cause },
    );
  }
}

/** Where koffi is, for other threads. */
export const koffiPath = (): string => createRequire(import.meta.url).resolve('koffi');

/** What stands before and after each name: 64-bit builds and those inside of Python wheels are decorated to live beside others. */
export const decorations = [['', ''], ['', '64_'], ['', '_64'], ['scipy_', ''], ['scipy_', '64_']] as const;

/** @throws what the system's loader says when the library can't be opened */
export function openNative(koffi: typeof Koffi, path: string): NativeLibrary {
  const library = koffi.load(path);
  return {
    find(name, result, parameters) {
      for (const [before, after] of decorations) {
        try {
          return library.func(`${before}${name}${after}`, result, [...parameters]) as NativeFunction;
        } catch {
          // Not under this name.
        }
      }
      return undefined;
    },
  };
}

/** An error in one line. */
export function reason(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).split('\n')[0]!;
}
