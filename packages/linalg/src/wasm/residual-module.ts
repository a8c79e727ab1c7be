/**
 * R = U V^T - M, |R|^2, R B and R^T C for some rows of M, tile by tile; see `cpu/residual.ts` for the order of sums.
 *
 * It is -R that is formed: sums start at M, and V^T is packed negative. That saves a subtraction for each entry, where additions
 * are what this kernel waits for; `unpack` turns the sign again.
 *
 * Bound by arithmetic. Everything that vectors run along lies in panels of 64 bytes, so many columns (of V^T, R and the right
 * product) or rows (of R^T and the left product) side by side: all three products are then one loop over two numbers times four
 * vectors, 16 vector operations for 6 loads, whatever the rank. R is written both ways round, which costs one shuffle and one
 * store more for 2 rank of those operations.
 *
 * The lanes of a last, cut panel hold what lies behind in memory. They mix with nothing: masked out of the sum of squares,
 * and never stored.
 */
import type { Dtype } from '@lowland/core';

import { tileCols, tileRows } from '../cpu/residual.ts';
import { Assembly, i32, scalar, v128, vector, whole, type Body, type I32, type Local, type Value } from './asm.ts';

const panelBytes = 64;
const vectors = 4;
/** Halves of a pair of vectors, alternating: numbers of 8 bytes, or of 4. */
const interleave = {
  f64: [[0, 1, 2, 3, 4, 5, 6, 7, 16, 17, 18, 19, 20, 21, 22, 23], [8, 9, 10, 11, 12, 13, 14, 15, 24, 25, 26, 27, 28, 29, 30, 31]],
  f32: [[0, 1, 2, 3, 16, 17, 18, 19, 4, 5, 6, 7, 20, 21, 22, 23], [8, 9, 10, 11, 24, 25, 26, 27, 12, 13, 14, 15, 28, 29, 30, 31]],
} as const;

/** Numbers in a panel. */
const panelWidth = (size: number): number => panelBytes / size;
const panelsOf = (count: number, size: number): number => Math.ceil(count / panelWidth(size));

/** Byte offsets of what a part keeps for itself, and how much that is. */
export function partLayout(cols: number, rank: number, size: number) {
  const rowMajor = 0;
  const transposed = rowMajor + size * tileRows * tileCols;
  const squares = transposed + size * tileRows * tileCols;
  const mask = squares + panelBytes;
  const left = mask + panelBytes;
  const right = left + panelBytes * rank * panelsOf(tileRows, size);
  return { rowMajor, transposed, squares, mask, left, right, bytes: right + panelBytes * rank * panelsOf(cols, size) };
}
/** Bytes of -V^T in panels. */
export const packedBytes = (cols: number, rank: number, size: number): number => panelBytes * rank * panelsOf(cols, size);

export function residualModule(dtype: Dtype, relaxed: boolean): Assembly {
  const lanes = vector(dtype);
  const number = scalar(dtype);
  const size = number.bytes;
  const shift = Math.log2(size);
  const width = panelWidth(size);
  const widthShift = Math.log2(width);
  const asm = new Assembly();
  const offsets = partLayout(0, 0, size);
  const bytes = (count: I32) => i32.shl(count, shift);
  const least = (f: Body, to: Local<'i32'>, a: I32, b: I32) => {
    f.set(to, a);
    f.if(i32.gt(to, b), () => { f.set(to, b); });
  };
  /** Bytes of the panels before number `i`, a multiple of the width, `deep` rows of 64 bytes each. */
  const panelAt = (i: Value<'i32'>, deep: I32) => i32.mul(i32.shr(i, widthShift), i32.shl(deep, 6));

  /** sums[h][v] += a[t, h] panel[t][v] over `count` rows t of the panel; `row` bytes from one a[t, 0] to the next, `next` from a[t, 0] to a[t, 1]. Moves the pointers. */
  const accumulate = (f: Body, sums: readonly (readonly Local<'v128'>[])[], right: readonly Local<'v128'>[], left: Local<'v128'>, rest: Local<'i32'>, a: readonly Local<'i32'>[], row: I32, panel: Local<'i32'>) => {
    f.if(rest, () => {
      f.repeat(() => {
        right.forEach((x, v) => { f.set(x, v128.load(panel, 16 * v)); });
        f.advance(panel, panelBytes);
        a.forEach((pointer, h) => {
          f.set(left, lanes.loadSplat(pointer));
          f.advance(pointer, row);
          right.forEach((x, v) => { f.set(sums[h]![v]!, lanes.madd(left, x, sums[h]![v]!, relaxed)); });
        });
        f.advance(rest, -1);
      }, () => rest);
    });
  };
  const registers = (f: Body) => ({
    sums: Array.from({ length: 2 }, () => Array.from({ length: vectors }, () => f.local('v128'))),
    right: Array.from({ length: vectors }, () => f.local('v128')),
    left: f.local('v128'),
    rest: f.local('i32'),
    q: f.local('i32'),
    a: [f.local('i32'), f.local('i32')],
  });

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

  /** out[c] = sum of a[t, c] panel[t] over t for all columns c of a, of `r`; unless `first` it goes on from what is there. */
  const products = asm.func('products', { count: 'i32', r: 'i32', a: 'i32', panel: 'i32', out: 'i32', first: 'i32' }, (f, p) => {
    const { sums, right, left, rest, q, a } = registers(f);
    const row = f.local('i32', bytes(p.r));
    const end = f.local('i32', i32.add(p.out, i32.shl(p.r, 6)));
    const pairs = f.local('i32', i32.sub(end, i32.shl(i32.and(p.r, 1), 6)));
    const columns = (high: number) => {
      const used = sums.slice(0, high);
      f.if(p.first, () => {
        for (const sum of used.flat()) f.set(sum, v128.zero);
      }, () => {
        used.flat().forEach((sum, v) => { f.set(sum, v128.load(p.out, 16 * v)); });
      });
      f.set(q, p.panel);
      f.set(rest, p.count);
      a.slice(0, high).forEach((pointer, h) => { f.set(pointer, i32.add(p.a, size * h)); });
      accumulate(f, used, right, left, rest, a.slice(0, high), row, q);
      used.flat().forEach((sum, v) => { f.do(v128.store(p.out, sum, 16 * v)); });
      f.advance(p.a, size * high);
    };
    f.loop(p.out, pairs, 2 * panelBytes, () => { columns(2); });
    f.loop(p.out, end, panelBytes, () => { columns(1); });
    return undefined;
  });

  /** One or two rows of a panel as columns: numbers of R^T beside each other. */
  const storeColumns = (f: Body, rows: readonly (readonly Local<'v128'>[])[], put: Local<'i32'>) => {
    for (let v = 0; v < vectors; v++) {
      const at = (lane: number) => panelBytes * (lanes.count * v + lane);
      const [x, y] = [rows[0]![v]!, rows[1]?.[v]];
      if (y === undefined) {
        for (let lane = 0; lane < lanes.count; lane++) f.do(number.store(put, lanes.extract(x, lane), at(lane)));
        continue;
      }
      const [low, high] = interleave[dtype].map((places) => f.local('v128', whole.shuffle(x, y, places)));
      if (dtype === 'f64') f.do(v128.store(put, low!, at(0)), v128.store(put, high!, at(1)));
      else [low!, high!].forEach((x, h) => { f.do(v128.storeHalf(put, x, 0, at(2 * h)), v128.storeHalf(put, x, 1, at(2 * h + 1))); });
    }
  };

  /** One panel of R for some rows: its squares, and R both ways round (to `rows` and `columns`, 0: not wanted). */
  const residual = [false, true].map((cut) =>
    asm.func(cut ? 'residualCut' : 'residual', { count: 'i32', k: 'i32', u: 'i32', v: 'i32', target: 'i32', row: 'i32', rows: 'i32', columns: 'i32', part: 'i32' }, (f, p) => {
      const { sums, right, left, rest, q, a } = registers(f);
      const [i, put] = [f.local('i32'), f.local('i32')];
      const square = f.local('v128');
      const strip = (high: number) => {
        const used = sums.slice(0, high);
        for (const row of used) {
          row.forEach((sum, v) => { f.set(sum, v128.load(p.target, 16 * v)); });
          f.advance(p.target, p.row);
        }
        f.set(q, p.v);
        f.set(rest, p.k);
        a.slice(0, high).forEach((pointer, h) => { f.set(pointer, i32.add(p.u, i32.mul(bytes(p.k), h))); });
        accumulate(f, used, right, left, rest, a.slice(0, high), size, q);
        for (let v = 0; v < vectors; v++) {
          f.set(square, v128.load(p.part, offsets.squares + 16 * v));
          for (const row of used) {
            const x = row[v]!;
            const counted = cut ? f.local('v128', whole.and(x, v128.load(p.part, offsets.mask + 16 * v))) : x;
            f.set(square, lanes.madd(counted, counted, square, relaxed));
          }
          f.do(v128.store(p.part, square, offsets.squares + 16 * v));
        }
        f.if(p.rows, () => {
          used.flat().forEach((sum, v) => { f.do(v128.store(p.rows, sum, 16 * v)); });
          f.advance(p.rows, high * panelBytes);
        });
        f.if(p.columns, () => {
          f.set(put, i32.add(i32.add(p.columns, panelAt(i, tileCols)), bytes(i32.and(i, width - 1))));
          storeColumns(f, used, put);
        });
        f.advance(p.u, i32.mul(bytes(p.k), high));
      };
      f.loop(i, f.local('i32', i32.and(p.count, -2)), 2, () => { strip(2); });
      f.if(i32.and(p.count, 1), () => { strip(1); });
      return undefined;
    }),
  );
  /** out[i, c] = -scale panels[i, c] for rows i of out, `from` to `to`. */
  const unpack = asm.func('unpack', { from: 'i32', to: 'i32', r: 'i32', scale: dtype, panels: 'i32', out: 'i32' }, (f, { from, to, r, scale, panels, out }) => {
    const [c, at] = [f.local('i32'), f.local('i32')];
    f.advance(out, bytes(i32.mul(from, r)));
    f.loop(from, to, 1, () => {
      f.set(at, i32.add(i32.add(panels, panelAt(from, r)), bytes(i32.and(from, width - 1))));
      f.set(c, 0);
      f.loop(c, r, 1, () => {
        f.do(number.store(out, number.sub(0, number.mul(scale, number.load(at)))));
        f.advance(at, panelBytes);
        f.advance(out, size);
      });
    });
    return undefined;
  });

  /**
   * `rows` rows from where `target`, `u`, `left` and `c` point: rows of the left product (`left` 0: not wanted), and in `part` the
   * partial right product (`c` 0: not wanted) and the sum of squares. At least one row and one column.
   * With `far` each tile of the target is first fetched by a run of loads: from beyond the caches one by one, they would be waited for.
   */
  asm.func('part', {
    rows: 'i32', n: 'i32', k: 'i32', r: 'i32', target: 'i32', u: 'i32', v: 'i32', scale: dtype, b: 'i32', left: 'i32', c: 'i32', part: 'i32', far: 'i32',
  }, (f, p) => {
    const [i, j, high, wide, q, at, columns, first] = Array.from({ length: 8 }, () => f.local('i32')) as [Local<'i32'>, Local<'i32'>, Local<'i32'>, Local<'i32'>, Local<'i32'>, Local<'i32'>, Local<'i32'>, Local<'i32'>];
    const rowBytes = f.local('i32', bytes(p.r));
    const leftSums = f.local('i32', i32.add(p.part, offsets.left));
    const rightSums = f.local('i32', i32.add(leftSums, i32.mul(rowBytes, tileRows)));
    const tileAt = (offset: number, wanted: Local<'i32'>) => i32.mul(i32.add(p.part, offset), i32.gt(wanted, 0));
    f.fill(i32.add(p.part, offsets.squares), 0, 2 * panelBytes);
    f.fill(i32.add(p.part, offsets.mask), 255, bytes(i32.and(p.n, width - 1)));
    f.loop(i, p.rows, tileRows, () => {
      least(f, high, i32.sub(p.rows, i), tileRows);
      f.set(j, 0);
      f.loop(j, p.n, tileCols, () => {
        least(f, wide, i32.sub(p.n, j), tileCols);
        f.if(p.far, () => {
          f.set(q, 0);
          f.set(at, i32.add(p.target, bytes(j)));
          f.loop(q, high, 1, () => {
            for (let line = 0; line < (tileCols * size) / 64; line++) f.drop(i32.load(at, 64 * line));
            f.advance(at, bytes(p.n));
          });
        });
        // R, panel by panel.
        f.set(q, 0);
        f.set(at, tileAt(offsets.rowMajor, p.c));
        f.set(columns, tileAt(offsets.transposed, p.left));
        f.loop(q, wide, width, () => {
          const args = {
            count: high, k: p.k, u: p.u, v: i32.add(p.v, panelAt(i32.add(j, q), p.k)), target: i32.add(p.target, bytes(i32.add(j, q))), row: bytes(p.n), rows: at, columns, part: p.part,
          };
          f.if(i32.gt(i32.add(q, width), wide), () => { f.call(residual[1]!, args); }, () => { f.call(residual[0]!, args); });
          f.if(at, () => { f.advance(at, tileRows * panelBytes); });
          f.if(columns, () => { f.advance(columns, width * panelBytes); });
        });
        f.if(p.left, () => {
          f.set(q, 0);
          f.set(first, i32.eq(j, 0));
          f.loop(q, high, width, () => {
            f.call(products, { count: wide, r: p.r, a: i32.add(p.b, i32.mul(rowBytes, j)), panel: i32.add(i32.add(p.part, offsets.transposed), panelAt(q, tileCols)), out: i32.add(leftSums, panelAt(q, p.r)), first });
          });
        });
        f.if(p.c, () => {
          f.set(q, 0);
          f.set(first, i32.eq(i, 0));
          f.loop(q, wide, width, () => {
            f.call(products, { count: high, r: p.r, a: p.c, panel: i32.add(i32.add(p.part, offsets.rowMajor), panelAt(q, tileRows)), out: i32.add(rightSums, panelAt(i32.add(j, q), p.r)), first });
          });
        });
      });
      f.if(p.left, () => {
        f.call(unpack, { from: 0, to: high, r: p.r, scale: p.scale, panels: leftSums, out: p.left });
        f.advance(p.left, i32.mul(rowBytes, tileRows));
      });
      f.if(p.c, () => { f.advance(p.c, i32.mul(rowBytes, tileRows)); });
      f.advance(p.u, i32.mul(bytes(p.k), tileRows));
      f.advance(p.target, i32.mul(bytes(p.n), tileRows));
    });
    const sum = f.local(dtype, number.load(p.part, offsets.squares));
    for (let s = 1; s < width; s++) f.set(sum, number.add(sum, number.load(p.part, offsets.squares + size * s)));
    f.do(number.store(p.part, sum, offsets.squares));
    return undefined;
  });

  return asm;
}
