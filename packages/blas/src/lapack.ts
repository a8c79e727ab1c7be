/** LAPACK's own interface: every parameter is a pointer, matrices are column-major, the last parameter says how it went. */
import { LowlandError } from '@lowland/core';

import type { Library } from './library.ts';
import type { NativeFunction } from './native.ts';

type Integers = Int32Array | BigInt64Array;
/** A number stands for a pointer to that integer, a text for a pointer to its first letter. */
export type Parameter = number | string | Float64Array | Float32Array | Integers;

export interface Lapack {
  /** `count` zeros of the library's integer type. */
  integers(count: number): Integers;
  /** The function `name`, whose parameters are pointers; for calls that are repeated. */
  function(name: string, parameters: number): NativeFunction;
  /**
   * Calls `name(…head, work, lwork, …tail, info)` with the workspace that it asks for itself.
   *
   * @returns info: 0, or what did not converge
   * @throws LOWLAND_E_BLAS_MISSING when the library has no such function
   */
  run(name: string, head: readonly Parameter[], tail?: readonly Parameter[]): number;
}

const bound = new WeakMap<Library, Lapack>();

/** @throws LOWLAND_E_BLAS_MISSING when the library comes without LAPACK and the system has none beside it */
export function lapackOf(library: Library): Lapack {
  const known = bound.get(library);
  if (known !== undefined) return known;
  const { lapack, path, integers: width } = library;
  if (lapack === undefined) {
    throw new LowlandError('LOWLAND_E_BLAS_MISSING', `The BLAS library ${path} comes without LAPACK, and none was found beside it. Install OpenBLAS, which has both, or your system's liblapack.`);
  }
  const functions = new Map<string, NativeFunction>();
  const integers = (count: number): Integers => (width === 32 ? new Int32Array(count) : new BigInt64Array(count));
  const pointer = (value: Parameter): Exclude<Parameter, number | string> | Uint8Array => {
    if (typeof value === 'string') return Uint8Array.of(value.charCodeAt(0));
    if (typeof value !== 'number') return value;
    return width === 32 ? Int32Array.of(value) : BigInt64Array.of(BigInt(value));
  };
  const made: Lapack = {
    integers,
    function(name, parameters) {
      const found = functions.get(name) ?? lapack.native.find(name, 'void', Array.from({ length: parameters }, () => 'void *'));
      if (found === undefined) throw new LowlandError('LOWLAND_E_BLAS_MISSING', `The LAPACK library ${lapack.path} has no function ${name}. Name a complete one in LOWLAND_BLAS.`);
      functions.set(name, found);
      return found;
    },
    run(name, head, tail = []) {
      const call = made.function(name, head.length + tail.length + 3);
      const [first, last] = [head.map(pointer), tail.map(pointer)];
      const info = integers(1);
      const asked = new Float64Array(1);
      call(...first, asked, pointer(-1), ...last, info);
      const length = Math.max(1, asked[0]!);
      call(...first, new Float64Array(length), pointer(length), ...last, info);
      return Number(info[0]);
    },
  };
  bound.set(library, made);
  return made;
}
