/**
 * Measurements with matrices a_k b_k^T in one pass over the vectors: for a block of rows, P = A U and Q = B V in the first-level cache,
 * the residuals from their rows, then the weighted rows times A and B, while the block is in the second-level cache.
 *
 * Bound by arithmetic, 4 r flops for each number of A and B (8 r with a differential); the products are those of the gemm module. Rows of
 * P and Q are padded to whole vectors, and the sums are kept transposed, W^T A, so that vectors run along the rows of A and few tiles are cut.
 */
import type { Dtype } from '@lowland/core';

import { i32, scalar, type Assembly, type Body, type I32, type Local } from './asm.ts';
import { gemmModule } from './gemm-module.ts';

export function rankOneModule(dtype: Dtype, relaxed: boolean, paced: boolean): Assembly {
  const number = scalar(dtype);
  const size = number.bytes;
  const asm = gemmModule(dtype, relaxed, paced);
  const gemm = asm.made('gemm');
  const product = (
    f: Body, m: I32, n: I32, k: I32, a: I32, ai: I32, ak: I32, b: I32, bk: I32, packed: 0 | 1, beta: 0 | 1, c: I32, cRow: I32,
  ): void => {
    f.call(gemm, { m, n, k, alpha: 1, a, ai, ak, b, bk, packed, beta, c, cRow, cCol: size, lower: 0 });
  };

  /**
   * Adds rows to the sums at `left` (r x n1) and `right` (r x n2); 0 where one is absent, as for du and dv. u, v, du, dv are packed.
   * `work` has room for five matrices of `block` rows and `wide` columns, and a column.
   */
  asm.func('rankOneRows', {
    count: 'i32', block: 'i32', n1: 'i32', n2: 'i32', r: 'i32', wide: 'i32', a: 'i32', b: 'i32', y: 'i32', u: 'i32', v: 'i32', du: 'i32', dv: 'i32',
    scale: dtype, rho: 'i32', left: 'i32', right: 'i32', work: 'i32',
  }, (f, { count, block, n1, n2, r, wide, a, b, y, u, v, du, dv, scale, rho, left, right, work }) => {
    const [rowA, rowB, row] = [n1, n2, wide].map((n) => f.local('i32', i32.mul(n, size))) as [Local<'i32'>, Local<'i32'>, Local<'i32'>];
    const used = f.local('i32', i32.mul(r, size));
    const bytes = f.local('i32', i32.mul(row, block));
    const place = (k: number) => f.local('i32', i32.add(work, i32.mul(bytes, k)));
    const [p, q, dp, dq, w, drho] = [place(0), place(1), place(2), place(3), place(4), place(5)];
    // One product serves both sides of symmetric measurements.
    f.if(i32.and(i32.eq(a, b), i32.eq(u, v)), () => { f.set(q, p); });
    f.if(i32.and(i32.eq(q, p), i32.eq(du, dv)), () => { f.set(dq, dp); });
    const [rows, k, at, bt, end, from, to] = Array.from({ length: 7 }, () => f.local('i32')) as [Local<'i32'>, Local<'i32'>, Local<'i32'>, Local<'i32'>, Local<'i32'>, Local<'i32'>, Local<'i32'>];
    const sum = f.local(dtype);
    const [factor, dfactor] = [f.local(dtype), f.local(dtype)];

    /** sum += <row k of x, row k of z> */
    const rowProduct = (x: Local<'i32'>, z: Local<'i32'>): void => {
      f.set(at, i32.add(x, i32.mul(k, row)));
      f.set(bt, i32.add(z, i32.mul(k, row)));
      f.set(end, i32.add(at, used));
      f.loop(at, end, size, () => {
        f.set(sum, number.add(sum, number.mul(number.load(at), number.load(bt))));
        f.advance(bt, size);
      });
    };
    const eachRow = (body: () => void): void => {
      f.set(k, 0);
      f.loop(k, rows, 1, body);
    };
    const slot = (column: Local<'i32'>) => i32.add(column, i32.mul(k, size));
    /** w = scale (drho here + rho dhere), row by row. */
    const weigh = (here: Local<'i32'>, dhere: Local<'i32'>): void => {
      eachRow(() => {
        f.set(factor, number.mul(scale, number.load(slot(rho))));
        f.if(du, () => { f.set(dfactor, number.mul(scale, number.load(slot(drho)))); });
        f.set(at, i32.add(here, i32.mul(k, row)));
        f.set(from, i32.add(dhere, i32.mul(k, row)));
        f.set(to, i32.add(w, i32.mul(k, row)));
        f.set(end, i32.add(at, used));
        f.loop(at, end, size, () => {
          f.if(du, () => {
            f.do(number.store(to, number.add(number.mul(dfactor, number.load(at)), number.mul(factor, number.load(from)))));
            f.advance(from, size);
          }, () => { f.do(number.store(to, number.mul(factor, number.load(at)))); });
          f.advance(to, size);
        });
      });
    };

    f.if(count, () => {
      f.repeat(() => {
        f.set(rows, block);
        f.if(i32.gt(rows, count), () => { f.set(rows, count); });
        product(f, rows, wide, n1, a, rowA, size, u, 0, 1, 0, p, row);
        f.if(i32.eq(q, p), () => {}, () => { product(f, rows, wide, n2, b, rowB, size, v, 0, 1, 0, q, row); });
        f.if(du, () => {
          product(f, rows, wide, n1, a, rowA, size, du, 0, 1, 0, dp, row);
          f.if(i32.eq(dq, dp), () => {}, () => { product(f, rows, wide, n2, b, rowB, size, dv, 0, 1, 0, dq, row); });
        });
        eachRow(() => {
          f.set(sum, 0);
          rowProduct(p, q);
          f.do(number.store(slot(rho), number.sub(sum, number.load(slot(y)))));
          f.if(du, () => {
            f.set(sum, 0);
            rowProduct(dp, q);
            rowProduct(p, dq);
            f.do(number.store(slot(drho), sum));
          });
        });
        f.if(left, () => {
          weigh(q, dq);
          product(f, r, n1, rows, w, size, row, a, rowA, 0, 1, left, rowA);
        });
        f.if(right, () => {
          weigh(p, dp);
          product(f, r, n2, rows, w, size, row, b, rowB, 0, 1, right, rowB);
        });
        f.set(a, i32.add(a, i32.mul(rowA, rows)));
        f.set(b, i32.add(b, i32.mul(rowB, rows)));
        for (const pointer of [y, rho]) f.set(pointer, i32.add(pointer, i32.mul(rows, size)));
        f.set(count, i32.sub(count, rows));
      }, () => count);
    });
    return undefined;
  });

  /** The transpose of r x n numbers: copied, or with `added` added. */
  asm.func('gather', { n: 'i32', r: 'i32', from: 'i32', to: 'i32', added: 'i32' }, (f, { n, r, from, to, added }) => {
    const row = f.local('i32', i32.mul(n, size));
    const last = f.local('i32', i32.add(from, row));
    const [at, end] = [f.local('i32'), f.local('i32')];
    f.loop(from, last, size, () => {
      f.set(at, from);
      f.set(end, i32.add(to, i32.mul(r, size)));
      f.loop(to, end, size, () => {
        f.if(added, () => { f.do(number.store(to, number.add(number.load(to), number.load(at)))); }, () => { f.do(number.store(to, number.load(at))); });
        f.advance(at, row);
      });
    });
    return undefined;
  });
  return asm;
}
