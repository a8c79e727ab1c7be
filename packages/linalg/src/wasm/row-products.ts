/** What the kernels over observed entries share: inner products of a row of u with rows of v, or sums of some of them. */
import type { Dtype } from '@lowland/core';

import { i32, scalar, v128, vector, type Body, type I32, type Local, type Vector } from './asm.ts';
import { columnsOf, type Pointer } from './observed-sums.ts';

/** Vectors of rows of u that stay in registers, beside the products of as many entries as there are lanes. */
const keptFactors = (lanes: number): number => 13 - lanes;

/** <x, y>: the row x at `pointer`, and one row y for each entry of a group. */
export interface Term {
  readonly pointer: Pointer;
  readonly held: readonly Local<'v128'>[];
  readonly theirs: readonly Pointer[];
}

export function rowProducts(f: Body, dtype: Dtype, relaxed: boolean, rank: number, stride: I32) {
  const lanes = vector(dtype);
  const number = scalar(dtype);
  const { size, unrolled, vectors, columns, tail } = columnsOf(dtype, rank);
  const [x, y, columnEnd] = [f.local('i32'), f.local('i32'), f.local('i32')];

  /** One term for each of these rows, as much of them in registers as fits. */
  const hold = (rows: readonly (readonly [pointer: Pointer, theirs: readonly Pointer[]])[]): Term[] =>
    rows.map(([pointer, theirs], k) => ({ pointer, theirs, held: columns.slice(0, Math.max(0, keptFactors(lanes.count) - k * vectors)).map(() => f.local('v128')) }));
  /** Loads what is held. */
  const fetch = (terms: readonly Term[]): void => {
    for (const { pointer, held } of terms) held.forEach((local, c) => { f.set(local, v128.load(pointer, 16 * c)); });
  };
  /** into = the lanes of the sum of <x, y_k> over the terms. */
  const multiply = (terms: readonly Term[], k: number, into: Local<'v128'>): void => {
    const factors = terms.flatMap(({ pointer, held, theirs }) => columns.map((offset, c): [Vector, Vector] => [held[c] ?? v128.load(pointer, offset), v128.load(theirs[k]!, offset)]));
    if (factors.length === 0) f.set(into, v128.zero);
    factors.forEach(([a, b], i) => { f.set(into, i === 0 ? lanes.mul(a, b) : lanes.madd(a, b, into, relaxed)); });
  };
  /** into = the sum over the terms for the first entry: one partial sum for each lane, their sum, then the rest in order. */
  const single = (terms: readonly Term[], partial: Local<'v128'>, into: Local<typeof dtype>): void => {
    if (unrolled) multiply(terms, 0, partial);
    else {
      f.set(partial, v128.zero);
      for (const { pointer, theirs } of terms) {
        f.set(x, pointer);
        f.set(y, theirs[0]!);
        f.loop(x, f.local('i32', i32.add(x, i32.and(stride, -16))), 16, () => {
          f.set(partial, lanes.madd(v128.load(x), v128.load(y), partial, relaxed));
          f.advance(y, 16);
        });
      }
    }
    const [s0, s1, s2, s3] = Array.from({ length: lanes.count }, (_, l) => lanes.extract(partial, l));
    f.set(into, s2 === undefined ? number.add(s0!, s1!) : number.add(number.add(s0!, s1!), number.add(s2, s3!)));
    const addOne = (a: Pointer, b: Pointer, offset: number) => { f.set(into, number.add(into, number.mul(number.load(a, offset), number.load(b, offset)))); };
    for (const { pointer, theirs } of terms) {
      if (unrolled) for (const offset of tail) addOne(pointer, theirs[0]!, offset);
      else {
        f.set(columnEnd, i32.and(stride, -16));
        f.set(x, i32.add(pointer, columnEnd));
        f.set(y, i32.add(theirs[0]!, columnEnd));
        f.loop(x, f.local('i32', i32.add(pointer, stride)), size, () => {
          addOne(x, y, 0);
          f.advance(y, size);
        });
      }
    }
  };
  return { hold, fetch, multiply, single };
}
