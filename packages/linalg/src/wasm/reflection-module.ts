/**
 * What Householder reflections of a matrix in rows need, in f64. Places in memory are byte addresses, strides are in bytes.
 *
 * Bits are those of `factor/plain-reflections.ts`, where the order of all sums stands.
 */
import { Assembly, f64, i32, v128, vector, type Body, type Local } from './asm.ts';

const lanes = vector('f64');

/** Vectors of columns that are updated at once: factors, sums, and three more fill the registers. */
const widest = 5;
/** Rows whose products are summed by themselves: their part of a column stays in the first-level cache for the next columns. */
export const partRows = 128;

export function reflectionModule(): Assembly {
  const asm = new Assembly();

  /** a[i, :] −= v[i] w, then s += x[i] a[i, :]. Bound by arithmetic as long as a part lies in the second-level cache: 8 flops for each vector read and written. */
  const chunks = Array.from({ length: widest }, (_, index) => asm.func(`chunk${index + 1}`, {
    m: 'i32', a: 'i32', row: 'i32', v: 'i32', vRow: 'i32', w: 'i32', x: 'i32', xRow: 'i32', s: 'i32',
  }, (f, p) => {
    const factors = Array.from({ length: index + 1 }, (_, l) => f.local('v128', v128.load(p.w, 16 * l)));
    const sums = factors.map(() => f.local('v128', v128.zero));
    const [left, right, entries] = [f.local('v128'), f.local('v128'), f.local('v128')];
    f.repeat(() => {
      f.set(left, lanes.loadSplat(p.v));
      factors.forEach((factor, l) => {
        f.set(entries, lanes.sub(v128.load(p.a, 16 * l), lanes.mul(left, factor)));
        f.do(v128.store(p.a, entries, 16 * l));
        // x may be among the columns that were updated just now.
        if (l === 0) f.set(right, lanes.loadSplat(p.x));
        f.set(sums[l]!, lanes.add(sums[l]!, lanes.mul(right, entries)));
      });
      f.advance(p.a, p.row);
      f.advance(p.v, p.vRow);
      f.advance(p.x, p.xRow);
      f.advance(p.m, -1);
    }, () => p.m);
    sums.forEach((sum, l) => { f.do(v128.store(p.s, lanes.add(v128.load(p.s, 16 * l), sum), 16 * l)); });
    return undefined;
  }));

  /** Chunks of up to five vectors of columns, from left to right. */
  const eachChunk = (f: Body, columns: Local<'i32'>, body: (chunk: number) => void, next: (bytes: Local<'i32'>) => void) => {
    const [left, now] = [f.local('i32'), f.local('i32')];
    f.set(left, i32.shr(i32.add(columns, 1), 1));
    f.if(left, () => {
      f.repeat(() => {
        f.set(now, left);
        f.if(i32.gt(now, widest), () => { f.set(now, widest); });
        chunks.forEach((_, index) => { f.if(i32.eq(now, index + 1), () => { body(index); }); });
        f.set(left, i32.sub(left, now));
        f.set(now, i32.shl(now, 4));
        next(now);
      }, () => left);
    });
  };

  asm.func('reflect', { m: 'i32', columns: 'i32', a: 'i32', row: 'i32', v: 'i32', vRow: 'i32', w: 'i32', x: 'i32', xRow: 'i32', s: 'i32' }, (f, p) => {
    const [rows, at] = [f.local('i32'), f.local('i32')];
    f.if(p.m, () => {
      f.repeat(() => {
        f.set(rows, p.m);
        f.if(i32.gt(rows, partRows), () => { f.set(rows, partRows); });
        f.set(at, 0);
        eachChunk(f, p.columns, (index) => {
          f.call(chunks[index]!, { m: rows, a: i32.add(p.a, at), row: p.row, v: p.v, vRow: p.vRow, w: i32.add(p.w, at), x: p.x, xRow: p.xRow, s: i32.add(p.s, at) });
        }, (bytes) => { f.advance(at, bytes); });
        f.advance(p.a, i32.mul(rows, p.row));
        f.advance(p.v, i32.mul(rows, p.vRow));
        f.advance(p.x, i32.mul(rows, p.xRow));
        f.set(p.m, i32.sub(p.m, rows));
      }, () => p.m);
    });
    return undefined;
  });

  /** out[j] = max(out[j], |a[i, j]|) over all rows. Bound by memory. */
  const largest = Array.from({ length: widest }, (_, index) => asm.func(`largest${index + 1}`, { m: 'i32', a: 'i32', row: 'i32', out: 'i32' }, (f, p) => {
    const found = Array.from({ length: index + 1 }, (_, l) => f.local('v128', v128.load(p.out, 16 * l)));
    f.if(p.m, () => {
      f.repeat(() => {
        found.forEach((x, l) => { f.set(x, lanes.larger(x, lanes.abs(v128.load(p.a, 16 * l)))); });
        f.advance(p.a, p.row);
        f.advance(p.m, -1);
      }, () => p.m);
    });
    found.forEach((x, l) => { f.do(v128.store(p.out, x, 16 * l)); });
    return undefined;
  }));
  asm.func('magnitudes', { m: 'i32', columns: 'i32', a: 'i32', row: 'i32', out: 'i32' }, (f, p) => {
    eachChunk(f, p.columns, (index) => {
      f.call(largest[index]!, { m: p.m, a: p.a, row: p.row, out: p.out });
    }, (bytes) => {
      f.advance(p.a, bytes);
      f.advance(p.out, bytes);
    });
    return undefined;
  });

  /** to[i, j] = from[i, j] factors[j]. Bound by memory. */
  asm.func('scaleColumns', { m: 'i32', columns: 'i32', from: 'i32', fromRow: 'i32', factors: 'i32', to: 'i32', toRow: 'i32' }, (f, p) => {
    const [at, end] = [f.local('i32'), f.local('i32')];
    const whole = f.local('i32', i32.shl(i32.shr(p.columns, 1), 4));
    const odd = f.local('i32', i32.and(p.columns, 1));
    f.set(end, i32.add(p.to, i32.mul(p.m, p.toRow)));
    f.loop(p.to, end, p.toRow, () => {
      f.set(at, 0);
      f.loop(at, whole, 16, () => {
        f.do(v128.store(i32.add(p.to, at), lanes.mul(v128.load(i32.add(p.from, at)), v128.load(i32.add(p.factors, at)))));
      });
      f.if(odd, () => { f.do(f64.store(i32.add(p.to, at), f64.mul(f64.load(i32.add(p.from, at)), f64.load(i32.add(p.factors, at))))); });
      f.advance(p.from, p.fromRow);
    });
    return undefined;
  });
  return asm;
}
