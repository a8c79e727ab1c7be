/** What the kernels over observed entries share: rows of a matrix added up along entries, some entries at a time. */
import type { Dtype } from '@lowland/core';

import { i32, scalar, v128, vector, type Body, type I32, type Local, type Value } from './asm.ts';

/** Vectors of sums that stay in registers while entries pass. */
const keptSums = 11;
/** Rows that are added at once: what misses the caches is on its way early. */
const ahead = 4;
/** Entries whose rows stay in the first-level cache, a multiple of the lanes. */
const chunk = 128;

export type Pointer = Local<'i32'>;

/** How a row of `rank` numbers lies in vectors; rank 0: any, and nothing is unrolled. */
export function columnsOf(dtype: Dtype, rank: number) {
  const { count } = vector(dtype);
  const size = scalar(dtype).bytes;
  const vectors = Math.floor(rank / count);
  return {
    size,
    unrolled: rank > 0,
    vectors,
    /** Where whole vectors begin, and the numbers after them. */
    columns: Array.from({ length: vectors }, (_, c) => 16 * c),
    tail: Array.from({ length: rank % count }, (_, c) => 16 * vectors + size * c),
    /** Bytes of a row. */
    stride: (f: Body, r: Pointer): I32 => (rank > 0 ? rank * size : f.local('i32', i32.mul(r, size))),
  };
}

export function rowSums(dtype: Dtype, relaxed: boolean, rank: number) {
  const lanes = vector(dtype);
  const number = scalar(dtype);
  const { size, unrolled, vectors, columns, tail } = columnsOf(dtype, rank);

  /** body() for the entries from e to `end`, some at a time; at least once. `fresh` says that it is the first time. */
  const eachChunk = (f: Body, e: Pointer, end: Pointer, chunkEnd: Pointer, fresh: Pointer, body: () => void): void => {
    f.set(fresh, 1);
    f.repeat(() => {
      f.set(chunkEnd, i32.add(e, 4 * chunk));
      f.if(i32.gt(chunkEnd, end), () => { f.set(chunkEnd, end); });
      body();
      f.set(fresh, 0);
    }, () => i32.lt(e, end));
  };

  /**
   * out += z_e b_j for the entries from `start` to `end`, in their order; `z` runs along, or is looked up through `order`, which
   * lies so far from `index`. With two factors z holds two numbers an entry, one for each.
   */
  const addRows = (f: Body, stride: I32, start: { e: Pointer; z: Pointer }, end: Pointer, fresh: Pointer, lookUp: { order: I32; z: Pointer } | undefined, b: readonly Pointer[], out: Pointer): void => {
    const width = b.length * size;
    const together = vectors > keptSums - 3 ? 1 : ahead / b.length;
    const [e, z, wholeEnd] = [f.local('i32'), f.local('i32'), f.local('i32')];
    const apart = b.map((pointer) => f.local('i32', i32.sub(pointer, b[0]!)));
    /** For each entry of a round, and each factor: where its row of b begins, and what it is multiplied with. */
    const round = Array.from({ length: together }, () => b.map(() => ({ at: f.local('i32'), factor: f.local(dtype), splat: f.local('v128') })));
    const look = (terms: typeof round[number], k: number): void => {
      if (lookUp !== undefined) f.set(z, i32.add(lookUp.z, i32.mul(i32.load(i32.add(e, lookUp.order), 4 * k), width)));
      terms.forEach(({ at, factor, splat }, l) => {
        f.set(at, l === 0 ? i32.add(b[0]!, i32.load(e, 4 * k)) : i32.add(terms[0]!.at, apart[l]!));
        const offset = l * size + (lookUp === undefined ? k * width : 0);
        f.set(splat, lanes.loadSplat(z, offset));
        if (tail.length > 0 || !unrolled) f.set(factor, number.load(z, offset));
      });
    };
    const sums = columns.slice(0, keptSums).map(() => f.local('v128'));
    const singleSums = tail.map(() => f.local(dtype));
    /** One pass along the entries for some columns. */
    const pass = (from: number, last: boolean): void => {
      const offsets = columns.slice(from, from + keptSums);
      const single = last ? tail : [];
      const entries = (count: number): void => {
        const used = round.slice(0, count);
        used.forEach(look);
        offsets.forEach((offset, c) => { for (const { at, splat } of used.flat()) f.set(sums[c]!, lanes.madd(splat, v128.load(at, offset), sums[c]!, relaxed)); });
        single.forEach((offset, c) => { for (const { at, factor } of used.flat()) f.set(singleSums[c]!, number.add(singleSums[c]!, number.mul(factor, number.load(at, offset)))); });
        if (lookUp === undefined) f.advance(z, count * width);
      };
      f.set(e, start.e);
      f.set(z, start.z);
      f.if(fresh, () => {
        offsets.forEach((_, c) => { f.set(sums[c]!, v128.zero); });
        single.forEach((_, c) => { f.set(singleSums[c]!, 0); });
      }, () => {
        offsets.forEach((offset, c) => { f.set(sums[c]!, v128.load(out, offset)); });
        single.forEach((offset, c) => { f.set(singleSums[c]!, number.load(out, offset)); });
      });
      if (together > 1) {
        f.set(wholeEnd, i32.sub(end, 4 * (together - 1)));
        f.loop(e, wholeEnd, 4 * together, () => { entries(together); });
      }
      f.loop(e, end, 4, () => { entries(1); });
      offsets.forEach((offset, c) => { f.do(v128.store(out, sums[c]!, offset)); });
      single.forEach((offset, c) => { f.do(number.store(out, singleSums[c]!, offset)); });
    };
    if (unrolled) {
      const starts = Array.from({ length: Math.max(1, Math.ceil(vectors / keptSums)) }, (_, c) => c * keptSums);
      starts.forEach((from, k) => { pass(from, k === starts.length - 1); });
    } else {
      const to = f.local('i32');
      f.if(fresh, () => { f.fill(out, 0, stride); });
      f.set(e, start.e);
      f.set(z, start.z);
      f.loop(e, end, 4, () => {
        look(round[0]!, 0);
        for (const { at, factor, splat } of round[0]!) {
          f.set(to, out);
          f.loop(to, f.local('i32', i32.add(out, i32.and(stride, -16))), 16, () => {
            f.do(v128.store(to, lanes.madd(splat, v128.load(at), v128.load(to), relaxed)));
            f.advance(at, 16);
          });
          f.loop(to, f.local('i32', i32.add(out, stride)), size, () => {
            f.do(number.store(to, number.add(number.load(to), number.mul(factor, number.load(at)))));
            f.advance(at, size);
          });
        }
        if (lookUp === undefined) f.advance(z, width);
      });
    }
    f.set(start.e, e);
    f.set(start.z, z);
  };

  /** out *= scale, for one row, and on to the next. */
  const finishRow = (f: Body, scale: Value<typeof dtype>, out: Pointer, stride: I32): void => {
    const end = f.local('i32', i32.add(out, stride));
    f.if(number.eq(scale, 1), () => { f.set(out, end); }, () => {
      f.loop(out, end, size, () => { f.do(number.store(out, number.mul(scale, number.load(out)))); });
    });
  };

  return { eachChunk, addRows, finishRow };
}
