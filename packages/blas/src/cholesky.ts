/** Cholesky factors and solves by LAPACK, for calls that are repeated: nothing is allocated but for a larger matrix. */
import type { Dtype } from '@lowland/core';
import type { Numbers } from '@lowland/linalg';

import { lapackOf } from './lapack.ts';
import type { Library } from './library.ts';

export interface LapackCholesky {
  /** In place, the lower Cholesky factor in the lower triangle of a row-major n x n matrix; false where there is no finite one. */
  factor(a: Numbers, n: number): boolean;
  /** right := right (a + shift I)⁻¹ for `count` rows in place, of a the lower triangle; false where there is no finite Cholesky factor. */
  solve(a: Numbers, n: number, shift: number, right: Numbers, count: number): boolean;
}

/** A lower triangle in rows is an upper one in columns, and rows of right-hand sides are columns: LAPACK's `potrf` and `posv` do just this. */
export function choleskyOf(library: Library, dtype: Dtype): LapackCholesky {
  const lapack = lapackOf(library);
  const letter = dtype === 'f64' ? 'd' : 's';
  const potrf = lapack.function(`${letter}potrf_`, 5);
  const posv = lapack.function(`${letter}posv_`, 8);
  const upper = Uint8Array.of('U'.charCodeAt(0));
  const [side, sides, info] = [lapack.integers(1), lapack.integers(1), lapack.integers(1)];
  const integer = library.integers === 32 ? (value: number) => value : BigInt;

  const succeeded = (a: Numbers, n: number): boolean => {
    if (Number(info[0]) !== 0) return false;
    for (let i = 0; i < n; i++) if (!(a[i * n + i]! > 0 && a[i * n + i]! < Infinity)) return false;
    return true;
  };
  let work: Numbers = new Float64Array(0);
  return {
    factor(a, n) {
      side[0] = integer(n);
      potrf(upper, side, a, side, info);
      return succeeded(a, n);
    },
    solve(a, n, shift, right, count) {
      if (work.length !== n * n) work = dtype === 'f64' ? new Float64Array(n * n) : new Float32Array(n * n);
      work.set(a);
      for (let i = 0; i < n; i++) work[i * n + i]! += shift;
      side[0] = integer(n);
      sides[0] = integer(count);
      posv(upper, side, sides, work, side, right, side, info);
      return succeeded(work, n);
    },
  };
}
