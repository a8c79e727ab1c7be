/**
 * Magnitudes of measurements in one pass over the vectors: for a block of rows z = A x, the residuals and weights from it, then the
 * weighted rows, while the block is in the first-level cache. Rows of complex numbers are twice as many real ones; see cpu/phase.ts.
 *
 * Beyond the caches bound by memory for real vectors (4 flops for 8 bytes) and about as much by arithmetic for complex ones (8 flops for 8
 * bytes; half as many more with a differential). The products are those of the vector module.
 */
import type { Dtype } from '@lowland/core';

import { i32, scalar, type Assembly, type Local } from './asm.ts';
import { vectorModule } from './vector-module.ts';

export function phaseModule(dtype: Dtype, relaxed: boolean): Assembly {
  const number = scalar(dtype);
  const size = number.bytes;
  const asm = vectorModule(dtype, relaxed);
  const [gemv, gemvTransposed] = [asm.made('gemv'), asm.made('gemvTransposed')];

  /**
   * `count` rows of n real numbers; `planes` (1 or 2) vectors at x and at dx (0: none), as many sums at `sums` (0: none).
   * `rooted`: magnitudes with the square `epsilon` of the smoothing under the root, else their squares. `work` has room for four columns of `block` numbers.
   */
  asm.func('phaseRows', {
    count: 'i32', block: 'i32', n: 'i32', planes: 'i32', a: 'i32', y: 'i32', rooted: 'i32', epsilon: dtype, x: 'i32', dx: 'i32', scale: dtype,
    rho: 'i32', sums: 'i32', work: 'i32',
  }, (f, { count, block, n, planes, a, y, rooted, epsilon, x, dx, scale, rho, sums, work }) => {
    const row = f.local('i32', i32.mul(n, size));
    const column = f.local('i32', i32.mul(block, size));
    const complex = f.local('i32', i32.gt(planes, 1));
    const place = (k: number) => f.local('i32', i32.add(work, i32.mul(column, k)));
    const [z0, z1, dz0, dz1] = [place(0), place(1), place(2), place(3)];
    const [rows, k, end] = [f.local('i32'), f.local('i32'), f.local('i32')];
    const scalars = Array.from({ length: 8 }, () => f.local(dtype));
    const [re, im, dre, dim, root, residual, slope, bend] = scalars as [
      Local<typeof dtype>, Local<typeof dtype>, Local<typeof dtype>, Local<typeof dtype>, Local<typeof dtype>, Local<typeof dtype>, Local<typeof dtype>, Local<typeof dtype>,
    ];
    const at = (pointer: Local<'i32'>) => i32.add(pointer, k);
    const image = (vector: Local<'i32'>, first: Local<'i32'>, second: Local<'i32'>): void => {
      f.call(gemv, { rows, cols: n, alpha: 1, a, row, x: vector, beta: 0, out: first });
      f.if(complex, () => { f.call(gemv, { rows, cols: n, alpha: 1, a, row, x: i32.add(vector, row), beta: 0, out: second }); });
    };
    const product = (p: Local<typeof dtype>, q: Local<typeof dtype>) => number.mul(p, q);
    /** The weight of a row in place of its product, for one part of it. */
    const keep = (to: Local<'i32'>, part: Local<typeof dtype>, differential: Local<typeof dtype>): void => {
      f.if(dx, () => {
        f.do(number.store(at(to), number.add(product(slope, differential), product(bend, part))));
      }, () => { f.do(number.store(at(to), product(slope, part))); });
    };

    f.if(count, () => {
      f.repeat(() => {
        f.set(rows, block);
        f.if(i32.gt(rows, count), () => { f.set(rows, count); });
        image(x, z0, z1);
        f.if(dx, () => { image(dx, dz0, dz1); });
        f.set(k, 0);
        f.set(end, i32.mul(rows, size));
        f.loop(k, end, size, () => {
          f.set(re, number.load(at(z0)));
          f.if(complex, () => { f.set(im, number.load(at(z1))); });
          f.set(root, number.add(product(re, re), product(im, im)));
          f.if(dx, () => {
            f.set(dre, number.load(at(dz0)));
            f.if(complex, () => { f.set(dim, number.load(at(dz1))); });
            f.set(bend, number.add(product(re, dre), product(im, dim)));
          });
          f.if(rooted, () => {
            f.set(root, number.sqrt(number.add(root, epsilon)));
            f.set(residual, number.sub(root, number.load(at(y))));
            f.if(number.eq(root, 0), () => {
              f.set(slope, 0);
              f.set(bend, 0);
            }, () => {
              f.set(slope, number.div(residual, root));
              f.set(bend, number.div(number.mul(number.div(number.load(at(y)), root), number.div(bend, root)), root));
            });
          }, () => {
            f.set(residual, number.sub(root, number.load(at(y))));
            f.set(slope, residual);
            f.set(bend, number.mul(2, bend));
          });
          f.do(number.store(at(rho), residual));
          keep(z0, re, dre);
          f.if(complex, () => { keep(z1, im, dim); });
        });
        f.if(sums, () => {
          f.call(gemvTransposed, { rows, cols: n, alpha: scale, a, row, x: z0, out: sums });
          f.if(complex, () => { f.call(gemvTransposed, { rows, cols: n, alpha: scale, a, row, x: z1, out: i32.add(sums, row) }); });
        });
        f.set(a, i32.add(a, i32.mul(row, rows)));
        for (const pointer of [y, rho]) f.set(pointer, i32.add(pointer, end));
        f.set(count, i32.sub(count, rows));
      }, () => count);
    });
    return undefined;
  });

  /** x' = (re, -im) and x'' = (im, re) of the entries of a complex vector, n real numbers each. */
  asm.func('split', { n: 'i32', x: 'i32', out: 'i32' }, (f, { n, x, out }) => {
    const row = f.local('i32', i32.mul(n, size));
    const other = f.local('i32', i32.add(out, row));
    const end = f.local('i32', i32.add(x, row));
    f.loop(x, end, 2 * size, () => {
      f.do(
        number.store(out, number.load(x)), number.store(out, number.mul(-1, number.load(x, size)), size),
        number.store(other, number.load(x, size)), number.store(other, number.load(x), size),
      );
      for (const pointer of [out, other]) f.advance(pointer, 2 * size);
    });
    return undefined;
  });

  /** out += the complex sums that two real ones of n numbers stand for. */
  asm.func('merge', { n: 'i32', sums: 'i32', out: 'i32' }, (f, { n, sums, out }) => {
    const row = f.local('i32', i32.mul(n, size));
    const other = f.local('i32', i32.add(sums, row));
    const end = f.local('i32', i32.add(out, row));
    f.loop(out, end, 2 * size, () => {
      f.do(
        number.store(out, number.add(number.load(out), number.add(number.load(sums), number.load(other, size)))),
        number.store(out, number.add(number.load(out, size), number.sub(number.load(other), number.load(sums, size))), size),
      );
      for (const pointer of [sums, other]) f.advance(pointer, 2 * size);
    });
    return undefined;
  });
  return asm;
}
