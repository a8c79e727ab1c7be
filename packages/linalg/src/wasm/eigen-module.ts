/**
 * Functions of symmetric eigenproblems, in f64. Those over vectors are bound by memory, except that what fits in the second-level cache
 * keeps the arithmetic busy.
 *
 * Bits are those of `factor/plain-eigen.ts`, where the order of all sums stands.
 */
import { Assembly, f64, i32, v128, vector, type Local, type Value, type Vector } from './asm.ts';

const lanes = vector('f64');
const lane = (x: Vector, i: number) => lanes.extract(x, i) as Value<'f64'>;

export function eigenModule(): Assembly {
  const asm = new Assembly();

  /** out = A x from the lower triangle of A, four rows at a time: every entry is read once, for both of its places. */
  asm.func('symv', { n: 'i32', a: 'i32', row: 'i32', x: 'i32', out: 'i32' }, (f, { n, a, row, x, out }) => {
    const [i, p, q] = [f.local('i32'), f.local('i32'), f.local('i32')];
    const pointers = [0, 1, 2, 3].map(() => f.local('i32'));
    const factors = pointers.map(() => f.local('v128'));
    const sums = pointers.map(() => f.local('v128'));
    const totals = pointers.map(() => f.local('f64'));
    const [right, below, entry] = [f.local('v128'), f.local('v128'), f.local('v128')];
    /** Rows i to i + count - 1; i is even, so that whole vectors end where the square on the diagonal begins. */
    const rows = (count: number) => {
      const used = pointers.slice(0, count);
      const first = i32.shl(i, 3);
      used.forEach((pointer, r) => {
        f.set(pointer, r === 0 ? a : i32.add(pointers[r - 1]!, row));
        f.set(factors[r]!, lanes.loadSplat(i32.add(x, first), 8 * r));
        f.set(sums[r]!, v128.zero);
      });
      f.set(p, x);
      f.set(q, out);
      f.loop(p, f.local('i32', i32.add(x, first)), 16, () => {
        f.set(right, v128.load(p));
        f.set(below, v128.load(q));
        used.forEach((pointer, r) => {
          f.set(entry, v128.load(pointer));
          f.set(sums[r]!, lanes.add(sums[r]!, lanes.mul(entry, right)));
          f.set(below, lanes.add(below, lanes.mul(entry, factors[r]!)));
          f.advance(pointer, 16);
        });
        f.do(v128.store(q, below));
        f.advance(q, 16);
      });
      used.forEach((_, r) => { f.set(totals[r]!, f64.add(lane(sums[r]!, 0), lane(sums[r]!, 1))); });
      used.forEach((pointer, r) => {
        for (let c = 0; c < r; c++) {
          f.set(totals[r]!, f64.add(totals[r]!, f64.mul(f64.load(pointer, 8 * c), f64.load(p, 8 * c))));
          f.set(totals[c]!, f64.add(totals[c]!, f64.mul(f64.load(pointer, 8 * c), f64.load(p, 8 * r))));
        }
        f.set(totals[r]!, f64.add(totals[r]!, f64.mul(f64.load(pointer, 8 * r), f64.load(p, 8 * r))));
      });
      totals.slice(0, count).forEach((total, r) => { f.do(f64.store(q, total, 8 * r)); });
      f.advance(a, i32.shl(row, 2));
    };
    const whole: Local<'i32'> = f.local('i32', i32.and(n, -4));
    f.loop(i, whole, 4, () => { rows(4); });
    for (const count of [1, 2, 3]) f.if(i32.eq(i32.and(n, 3), count), () => { rows(count); });
    return undefined;
  });
  return asm;
}
