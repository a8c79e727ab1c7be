/**
 * Residuals and adjoints of dense measurements in one pass: row a_k gives rho_k = <a_k, x> - y_k, and rho_k a_k is added to the
 * adjoint while the row is in the cache.
 *
 * Bound by memory beyond the caches: every row is read from there once, 4 flops for 8 bytes (8 flops with a differential). So that memory
 * is never idle, the loop over columns adds the rows before as it sums the products of the rows at hand.
 *
 * In f64 the bits are those of the plain kernels: products are summed in eight interleaved sums, rows added in their order.
 */
import type { Dtype } from '@lowland/core';

import { Assembly, i32, pair, scalar, v128, vector, whole, type Body, type I32, type Local, type Value } from './asm.ts';
import { addNormals, normalsSignature } from './normals-module.ts';

/** Vectors of a stride: as many sums hide the latency of additions. */
const sums = 4;

/**
 * Functions over rows a_k, `row` bytes apart; `out` and `dout` come zeroed, y = 0 stands for no data:
 *
 *     residualRows    rho[k] = <a_k, x> - y[k],  out += scale sum_k rho[k] a_k
 *     curvatureRows   the same, and drho[k] = <a_k, dx>,  dout += scale sum_k drho[k] a_k
 *     seededRows      either of them (dx = 0: the first) over rows drawn as they are needed, some at a time; out = 0: rho alone
 */
export function sensingModule(dtype: Dtype, relaxed: boolean): Assembly {
  const lanes = vector(dtype);
  const number = scalar(dtype);
  const size = number.bytes;
  const shift = Math.log2(size);
  const stride = 16 * sums;
  const asm = new Assembly();
  type Scalar = Value<typeof dtype>;

  /** out += factor times the row at `row` */
  interface Sum {
    readonly factor: Scalar;
    readonly row: I32;
    readonly out: Local<'i32'>;
  }

  /** One loop over n columns: the sums are added to their `out`, and the products of `pairs` of vectors are returned. Moves no pointer. */
  const sweep = (f: Body, n: Local<'i32'>, added: readonly Sum[], pairs: readonly (readonly [I32, I32])[]): Local<typeof dtype>[] => {
    const pointers = new Map<I32, Local<'i32'>>();
    const pointer = (at: I32): Local<'i32'> => {
      const known = pointers.get(at) ?? f.local('i32', at);
      pointers.set(at, known);
      return known;
    };
    const sumsOf = added.map(({ factor, row, out }) => {
      const single = f.local(dtype, factor);
      return { single, splat: f.local('v128', lanes.splat(single)), row: pointer(row), out: pointer(out) };
    });
    const products = pairs.map(([a, b]) => ({ a: pointer(a), b: pointer(b), partial: Array.from({ length: sums }, () => f.local('v128', v128.zero)), total: f.local(dtype) }));
    const moving = [...pointers.values()];
    const first = moving[0]!;
    const end = f.local('i32', i32.add(first, i32.shl(n, shift)));
    const whole = f.local('i32', i32.sub(end, i32.and(i32.shl(n, shift), stride - 1)));
    const outs = [...new Set(sumsOf.map(({ out }) => out))];
    const loaded = new Map(moving.filter((p) => !outs.includes(p)).map((p) => [p, f.local('v128')]));
    const total = f.local('v128');
    const others = (step: number) => { for (const p of moving.slice(1)) f.advance(p, step); };

    f.loop(first, whole, stride, () => {
      for (let v = 0; v < sums; v++) {
        for (const [p, x] of loaded) f.set(x, v128.load(p, 16 * v));
        for (const out of outs) {
          f.set(total, v128.load(out, 16 * v));
          for (const sum of sumsOf) if (sum.out === out) f.set(total, lanes.madd(sum.splat, loaded.get(sum.row)!, total, relaxed));
          f.do(v128.store(out, total, 16 * v));
        }
        for (const { a, b, partial } of products) f.set(partial[v]!, lanes.madd(loaded.get(a)!, loaded.get(b)!, partial[v]!, relaxed));
      }
      others(stride);
    });
    for (const { partial: [s0, s1, s2, s3], total: sum } of products) {
      f.set(s0!, lanes.add(lanes.add(s0!, s1!), lanes.add(s2!, s3!)));
      const [a, b] = [lanes.extract(s0!, 0), lanes.extract(s0!, 1)];
      f.set(sum, dtype === 'f64' ? number.add(a, b) : number.add(number.add(a, b), number.add(lanes.extract(s0!, 2), lanes.extract(s0!, 3))));
    }
    f.loop(first, end, size, () => {
      for (const sum of sumsOf) f.do(number.store(sum.out, number.add(number.load(sum.out), number.mul(sum.single, number.load(sum.row)))));
      for (const { a, b, total: sum } of products) f.set(sum, number.add(sum, number.mul(number.load(a), number.load(b))));
      others(size);
    });
    return products.map(({ total: sum }) => sum);
  };

  const sides = { x: 'i32', y: 'i32', scale: dtype, rho: 'i32', out: 'i32' } as const;
  const second = { dx: 'i32', drho: 'i32', dout: 'i32' } as const;
  const rowsOf = { count: 'i32', n: 'i32', a: 'i32', row: 'i32' } as const;

  const residualRows = asm.func('residualRows', { ...rowsOf, ...sides }, (f, { count, n, a, row, x, y, scale, rho, out }) => {
    const place = (r: number) => (r === 0 ? a : i32.add(a, i32.mul(row, r)));
    const adds = (rows: number): Sum[] => Array.from({ length: rows }, (_, r) => ({ factor: number.mul(scale, number.load(rho, r * size)), row: place(r), out }));
    /** The residuals of `rows` rows, `ahead` rows from here. */
    const residuals = (rows: number, ahead: number, added: readonly Sum[]): void => {
      const products = sweep(f, n, added, Array.from({ length: rows }, (_, r) => [place(ahead + r), x] as const));
      products.forEach((sum, r) => {
        f.if(y, () => { f.set(sum, number.sub(sum, number.load(y, (ahead + r) * size))); });
        f.do(number.store(rho, sum, (ahead + r) * size));
      });
    };
    const advance = (rows: number) => {
      f.set(a, place(rows));
      f.advance(rho, rows * size);
      f.if(y, () => { f.advance(y, rows * size); });
      f.advance(count, -rows);
    };
    f.if(i32.ge(count, 2), () => {
      residuals(2, 0, []);
      f.if(i32.ge(count, 4), () => {
        f.repeat(() => {
          residuals(2, 2, adds(2));
          advance(2);
        }, () => i32.ge(count, 4));
      });
      sweep(f, n, adds(2), []);
      advance(2);
    });
    f.if(count, () => {
      residuals(1, 0, []);
      sweep(f, n, adds(1), []);
    });
    return undefined;
  });

  const curvatureRows = asm.func('curvatureRows', { ...rowsOf, ...sides, ...second }, (f, { count, n, a, row, x, y, scale, rho, out, dx, drho, dout }) => {
    const next = i32.add(a, row);
    const adds = (): Sum[] => [{ factor: number.mul(scale, number.load(rho)), row: a, out }, { factor: number.mul(scale, number.load(drho)), row: a, out: dout }];
    const residuals = (at: I32, ahead: number, added: readonly Sum[]): void => {
      const [sum, dsum] = sweep(f, n, added, [[at, x], [at, dx]]) as [Local<typeof dtype>, Local<typeof dtype>];
      f.if(y, () => { f.set(sum, number.sub(sum, number.load(y, ahead * size))); });
      f.do(number.store(rho, sum, ahead * size), number.store(drho, dsum, ahead * size));
    };
    f.if(count, () => {
      residuals(a, 0, []);
      f.if(i32.ge(count, 2), () => {
        f.repeat(() => {
          residuals(next, 1, adds());
          f.set(a, next);
          for (const pointer of [rho, drho]) f.advance(pointer, size);
          f.if(y, () => { f.advance(y, size); });
          f.advance(count, -1);
        }, () => i32.ge(count, 2));
      });
      sweep(f, n, adds(), []);
    });
    return undefined;
  });
  const imageRows = asm.func('imageRows', { ...rowsOf, x: 'i32', y: 'i32', rho: 'i32' }, (f, { count, n, a, row, x, y, rho }) => {
    f.loop(rho, f.local('i32', i32.add(rho, i32.shl(count, shift))), size, () => {
      const [sum] = sweep(f, n, [], [[a, x]]) as [Local<typeof dtype>];
      f.if(y, () => {
        f.set(sum, number.sub(sum, number.load(y)));
        f.advance(y, size);
      });
      f.do(number.store(rho, sum));
      f.advance(a, row);
    });
    return undefined;
  });

  const normals = addNormals(asm);
  const { groups: _groups, block: _block, out: _out, ...stream } = normalsSignature;
  /** `work` has room for `most` rows of whole groups of eight numbers, and in f32 for one of 64 bits before them. */
  asm.func('seededRows', { count: 'i32', n: 'i32', work: 'i32', most: 'i32', ...stream, ...sides, ...second }, (f, p) => {
    const { count, n, most, index0, index1, purpose, seed0, seed1, x, y, scale, rho, out, dx, drho, dout } = p;
    const groups = f.local('i32', i32.shr(i32.add(n, 7), 3));
    const row = f.local('i32', i32.shl(groups, 3 + shift));
    const first = f.local('i32', dtype === 'f64' ? p.work : i32.add(p.work, i32.shl(groups, 6)));
    const [at, end, rows, from, bytes] = [f.local('i32'), f.local('i32'), f.local('i32'), f.local('i32'), f.local('i32')];
    f.if(count, () => {
      f.repeat(() => {
        f.set(rows, count);
        f.if(i32.gt(rows, most), () => { f.set(rows, most); });
        f.set(at, first);
        f.set(end, i32.add(at, i32.mul(row, rows)));
        f.loop(at, end, row, () => {
          f.call(normals, { groups, block: 0, index0, index1, purpose, seed0, seed1, out: dtype === 'f64' ? at : p.work });
          if (dtype === 'f32') {
            f.set(from, p.work);
            f.set(bytes, at);
            f.loop(bytes, f.local('i32', i32.add(at, row)), 16, () => {
              f.do(v128.store(bytes, whole.shuffle(pair.demote(v128.load(from)), pair.demote(v128.load(from, 16)), [0, 1, 2, 3, 4, 5, 6, 7, 16, 17, 18, 19, 20, 21, 22, 23])));
              f.advance(from, 32);
            });
          }
          f.advance(index0, 1);
          f.if(i32.eq(index0, 0), () => { f.advance(index1, 1); });
        });
        f.if(i32.eq(out, 0), () => {
          f.call(imageRows, { count: rows, n, a: first, row, x, y, rho });
        }, () => {
          f.if(dx, () => {
            f.call(curvatureRows, { count: rows, n, a: first, row, x, y, scale, rho, out, dx, drho, dout });
          }, () => {
            f.call(residualRows, { count: rows, n, a: first, row, x, y, scale, rho, out });
          });
        });
        f.set(bytes, i32.shl(rows, shift));
        for (const pointer of [rho, drho]) f.advance(pointer, bytes);
        f.if(y, () => { f.advance(y, bytes); });
        f.set(count, i32.sub(count, rows));
      }, () => count);
    });
    return undefined;
  });
  return asm;
}
