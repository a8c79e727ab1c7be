/** The functions of CBLAS that the backend calls, in one precision. */
import type { Dtype, Transpose } from '@lowland/core';
import type { Numbers } from '@lowland/linalg';

import type { Library } from './library.ts';

/** Constants of CBLAS. */
export const rowMajor = 101;
export const transposed: Readonly<Record<Transpose, number>> = { N: 111, T: 112, C: 113 };
export const lower = 122;
export const nonUnit = 131;
export const sides = { L: 141, R: 142 } as const;

/** Real and complex scalars go by value and by pointer; all else is the same. */
export interface Cblas {
  dot(n: number, x: Numbers, incX: number, y: Numbers, incY: number): number;
  axpy(n: number, alpha: number, x: Numbers, incX: number, y: Numbers, incY: number): void;
  scal(n: number, alpha: number, x: Numbers, incX: number): void;
  gemv(order: number, t: number, m: number, n: number, alpha: number, a: Numbers, lda: number, x: Numbers, incX: number, beta: number, y: Numbers, incY: number): void;
  gemm(order: number, ta: number, tb: number, m: number, n: number, k: number, alpha: number, a: Numbers, lda: number, b: Numbers, ldb: number, beta: number, c: Numbers, ldc: number): void;
  ger(order: number, m: number, n: number, alpha: number, x: Numbers, incX: number, y: Numbers, incY: number, a: Numbers, lda: number): void;
  syrk(order: number, half: number, t: number, n: number, k: number, alpha: number, a: Numbers, lda: number, beta: number, c: Numbers, ldc: number): void;
  trsm(order: number, side: number, half: number, t: number, diagonal: number, m: number, n: number, alpha: number, a: Numbers, lda: number, b: Numbers, ldb: number): void;
  complexGemm(order: number, ta: number, tb: number, m: number, n: number, k: number, alpha: Numbers, a: Numbers, lda: number, b: Numbers, ldb: number, beta: Numbers, c: Numbers, ldc: number): void;
  complexGemv(order: number, t: number, m: number, n: number, alpha: Numbers, a: Numbers, lda: number, x: Numbers, incX: number, beta: Numbers, y: Numbers, incY: number): void;
}

/** Words of a parameter list: i an integer, s a real scalar, p a pointer to numbers, e an enumeration. */
function types(words: string, int: string, scalar: string): string[] {
  return Array.from(words, (word) => ({ i: int, s: scalar, p: 'void *', e: 'int' })[word]!);
}

export function bindCblas(library: Library, dtype: Dtype): Cblas {
  const scalar = dtype === 'f64' ? 'double' : 'float';
  const [real, complex] = dtype === 'f64' ? ['d', 'z'] : ['s', 'c'];
  const bind = (name: string, result: string, words: string) => library.cblas(`cblas_${name}`, result, types(words, library.int, scalar)) as never;
  return {
    dot: bind(`${real}dot`, scalar, 'ipipi'),
    axpy: bind(`${real}axpy`, 'void', 'ispipi'),
    scal: bind(`${real}scal`, 'void', 'ispi'),
    gemv: bind(`${real}gemv`, 'void', 'eeiispipispi'),
    gemm: bind(`${real}gemm`, 'void', 'eeeiiispipispi'),
    ger: bind(`${real}ger`, 'void', 'eiispipipi'),
    syrk: bind(`${real}syrk`, 'void', 'eeeiispispi'),
    trsm: bind(`${real}trsm`, 'void', 'eeeeeiispipi'),
    complexGemm: bind(`${complex}gemm`, 'void', 'eeeiiippipippi'),
    complexGemv: bind(`${complex}gemv`, 'void', 'eeiippipippi'),
  };
}
