/**
 * R = U V^T - M, |R|^2, R B and R^T C for some rows of M, tile by tile; see `cpu/residual.ts` for the order of sums.
 *
 * It is -R that is formed: sums start at M, and V^T is packed negative, which saves a subtraction for each entry; the sign is turned
 * again at the end. A tile of R lies by rows in the first-level cache. U V^T and R^T C are made in panels of 64 bytes of columns,
 * R B in up to five vectors of the columns of B.
 *
 * Bound by arithmetic: 6 rank + 2 flops for each entry, in tiles of 8 to 10 sums in registers. Beside them it is the number of vector
 * operations that counts, loads and stores included. Zen 5 starts four sums or products in a cycle and hands on six operations, but
 * only five once its queues are full, as they are when most of what comes is arithmetic: 16 operations with 6 loads take 4.3 cycles,
 * with 8 loads 4.0. So there are loads that nobody needs (`idle`): two in each step of long loops; and for small ranks, written out,
 * as many as make one load or store for two others, those of M and R included.
 *
 * The lanes of a last, cut panel hold what lies behind in memory. They mix with nothing: cleared before they are squared, and never
 * stored. So it is with the lanes behind the last column of B.
 */
import type { Dtype } from '@lowland/core';

import { tileCols, tileRows } from '../cpu/residual.ts';
import { Assembly, i32, scalar, v128, vector, whole, type Body, type I32, type Local, type Value, type Vector } from './asm.ts';

const panelBytes = 64;
const vectors = 4;

/** Numbers in a panel. */
const panelWidth = (size: number): number => panelBytes / size;
const panelsOf = (count: number, size: number): number => Math.ceil(count / panelWidth(size));

/** Byte offsets of what a part keeps for itself, and how much that is. */
export function partLayout(cols: number, rank: number, size: number) {
  const tile = 0;
  const squares = tile + size * tileRows * tileCols;
  const mask = squares + panelBytes;
  const left = mask + panelBytes;
  const right = left + 16 * tileRows * Math.ceil((size * rank) / 16);
  return { tile, squares, mask, left, right, bytes: right + panelBytes * rank * panelsOf(cols, size) };
}
/** Bytes of -V^T in panels. */
export const packedBytes = (cols: number, rank: number, size: number): number => panelBytes * rank * panelsOf(cols, size);

/** Where a tile of sums finds what it adds in a step: number h on the left, vector v on the right, and how it comes to the next. */
interface Steps {
  readonly left: (h: number) => Vector;
  readonly right: (v: number) => Vector;
  /** Two places that are in the cache, where there are many steps. */
  readonly idle?: (i: number) => Vector;
  readonly next: () => void;
}

/** Ranks of U and V up to which the steps over them are written out. */
export const writtenOut = 16;

/** What a module is made for. */
export interface ResidualCode {
  /** One rank of U and V up to `writtenOut`, or any (0). */
  readonly rank: number;
  /** With loads that nobody needs. */
  readonly paced: boolean;
  /** For engines that leave loads where they are written (`keepsOrder`). */
  readonly inOrder: boolean;
}

export function residualModule(dtype: Dtype, relaxed: boolean, { rank, paced, inOrder }: ResidualCode): Assembly {
  const lanes = vector(dtype);
  const number = scalar(dtype);
  const size = number.bytes;
  const shift = Math.log2(size);
  const width = panelWidth(size);
  const widthShift = Math.log2(width);
  const tileRow = size * tileCols;
  /** Rows of the left product that go with 1, 2, ... vectors of columns. Where loads are not in order, registers hold fewer sums beside them. */
  const tileHeights = inOrder ? [8, 4, 3, 2, 2] : [4, 4, 2, 2];
  const widest = tileHeights.length;
  const asm = new Assembly();
  const offsets = partLayout(0, 0, size);
  const bytes = (count: I32) => i32.shl(count, shift);
  const least = (f: Body, to: Local<'i32'>, a: I32, b: I32) => {
    f.set(to, a);
    f.if(i32.gt(to, b), () => { f.set(to, b); });
  };
  /** Bytes of the panels before number `i`, a multiple of the width, `deep` rows of 64 bytes each. */
  const panelAt = (i: Value<'i32'>, deep: I32) => i32.mul(i32.shr(i, widthShift), i32.shl(deep, 6));
  const locals = (f: Body, count: number): Local<'v128'>[] => Array.from({ length: count }, () => f.local('v128'));
  const integers = (f: Body, count: number) => Array.from({ length: count }, () => f.local('i32'));

  /** sums[h][v] += left[h] right[v], `count` times. */
  const accumulate = (f: Body, sums: readonly (readonly Local<'v128'>[])[], factor: Local<'v128'>, row: readonly Local<'v128'>[], count: Local<'i32'>, { left, right, idle, next }: Steps) => {
    const wide = sums[0]!.length;
    f.if(count, () => {
      f.repeat(() => {
        // Other tiles than 2 x 4, 4 x 2 and 2 x 5 have enough loads, or are no faster.
        const rest = () => { if (idle !== undefined && paced && (sums.length * wide === 10 || (sums.length * wide === 8 && wide > 1))) for (const i of [0, 1]) f.drop(idle(i)); };
        if (wide === 5) {
          sums.forEach((_, h) => { f.set(row[h]!, left(h)); });
          rest();
          for (let v = 0; v < wide; v++) {
            f.set(factor, right(v));
            sums.forEach((own, h) => { f.set(own[v]!, lanes.madd(row[h]!, factor, own[v]!, relaxed)); });
          }
        } else {
          for (let v = 0; v < wide; v++) f.set(row[v]!, right(v));
          rest();
          sums.forEach((own, h) => {
            f.set(factor, left(h));
            own.forEach((sum, v) => { f.set(sum, lanes.madd(factor, row[v]!, sum, relaxed)); });
          });
        }
        next();
        f.advance(count, -1);
      }, () => count);
    });
  };
  /** A tile of sums that begins at what is there, or at zero (`first`), and goes back. */
  const goOn = (f: Body, first: Local<'i32'>, sums: readonly (readonly Local<'v128'>[])[], at: (h: number) => Local<'i32'>, step: number, run: () => void) => {
    const each = (what: (sum: Local<'v128'>, at: Local<'i32'>, offset: number) => void) => { sums.forEach((own, h) => { own.forEach((sum, v) => { what(sum, at(h), step * h + 16 * v); }); }); };
    f.if(first, () => { each((sum) => { f.set(sum, v128.zero); }); }, () => { each((sum, to, offset) => { f.set(sum, v128.load(to, offset)); }); });
    run();
    each((sum, to, offset) => { f.do(v128.store(to, sum, offset)); });
  };
  /** out = -scale x for numbers from `out` to `end`, and x `step` bytes apart. */
  const scaleTo = (f: Body, out: Local<'i32'>, end: Local<'i32'>, scale: Value<Dtype>, x: Local<'i32'>, step: number) => {
    f.loop(out, end, size, () => {
      f.do(number.store(out, number.sub(0, number.mul(scale, number.load(x)))));
      f.advance(x, step);
    });
  };

  /** -V^T in panels. */
  asm.func('pack', { n: 'i32', k: 'i32', v: 'i32', to: 'i32' }, (f, { n, k, v, to }) => {
    const [j, l, put] = [f.local('i32'), f.local('i32'), f.local('i32')];
    f.loop(j, n, 1, () => {
      f.set(put, i32.add(i32.add(to, panelAt(j, k)), bytes(i32.and(j, width - 1))));
      f.set(l, 0);
      f.loop(l, k, 1, () => {
        f.do(number.store(put, number.sub(0, number.load(v))));
        f.advance(put, panelBytes);
        f.advance(v, size);
      });
    });
    return undefined;
  });

  /** `panels` panels of -R for `count` rows, from U and the panels of -V^T, to the tile. By rows: the target comes in runs. */
  const residual = asm.func('residual', { count: 'i32', panels: 'i32', k: 'i32', u: 'i32', v: 'i32', target: 'i32', row: 'i32', to: 'i32' }, (f, p) => {
    const sums = [locals(f, vectors), locals(f, vectors)];
    const right = locals(f, vectors);
    const left = f.local('v128');
    const [rest, q, at, below, put, end] = integers(f, 6) as [Local<'i32'>, Local<'i32'>, Local<'i32'>, Local<'i32'>, Local<'i32'>, Local<'i32'>];
    const a = integers(f, 2);
    const strip = (high: number) => {
      const own = sums.slice(0, high);
      f.set(q, p.v);
      f.set(at, p.target);
      f.set(below, i32.add(p.target, p.row));
      f.set(put, p.to);
      f.set(end, i32.add(p.to, i32.shl(p.panels, 6)));
      f.loop(put, end, panelBytes, () => {
        const target = (h: number, v: number) => v128.load([at, below][h]!, 16 * v);
        const store = (h: number, v: number) => { f.do(v128.store(put, own[h]![v]!, tileRow * h + 16 * v)); };
        if (rank > 0) {
          const idle = !paced || high === 1 ? 0 : Math.max(0, 2 * rank - 14);
          for (let step = 0; step < rank; step++) {
            right.forEach((x, v) => { f.set(x, v128.load(q, panelBytes * step + 16 * v)); });
            for (let i = Math.floor((step * idle) / rank); i < Math.floor(((step + 1) * idle) / rank); i++) f.drop(v128.load(q, panelBytes * step + 16 * (i % 2) + 8));
            own.forEach((sum, h) => {
              f.set(left, lanes.loadSplat(p.u, size * (rank * h + step)));
              sum.forEach((s, v) => {
                f.set(s, lanes.madd(left, right[v]!, step === 0 ? target(h, v) : s, relaxed));
                if (step === rank - 1) store(h, v);
              });
            });
          }
          f.advance(q, panelBytes * rank);
        } else {
          own.forEach((sum, h) => { sum.forEach((s, v) => { f.set(s, target(h, v)); }); });
          f.set(rest, p.k);
          a.forEach((pointer, h) => { f.set(pointer, i32.add(p.u, i32.mul(bytes(p.k), h))); });
          accumulate(f, own, left, right, rest, {
            left: (h) => lanes.loadSplat(a[h]!),
            right: (v) => v128.load(q, 16 * v),
            next: () => {
              for (const pointer of a.slice(0, high)) f.advance(pointer, size);
              f.advance(q, panelBytes);
            },
          });
          own.forEach((sum, h) => { sum.forEach((_, v) => { store(h, v); }); });
        }
        f.advance(at, panelBytes);
        if (high === 2) f.advance(below, panelBytes);
      });
      f.advance(p.u, i32.mul(bytes(p.k), high));
      f.advance(p.target, i32.mul(p.row, high));
      f.advance(p.to, tileRow * high);
      f.advance(p.count, -high);
    };
    f.if(i32.ge(p.count, 2), () => { f.repeat(() => { strip(2); }, () => i32.ge(p.count, 2)); });
    f.if(p.count, () => { strip(1); });
    return undefined;
  });

  /** A last panel's lanes without columns, of `count` rows of the tile, to zero. */
  const cut = asm.func('cut', { count: 'i32', panel: 'i32', part: 'i32' }, (f, { count, panel, part }) => {
    f.repeat(() => {
      for (let v = 0; v < vectors; v++) f.do(v128.store(panel, whole.and(v128.load(panel, 16 * v), v128.load(part, offsets.mask + 16 * v)), 16 * v));
      f.advance(panel, tileRow);
      f.advance(count, -1);
    }, () => count);
    return undefined;
  });

  /** The squares of so many panels beside each other, at least one. */
  const squares = asm.func('squares', { count: 'i32', at: 'i32', part: 'i32' }, (f, { count, at, part }) => {
    const sums = locals(f, vectors);
    const row = locals(f, vectors);
    sums.forEach((sum, v) => { f.set(sum, v128.load(part, offsets.squares + 16 * v)); });
    f.repeat(() => {
      row.forEach((x, v) => { f.set(x, v128.load(at, 16 * v)); });
      row.forEach((x, v) => { f.set(sums[v]!, lanes.madd(x, x, sums[v]!, relaxed)); });
      f.advance(at, panelBytes);
      f.advance(count, -1);
    }, () => count);
    sums.forEach((sum, v) => { f.do(v128.store(part, sum, offsets.squares + 16 * v)); });
    return undefined;
  });

  /** `wide` vectors of columns of the left product, from `rows` rows of the tile, `count` columns of it; unless `first` the sums go on from what is there. */
  const lefts = tileHeights.map((tall, index) => {
    const wide = index + 1;
    return asm.func(`left${wide}`, { rows: 'i32', count: 'i32', b: 'i32', row: 'i32', tile: 'i32', out: 'i32', outRow: 'i32', first: 'i32' }, (f, p) => {
      const sums = Array.from({ length: tall }, () => locals(f, wide));
      const [factor, line] = [f.local('v128'), locals(f, wide)];
      const [rest, q, at] = integers(f, 3) as [Local<'i32'>, Local<'i32'>, Local<'i32'>];
      const outs = integers(f, tall);
      const strip = (high: number) => {
        const own = sums.slice(0, high);
        outs.slice(0, high).forEach((out, h) => { f.set(out, h === 0 ? p.out : i32.add(outs[h - 1]!, p.outRow)); });
        goOn(f, p.first, own, (h) => outs[h]!, 0, () => {
          f.set(q, p.b);
          f.set(at, p.tile);
          f.set(rest, p.count);
          accumulate(f, own, factor, line, rest, {
            left: (h) => lanes.loadSplat(at, tileRow * h),
            right: (v) => v128.load(q, 16 * v),
            idle: (i) => v128.load(at, tileRow * i),
            next: () => {
              f.advance(at, size);
              f.advance(q, p.row);
            },
          });
        });
        f.set(p.out, i32.add(outs[high - 1]!, p.outRow));
        f.advance(p.tile, tileRow * high);
        f.advance(p.rows, -high);
      };
      f.if(i32.ge(p.rows, tall), () => { f.repeat(() => { strip(tall); }, () => i32.ge(p.rows, tall)); });
      f.if(p.rows, () => { f.repeat(() => { strip(1); }, () => p.rows); });
      return undefined;
    });
  });

  /** All r rows of a panel of the right product, from `count` rows of a panel of the tile. */
  const right = asm.func('right', { count: 'i32', r: 'i32', c: 'i32', panel: 'i32', out: 'i32', first: 'i32' }, (f, p) => {
    const sums = [locals(f, vectors), locals(f, vectors)];
    const [factor, line] = [f.local('v128'), locals(f, vectors)];
    const [rest, q, at] = integers(f, 3) as [Local<'i32'>, Local<'i32'>, Local<'i32'>];
    const row = f.local('i32', bytes(p.r));
    const end = f.local('i32', i32.add(p.out, i32.shl(p.r, 6)));
    const pairs = f.local('i32', i32.sub(end, i32.shl(i32.and(p.r, 1), 6)));
    const columns = (high: number) => {
      const own = sums.slice(0, high);
      goOn(f, p.first, own, () => p.out, panelBytes, () => {
        f.set(q, p.panel);
        f.set(at, p.c);
        f.set(rest, p.count);
        accumulate(f, own, factor, line, rest, {
          left: (h) => lanes.loadSplat(at, size * h),
          right: (v) => v128.load(q, 16 * v),
          idle: (i) => v128.load(q, 8 + 16 * i),
          next: () => {
            f.advance(at, row);
            f.advance(q, tileRow);
          },
        });
      });
      f.advance(p.c, size * high);
    };
    f.loop(p.out, pairs, 2 * panelBytes, () => { columns(2); });
    f.loop(p.out, end, panelBytes, () => { columns(1); });
    return undefined;
  });

  /** out[i, c] = -scale panels[i, c] for n rows of out. */
  asm.func('unpack', { n: 'i32', r: 'i32', scale: dtype, panels: 'i32', out: 'i32' }, (f, { n, r, scale, panels, out }) => {
    const [i, at, end] = integers(f, 3) as [Local<'i32'>, Local<'i32'>, Local<'i32'>];
    f.loop(i, n, 1, () => {
      f.set(at, i32.add(i32.add(panels, panelAt(i, r)), bytes(i32.and(i, width - 1))));
      f.set(end, i32.add(out, bytes(r)));
      scaleTo(f, out, end, scale, at, panelBytes);
    });
    return undefined;
  });

  /**
   * `rows` rows, `tall` of them a tile, from where `target`, `u`, `left` and `c` point: rows of the left product (`left` 0: not wanted), and in `part` the
   * partial right product (`c` 0: not wanted) and the sum of squares. At least one row and one column.
   */
  asm.func('part', {
    rows: 'i32', tall: 'i32', n: 'i32', k: 'i32', r: 'i32', target: 'i32', u: 'i32', v: 'i32', scale: dtype, b: 'i32', left: 'i32', c: 'i32', part: 'i32',
  }, (f, p) => {
    const [i, j, high, wide, panels, q, at, first, group, rest, end] = integers(f, 11) as [Local<'i32'>, Local<'i32'>, Local<'i32'>, Local<'i32'>, Local<'i32'>, Local<'i32'>, Local<'i32'>, Local<'i32'>, Local<'i32'>, Local<'i32'>, Local<'i32'>];
    const rowBytes = f.local('i32', bytes(p.r));
    const sumsRow = f.local('i32', i32.and(i32.add(rowBytes, 15), -16));
    const leftSums = f.local('i32', i32.add(p.part, offsets.left));
    const rightSums = f.local('i32', i32.add(leftSums, i32.mul(sumsRow, tileRows)));
    f.fill(i32.add(p.part, offsets.squares), 0, 2 * panelBytes);
    f.fill(i32.add(p.part, offsets.mask), 255, bytes(i32.and(p.n, width - 1)));
    f.loop(i, p.rows, p.tall, () => {
      least(f, high, i32.sub(p.rows, i), p.tall);
      f.set(j, 0);
      f.loop(j, p.n, tileCols, () => {
        least(f, wide, i32.sub(p.n, j), tileCols);
        f.set(panels, i32.shr(i32.add(wide, width - 1), widthShift));
        f.call(residual, { count: high, panels, k: p.k, u: p.u, v: i32.add(p.v, panelAt(j, p.k)), target: i32.add(p.target, bytes(j)), row: bytes(p.n), to: p.part });
        f.if(i32.and(wide, width - 1), () => { f.call(cut, { count: high, panel: i32.add(p.part, i32.shl(i32.sub(panels, 1), 6)), part: p.part }); });
        f.if(i32.eq(wide, tileCols), () => {
          f.call(squares, { count: i32.mul(high, tileCols / width), at: p.part, part: p.part });
        }, () => {
          f.set(q, 0);
          f.loop(q, high, 1, () => { f.call(squares, { count: panels, at: i32.add(p.part, i32.mul(q, tileRow)), part: p.part }); });
        });
        f.if(p.left, () => {
          f.set(first, i32.eq(j, 0));
          f.set(rest, i32.shr(sumsRow, 4));
          f.set(at, 0);
          f.loop(at, sumsRow, i32.shl(group, 4), () => {
            // As few groups of vectors as there can be, and none of a single one beside others.
            least(f, group, rest, widest);
            f.if(i32.and(i32.gt(rest, widest), i32.lt(rest, 2 * widest)), () => { f.set(group, i32.shr(i32.add(rest, 1), 1)); });
            lefts.forEach((left, index) => {
              f.if(i32.eq(group, index + 1), () => {
                f.call(left, { rows: high, count: wide, b: i32.add(i32.add(p.b, i32.mul(rowBytes, j)), at), row: rowBytes, tile: p.part, out: i32.add(leftSums, at), outRow: sumsRow, first });
              });
            });
            f.advance(rest, i32.sub(0, group));
          });
        });
        f.if(p.c, () => {
          f.set(first, i32.eq(i, 0));
          f.set(q, 0);
          f.set(at, p.part);
          f.loop(q, wide, width, () => {
            f.call(right, { count: high, r: p.r, c: p.c, panel: at, out: i32.add(rightSums, panelAt(i32.add(j, q), p.r)), first });
            f.advance(at, panelBytes);
          });
        });
      });
      f.if(p.left, () => {
        f.set(j, leftSums);
        f.set(end, p.left);
        f.set(q, 0);
        f.loop(q, high, 1, () => {
          f.set(at, j);
          f.advance(end, rowBytes);
          scaleTo(f, p.left, end, p.scale, at, size);
          f.advance(j, sumsRow);
        });
      });
      f.if(p.c, () => { f.advance(p.c, i32.mul(rowBytes, p.tall)); });
      f.advance(p.u, i32.mul(bytes(p.k), p.tall));
      f.advance(p.target, i32.mul(bytes(p.n), p.tall));
    });
    const sum = f.local(dtype, number.load(p.part, offsets.squares));
    for (let s = 1; s < width; s++) f.set(sum, number.add(sum, number.load(p.part, offsets.squares + size * s)));
    f.do(number.store(p.part, sum, offsets.squares));
    return undefined;
  });

  return asm;
}
