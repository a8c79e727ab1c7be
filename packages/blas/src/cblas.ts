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

/** A function in koffi's words. */
export interface Signature {
  readonly name: string;
  readonly result: string;
  readonly parameters: readonly string[];
}

/** Words of a parameter list: i an integer, s a real scalar, p a pointer to numbers, e an enumeration. */
function types(words: string, int: string, scalar: string): string[] {
  return Array.from(words, (word) => ({ i: int, s: scalar, p: 'void *', e: 'int' })[word]!);
}

/** The functions by name, with the words of their parameters; `dot` returns a number. */
const real = { copy: 'ipipi', dot: 'ipipi', axpy: 'ispipi', scal: 'ispi', gemv: 'eeiispipispi', gemm: 'eeeiiispipispi', ger: 'eiispipipi', syrk: 'eeeiispispi', trsm: 'eeeeeiispipi' } as const;
const complex = { gemm: 'eeeiiippipippi', gemv: 'eeiippipippi' } as const;

/** A function of real numbers. */
export function signature({ int }: Library, dtype: Dtype, name: keyof typeof real): Signature {
  const [letter, scalar] = dtype === 'f64' ? ['d', 'double'] : ['s', 'float'];
  return { name: `cblas_${letter}${name}`, result: name === 'dot' ? scalar : 'void', parameters: types(real[name], int, scalar) };
}

export function bindCblas(library: Library, dtype: Dtype): Cblas {
  const bind = (name: keyof typeof real) => {
    const { name: symbol, result, parameters } = signature(library, dtype, name);
    return library.cblas(symbol, result, parameters) as never;
  };
  const bindComplex = (name: keyof typeof complex) => library.cblas(`cblas_${dtype === 'f64' ? 'z' : 'c'}${name}`, 'void', types(complex[name], library.int, '')) as never;
  return {
    dot: bind('dot'),
    axpy: bind('axpy'),
    scal: bind('scal'),
    gemv: bind('gemv'),
    gemm: bind('gemm'),
    ger: bind('ger'),
    syrk: bind('syrk'),
    trsm: bind('trsm'),
    complexGemm: bindComplex('gemm'),
    complexGemv: bindComplex('gemv'),
  };
}
