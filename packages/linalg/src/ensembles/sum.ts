import type { Numbers } from '../vector.ts';
import type { Round } from './rounding.ts';

/** Threads of the one workgroup that computes a run. */
const threads = 64;
const partial = new Float64Array(threads);

/**
 * Sum of the squares of `data`, from `at` on: partial sum t takes the numbers t, t + 64, t + 128, … in their order, each square added to it;
 * then the 64 partial sums are added by a tree, the upper half to the lower one: 32 to 0, …; 16 to 0, …; 1 to 0.
 */
export function sumOfSquares(data: Numbers, at: number, length: number, round: Round): number {
  const width = Math.min(length, threads);
  partial.fill(0, width);
  for (let t = 0; t < width; t++) {
    let sum = 0;
    for (let k = at + t; k < at + length; k += threads) {
      const x = data[k]!;
      sum = round(sum + round(x * x));
    }
    partial[t] = sum;
  }
  for (let half = threads / 2; half >= 1; half /= 2) for (let t = 0; t < half; t++) partial[t] = round(partial[t]! + partial[t + half]!);
  return partial[0]!;
}
