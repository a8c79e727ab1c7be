/**
 * Kernels over observed entries compressed by rows (or, through `order`, by columns), made for one rank: loops over columns are unrolled.
 * `index` comes as byte offsets of rows.
 *
 * A row's entries pass twice, some at a time: first their residuals, as many entries at once as a vector has lanes, then the sums of
 * rows of `b`, which are in the first-level cache by then where b is v. So each row of v is fetched once, two cache lines at rank 10.
 * Bound by arithmetic and loads from the first-level cache, 4 r flops and 2 r loads an entry (10 r and 5 r for curvature); `gathered`, with
 * 2 r flops, by the gathers of rows and of z from the second level.
 *
 * In f64 the bits are those of the plain kernels.
 */
import type { Dtype } from '@lowland/core';

import { Assembly, i32, scalar, v128, vector, whole, type I32, type Local, type Type, type Value, type Vector } from './asm.ts';
import { columnsOf, rowSums } from './observed-sums.ts';
import { rowProducts, type Term } from './row-products.ts';

/** The functions, a module each: few are in use at a time, and making one takes some milliseconds. */
export type ObservedName = 'residual' | 'residualWeighted' | 'products' | 'productsWeighted' | 'curvature' | 'curvatureWeighted' | 'gathered' | 'gatheredPairs';

/** What vectors and single numbers have in common. */
interface Arithmetic<T extends Type> {
  load(at: I32): Value<T>;
  add(a: Value<T>, b: Value<T>): Value<T>;
  sub(a: Value<T>, b: Value<T>): Value<T>;
  mul(a: Value<T>, b: Value<T>): Value<T>;
}

/** The function of this name, exported as `run`. `rank` 0 makes it for any rank, which it gets as `r`. */
export function observedModule(dtype: Dtype, relaxed: boolean, rank: number, name: ObservedName): Assembly {
  const asm = new Assembly();
  if (name === 'gathered' || name === 'gatheredPairs') secondPass(asm, dtype, relaxed, rank, name === 'gathered' ? 1 : 2);
  else firstPass(asm, dtype, relaxed, rank, name.startsWith('residual') ? 'residual' : name.startsWith('products') ? 'products' : 'curvature', name.endsWith('Weighted'));
  return asm;
}

/** Residuals alone, with their products, or curvature. */
function firstPass(asm: Assembly, dtype: Dtype, relaxed: boolean, rank: number, kind: 'residual' | 'products' | 'curvature', weighted: boolean): void {
  const lanes = vector(dtype);
  const number = scalar(dtype);
  const { size, unrolled, tail, stride: bytesOf } = columnsOf(dtype, rank);
  const { eachChunk, addRows, finishRow } = rowSums(dtype, relaxed, rank);
  const curved = kind === 'curvature';
  const [singles, groups]: [Arithmetic<typeof dtype>, Arithmetic<'v128'>] = [number, { ...lanes, ...v128 }];
  /** Places of the even, or odd, lanes of two vectors. */
  const alternate = (odd: number) => Array.from({ length: 16 }, (_, byte) => 2 * size * Math.floor(byte / size) + odd * size + (byte % size));
  /** Sums of neighbouring lanes of a, then of b. */
  const pairs = (a: Vector, b: Vector): Vector => lanes.add(whole.shuffle(a, b, alternate(0)), whole.shuffle(a, b, alternate(1)));

  asm.func('run', {
    pointers: 'i32', end: 'i32', index: 'i32', data: 'i32', roots: 'i32', u: 'i32', v: 'i32', du: 'i32', dv: 'i32', r: 'i32',
    z: 'i32', sum: 'i32', scale: dtype, b: 'i32', out: 'i32',
  }, (f, p) => {
    const stride = bytesOf(f, p.r);
    const first = f.local('i32', i32.load(p.pointers));
    const e = f.local('i32', i32.add(p.index, i32.shl(first, 2)));
    const start = { e: f.local('i32', e), z: f.local('i32', i32.add(p.z, i32.mul(first, curved ? 2 * size : size))) };
    const streams = [p.data, ...(weighted ? [p.roots] : [])];
    for (const stream of streams) f.advance(stream, i32.mul(first, size));
    const z = f.local('i32', start.z);
    const [rowEnd, chunkEnd, groupEnd, fresh] = [f.local('i32'), f.local('i32'), f.local('i32'), f.local('i32')];
    const at = Array.from({ length: lanes.count }, () => f.local('i32'));
    const beside = at.map(() => f.local('i32'));
    const dots = at.map(() => f.local('v128'));
    const [group, other, squares] = [f.local('v128'), f.local('v128'), f.local('v128')];
    const [one, second, rest] = [f.local(dtype), f.local(dtype), f.local(dtype)];
    const apart = curved ? f.local('i32', i32.sub(p.dv, p.v)) : 0;

    const { hold, fetch, multiply, single } = rowProducts(f, dtype, relaxed, rank, stride);
    const withDifferences = hold([[p.u, beside], ...(curved ? [[p.du, at] as const] : [])]).toReversed();
    const withV = [{ ...withDifferences.at(-1)!, theirs: at }];

    /** The sums over the terms for a group of entries. */
    const groupSums = (terms: readonly Term[], into: Local<'v128'>): void => {
      dots.forEach((lane, k) => { multiply(terms, k, lane); });
      const [d0, d1, d2, d3] = dots;
      f.set(into, pairs(d0!, d1!));
      if (d2 !== undefined) f.set(into, pairs(into, pairs(d2, d3!)));
      const gathered = dots[0]!;
      for (const { pointer, theirs } of terms) {
        for (const offset of tail) {
          theirs.forEach((y, k) => { f.set(gathered, k === 0 ? lanes.loadLow(y, offset) : lanes.loadLane(i32.add(y, offset), gathered, k)); });
          f.set(into, lanes.add(into, lanes.mul(lanes.loadSplat(pointer, offset), gathered)));
        }
      }
    };
    /** sum := root sum - data, its square is added; then root times it. For curvature twice root times the other. */
    const finish = <T extends Type>(is: Arithmetic<T>, sum: Local<T>, total: Local<T>, differential: Local<T>): void => {
      const root = is.load(p.roots);
      if (weighted) f.set(sum, is.mul(root, sum));
      f.set(sum, is.sub(sum, is.load(p.data)));
      if (!curved) f.set(total, is.add(total, is.mul(sum, sum)));
      if (!weighted) return;
      f.set(sum, is.mul(root, sum));
      if (curved) f.set(differential, is.mul(root, is.mul(root, differential)));
    };
    const onward = (count: number): void => {
      for (const stream of streams) f.advance(stream, count * size);
      f.advance(z, count * size * (curved ? 2 : 1));
    };
    const look = (count: number): void => {
      for (let k = 0; k < count; k++) {
        f.set(at[k]!, i32.add(p.v, i32.load(e, 4 * k)));
        if (curved) f.set(beside[k]!, i32.add(at[k]!, apart));
      }
    };
    const groupOfEntries = (): void => {
      look(lanes.count);
      groupSums(withV, group);
      if (curved) groupSums(withDifferences, other);
      finish(groups, group, squares, other);
      if (curved) {
        at.forEach((_, l) => {
          f.do(number.store(z, lanes.extract(other, l), 2 * l * size));
          f.do(number.store(z, lanes.extract(group, l), (2 * l + 1) * size));
        });
      } else f.do(v128.store(z, group));
      onward(lanes.count);
    };
    const singleEntry = (): void => {
      look(1);
      single(withV, dots[0]!, one);
      if (curved) single(withDifferences, dots[0]!, second);
      finish(singles, one, rest, second);
      if (curved) f.do(number.store(z, second));
      f.do(number.store(z, one, curved ? size : 0));
      onward(1);
    };

    f.loop(p.pointers, p.end, 4, () => {
      f.set(rowEnd, i32.add(p.index, i32.shl(i32.load(p.pointers, 4), 2)));
      eachChunk(f, e, rowEnd, chunkEnd, fresh, () => {
        fetch(withDifferences);
        if (unrolled) {
          f.set(groupEnd, i32.sub(chunkEnd, 4 * (lanes.count - 1)));
          f.loop(e, groupEnd, 4 * lanes.count, groupOfEntries);
        }
        f.loop(e, chunkEnd, 4, singleEntry);
        if (kind !== 'residual') addRows(f, stride, start, e, fresh, undefined, curved ? [p.b, p.dv] : [p.b], p.out);
      });
      for (const pointer of [p.u, p.du]) f.advance(pointer, stride);
      if (kind !== 'residual') finishRow(f, p.scale, p.out, stride);
    });
    if (!curved) {
      const partial = Array.from({ length: lanes.count }, (_, l) => lanes.extract(squares, l));
      f.do(number.store(p.sum, number.add(partial.reduce((a, b) => number.add(a, b)), rest)));
    }
    return undefined;
  });
}

/** out[i, :] = scale sum of z[order[e]] b[index[e], :], with a second factor two numbers of z an entry. */
function secondPass(asm: Assembly, dtype: Dtype, relaxed: boolean, rank: number, factors: 1 | 2): void {
  const { stride: bytesOf } = columnsOf(dtype, rank);
  const { eachChunk, addRows, finishRow } = rowSums(dtype, relaxed, rank);
  asm.func('run', { pointers: 'i32', end: 'i32', index: 'i32', order: 'i32', z: 'i32', scale: dtype, b: 'i32', db: 'i32', r: 'i32', out: 'i32' }, (f, p) => {
    const stride = bytesOf(f, p.r);
    const start = { e: f.local('i32', i32.add(p.index, i32.shl(i32.load(p.pointers), 2))), z: f.local('i32') };
    const [chunkEnd, rowEnd, fresh] = [f.local('i32'), f.local('i32'), f.local('i32')];
    const order = f.local('i32', i32.sub(p.order, p.index));
    f.loop(p.pointers, p.end, 4, () => {
      f.set(rowEnd, i32.add(p.index, i32.shl(i32.load(p.pointers, 4), 2)));
      eachChunk(f, start.e, rowEnd, chunkEnd, fresh, () => {
        addRows(f, stride, start, chunkEnd, fresh, { order, z: p.z }, factors === 2 ? [p.b, p.db] : [p.b], p.out);
      });
      finishRow(f, p.scale, p.out, stride);
    });
    return undefined;
  });
}
