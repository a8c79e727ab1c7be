/**
 * Where families compute, runs side by side: a number of a problem is an item, as many neighbouring numbers as there are lanes, one for each run that moves.
 * The operations that cost, in plain TypeScript here and in WebAssembly in `wasm-heap.ts`, to the same bits; no lane knows of another.
 */
import type { Dtype } from '@lowland/core';

import type { Numbers } from '../vector.ts';
import { f32, f64, type Round } from './rounding.ts';

/** Entry (i, j) is the item i row + j step behind that at place `at`. */
export interface Places {
  readonly at: number;
  readonly row: number;
  readonly step: number;
}

export interface Heap {
  /** Runs side by side. */
  readonly lanes: number;
  /** All items; look it up anew after `place`. An item begins at its place and has `lanes` numbers. */
  readonly numbers: Numbers;
  /** The place of so many new items, zeros. */
  place(items: number): number;
  /** out_ij = begin_ij (else 0) + sum of s_ik m_kj, `inner` of them, in their order. out has rows x cols entries. */
  product(rows: number, cols: number, inner: number, s: Places, m: Places, out: Places, begin?: Places): void;
  /** The same for one column of items and numbers s that all lanes share: row and step of s count numbers. */
  sharedProduct(rows: number, inner: number, s: Places, m: Places, out: Places, begin?: Places): void;
  /** x_k = factor x_k for so many items from a place on; `factor` is the place of an item. */
  scale(factor: number, x: number, items: number): void;
  /** out_k + factor x_k, likewise, the product rounded. */
  addScaled(factor: number, x: number, out: number, items: number): void;
  /**
   * The sums of squares of `items` items from x on; gives the place of the item. Partial sum t takes the items t, t + 64, t + 128, … in their order, each square
   * added to it; then the 64 partial sums are added by a tree, the upper half to the lower one: 32 to 0, …; 16 to 0, …; 1 to 0.
   */
  squares(x: number, items: number): number;
  /**
   * From z, so many items or twice as many where complex, re before im: s = re re (+ im im), q = s, or sqrt(s + smoothing) unless that is negative; rho = q + negative data, and z
   * times rho, or times rho / q, and 0 where q is 0, in place of z.
   */
  weigh(count: number, complex: boolean, smoothing: number, z: number, negativeData: number, rho: number): void;
}

/** Rows one after another from a place on, with so many columns. */
export const packed = (at: number, cols: number): Places => ({ at, row: cols, step: 1 });

/** The same places, rows for columns. */
export const turned = ({ at, row, step }: Places): Places => ({ at, row: step, step: row });

/** Threads of the one workgroup that computes a run on a GPU. */
export const threads = 64;

export function plainHeap(dtype: Dtype, lanes: number): Heap {
  const round = dtype === 'f32' ? f32 : f64;
  const fresh = (length: number): Numbers => (dtype === 'f32' ? new Float32Array(length) : new Float64Array(length));
  let [numbers, used] = [fresh(1024), threads * lanes];
  const multiply = (shared: 0 | 1, rows: number, cols: number, inner: number, s: Places, m: Places, out: Places, begin?: Places): void => {
    const width = shared === 1 ? 1 : lanes;
    for (let i = 0; i < rows; i++) {
      for (let j = 0; j < cols; j++) {
        for (let lane = 0; lane < lanes; lane++) {
          let sum = begin === undefined ? 0 : numbers[begin.at + (i * begin.row + j * begin.step) * lanes + lane]!;
          const p = s.at + i * s.row * width + (shared === 1 ? 0 : lane);
          for (let k = 0; k < inner; k++) sum = round(sum + round(numbers[p + k * s.step * width]! * numbers[m.at + (k * m.row + j * m.step) * lanes + lane]!));
          numbers[out.at + (i * out.row + j * out.step) * lanes + lane] = sum;
        }
      }
    }
  };
  return {
    lanes,
    get numbers() {
      return numbers;
    },
    place(items) {
      const at = used;
      used += items * lanes;
      if (used > numbers.length) {
        const before = numbers;
        numbers = fresh(2 * used);
        numbers.set(before);
      }
      return at;
    },
    product(rows, cols, inner, s, m, out, begin) {
      multiply(0, rows, cols, inner, s, m, out, begin);
    },
    sharedProduct(rows, inner, s, m, out, begin) {
      multiply(1, rows, 1, inner, s, m, out, begin);
    },
    scale(factor, x, items) {
      for (let k = 0; k < items * lanes; k++) numbers[x + k] = numbers[factor + (k % lanes)]! * numbers[x + k]!;
    },
    addScaled(factor, x, out, items) {
      for (let k = 0; k < items * lanes; k++) numbers[out + k] = numbers[out + k]! + round(numbers[factor + (k % lanes)]! * numbers[x + k]!);
    },
    squares(x, items) {
      for (let lane = 0; lane < lanes; lane++) numbers[lane] = sumOfSquares(numbers, x + lane, items, round, lanes);
      return 0;
    },
    weigh(count, complex, smoothing, z, negativeData, rho) {
      const width = complex ? 2 * lanes : lanes;
      for (let k = 0; k < count; k++) {
        for (let lane = 0; lane < lanes; lane++) {
          const at = z + k * width + lane;
          const [re, im] = [numbers[at]!, complex ? numbers[at + lanes]! : 0];
          const square = complex ? round(round(re * re) + round(im * im)) : round(re * re);
          const size = smoothing < 0 ? square : round(Math.sqrt(round(square + smoothing)));
          const residual = round(size + numbers[negativeData + k * lanes + lane]!);
          const factor = smoothing < 0 ? residual : size === 0 ? 0 : round(residual / size);
          numbers[rho + k * lanes + lane] = residual;
          numbers[at] = factor * re;
          if (complex) numbers[at + lanes] = factor * im;
        }
      }
    },
  };
}

const partial = new Float64Array(threads);

/** The sum of `squares` for one run, whose numbers are so many `apart`. */
export function sumOfSquares(data: Numbers, at: number, length: number, round: Round, apart = 1): number {
  const width = Math.min(length, threads);
  partial.fill(0, width);
  for (let t = 0; t < width; t++) {
    let sum = 0;
    for (let k = t; k < length; k += threads) {
      const x = data[at + k * apart]!;
      sum = round(sum + round(x * x));
    }
    partial[t] = sum;
  }
  for (let half = threads / 2; half >= 1; half /= 2) for (let t = 0; t < half; t++) partial[t] = round(partial[t]! + partial[t + half]!);
  return partial[0]!;
}
