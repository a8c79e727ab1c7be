/**
 * Small triangular factors and solves, the blocks of the large ones. Always in f64 inside: f32 is widened on the way in and
 * rounded once on the way out.
 *
 * Bound by the latency of subtractions; eight right-hand sides go side by side to hide it.
 */
import type { Dtype } from '@lowland/core';

import { Assembly, f32, f64, i32, v128, vector, type I32, type Value } from './asm.ts';

const lanes = vector('f64');
/** Right-hand sides of a group, in four vectors. */
const group = 8;
const groupBytes = 8 * group;

/** Room that `solve` needs for systems of n unknowns. */
export const solveBytes = (n: number): number => groupBytes * n;

export function triangularModule(dtype: Dtype): Assembly {
  const size = dtype === 'f64' ? 8 : 4;
  const read = (at: I32): Value<'f64'> => (dtype === 'f64' ? f64.load(at) : f64.promote(f32.load(at)));
  const write = (at: I32, x: Value<'f64'>) => (dtype === 'f64' ? f64.store(at, x) : f32.store(at, f32.demote(x)));
  const asm = new Assembly();

  /** to = the n x n block at `from` in f64, rows beside each other, `shift` added to its diagonal. */
  asm.func('widen', { n: 'i32', from: 'i32', fromRow: 'i32', shift: 'f64', to: 'i32' }, (f, { n, from, fromRow, shift, to }) => {
    const [i, j, at] = [f.local('i32'), f.local('i32'), f.local('i32')];
    f.loop(i, n, 1, () => {
      f.set(at, from);
      f.set(j, 0);
      f.loop(j, n, 1, () => {
        f.do(f64.store(to, read(at)));
        f.if(i32.eq(i, j), () => { f.do(f64.store(to, f64.add(f64.load(to), shift))); });
        f.advance(at, size);
        f.advance(to, 8);
      });
      f.advance(from, fromRow);
    });
    return undefined;
  });

  /** The lower triangle of an n x n f64 block back into a matrix. */
  asm.func('narrow', { n: 'i32', from: 'i32', to: 'i32', toRow: 'i32' }, (f, { n, from, to, toRow }) => {
    const [i, j, at] = [f.local('i32'), f.local('i32'), f.local('i32')];
    f.loop(i, n, 1, () => {
      f.set(at, to);
      f.set(j, 0);
      f.loop(j, i32.add(i, 1), 1, () => {
        f.do(write(at, f64.load(i32.add(from, i32.shl(j, 3)))));
        f.advance(at, size);
      });
      f.advance(from, i32.shl(n, 3));
      f.advance(to, toRow);
    });
    return undefined;
  });

  /** In place lower Cholesky factor of an n x n f64 block; 0 when it is not numerically positive definite. */
  asm.func('factor', { n: 'i32', a: 'i32' }, (f, { n, a }) => {
    const row = f.local('i32', i32.shl(n, 3));
    const [j, i, p, q, pEnd] = [f.local('i32'), f.local('i32'), f.local('i32'), f.local('i32'), f.local('i32')];
    const [rowJ, rowI, end] = [f.local('i32', a), f.local('i32'), f.local('i32', i32.add(a, i32.mul(row, n)))];
    const [sum, pivot] = [f.local('f64'), f.local('f64')];
    const ok = f.local('i32', 1);
    const reduce = () => {
      f.set(p, rowI);
      f.set(q, rowJ);
      f.set(pEnd, i32.add(rowI, j));
      f.set(sum, f64.load(pEnd));
      f.loop(p, pEnd, 8, () => {
        f.set(sum, f64.sub(sum, f64.mul(f64.load(p), f64.load(q))));
        f.advance(q, 8);
      });
    };
    f.loop(j, row, 8, () => {
      f.set(rowI, rowJ);
      reduce();
      f.if(i32.and(f64.gt(sum, 0), f64.lt(sum, Infinity)), () => {
        f.set(pivot, f64.sqrt(sum));
        f.do(f64.store(pEnd, pivot));
        f.advance(rowI, row);
        f.loop(rowI, end, row, () => {
          reduce();
          f.do(f64.store(pEnd, f64.div(sum, pivot)));
        });
        f.advance(rowJ, row);
      }, () => {
        f.set(ok, 0);
        f.set(j, row);
      });
    });
    f.set(i, ok);
    return i;
  });

  /** Forward substitution of one group in place: x[i] = (x[i] - sum over k < i of l[i, k] x[k]) / l[i, i]; strides may be negative. */
  const substitute = asm.func('substitute', { n: 'i32', l: 'i32', li: 'i32', lk: 'i32', x: 'i32', step: 'i32' }, (f, { n, l, li, lk, x, step }) => {
    const vectors = [0, 1, 2, 3];
    const sums = vectors.map(() => f.local('v128'));
    const factor = f.local('v128');
    const [i, k, at, from, to] = [f.local('i32'), f.local('i32'), f.local('i32'), f.local('i32'), f.local('i32', x)];
    f.loop(i, n, 1, () => {
      sums.forEach((sum, v) => { f.set(sum, v128.load(to, 16 * v)); });
      f.set(at, l);
      f.set(from, x);
      f.set(k, 0);
      f.loop(k, i, 1, () => {
        f.set(factor, lanes.loadSplat(at));
        sums.forEach((sum, v) => { f.set(sum, lanes.sub(sum, lanes.mul(factor, v128.load(from, 16 * v)))); });
        f.advance(at, lk);
        f.advance(from, step);
      });
      f.set(factor, lanes.loadSplat(at));
      sums.forEach((sum, v) => { f.do(v128.store(to, lanes.div(sum, factor), 16 * v)); });
      f.advance(l, li);
      f.advance(to, step);
    });
    return undefined;
  });

  /**
   * Solves with the lower triangle l (n x n, f64, rows beside each other) for `count` right-hand sides: number i of side j lies at
   * x + i xi + j xj, its result at out + i oi + j oj. `kind` 1: L x = b, 2: L^T x = b, 3: both in turn.
   */
  asm.func('solve', {
    n: 'i32', l: 'i32', kind: 'i32', count: 'i32', x: 'i32', xi: 'i32', xj: 'i32', out: 'i32', oi: 'i32', oj: 'i32', work: 'i32',
  }, (f, { n, l, kind, count, x, xi, xj, out, oi, oj, work }) => {
    const [i, j, high, at, put, to] = [f.local('i32'), f.local('i32'), f.local('i32'), f.local('i32'), f.local('i32'), f.local('i32')];
    const row = f.local('i32', i32.shl(n, 3));
    const back = i32.mul(n, groupBytes);
    const each = (base: typeof x, alongI: typeof xi, alongJ: typeof xj, body: () => void) => {
      f.set(i, 0);
      f.set(put, work);
      f.loop(i, n, 1, () => {
        f.set(at, i32.add(base, i32.mul(i, alongI)));
        f.set(j, 0);
        f.set(to, put);
        f.loop(j, high, 1, () => {
          body();
          f.advance(at, alongJ);
          f.advance(to, 8);
        });
        f.advance(put, groupBytes);
      });
    };
    f.fill(work, 0, back);
    const groups = () => {
      f.set(high, count);
      f.if(i32.gt(count, group), () => { f.set(high, group); });
      each(x, xi, xj, () => { f.do(f64.store(to, read(at))); });
      f.if(i32.and(kind, 1), () => { f.call(substitute, { n, l, li: row, lk: 8, x: work, step: groupBytes }); });
      f.if(i32.and(kind, 2), () => {
        const [last, end] = [i32.sub(i32.mul(row, n), 8), i32.sub(back, groupBytes)];
        f.call(substitute, { n, l: i32.add(l, last), li: -8, lk: i32.sub(0, row), x: i32.add(work, end), step: -groupBytes });
      });
      each(out, oi, oj, () => { f.do(write(at, f64.load(to))); });
      f.advance(x, i32.mul(xj, group));
      f.advance(out, i32.mul(oj, group));
      f.set(count, i32.sub(count, high));
    };
    f.if(count, () => { f.repeat(groups, () => count); });
    return undefined;
  });
  return asm;
}
