/**
 * Functions of symmetric eigenproblems, in f64. Those over vectors are bound by memory, except that what fits in the second-level cache
 * keeps the arithmetic busy.
 *
 * Bits are those of `factor/plain-eigen.ts`, where the order of all sums stands.
 */
import { Assembly, f64, i32, v128, vector, type Body, type Local, type Value, type Vector } from './asm.ts';

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

  /** body for n numbers at the pointers: vectors, then number by number. Moves the pointers. */
  const each = (f: Body, n: Value<'i32'>, pointers: readonly Local<'i32'>[], vectors: () => void, single: () => void): void => {
    const first = pointers[0]!;
    const end = f.local('i32', i32.add(first, i32.shl(n, 3)));
    const whole = f.local('i32', i32.add(first, i32.shl(i32.and(n, -2), 3)));
    const round = (bytes: number, body: () => void) => () => {
      body();
      for (const pointer of pointers.slice(1)) f.advance(pointer, bytes);
    };
    f.loop(first, whole, 16, round(16, vectors));
    f.loop(first, end, 8, round(8, single));
  };

  /**
   * Rotation k turns rows k and k + 1, in order: x = c x + s y, y = c y - s x, with (c, s) at cs + 16 k. `row` may be negative.
   * A row stays in registers from its first rotation to its second.
   */
  asm.func('rotateRows', { count: 'i32', cols: 'i32', z: 'i32', row: 'i32', cs: 'i32' }, (f, { count, cols, z, row, cs }) => {
    const [p, q, end] = [f.local('i32'), f.local('i32'), f.local('i32', i32.add(cs, i32.shl(count, 4)))];
    const carry = [0, 1, 2, 3].map(() => f.local('v128'));
    const [c, s, y] = [f.local('v128'), f.local('v128'), f.local('v128')];
    const [c1, s1, y1, carry1] = [f.local('f64'), f.local('f64'), f.local('f64'), f.local('f64')];
    const strip = (bytes: number, begin: () => void, turn: () => void, finish: () => void) => {
      f.set(p, z);
      begin();
      f.set(q, cs);
      f.loop(q, end, 16, () => {
        turn();
        f.advance(p, row);
      });
      finish();
      f.advance(z, bytes);
      f.advance(cols, -bytes / 8);
    };
    const vectors = (count: number) => {
      const used = carry.slice(0, count);
      strip(16 * count, () => {
        used.forEach((x, v) => { f.set(x, v128.load(p, 16 * v)); });
      }, () => {
        const next = f.local('i32', i32.add(p, row));
        f.set(c, lanes.loadSplat(q));
        f.set(s, lanes.loadSplat(q, 8));
        used.forEach((x, v) => {
          f.set(y, v128.load(next, 16 * v));
          f.do(v128.store(p, lanes.add(lanes.mul(c, x), lanes.mul(s, y)), 16 * v));
          f.set(x, lanes.sub(lanes.mul(c, y), lanes.mul(s, x)));
        });
      }, () => {
        used.forEach((x, v) => { f.do(v128.store(p, x, 16 * v)); });
      });
    };
    f.if(i32.ge(cols, 8), () => { f.repeat(() => { vectors(4); }, () => i32.ge(cols, 8)); });
    f.if(i32.ge(cols, 2), () => { f.repeat(() => { vectors(1); }, () => i32.ge(cols, 2)); });
    f.if(cols, () => {
      strip(8, () => {
        f.set(carry1, f64.load(p));
      }, () => {
        f.set(c1, f64.load(q));
        f.set(s1, f64.load(q, 8));
        f.set(y1, f64.load(i32.add(p, row)));
        f.do(f64.store(p, f64.add(f64.mul(c1, carry1), f64.mul(s1, y1))));
        f.set(carry1, f64.sub(f64.mul(c1, y1), f64.mul(s1, carry1)));
      }, () => {
        f.do(f64.store(p, carry1));
      });
    });
    return undefined;
  });

  /**
   * The secular function's parts at origin + tau: sums of z[i]^2 / g and of (z[i] / g)^2, g = (d[i] - origin) - tau, over the first
   * `split` of n poles and over the others, to out. Bound by divisions.
   */
  const secularPart = asm.func('secularPart', { n: 'i32', d: 'i32', z: 'i32', origin: 'f64', tau: 'f64', out: 'i32' }, (f, { n, d, z, origin, tau, out }) => {
    const [o, t] = [f.local('v128', lanes.splat(origin)), f.local('v128', lanes.splat(tau))];
    const [ratio, sum, slope] = [f.local('v128'), f.local('v128'), f.local('v128')];
    const [ratio1, sum1, slope1] = [f.local('f64'), f.local('f64'), f.local('f64')];
    const rest = f.local('i32', i32.and(n, 1));
    each(f, i32.and(n, -2), [d, z], () => {
      f.set(ratio, lanes.div(v128.load(z), lanes.sub(lanes.sub(v128.load(d), o), t)));
      f.set(sum, lanes.add(sum, lanes.mul(v128.load(z), ratio)));
      f.set(slope, lanes.add(slope, lanes.mul(ratio, ratio)));
    }, () => undefined);
    f.set(sum1, f64.add(lane(sum, 0), lane(sum, 1)));
    f.set(slope1, f64.add(lane(slope, 0), lane(slope, 1)));
    f.if(rest, () => {
      f.set(ratio1, f64.div(f64.load(z), f64.sub(f64.sub(f64.load(d), origin), tau)));
      f.set(sum1, f64.add(sum1, f64.mul(f64.load(z), ratio1)));
      f.set(slope1, f64.add(slope1, f64.mul(ratio1, ratio1)));
    });
    f.do(f64.store(out, sum1), f64.store(out, slope1, 8));
    return undefined;
  });
  asm.func('secular', { n: 'i32', split: 'i32', d: 'i32', z: 'i32', origin: 'f64', tau: 'f64', out: 'i32' }, (f, { n, split, d, z, origin, tau, out }) => {
    f.call(secularPart, { n: split, d, z, origin, tau, out });
    f.call(secularPart, { n: i32.sub(n, split), d: i32.add(d, i32.shl(split, 3)), z: i32.add(z, i32.shl(split, 3)), origin, tau, out: i32.add(out, 16) });
    return undefined;
  });

  /** out[i] = (d[i] - origin) - tau */
  asm.func('gaps', { n: 'i32', d: 'i32', origin: 'f64', tau: 'f64', out: 'i32' }, (f, { n, d, origin, tau, out }) => {
    each(f, n, [d, out], () => {
      f.do(v128.store(out, lanes.sub(lanes.sub(v128.load(d), lanes.splat(origin)), lanes.splat(tau))));
    }, () => {
      f.do(f64.store(out, f64.sub(f64.sub(f64.load(d), origin), tau)));
    });
    return undefined;
  });
  /** w[i] *= gaps[i] / (d[i] - pole) */
  asm.func('weigh', { n: 'i32', gaps: 'i32', d: 'i32', pole: 'f64', w: 'i32' }, (f, { n, gaps, d, pole, w }) => {
    each(f, n, [d, gaps, w], () => {
      f.do(v128.store(w, lanes.mul(v128.load(w), lanes.div(v128.load(gaps), lanes.sub(v128.load(d), lanes.splat(pole))))));
    }, () => {
      f.do(f64.store(w, f64.mul(f64.load(w), f64.div(f64.load(gaps), f64.sub(f64.load(d), pole)))));
    });
    return undefined;
  });
  /** out[i] = z[i] / gaps[i]; the sum of their squares. */
  asm.func('direction', { n: 'i32', z: 'i32', gaps: 'i32', out: 'i32' }, (f, { n, z, gaps, out }) => {
    const [ratio, sum] = [f.local('v128'), f.local('v128')];
    const [ratio1, sum1] = [f.local('f64'), f.local('f64')];
    const rest = f.local('i32', i32.and(n, 1));
    each(f, i32.and(n, -2), [out, z, gaps], () => {
      f.set(ratio, lanes.div(v128.load(z), v128.load(gaps)));
      f.do(v128.store(out, ratio));
      f.set(sum, lanes.add(sum, lanes.mul(ratio, ratio)));
    }, () => undefined);
    f.set(sum1, f64.add(lane(sum, 0), lane(sum, 1)));
    f.if(rest, () => {
      f.set(ratio1, f64.div(f64.load(z), f64.load(gaps)));
      f.do(f64.store(out, ratio1));
      f.set(sum1, f64.add(sum1, f64.mul(ratio1, ratio1)));
    });
    return sum1;
  });
  return asm;
}
