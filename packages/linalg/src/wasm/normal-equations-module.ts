/**
 * The row step of alternating least squares: for each row its r x r matrix, summed over its entries, a Cholesky factor, and the solution.
 *
 * Bound by arithmetic: entries r (r + 3) + rows r^3 / 3 flops. Always in f64 inside, where every sum has the order of the plain one:
 * entry by entry, four to a round, and in the factor column by column.
 *
 * The matrix is bordered by the right side: its last row becomes the forward substitution as the factor is formed.
 */
import type { Dtype } from '@lowland/core';

import { Assembly, f32, f64, i32, v128, vector, type Body, type I32, type Local, type Value } from './asm.ts';

const lanes = vector('f64');
/** Entries of a round. Two rows of the matrix take part in it: eight factors and two sums in registers. */
const together = 4;

/** Numbers of a row of the bordered matrix: whole vectors, and one more than a vector may write too far. */
const rowNumbers = (rank: number): number => 2 * Math.ceil((rank + 2) / 2);
/** Scratch of one call: the bordered matrix and a row to fill pairs, entries, weighted entries, a column and the diagonal. */
export const normalEquationsBytes = (rank: number): number => 8 * rowNumbers(rank) * (rank + 2 + 2 * together + 2);

export function normalEquationsModule(dtype: Dtype, cut: number): Assembly {
  const size = dtype === 'f64' ? 8 : 4;
  const read = (at: I32): Value<'f64'> => (dtype === 'f64' ? f64.load(at) : f64.promote(f32.load(at)));
  const write = (at: I32, x: Value<'f64'>) => (dtype === 'f64' ? f64.store(at, x) : f32.store(at, f32.demote(x)));
  type Pointer = Local<'i32'>;
  const asm = new Assembly();

  /** matrix += sum over `count` entries of theirs * entry^T, in their order, at and below the diagonal. */
  const accumulate = (name: string, count: number) => asm.func(name, { r: 'i32', row: 'i32', matrix: 'i32', entries: 'i32', theirs: 'i32' }, (f, p) => {
    const [i, column, upper, end] = [f.local('i32'), f.local('i32'), f.local('i32'), f.local('i32')];
    const round = Array.from({ length: count }, (_, k) => ({
      entry: f.local('i32'), start: f.local('i32', i32.add(p.entries, i32.mul(p.row, k))), factor: f.local('i32', i32.add(p.theirs, i32.mul(p.row, k))),
      upper: f.local('v128'), lower: f.local('v128'),
    }));
    const [first, second, x] = [f.local('v128'), f.local('v128'), f.local('v128')];
    const last = f.local('i32', i32.shl(p.r, 3));
    f.loop(i, i32.add(last, 8), 16, () => {
      for (const { factor, entry, start, upper: one, lower: two } of round) {
        f.set(one, lanes.loadSplat(factor));
        f.set(two, lanes.loadSplat(factor, 8));
        f.advance(factor, 16);
        f.set(entry, start);
      }
      f.set(column, p.matrix);
      f.set(upper, i32.add(p.matrix, p.row));
      // Columns 0 to i + 1: in the last rows one vector may reach beyond r, where there is room.
      f.set(end, i32.add(p.matrix, i32.add(i, 16)));
      f.loop(column, end, 16, () => {
        f.set(first, v128.load(column));
        f.set(second, v128.load(upper));
        for (const { entry, upper: one, lower: two } of round) {
          f.set(x, v128.load(entry));
          f.set(first, lanes.add(first, lanes.mul(one, x)));
          f.set(second, lanes.add(second, lanes.mul(two, x)));
          f.advance(entry, 16);
        }
        f.do(v128.store(column, first));
        f.do(v128.store(upper, second));
        f.advance(upper, 16);
      });
      f.advance(p.matrix, i32.shl(p.row, 1));
    });
    return undefined;
  });
  const accumulateRound = accumulate('accumulateRound', together);
  const accumulateOne = accumulate('accumulateOne', 1);

  /** An entry [v_j, y] and, with weights, w times it: one row each. */
  const take = (f: Body, r: Pointer, from: Pointer, value: Value<'f64'>, weight: Local<'f64'> | undefined, entry: Pointer, weighted: Pointer): void => {
    const [x, to, other] = [f.local('i32'), f.local('i32'), f.local('i32')];
    f.set(x, from);
    f.set(to, entry);
    f.set(other, weighted);
    const end = f.local('i32', i32.add(entry, i32.shl(r, 3)));
    if (dtype === 'f64') {
      // An odd rank reads one number of the next row, or past the end, into the place of the value.
      f.loop(to, end, 16, () => {
        f.do(v128.store(to, v128.load(x)));
        if (weight !== undefined) f.do(v128.store(other, lanes.mul(lanes.splat(weight), v128.load(x))));
        f.advance(x, 16);
        f.advance(other, 16);
      });
    } else {
      f.loop(to, end, 8, () => {
        f.do(f64.store(to, read(x)));
        if (weight !== undefined) f.do(f64.store(other, f64.mul(weight, read(x))));
        f.advance(x, size);
        f.advance(other, 8);
      });
    }
    f.do(f64.store(i32.add(i32.shl(r, 3), weighted), weight === undefined ? value : f64.mul(weight, value)));
  };

  /** In place factor of the bordered matrix. The first word of `column` becomes 1, or 0 when a pivot is not above `cut` times the diagonal entry that it came from, or not finite. */
  const factor = asm.func('factor', { r: 'i32', row: 'i32', matrix: 'i32', column: 'i32', diagonal: 'i32' }, (f, { r, row, matrix, column, diagonal }) => {
    const [j, c, at, to, from, end, pivotAt, originals] = Array.from({ length: 8 }, () => f.local('i32')) as [Pointer, Pointer, Pointer, Pointer, Pointer, Pointer, Pointer, Pointer];
    const [whole, d, quotient] = [f.local('f64'), f.local('f64'), f.local('f64')];
    const splat = f.local('v128');
    const width = f.local('i32', i32.shl(r, 3));
    const below = f.local('i32', i32.add(matrix, i32.mul(row, i32.add(r, 1))));
    const ok = f.local('i32', 1);
    f.set(at, matrix);
    f.set(originals, diagonal);
    f.loop(originals, f.local('i32', i32.add(diagonal, width)), 8, () => {
      f.do(f64.store(originals, f64.load(at)));
      f.advance(at, i32.add(row, 8));
    });
    f.set(pivotAt, matrix);
    f.loop(j, width, 8, () => {
      f.set(d, f64.load(pivotAt));
      f.set(whole, f64.mul(f64.load(i32.add(diagonal, j)), cut));
      f.if(i32.and(f64.gt(d, whole), f64.lt(d, Infinity)), () => {
        f.set(d, f64.sqrt(d));
        f.do(f64.store(pivotAt, d));
        f.set(at, i32.add(pivotAt, row));
        f.set(c, i32.add(i32.add(column, j), 8));
        f.set(end, c);
        f.loop(at, below, row, () => {
          f.set(quotient, f64.div(f64.load(at), d));
          f.do(f64.store(at, quotient));
          f.do(f64.store(end, quotient));
          f.advance(end, 8);
          // Columns j + 1 to i, and perhaps one beyond.
          f.set(splat, lanes.splat(quotient));
          f.set(to, i32.add(at, 8));
          f.set(from, c);
          f.loop(from, end, 16, () => {
            f.do(v128.store(to, lanes.sub(v128.load(to), lanes.mul(splat, v128.load(from)))));
            f.advance(to, 16);
          });
        });
        f.advance(pivotAt, i32.add(row, 8));
      }, () => {
        f.set(ok, 0);
        f.set(j, width);
      });
    });
    f.do(i32.store(column, ok));
    return undefined;
  });

  /** x = L^-T x for the border x: from the last unknown to the first, each taken out of those before it. */
  const back = asm.func('back', { r: 'i32', row: 'i32', matrix: 'i32' }, (f, { r, row, matrix }) => {
    const x = f.local('i32', i32.add(matrix, i32.mul(row, r)));
    const [i, to, from] = [f.local('i32', i32.shl(r, 3)), f.local('i32'), f.local('i32', x)];
    const value = f.local('f64');
    const splat = f.local('v128');
    const end = f.local('i32');
    f.if(r, () => {
      f.repeat(() => {
        f.advance(i, -8);
        f.set(from, i32.sub(x, i32.mul(row, i32.sub(r, i32.shr(i, 3)))));
        f.set(end, i32.add(x, i));
        f.set(value, f64.div(f64.load(end), f64.load(i32.add(from, i))));
        f.set(splat, lanes.splat(value));
        f.set(to, x);
        f.loop(to, end, 16, () => {
          f.do(v128.store(to, lanes.sub(v128.load(to), lanes.mul(splat, v128.load(from)))));
          f.advance(from, 16);
        });
        // A vector may have reached the place itself.
        f.do(f64.store(end, value));
      }, () => i);
    });
    return undefined;
  });

  /** Rows whose matrix is singular to working precision begin with NaN. */
  for (const weighted of [false, true]) {
    asm.func(weighted ? 'solveWeighted' : 'solve', {
      pointers: 'i32', end: 'i32', index: 'i32', values: 'i32', weights: 'i32', v: 'i32', r: 'i32', shift: 'f64', out: 'i32', work: 'i32',
    }, (f, p) => {
      const row = f.local('i32', i32.shl(i32.and(i32.add(p.r, 3), -2), 3));
      const stride = f.local('i32', i32.mul(p.r, size));
      const matrix = p.work;
      const entries = f.local('i32', i32.add(matrix, i32.mul(row, i32.add(p.r, 2))));
      const theirs = f.local('i32', weighted ? i32.add(entries, i32.mul(row, together)) : entries);
      const column = f.local('i32', i32.add(entries, i32.mul(row, 2 * together)));
      const diagonal = f.local('i32', i32.add(column, row));
      const border = f.local('i32', i32.add(matrix, i32.mul(row, p.r)));
      const first = f.local('i32', i32.load(p.pointers));
      const e = f.local('i32', i32.add(p.index, i32.shl(first, 2)));
      f.advance(p.values, i32.mul(first, size));
      if (weighted) f.advance(p.weights, i32.mul(first, size));
      const [rowEnd, roundEnd, at, from, to] = [f.local('i32'), f.local('i32'), f.local('i32'), f.local('i32'), f.local('i32')];
      const [entry, other] = [f.local('i32'), f.local('i32')];
      const weight = weighted ? f.local('f64') : undefined;
      const takeOne = (k: number): void => {
        f.set(from, i32.add(p.v, i32.mul(i32.load(e), stride)));
        if (weight !== undefined) f.set(weight, read(p.weights));
        f.set(entry, i32.add(entries, i32.mul(row, k)));
        f.set(other, i32.add(theirs, i32.mul(row, k)));
        take(f, p.r, from, read(p.values), weight, entry, other);
        f.advance(e, 4);
        f.advance(p.values, size);
        if (weighted) f.advance(p.weights, size);
      };
      f.fill(matrix, 0, i32.sub(diagonal, matrix));
      f.loop(p.pointers, p.end, 4, () => {
        f.set(rowEnd, i32.add(p.index, i32.shl(i32.load(p.pointers, 4), 2)));
        f.set(roundEnd, i32.sub(rowEnd, 4 * (together - 1)));
        f.fill(matrix, 0, i32.sub(entries, matrix));
        f.loop(e, roundEnd, 0, () => {
          for (let k = 0; k < together; k++) takeOne(k);
          f.call(accumulateRound, { r: p.r, row, matrix, entries, theirs });
        });
        f.loop(e, rowEnd, 0, () => {
          takeOne(0);
          f.call(accumulateOne, { r: p.r, row, matrix, entries, theirs });
        });
        f.set(at, matrix);
        f.loop(at, border, i32.add(row, 8), () => { f.do(f64.store(at, f64.add(f64.load(at), p.shift))); });
        f.set(at, p.out);
        f.advance(p.out, stride);
        f.call(factor, { r: p.r, row, matrix, column, diagonal });
        f.if(i32.load(column), () => {
          f.call(back, { r: p.r, row, matrix });
          f.set(to, border);
          f.loop(at, p.out, size, () => {
            f.do(write(at, f64.load(to)));
            f.advance(to, 8);
          });
        }, () => { f.do(write(at, f64.div(0, 0))); });
      });
      return undefined;
    });
  }
  return asm;
}
