/**
 * Kernels over observed entries compressed by rows (or, through `order`, by columns), made for one rank: loops over columns are unrolled.
 *
 * A row's entries pass twice, some at a time: first their residuals, as many entries at once as a vector has lanes, then the sums of
 * rows of `b`, which are in the first-level cache by then where b is v. So each row of v is fetched once: two cache lines an entry at
 * rank 10. Beyond that additions bound the kernels, 2 r of them an entry (5 r for curvature), and in `gathered` the look-ups in `z`.
 *
 * In f64 the bits are those of the plain kernels.
 */
import type { Dtype } from '@lowland/core';

import { Assembly, i32, scalar, v128, vector, whole, type Body, type Code, type I32, type Local, type Type, type Value, type Vector } from './asm.ts';

/** Vectors of sums that stay in registers while entries pass. */
const keptSums = 11;
/** Of a row of u, beside the products of as many entries as there are lanes. */
const keptFactors = (lanes: number): number => 13 - lanes;
/** Entries that are looked up at once in the second pass, so that what misses the caches is on its way early. */
const ahead = 4;
/** Entries whose rows of v stay in the first-level cache, a multiple of the lanes. */
const chunk = 128;

type Pointer = Local<'i32'>;

/** What vectors and single numbers have in common. */
interface Arithmetic<T extends Type> {
  load(at: I32): Value<T>;
  store(at: I32, x: Value<T>): Code;
  add(a: Value<T>, b: Value<T>): Value<T>;
  sub(a: Value<T>, b: Value<T>): Value<T>;
  mul(a: Value<T>, b: Value<T>): Value<T>;
}

/** `rank` 0 makes the kernels for any rank, which they get as `r`. */
export function observedModule(dtype: Dtype, relaxed: boolean, rank: number): Assembly {
  const lanes = vector(dtype);
  const number = scalar(dtype);
  const size = number.bytes;
  const asm = new Assembly();
  const unrolled = rank > 0;
  const vectors = Math.floor(rank / lanes.count);
  const tail = Array.from({ length: rank % lanes.count }, (_, c) => 16 * vectors + size * c);
  const columns = Array.from({ length: vectors }, (_, c) => 16 * c);

  /** Places of the even, or odd, lanes of two vectors. */
  const alternate = (odd: number) => Array.from({ length: 16 }, (_, byte) => 2 * size * Math.floor(byte / size) + odd * size + (byte % size));
  /** Sums of neighbouring lanes of a, then of b. */
  const pairs = (a: Vector, b: Vector): Vector => lanes.add(whole.shuffle(a, b, alternate(0)), whole.shuffle(a, b, alternate(1)));
  const singles: Arithmetic<Dtype> = number;
  const groups: Arithmetic<'v128'> = { ...lanes, ...v128 };

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

  /** Pass 1. `kind`: residuals alone, with their products, or curvature. */
  const rows = (name: string, kind: 'residual' | 'products' | 'curvature', weighted: boolean): void => {
    const curved = kind === 'curvature';
    asm.func(name, {
      pointers: 'i32', end: 'i32', index: 'i32', data: 'i32', roots: 'i32', u: 'i32', v: 'i32', du: 'i32', dv: 'i32', r: 'i32',
      z: 'i32', sum: 'i32', scale: dtype, b: 'i32', out: 'i32',
    }, (f, p) => {
      const stride = unrolled ? rank * size : f.local('i32', i32.mul(p.r, size));
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

      /** Two factors of a row, as much of them in registers as fits. */
      const room = keptFactors(lanes.count);
      const held = (pointer: Pointer, from: number) => columns.slice(0, Math.max(0, room - from)).map(() => f.local('v128')).map((local, c) => ({ local, offset: 16 * c, pointer }));
      const [ofU, ofDu] = [held(p.u, 0), curved ? held(p.du, vectors) : []];
      const column = (from: ReturnType<typeof held>, pointer: Pointer, c: number): Vector => from[c]?.local ?? v128.load(pointer, 16 * c);

      type Term = readonly [held: ReturnType<typeof held>, pointer: Pointer, theirs: readonly Pointer[]];
      const [withV, withDifferences]: [Term[], Term[]] = [[[ofU, p.u, at]], [[ofDu, p.du, at], [ofU, p.u, beside]]];

      /** dots[k] = the lanes of the sum of <x, y_k> over the terms. */
      const multiply = (terms: readonly Term[], k: number): void => {
        const factors = terms.flatMap(([from, pointer, theirs]) => columns.map((offset, c) => [column(from, pointer, c), v128.load(theirs[k]!, offset)] as const));
        if (factors.length === 0) f.set(dots[k]!, v128.zero);
        factors.forEach(([a, b], i) => { f.set(dots[k]!, i === 0 ? lanes.mul(a, b) : lanes.madd(a, b, dots[k]!, relaxed)); });
      };
      /** The sums over the terms for a group of entries. */
      const groupSums = (terms: readonly Term[], into: Local<'v128'>): void => {
        at.forEach((_, k) => { multiply(terms, k); });
        const [d0, d1, d2, d3] = dots;
        f.set(into, pairs(d0!, d1!));
        if (d2 !== undefined) f.set(into, pairs(into, pairs(d2, d3!)));
        const gathered = dots[0]!;
        for (const [, pointer, theirs] of terms) {
          for (const offset of tail) {
            theirs.forEach((y, k) => { f.set(gathered, k === 0 ? lanes.loadLow(y, offset) : lanes.loadLane(i32.add(y, offset), gathered, k)); });
            f.set(into, lanes.add(into, lanes.mul(lanes.loadSplat(pointer, offset), gathered)));
          }
        }
      };
      const [x, y, columnEnd] = [f.local('i32'), f.local('i32'), f.local('i32')];
      /** The same for one entry. */
      const singleSum = (terms: readonly Term[], into: Local<typeof dtype>): void => {
        if (unrolled) multiply(terms, 0);
        else {
          f.set(dots[0]!, v128.zero);
          for (const [, pointer, theirs] of terms) {
            f.set(x, pointer);
            f.set(y, theirs[0]!);
            f.loop(x, f.local('i32', i32.add(x, i32.and(stride, -16))), 16, () => {
              f.set(dots[0]!, lanes.madd(v128.load(x), v128.load(y), dots[0]!, relaxed));
              f.advance(y, 16);
            });
          }
        }
        const [s0, s1, s2, s3] = Array.from({ length: lanes.count }, (_, l) => lanes.extract(dots[0]!, l));
        f.set(into, s2 === undefined ? number.add(s0!, s1!) : number.add(number.add(s0!, s1!), number.add(s2, s3!)));
        const addOne = (a: Pointer, b: Pointer, offset: number) => { f.set(into, number.add(into, number.mul(number.load(a, offset), number.load(b, offset)))); };
        for (const [, pointer, theirs] of terms) {
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
          f.set(at[k]!, i32.add(p.v, i32.mul(i32.load(e, 4 * k), stride)));
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
        singleSum(withV, one);
        if (curved) singleSum(withDifferences, second);
        finish(singles, one, rest, second);
        if (curved) f.do(number.store(z, second));
        f.do(number.store(z, one, curved ? size : 0));
        onward(1);
      };

      f.loop(p.pointers, p.end, 4, () => {
        f.set(rowEnd, i32.add(p.index, i32.shl(i32.load(p.pointers, 4), 2)));
        eachChunk(f, e, rowEnd, chunkEnd, fresh, () => {
          for (const { local, pointer, offset } of [...ofU, ...ofDu]) f.set(local, v128.load(pointer, offset));
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
  };

  /**
   * out += z_e b_j for the entries from `start` to `end`, in their order; `z` runs along, or is looked up through `order`, which
   * lies so far from `index`. With two factors z holds two numbers an entry, one for each.
   */
  const addRows = (f: Body, stride: I32, start: { e: Pointer; z: Pointer }, end: Pointer, fresh: Pointer, lookUp: { order: I32; z: Pointer } | undefined, b: readonly Pointer[], out: Pointer): void => {
    const width = b.length * size;
    const together = lookUp === undefined || vectors > keptSums - 3 ? 1 : ahead / b.length;
    const [e, z, wholeEnd] = [f.local('i32'), f.local('i32'), f.local('i32')];
    const apart = b.map((pointer) => f.local('i32', i32.sub(pointer, b[0]!)));
    /** For each entry of a round, and each factor: where its row of b begins, and what it is multiplied with. */
    const round = Array.from({ length: together }, () => b.map(() => ({ at: f.local('i32'), factor: f.local(dtype), splat: f.local('v128') })));
    const look = (terms: typeof round[number], k: number): void => {
      if (lookUp !== undefined) f.set(z, i32.add(lookUp.z, i32.mul(i32.load(i32.add(e, lookUp.order), 4 * k), width)));
      terms.forEach(({ at, factor, splat }, l) => {
        f.set(at, l === 0 ? i32.add(b[0]!, i32.mul(i32.load(e, 4 * k), stride)) : i32.add(terms[0]!.at, apart[l]!));
        f.set(splat, lanes.loadSplat(z, l * size));
        if (tail.length > 0 || !unrolled) f.set(factor, number.load(z, l * size));
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
        if (lookUp === undefined) f.advance(z, width);
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

  for (const kind of ['residual', 'products', 'curvature'] as const) {
    rows(kind, kind, false);
    rows(`${kind}Weighted`, kind, true);
  }

  /** Pass 2: out[i, :] = scale sum of z[order[e]] b[index[e], :], with a second factor two numbers of z an entry. */
  const gathered = (name: string, factors: 1 | 2): void => {
    asm.func(name, { pointers: 'i32', end: 'i32', index: 'i32', order: 'i32', z: 'i32', scale: dtype, b: 'i32', db: 'i32', r: 'i32', out: 'i32' }, (f, p) => {
      const stride = unrolled ? rank * size : f.local('i32', i32.mul(p.r, size));
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
  };
  gathered('gathered', 1);
  gathered('gatheredPairs', 2);
  return asm;
}
