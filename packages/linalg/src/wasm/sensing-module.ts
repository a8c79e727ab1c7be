/**
 * Residuals and adjoints of dense measurements in one pass: row a_k gives rho_k = <a_k, x> - y_k, and rho_k a_k is added to the
 * adjoint while the row is in the cache.
 *
 * Bound by memory beyond the caches: every row is read from there once, 4 flops for 8 bytes (8 flops with a differential). Four rows at a
 * time was fastest for rows of any size; one loop that sums the products of the next rows as it adds the last ones was slower.
 *
 * In f64 the bits are those of the plain kernels: products are summed in eight interleaved sums, rows added in their order.
 */
import type { Dtype } from '@lowland/core';

import { Assembly, i32, pair, scalar, v128, vector, whole, type Body, type I32, type Local, type Value } from './asm.ts';
import { addLattice, addNormals, normalsSignature } from './normals-module.ts';

/** Vectors of a stride: as many sums hide the latency of additions. */
const sums = 4;

/**
 * Functions over rows a_k, `row` bytes apart; `out` and `dout` come zeroed, y = 0 stands for no data:
 *
 *     residualRows    rho[k] = <a_k, x> - y[k],  out += scale sum_k rho[k] a_k
 *     curvatureRows   the same, and drho[k] = <a_k, dx>,  dout += scale sum_k drho[k] a_k
 *     seededRows      either of them (dx = 0: the first) over rows drawn as they are needed, some at a time, as normals or `byLattice`; out = 0: rho alone
 */
export function sensingModule(dtype: Dtype, relaxed: boolean): Assembly {
  const lanes = vector(dtype);
  const number = scalar(dtype);
  const size = number.bytes;
  const shift = Math.log2(size);
  const stride = 16 * sums;
  const asm = new Assembly();
  type Scalar = Value<typeof dtype>;

  /** One pointer for each place, however often it is named. */
  const pointersTo = (f: Body, places: readonly I32[]): ReadonlyMap<I32, Local<'i32'>> => new Map([...new Set(places)].map((at) => [at, f.local('i32', at)]));

  /** <a, b> of n numbers for each pair. */
  const products = (f: Body, n: Local<'i32'>, pairs: readonly (readonly [I32, I32])[]): Local<typeof dtype>[] => {
    const pointers = pointersTo(f, pairs.flat());
    const [first, ...others] = [...pointers.values()];
    const end = f.local('i32', i32.add(first!, i32.shl(n, shift)));
    const loaded = new Map([...pointers.keys()].map((at) => [at, f.local('v128')]));
    const partial = pairs.map(() => Array.from({ length: sums }, () => f.local('v128', v128.zero)));
    f.loop(first!, f.local('i32', i32.sub(end, i32.and(i32.shl(n, shift), stride - 1))), stride, () => {
      for (let v = 0; v < sums; v++) {
        for (const [at, x] of loaded) f.set(x, v128.load(pointers.get(at)!, 16 * v));
        pairs.forEach(([a, b], k) => { f.set(partial[k]![v]!, lanes.madd(loaded.get(a)!, loaded.get(b)!, partial[k]![v]!, relaxed)); });
      }
      for (const p of others) f.advance(p, stride);
    });
    const totals = partial.map(([s0, s1, s2, s3]) => {
      f.set(s0!, lanes.add(lanes.add(s0!, s1!), lanes.add(s2!, s3!)));
      const [p, q] = [lanes.extract(s0!, 0), lanes.extract(s0!, 1)];
      return f.local(dtype, dtype === 'f64' ? number.add(p, q) : number.add(number.add(p, q), number.add(lanes.extract(s0!, 2), lanes.extract(s0!, 3))));
    });
    f.loop(first!, end, size, () => {
      pairs.forEach(([a, b], k) => { f.set(totals[k]!, number.add(totals[k]!, number.mul(number.load(pointers.get(a)!), number.load(pointers.get(b)!)))); });
      for (const p of others) f.advance(p, size);
    });
    return totals;
  };

  /** out += sum of factor times row of n numbers, in the order of the rows, for each out. */
  const addRows = (f: Body, n: Local<'i32'>, rows: readonly I32[], outs: readonly { readonly out: Local<'i32'>; readonly factors: readonly Scalar[] }[]): void => {
    const from = rows.map((at) => f.local('i32', at));
    const row = f.local('v128');
    const items = outs.map(({ out, factors }) => {
      const single = factors.map((factor) => f.local(dtype, factor));
      return { to: f.local('i32', out), single, splat: single.map((factor) => f.local('v128', lanes.splat(factor))), sum: f.local('v128') };
    });
    const [first, ...others] = [...items.map(({ to }) => to), ...from];
    const end = f.local('i32', i32.add(first!, i32.shl(n, shift)));
    f.loop(first!, f.local('i32', i32.sub(end, i32.and(i32.shl(n, shift), 31))), 32, () => {
      for (const offset of [0, 16]) {
        for (const { to, sum } of items) f.set(sum, v128.load(to, offset));
        from.forEach((pointer, r) => {
          f.set(row, v128.load(pointer, offset));
          for (const { splat, sum } of items) f.set(sum, lanes.madd(splat[r]!, row, sum, relaxed));
        });
        for (const { to, sum } of items) f.do(v128.store(to, sum, offset));
      }
      for (const p of others) f.advance(p, 32);
    });
    f.loop(first!, end, size, () => {
      for (const { to, single } of items) f.do(number.store(to, from.reduce<Scalar>((total, pointer, r) => number.add(total, number.mul(single[r]!, number.load(pointer))), number.load(to))));
      for (const p of others) f.advance(p, size);
    });
  };

  const sides = { x: 'i32', y: 'i32', scale: dtype, rho: 'i32', out: 'i32' } as const;
  const second = { dx: 'i32', drho: 'i32', dout: 'i32' } as const;
  const rowsOf = { count: 'i32', n: 'i32', a: 'i32', row: 'i32' } as const;

  /** rho[k] = sum - y[k] at the address of rho[0] and y[0] */
  const keep = (f: Body, sum: Local<typeof dtype>, y: Local<'i32'>, rho: Local<'i32'>, k: number): void => {
    f.if(y, () => { f.set(sum, number.sub(sum, number.load(y, k * size))); });
    f.do(number.store(rho, sum, k * size));
  };
  /** Rows in fours, then one by one; the bits do not depend on it. */
  const blocks = (f: Body, count: Local<'i32'>, row: Local<'i32'>, pointers: readonly Local<'i32'>[], a: Local<'i32'>, y: Local<'i32'>, body: (rows: number) => void): void => {
    for (const rows of [4, 1]) {
      const more = () => i32.ge(count, rows);
      f.if(more(), () => {
        f.repeat(() => {
          body(rows);
          f.set(a, i32.add(a, i32.mul(row, rows)));
          for (const p of pointers) f.advance(p, rows * size);
          f.if(y, () => { f.advance(y, rows * size); });
          f.advance(count, -rows);
        }, more);
      });
    }
  };
  const places = (a: Local<'i32'>, row: Local<'i32'>, rows: number): I32[] => Array.from({ length: rows }, (_, r) => (r === 0 ? a : i32.add(a, i32.mul(row, r))));

  const residualRows = asm.func('residualRows', { ...rowsOf, ...sides }, (f, { count, n, a, row, x, y, scale, rho, out }) => {
    blocks(f, count, row, [rho], a, y, (rows) => {
      const at = places(a, row, rows);
      for (let r = 0; r < rows; r += 2) products(f, n, at.slice(r, r + 2).map((place) => [place, x])).forEach((sum, k) => { keep(f, sum, y, rho, r + k); });
      addRows(f, n, at, [{ out, factors: at.map((_, r) => number.mul(scale, number.load(rho, r * size))) }]);
    });
    return undefined;
  });

  const curvatureRows = asm.func('curvatureRows', { ...rowsOf, ...sides, ...second }, (f, { count, n, a, row, x, y, scale, rho, out, dx, drho, dout }) => {
    blocks(f, count, row, [rho, drho], a, y, (rows) => {
      const at = places(a, row, rows);
      for (let r = 0; r < rows; r += 2) {
        products(f, n, at.slice(r, r + 2).map((place) => [place, x])).forEach((sum, k) => { keep(f, sum, y, rho, r + k); });
        products(f, n, at.slice(r, r + 2).map((place) => [place, dx])).forEach((sum, k) => { f.do(number.store(drho, sum, (r + k) * size)); });
      }
      addRows(f, n, at, [[rho, out], [drho, dout]].map(([of, to]) => ({ out: to!, factors: at.map((_, r) => number.mul(scale, number.load(of!, r * size))) })));
    });
    return undefined;
  });

  const imageRows = asm.func('imageRows', { ...rowsOf, x: 'i32', y: 'i32', rho: 'i32' }, (f, { count, n, a, row, x, y, rho }) => {
    f.loop(rho, f.local('i32', i32.add(rho, i32.shl(count, shift))), size, () => {
      const [sum] = products(f, n, [[a, x]]) as [Local<typeof dtype>];
      f.if(y, () => {
        f.set(sum, number.sub(sum, number.load(y)));
        f.advance(y, size);
      });
      f.do(number.store(rho, sum));
      f.advance(a, row);
    });
    return undefined;
  });

  const [normals, lattice] = [addNormals(asm), addLattice(asm)];
  const { groups: _groups, block: _block, out: _out, ...stream } = normalsSignature;
  /** `work` has room for `most` rows of whole groups of eight numbers, and in f32 for one of 64 bits before them. */
  asm.func('seededRows', { count: 'i32', n: 'i32', work: 'i32', most: 'i32', byLattice: 'i32', ...stream, ...sides, ...second }, (f, p) => {
    const { count, n, most, byLattice, index0, index1, purpose, seed0, seed1, x, y, scale, rho, out, dx, drho, dout } = p;
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
          const drawn = { groups, block: 0, index0, index1, purpose, seed0, seed1, out: dtype === 'f64' ? at : p.work };
          f.if(byLattice, () => { f.call(lattice, drawn); }, () => { f.call(normals, drawn); });
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
