/**
 * Kernels over observed entries, made for one rank: the loop over columns is unrolled.
 *
 * Bound by the gathers of factor rows from the second-level cache: 2 r flops for each r numbers gathered.
 */
import type { Dtype } from '@lowland/core';

import { Assembly, i32, scalar, v128, vector, type Local } from './asm.ts';
import { columnsOf } from './observed-sums.ts';
import { rowProducts } from './row-products.ts';

/** Above this rank the loop over columns stays a loop. */
export const unrolledRank = 64;
/** Vectors of one row that stay in registers while its entries pass. */
const kept = 11;

/** `rank` 0 makes the kernels for any rank, which they get as `r`. */
export function sparseModule(dtype: Dtype, relaxed: boolean, rank: number): Assembly {
  const lanes = vector(dtype);
  const number = scalar(dtype);
  const size = number.bytes;
  const asm = new Assembly();
  const unrolled = rank > 0;
  const vectors = Math.floor(rank / lanes.count);
  const tail = Array.from({ length: rank % lanes.count }, (_, c) => 16 * vectors + size * c);
  const address = (base: Local<'i32'>, index: Local<'i32'>, r: Local<'i32'>) => i32.add(base, i32.mul(i32.load(index), unrolled ? rank * size : i32.mul(r, size)));

  /**
   * out[k] = <u[row[k], :], v[col[k], :]>, or <du, v> + <u, dv>. While `row` stays the same (entries sorted by row) its rows stay in registers,
   * as much of them as fits: loads are what bounds this within the cache.
   */
  const samples = (name: 'sddmm' | 'sddmmPair') => {
    asm.func(name, { count: 'i32', row: 'i32', col: 'i32', u: 'i32', v: 'i32', du: 'i32', dv: 'i32', r: 'i32', out: 'i32' }, (f, { count, row, col, u, v, du, dv, r, out }) => {
      const stride = columnsOf(dtype, rank).stride(f, r);
      const { hold, fetch, single } = rowProducts(f, dtype, relaxed, rank, stride);
      const factors = name === 'sddmm' ? [[u, v]] as const : [[du, v], [u, dv]] as const;
      const terms = hold(factors.map(() => [f.local('i32'), [f.local('i32')]]));
      const [current, end] = [f.local('i32'), f.local('i32', i32.add(row, i32.shl(count, 2)))];
      const [partial, sum] = [f.local('v128'), f.local(dtype)];
      const place = (base: Local<'i32'>, index: Local<'i32'>) => i32.add(base, i32.mul(i32.load(index), stride));
      f.loop(row, end, 0, () => {
        f.set(current, i32.load(row));
        terms.forEach(({ pointer }, k) => { f.set(pointer, place(factors[k]![0], row)); });
        fetch(terms);
        f.repeat(() => {
          terms.forEach(({ theirs }, k) => { f.set(theirs[0]!, place(factors[k]![1], col)); });
          single(terms, partial, sum);
          f.do(number.store(out, sum));
          for (const pointer of [row, col]) f.advance(pointer, 4);
          f.advance(out, size);
          // One index past the last is read, and not used: memory goes on there.
        }, () => i32.and(i32.lt(row, end), i32.eq(i32.load(row), current)));
      });
      return undefined;
    });
  };
  samples('sddmm');
  samples('sddmmPair');

  /**
   * out[to[k], :] += values[k] b[from[k], :] in the order of k; `out` comes zeroed. While `to` stays the same (entries sorted by row)
   * its row stays in registers, some vectors of it at a time.
   */
  asm.func('spmm', { count: 'i32', to: 'i32', from: 'i32', values: 'i32', b: 'i32', r: 'i32', out: 'i32' }, (f, { count, to, from, values, b, r, out }) => {
    const [p, q] = [f.local('i32'), f.local('i32')];
    const end = f.local('i32', i32.add(to, i32.shl(count, 2)));
    const factor = f.local(dtype);
    const splat = f.local('v128');
    const entry = (index: Local<'i32'>, value: Local<'i32'>) => {
      f.set(q, address(b, index, r));
      f.set(factor, number.load(value));
      f.set(splat, lanes.splat(factor));
    };
    if (!unrolled) {
      f.loop(to, end, 4, () => {
        f.set(p, address(out, to, r));
        entry(from, values);
        const last = f.local('i32', i32.add(p, i32.mul(r, size)));
        f.loop(p, f.local('i32', i32.sub(last, i32.and(i32.mul(r, size), 15))), 16, () => {
          f.do(v128.store(p, lanes.madd(splat, v128.load(q), v128.load(p), relaxed)));
          f.advance(q, 16);
        });
        f.loop(p, last, size, () => {
          f.do(number.store(p, number.add(number.load(p), number.mul(factor, number.load(q)))));
          f.advance(q, size);
        });
        f.advance(from, 4);
        f.advance(values, size);
      });
      return undefined;
    }
    const row = f.local('i32');
    const [first, firstFrom, firstValue] = [f.local('i32'), f.local('i32'), f.local('i32')];
    const registers = Array.from({ length: Math.min(kept, vectors) }, () => f.local('v128'));
    const singles = tail.map(() => f.local(dtype));
    /** One pass along the run of entries with the same `to`, for some columns; the first pass finds where the run ends. */
    const pass = (from0: number, wide: number, rest: readonly number[], finding: boolean) => {
      const used = registers.slice(0, wide);
      const [k, index, value] = finding ? [to, from, values] : [first, firstFrom, firstValue];
      used.forEach((sum, c) => { f.set(sum, v128.load(p, from0 + 16 * c)); });
      rest.forEach((at, c) => { f.set(singles[c]!, number.load(p, at)); });
      f.repeat(() => {
        entry(index, value);
        used.forEach((sum, c) => { f.set(sum, lanes.madd(splat, v128.load(q, from0 + 16 * c), sum, relaxed)); });
        rest.forEach((at, c) => { f.set(singles[c]!, number.add(singles[c]!, number.mul(factor, number.load(q, at)))); });
        f.advance(k, 4);
        f.advance(index, 4);
        f.advance(value, size);
        // The first pass reads one index past the last, and does not use it: memory goes on there.
      }, () => (finding ? i32.and(i32.lt(to, end), i32.eq(i32.load(to), row)) : i32.lt(first, to)));
      used.forEach((sum, c) => { f.do(v128.store(p, sum, from0 + 16 * c)); });
      rest.forEach((at, c) => { f.do(number.store(p, singles[c]!, at)); });
    };
    const starts = Array.from({ length: Math.max(1, Math.ceil(vectors / kept)) }, (_, c) => c * kept);
    f.loop(to, end, 0, () => {
      f.set(row, i32.load(to));
      f.set(p, address(out, to, r));
      const run = f.local('i32', to);
      const [runFrom, runValue] = [f.local('i32', from), f.local('i32', values)];
      starts.forEach((start, s) => {
        f.set(first, run);
        f.set(firstFrom, runFrom);
        f.set(firstValue, runValue);
        pass(16 * start, Math.min(kept, vectors - start), s === starts.length - 1 ? tail : [], s === 0);
      });
    });
    return undefined;
  });
  asm.func('zero', { bytes: 'i32', out: 'i32' }, (f, { bytes, out }) => {
    f.fill(out, 0, bytes);
    return undefined;
  });
  return asm;
}
