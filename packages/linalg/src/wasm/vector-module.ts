/**
 * Kernels over vectors and matrix-vector products. Bound by memory, all of them: 1 or 2 flops for each number read, so that
 * beyond the first-level cache they run at its bandwidth.
 *
 * In f64 the bits are those of the plain kernels: products of vectors are summed in 8 interleaved partial sums there too.
 */
import type { Dtype } from '@lowland/core';

import { Assembly, i32, scalar, v128, vector, type Body, type Local, type Value, type Vector } from './asm.ts';

/** Vectors of a stride of `dot`: enough sums to hide the latency of additions. */
const sums = 4;

export function vectorModule(dtype: Dtype, relaxed: boolean): Assembly {
  const lanes = vector(dtype);
  const number = scalar(dtype);
  const size = number.bytes;
  const shift = Math.log2(size);
  const asm = new Assembly();
  type Scalar = Value<typeof dtype>;

  /** out[i] = body over n numbers: vectors two by two, then number by number. Moves the pointers. */
  const each = (f: Body, n: Value<'i32'>, pointers: readonly Local<'i32'>[], vectors: (offset: number) => Vector, single: () => Scalar): void => {
    const out = pointers.at(-1)!;
    const end = f.local('i32', i32.add(out, i32.shl(n, shift)));
    const whole = f.local('i32', i32.sub(end, i32.and(i32.shl(n, shift), 31)));
    const others = pointers.slice(0, -1);
    f.loop(out, whole, 32, () => {
      for (const offset of [0, 16]) f.do(v128.store(out, vectors(offset), offset));
      for (const pointer of others) f.advance(pointer, 32);
    });
    f.loop(out, end, size, () => {
      f.do(number.store(out, single()));
      for (const pointer of others) f.advance(pointer, size);
    });
  };

  asm.func('fill', { n: 'i32', value: dtype, out: 'i32' }, (f, { n, value, out }) => {
    each(f, n, [out], () => lanes.splat(value), () => value);
    return undefined;
  });
  asm.func('scal', { n: 'i32', alpha: dtype, out: 'i32' }, (f, { n, alpha, out }) => {
    each(f, n, [out], (at) => lanes.mul(lanes.splat(alpha), v128.load(out, at)), () => number.mul(alpha, number.load(out)));
    return undefined;
  });
  asm.func('mul', { n: 'i32', x: 'i32', y: 'i32', out: 'i32' }, (f, { n, x, y, out }) => {
    each(f, n, [x, y, out], (at) => lanes.mul(v128.load(x, at), v128.load(y, at)), () => number.mul(number.load(x), number.load(y)));
    return undefined;
  });
  asm.func('copy', { n: 'i32', x: 'i32', out: 'i32' }, (f, { n, x, out }) => {
    f.copy(out, x, i32.shl(n, shift));
    return undefined;
  });

  const axpy = asm.func('axpy', { n: 'i32', alpha: dtype, x: 'i32', out: 'i32' }, (f, { n, alpha, x, out }) => {
    const factor = f.local('v128', lanes.splat(alpha));
    each(f, n, [x, out], (at) => lanes.madd(factor, v128.load(x, at), v128.load(out, at), relaxed), () => number.add(number.load(out), number.mul(alpha, number.load(x))));
    return undefined;
  });
  /** a[i, :] += alpha x[i] y, rows of a `row` bytes apart, here and below. */
  asm.func('ger', { rows: 'i32', cols: 'i32', alpha: dtype, x: 'i32', y: 'i32', a: 'i32', row: 'i32' }, (f, { rows, cols, alpha, x, y, a, row }) => {
    f.loop(x, f.local('i32', i32.add(x, i32.shl(rows, shift))), size, () => {
      f.call(axpy, { n: cols, alpha: number.mul(alpha, number.load(x)), x: y, out: a });
      f.advance(a, row);
    });
    return undefined;
  });

  /** Dot products of `count` rows, `row` bytes apart, with y: partial sums of whole strides, their sum, then the rest in order. */
  const products = (f: Body, count: number, n: Value<'i32'>, x: Local<'i32'>, row: Value<'i32'>, y: Local<'i32'>): Local<typeof dtype>[] => {
    const stride = 16 * sums;
    const partial = Array.from({ length: count }, () => Array.from({ length: sums }, () => f.local('v128', v128.zero)));
    const pointers = partial.map((_, r) => f.local('i32', r === 0 ? x : i32.add(x, i32.mul(row, r))));
    const q = f.local('i32', y);
    const end = f.local('i32', i32.add(y, i32.shl(n, shift)));
    const whole = f.local('i32', i32.sub(end, i32.and(i32.shl(n, shift), stride - 1)));
    const right = f.local('v128');
    f.loop(q, whole, stride, () => {
      for (let v = 0; v < sums; v++) {
        f.set(right, v128.load(q, 16 * v));
        pointers.forEach((p, r) => { f.set(partial[r]![v]!, lanes.madd(v128.load(p, 16 * v), right, partial[r]![v]!, relaxed)); });
      }
      for (const p of pointers) f.advance(p, stride);
    });
    const totals = partial.map(([s0, s1, s2, s3]) => {
      f.set(s0!, lanes.add(lanes.add(s0!, s1!), lanes.add(s2!, s3!)));
      const [a, b] = [lanes.extract(s0!, 0), lanes.extract(s0!, 1)];
      return f.local(dtype, dtype === 'f64' ? number.add(a, b) : number.add(number.add(a, b), number.add(lanes.extract(s0!, 2), lanes.extract(s0!, 3))));
    });
    f.loop(q, end, size, () => {
      pointers.forEach((p, r) => {
        f.set(totals[r]!, number.add(totals[r]!, number.mul(number.load(p), number.load(q))));
        f.advance(p, size);
      });
    });
    return totals;
  };
  asm.func('dot', { n: 'i32', x: 'i32', y: 'i32' }, (f, { n, x, y }) => products(f, 1, n, x, n, y)[0]);

  /** out = alpha A x + beta out, two rows at a time. */
  asm.func('gemv', { rows: 'i32', cols: 'i32', alpha: dtype, a: 'i32', row: 'i32', x: 'i32', beta: dtype, out: 'i32' }, (f, { rows, cols, alpha, a, row, x, beta, out }) => {
    const block = (count: number) => {
      products(f, count, cols, a, row, x).forEach((sum, r) => {
        f.if(number.eq(beta, 0), () => {
          f.do(number.store(out, number.mul(alpha, sum), r * size));
        }, () => {
          f.do(number.store(out, number.add(number.mul(alpha, sum), number.mul(beta, number.load(out, r * size))), r * size));
        });
      });
      f.advance(a, i32.mul(row, count));
      f.advance(out, count * size);
      f.advance(rows, -count);
    };
    f.if(i32.ge(rows, 2), () => { f.repeat(() => { block(2); }, () => i32.ge(rows, 2)); });
    f.if(rows, () => { block(1); });
    return undefined;
  });

  /** out += alpha A^T x, four rows of A at a time, added in their order. */
  asm.func('gemvTransposed', { rows: 'i32', cols: 'i32', alpha: dtype, a: 'i32', row: 'i32', x: 'i32', out: 'i32' }, (f, { rows, cols, alpha, a, row, x, out }) => {
    const q = f.local('i32');
    const block = (count: number) => {
      const factors = Array.from({ length: count }, (_, r) => f.local(dtype, number.mul(alpha, number.load(x, r * size))));
      const splats = factors.map((factor) => f.local('v128', lanes.splat(factor)));
      const pointers = factors.map((_, r) => f.local('i32', r === 0 ? a : i32.add(a, i32.mul(row, r))));
      f.set(q, out);
      each(
        f, cols, [...pointers, q],
        (at) => pointers.reduce<Vector>((sum, p, r) => lanes.madd(splats[r]!, v128.load(p, at), sum, relaxed), v128.load(q, at)),
        () => pointers.reduce<Scalar>((sum, p, r) => number.add(sum, number.mul(factors[r]!, number.load(p))), number.load(q)),
      );
      f.advance(a, i32.mul(row, count));
      f.advance(x, count * size);
      f.advance(rows, -count);
    };
    f.if(i32.ge(rows, 4), () => { f.repeat(() => { block(4); }, () => i32.ge(rows, 4)); });
    f.if(rows, () => { f.repeat(() => { block(1); }, () => rows); });
    return undefined;
  });
  return asm;
}
