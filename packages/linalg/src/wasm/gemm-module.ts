/**
 * C = alpha A B + beta C for operands of any strides.
 *
 * B is read in panels of up to four vectors of columns; a tile of rows x vectors of C stays in registers while k runs
 * through. Bound by arithmetic: the 2 x 4 tile does 16 vector operations for 6 loads.
 *
 * Steps of 8 sums have two loads more, of what nobody needs; `residual-module.ts` says why.
 *
 * Tiles hold rows x vectors + rows + vectors <= 14 values, what the engines keep in registers, and the loop over k is not
 * unrolled: both were measured. Each entry is one sum in the order of k whatever tile it falls in, the very sum of
 * the plain kernel, so that in f64 the bits are those of plain TypeScript.
 */
import type { Dtype } from '@lowland/core';

import { Assembly, i32, scalar, v128, vector, type Body, type Local } from './asm.ts';

/** Rows of the tile that goes with 1, 2, 3, 4 vectors of columns. */
const tileRows = [6, 4, 2, 2];

/** `paced`: with those loads. */
export function gemmModule(dtype: Dtype, relaxed: boolean, paced: boolean): Assembly {
  const lanes = vector(dtype);
  const number = scalar(dtype);
  const size = number.bytes;
  const asm = new Assembly();

  /** c[r, j] = alpha tile[r, j] + beta c[r, j], number by number: for tiles cut by the edge of C, or C with strided columns. */
  const merge = asm.func('merge', { rows: 'i32', cols: 'i32', width: 'i32', alpha: dtype, beta: dtype, c: 'i32', cRow: 'i32', cCol: 'i32' }, (f, p) => {
    const [r, j, at, from] = [f.local('i32'), f.local('i32'), f.local('i32'), f.local('i32')];
    const t = f.local(dtype);
    f.loop(r, p.rows, 1, () => {
      f.set(at, i32.add(p.c, i32.mul(r, p.cRow)));
      f.set(from, i32.add(asm.scratch, i32.mul(r, p.width)));
      f.set(j, 0);
      f.loop(j, p.cols, 1, () => {
        f.set(t, number.mul(p.alpha, number.load(from)));
        f.if(number.eq(p.beta, 0), () => {
          f.do(number.store(at, t));
        }, () => {
          f.do(number.store(at, number.add(t, number.mul(p.beta, number.load(at)))));
        });
        f.advance(at, p.cCol);
        f.advance(from, size);
      });
    });
    return undefined;
  });

  /** Panels of four vectors of columns; the last ones are narrower, 5 = 3 + 2 vectors, since a panel of one is the slowest. */
  const eachPanel = (f: Body, n: Local<'i32'>, body: (j: Local<'i32'>, cols: Local<'i32'>, vectors: Local<'i32'>) => void) => {
    const [j, cols, vectors] = [f.local('i32'), f.local('i32'), f.local('i32')];
    f.set(j, 0);
    f.loop(j, n, cols, () => {
      f.set(cols, i32.sub(n, j));
      f.set(vectors, i32.shr(i32.add(cols, lanes.count - 1), Math.log2(lanes.count)));
      f.if(i32.gt(vectors, 4), () => {
        f.if(i32.eq(vectors, 5), () => { f.set(vectors, 3); }, () => { f.set(vectors, 4); });
        f.set(cols, i32.mul(vectors, lanes.count));
      });
      body(j, cols, vectors);
    });
  };

  /** The columns of B in panels, one panel after the other, each k rows of whole vectors: the last column fills the lanes that are left. */
  const pack = asm.func('pack', { n: 'i32', k: 'i32', b: 'i32', bk: 'i32', bj: 'i32', to: 'i32' }, (f, p) => {
    const [column, put, row, end] = [f.local('i32'), f.local('i32'), f.local('i32'), f.local('i32')];
    const at = Array.from({ length: lanes.count }, () => f.local('i32'));
    const panelAt = (j: Local<'i32'>) => i32.add(p.to, i32.mul(i32.mul(j, size), p.k));
    const width = (vectors: Local<'i32'>) => i32.shl(vectors, 4);
    f.if(i32.eq(p.bj, size), () => {
      // Row by row: memory is read in runs.
      f.loop(row, p.k, 1, () => {
        eachPanel(f, p.n, (j, _, vectors) => {
          f.set(at[0]!, i32.add(p.b, i32.mul(j, size)));
          f.set(put, i32.add(panelAt(j), i32.mul(row, width(vectors))));
          f.set(end, i32.add(put, width(vectors)));
          f.loop(put, end, 16, () => {
            f.do(v128.store(put, v128.load(at[0]!)));
            f.advance(at[0]!, 16);
          });
        });
        f.advance(p.b, p.bk);
      });
    }, () => {
      eachPanel(f, p.n, (j, cols, vectors) => {
        f.set(column, j);
        f.set(end, i32.add(j, cols));
        f.loop(column, end, lanes.count, () => {
          f.set(put, i32.add(panelAt(j), i32.mul(i32.sub(column, j), size)));
          at.forEach((pointer, l) => {
            f.set(pointer, i32.add(column, l));
            f.if(i32.ge(pointer, p.n), () => { f.set(pointer, i32.sub(p.n, 1)); });
            f.set(pointer, i32.add(p.b, i32.mul(pointer, p.bj)));
          });
          f.set(row, 0);
          f.loop(row, p.k, 1, () => {
            f.do(v128.store(put, at.slice(1).reduce((x, pointer, l) => lanes.loadLane(pointer, x, l + 1), lanes.loadLow(at[0]!))));
            for (const pointer of at) f.advance(pointer, p.bk);
            f.advance(put, width(vectors));
          });
        });
      });
    });
    return undefined;
  });

  /** m rows of C against one panel of `vectors` vectors, `cols` of whose columns exist. */
  const panels = tileRows.map((rows, index) => {
    const vectors = index + 1;
    return asm.func(`panel${vectors}`, {
      m: 'i32', cols: 'i32', k: 'i32', alpha: dtype, a: 'i32', ai: 'i32', ak: 'i32', b: 'i32', bk: 'i32', beta: dtype, c: 'i32', cRow: 'i32', cCol: 'i32',
    }, (f, p) => {
      const q = f.local('i32');
      const rest = f.local('i32');
      const whole = f.local('i32', i32.and(i32.eq(p.cols, vectors * lanes.count), i32.eq(p.cCol, size)));
      const pointers = Array.from({ length: rows }, () => f.local('i32'));
      const right = Array.from({ length: vectors }, () => f.local('v128'));
      const left = f.local('v128');
      const sums = pointers.map(() => right.map(() => f.local('v128')));
      const store = (high: number) => {
        f.if(whole, () => {
          const cell = f.local('i32', p.c);
          f.if(number.eq(p.beta, 0), () => {
            storeRows(f, cell, high, (sum) => lanes.mul(lanes.splat(p.alpha), sum));
          }, () => {
            storeRows(f, cell, high, (sum, at) => lanes.add(lanes.mul(lanes.splat(p.alpha), sum), lanes.mul(lanes.splat(p.beta), v128.load(cell, at))));
          });
        }, () => {
          for (let r = 0; r < high; r++) sums[r]!.forEach((sum, v) => { f.do(v128.store(asm.scratch, sum, 16 * (r * vectors + v))); });
          f.call(merge, { rows: high, cols: p.cols, width: 16 * vectors, alpha: p.alpha, beta: p.beta, c: p.c, cRow: p.cRow, cCol: p.cCol });
        });
      };
      const storeRows = (g: Body, cell: Local<'i32'>, high: number, result: (sum: Local<'v128'>, at: number) => ReturnType<typeof lanes.mul>) => {
        for (let r = 0; r < high; r++) {
          sums[r]!.forEach((sum, v) => { g.do(v128.store(cell, result(sum, 16 * v), 16 * v)); });
          if (r + 1 < high) g.advance(cell, p.cRow);
        }
      };
      const strip = (high: number) => {
        const used = pointers.slice(0, high);
        used.forEach((pointer, r) => { f.set(pointer, r === 0 ? p.a : i32.add(pointers[r - 1]!, p.ai)); });
        for (const sum of sums.slice(0, high).flat()) f.set(sum, v128.zero);
        f.set(q, p.b);
        f.set(rest, p.k);
        f.if(rest, () => {
          f.repeat(() => {
            right.forEach((x, v) => { f.set(x, v128.load(q, 16 * v)); });
            if (paced && high * vectors === 8) for (const pointer of used.slice(0, 2)) f.drop(v128.load(pointer));
            f.advance(q, p.bk);
            used.forEach((pointer, r) => {
              f.set(left, lanes.loadSplat(pointer));
              f.advance(pointer, p.ak);
              right.forEach((x, v) => { f.set(sums[r]![v]!, lanes.madd(left, x, sums[r]![v]!, relaxed)); });
            });
            f.advance(rest, -1);
          }, () => rest);
        });
        store(high);
        f.advance(p.a, i32.mul(p.ai, high));
        f.advance(p.c, i32.mul(p.cRow, high));
        f.advance(p.m, -high);
      };
      f.if(i32.ge(p.m, rows), () => { f.repeat(() => { strip(rows); }, () => i32.ge(p.m, rows)); });
      f.if(p.m, () => { f.repeat(() => { strip(1); }, () => p.m); });
      return undefined;
    });
  });

  /**
   * All panels. They lie in a row after `pack` (`packed` 1), or are read where they are (columns beside each other).
   * Strides are in bytes.
   */
  const gemm = asm.func('gemm', {
    m: 'i32', n: 'i32', k: 'i32', alpha: dtype, a: 'i32', ai: 'i32', ak: 'i32', b: 'i32', bk: 'i32', packed: 'i32', beta: dtype, c: 'i32', cRow: 'i32', cCol: 'i32',
  }, (f, p) => {
    const [at, bk] = [f.local('i32'), f.local('i32', p.bk)];
    eachPanel(f, p.n, (j, cols, vectors) => {
      f.set(at, i32.mul(j, size));
      f.if(p.packed, () => {
        f.set(at, i32.mul(at, p.k));
        f.set(bk, i32.shl(vectors, 4));
      });
      f.advance(at, p.b);
      panels.forEach((panel, index) => {
        f.if(i32.eq(vectors, index + 1), () => {
          f.call(panel, {
            m: p.m, cols, k: p.k, alpha: p.alpha, a: p.a, ai: p.ai, ak: p.ak, b: at, bk,
            beta: p.beta, c: i32.add(p.c, i32.mul(j, p.cCol)), cRow: p.cRow, cCol: p.cCol,
          });
        });
      });
    });
    return undefined;
  });

  /** The product with columns that nobody else needs, which are packed at `work` first. */
  asm.func('packAndMultiply', {
    m: 'i32', n: 'i32', k: 'i32', alpha: dtype, a: 'i32', ai: 'i32', ak: 'i32', b: 'i32', bk: 'i32', bj: 'i32', work: 'i32', beta: dtype, c: 'i32', cRow: 'i32', cCol: 'i32',
  }, (f, { b, bk, bj, work, ...p }) => {
    f.call(pack, { n: p.n, k: p.k, b, bk, bj, to: work });
    f.call(gemm, { ...p, b: work, bk, packed: 1 });
    return undefined;
  });

  /** to[j, i] = from[i, j], 8 x 8 numbers at a time so that both sides stay in the cache. */
  asm.func('transpose', { rows: 'i32', cols: 'i32', from: 'i32', fromRow: 'i32', to: 'i32', toRow: 'i32' }, (f, p) => {
    const [i, j, i0, j0, iEnd, jEnd, x, y] = Array.from({ length: 8 }, () => f.local('i32')) as [Local<'i32'>, Local<'i32'>, Local<'i32'>, Local<'i32'>, Local<'i32'>, Local<'i32'>, Local<'i32'>, Local<'i32'>];
    const end = (start: Local<'i32'>, limit: Local<'i32'>, to: Local<'i32'>) => {
      f.set(to, i32.add(start, 8));
      f.if(i32.gt(to, limit), () => { f.set(to, limit); });
    };
    f.loop(i0, p.rows, 8, () => {
      end(i0, p.rows, iEnd);
      f.set(j0, 0);
      f.loop(j0, p.cols, 8, () => {
        end(j0, p.cols, jEnd);
        f.set(i, i0);
        f.loop(i, iEnd, 1, () => {
          f.set(x, i32.add(p.from, i32.add(i32.mul(i, p.fromRow), i32.mul(j0, size))));
          f.set(y, i32.add(p.to, i32.add(i32.mul(j0, p.toRow), i32.mul(i, size))));
          f.set(j, j0);
          f.loop(j, jEnd, 1, () => {
            f.do(number.store(y, number.load(x)));
            f.advance(x, size);
            f.advance(y, p.toRow);
          });
        });
      });
    });
    return undefined;
  });
  /** The first `rows` rows of the upper triangle of an n x n matrix from its lower one, down its columns. */
  asm.func('mirror', { rows: 'i32', n: 'i32', c: 'i32', cRow: 'i32' }, (f, { rows, n, c, cRow }) => {
    const [j, i, right, down] = [f.local('i32'), f.local('i32'), f.local('i32'), f.local('i32')];
    f.loop(j, rows, 1, () => {
      f.set(right, c);
      f.set(down, c);
      f.set(i, j);
      f.loop(i, n, 1, () => {
        f.do(number.store(right, number.load(down)));
        f.advance(right, size);
        f.advance(down, cRow);
      });
      f.advance(c, i32.add(cRow, size));
    });
    return undefined;
  });
  return asm;
}
