/**
 * Where families compute: blocks of rows in one memory, and the operations that cost, in plain TypeScript here and in WebAssembly in
 * `wasm-heap.ts`, to the same bits.
 */
import type { Dtype } from '@lowland/core';

import type { Numbers } from '../vector.ts';
import { f32, f64 } from './rounding.ts';
import { sumOfSquares } from './sum.ts';

/** Entry (i, j) lies at `at + i row + j step`. */
export interface Places {
  readonly at: number;
  readonly row: number;
  readonly step: number;
}

/** Rows in runs of 64 bytes. What lies behind a row is of no meaning. */
export interface Block extends Places {
  readonly rows: number;
  readonly cols: number;
  readonly step: 1;
}

export interface Heap {
  /** All blocks; look it up anew after `place`. */
  readonly numbers: Numbers;
  /** A new block of zeros. */
  place(rows: number, cols: number): Block;
  /** Row i of out = row i of `begin` (else zeros) + sum of s_ik m_k over the first `inner` rows of m, in their order. out and m have as many columns. */
  product(inner: number, s: Places, m: Block, out: Block, begin?: Block): void;
  /** out_ij = scale x_ij, or out_ij + scale x_ij, for rows x cols entries. */
  copy(rows: number, cols: number, scale: number, x: Places, out: Places, adding: boolean): void;
  /** The sum of squares of `length` numbers from `at` on, as in `sumOfSquares`. */
  squares(at: number, length: number): number;
}

/** The same places, rows for columns. */
export const turned = ({ at, row, step }: Places): Places => ({ at, row: step, step: row });

/** Rows one after another from a place on, with so many columns. */
export const packed = (at: number, cols: number): Places => ({ at, row: cols, step: 1 });

/** Columns come in runs of 64 bytes. */
export const wholeRow = (cols: number, dtype: Dtype): number => {
  const run = dtype === 'f64' ? 8 : 16;
  return run * Math.ceil(cols / run);
};

export function plainHeap(dtype: Dtype): Heap {
  const round = dtype === 'f32' ? f32 : f64;
  const fresh = (length: number): Numbers => (dtype === 'f32' ? new Float32Array(length) : new Float64Array(length));
  let [numbers, used] = [fresh(1024), 0];
  return {
    get numbers() {
      return numbers;
    },
    place(rows, cols) {
      const [at, row] = [used, wholeRow(cols, dtype)];
      used += rows * row;
      if (used > numbers.length) {
        const before = numbers;
        numbers = fresh(2 * used);
        numbers.set(before);
      }
      return { at, rows, cols, row, step: 1 };
    },
    product(inner, s, m, out, begin) {
      for (let i = 0, to = out.at; i < out.rows; i++, to += out.row) {
        for (let j = 0; j < out.cols; j++) numbers[to + j] = begin === undefined ? 0 : numbers[begin.at + i * begin.row + j]!;
        for (let k = 0, p = m.at, q = s.at + i * s.row; k < inner; k++, p += m.row, q += s.step) {
          const factor = numbers[q]!;
          for (let j = 0; j < out.cols; j++) numbers[to + j] = numbers[to + j]! + round(factor * numbers[p + j]!);
        }
      }
    },
    copy(rows, cols, scale, x, out, adding) {
      const factor = round(scale);
      for (let i = 0; i < rows; i++) {
        for (let j = 0, p = x.at + i * x.row, q = out.at + i * out.row; j < cols; j++, p += x.step, q += out.step) {
          const scaled = round(factor * numbers[p]!);
          numbers[q] = adding ? numbers[q]! + scaled : scaled;
        }
      }
    },
    squares: (at, length) => sumOfSquares(numbers, at, length, round),
  };
}
